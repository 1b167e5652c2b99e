"""How a clock starts, pauses, stops, is judged anew and reopens."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sla.clock import Event
from sla.deadlines import elapsed_seconds, judge
from sla.registration import classify
from sla.targets import Subject, calendar_of
from sla.vocabulary import Channel, ClockKind, ClockState, EventKind, TicketStatus, TicketType
from tests.sla.agreements import classified, excused, local, response, status, ticket, verdict

HOUR = 3600
NEW, WORK, ASK, BUILD, DONE = TicketStatus


def normal() -> Subject:
    return ticket("qixium", "2026-03-10 09:00", "NORMAL")


def regraded(subject: Subject, at: str, priority: str) -> Event:
    new = classify(subject.policy, subject.tier, subject.registration, priority=priority)
    return classified(at, new)


PAUSED = [status("2026-03-10 10:00", WORK), status("2026-03-10 14:00", ASK)]


@pytest.mark.clause("QX-028", "QX-061")
def test_both_clocks_run_from_registration() -> None:
    found = verdict(normal(), "2026-03-10 09:30")
    for clock in (found.response, found.resolution):
        assert (clock.state, clock.started_at) == (ClockState.RUNNING, local("2026-03-10 09:00"))
    assert found.response.due_at == local("2026-03-10 13:00")


@pytest.mark.clause("QX-062", "QX-063")
def test_the_first_response_stops_the_response_clock_only() -> None:
    events = [response("2026-03-10 10:00"), response("2026-03-10 12:00")]
    found = verdict(normal(), "2026-03-10 12:30", events)
    assert found.response.state is ClockState.MET
    assert found.response.stopped_at == local("2026-03-10 10:00")
    assert (found.response.used_seconds, found.response.running_since) == (HOUR, None)
    assert found.resolution.state is ClockState.RUNNING


def test_a_bare_change_of_status_is_no_response() -> None:
    found = verdict(normal(), "2026-03-10 12:00", [status("2026-03-10 10:00", WORK)])
    assert found.response.state is ClockState.RUNNING


def test_met_is_at_the_deadline_and_missed_a_second_later() -> None:
    in_time = verdict(normal(), "2026-03-10 13:00", [response("2026-03-10 13:00")]).response
    late = verdict(normal(), "2026-03-10 13:01", [response("2026-03-10 13:00:01")]).response
    assert (in_time.state, in_time.breached_at) == (ClockState.MET, None)
    assert (late.state, late.breached_at) == (ClockState.MISSED, local("2026-03-10 13:00"))


def test_a_running_clock_is_late_after_its_due_moment_without_an_event() -> None:
    assert verdict(normal(), "2026-03-10 13:00").response.breached_at is None
    late = verdict(normal(), "2026-03-10 13:00:01").response
    assert (late.state, late.breached_at) == (ClockState.RUNNING, local("2026-03-10 13:00"))


@pytest.mark.clause("QX-029", "QX-030", "QX-064")
def test_a_paused_clock_has_no_due_moment_and_keeps_what_was_used() -> None:
    found = verdict(normal(), "2026-03-11 12:00", PAUSED).resolution
    assert (found.state, found.due_at, found.running_since) == (ClockState.PAUSED, None, None)
    assert found.used_seconds == 5 * HOUR


@pytest.mark.clause("QX-032", "QX-033", "QX-064")
@pytest.mark.parametrize("wait", [ASK, BUILD])
def test_a_resumed_clock_is_due_after_what_was_left(wait: TicketStatus) -> None:
    events = [
        status("2026-03-10 10:00", WORK),
        status("2026-03-10 14:00", wait),
        status("2026-03-12 10:00", WORK),
    ]
    found = verdict(normal(), "2026-03-12 10:00", events).resolution
    assert found.due_at == local("2026-03-13 13:00")
    assert (found.used_seconds, found.running_since) == (5 * HOUR, local("2026-03-12 10:00"))


def test_a_pause_exactly_at_the_deadline_is_no_breach_and_a_second_later_it_is() -> None:
    high = ticket("qixium", "2026-03-10 08:30", "HIGH")
    at = [status("2026-03-10 16:30", ASK), status("2026-03-12 10:00", WORK)]
    found = verdict(high, "2026-03-12 10:00", at).resolution
    assert (found.due_at, found.breached_at) == (local("2026-03-12 10:00"), None)
    after = [status("2026-03-10 16:30:01", ASK), status("2026-03-12 10:00", WORK)]
    found = verdict(high, "2026-03-12 10:00", after).resolution
    assert found.due_at == found.breached_at == local("2026-03-10 16:30")


def test_a_breach_before_a_pause_stays_where_it_was() -> None:
    high = ticket("qixium", "2026-03-10 09:00", "HIGH")
    events = [status("2026-03-11 10:00", ASK)]
    waiting = verdict(high, "2026-03-12 12:00", events).resolution
    assert (waiting.state, waiting.due_at) == (ClockState.PAUSED, None)
    assert waiting.breached_at == local("2026-03-11 09:00")
    resumed = verdict(high, "2026-03-12 12:00", [*events, status("2026-03-12 11:00", WORK)]).resolution
    assert resumed.due_at == resumed.breached_at == local("2026-03-11 09:00")


def test_the_response_clock_never_pauses() -> None:
    found = verdict(normal(), "2026-03-10 14:00", [status("2026-03-10 09:30", ASK)]).response
    assert (found.state, found.breached_at) == (ClockState.RUNNING, local("2026-03-10 13:00"))


@pytest.mark.parametrize("key", ["oxygis", "open2bizz", "s4m-support"])
def test_agreements_that_describe_no_pauses_have_none(key: str) -> None:
    priorities = {"oxygis": "MAJOR", "open2bizz": "P2", "s4m-support": "HIGH"}
    channel = Channel.PHONE if key == "open2bizz" else None
    subject = ticket(key, "2026-03-10 10:00", priorities[key], channel=channel)
    events = [response("2026-03-10 10:30"), status("2026-03-10 11:00", ASK)]
    found = verdict(subject, "2026-03-10 12:00", events).resolution
    calendar = calendar_of(subject, ClockKind.RESOLUTION, subject.registration)
    start = local("2026-03-10 10:30" if key == "open2bizz" else "2026-03-10 10:00")
    assert found.state in {ClockState.RUNNING, ClockState.BEST_EFFORT}
    assert calendar is not None
    used = elapsed_seconds(found, calendar, local("2026-03-10 12:00"))
    assert used == calendar.elapsed(start, local("2026-03-10 12:00"))


@pytest.mark.clause("QX-034")
def test_closing_stops_both_clocks_and_keeps_the_due_moment() -> None:
    events = [response("2026-03-10 10:00"), status("2026-03-10 15:00", DONE)]
    found = verdict(normal(), "2027-03-10 15:00", events)
    assert found.resolution.state is ClockState.MET
    assert found.resolution.due_at == local("2026-03-12 09:00")
    assert found.resolution.stopped_at == local("2026-03-10 15:00")
    assert found.resolution.used_seconds == 6 * HOUR


def test_a_late_closing_is_missed_from_the_due_moment_on() -> None:
    events = [response("2026-03-10 10:00"), status("2026-03-13 15:00", DONE)]
    found = verdict(normal(), "2026-03-13 15:00", events).resolution
    assert (found.state, found.breached_at) == (ClockState.MISSED, local("2026-03-12 09:00"))


def test_a_ticket_closed_while_waiting_was_in_time_and_has_no_due_moment() -> None:
    events = [response("2026-03-10 10:00"), *PAUSED, status("2026-03-26 09:00", DONE)]
    found = verdict(normal(), "2026-03-26 09:00", events).resolution
    assert (found.state, found.due_at, found.used_seconds) == (ClockState.MET, None, 5 * HOUR)


def test_a_ticket_that_the_customer_withdraws_before_a_response_needed_none() -> None:
    found = verdict(normal(), "2026-03-10 12:00", [status("2026-03-10 11:00", DONE)])
    assert (found.response.state, found.response.due_at) == (ClockState.NOT_APPLICABLE, None)
    assert found.resolution.state is ClockState.MET


@pytest.mark.clause("QX-035")
def test_a_reopened_ticket_has_the_time_left_that_it_had() -> None:
    events = [
        response("2026-03-10 10:00"),
        status("2026-03-11 16:00", DONE),
        status("2026-03-20 09:00", WORK),
    ]
    found = verdict(normal(), "2026-03-20 09:00", events)
    assert found.resolution.used_seconds == 15 * HOUR
    assert found.resolution.due_at == local("2026-03-20 10:00")
    assert (found.response.state, found.response.stopped_at) == (ClockState.MET, local("2026-03-10 10:00"))


def test_a_reopened_ticket_that_was_late_stays_late_since_then() -> None:
    events = [
        response("2026-03-10 10:00"),
        status("2026-03-12 10:00", DONE),
        status("2026-03-20 09:00", WORK),
    ]
    found = verdict(normal(), "2026-03-20 09:00", events).resolution
    assert (found.state, found.breached_at) == (ClockState.RUNNING, local("2026-03-12 09:00"))


@pytest.mark.clause("QX-058")
def test_a_raised_priority_counts_from_registration_with_all_pauses_kept() -> None:
    subject = normal()
    events = [*PAUSED, status("2026-03-12 10:00", WORK), regraded(subject, "2026-03-12 11:00", "HIGH")]
    found = verdict(subject, "2026-03-12 11:00", events).resolution
    assert found.target_seconds == 8 * HOUR
    assert found.due_at == local("2026-03-12 13:00")


def test_a_raise_that_makes_the_clock_late_is_a_breach_at_the_raise() -> None:
    subject = normal()
    events = [regraded(subject, "2026-03-10 11:30", "HIGH")]
    found = verdict(subject, "2026-03-10 12:00", events).response
    assert found.due_at == local("2026-03-10 11:00")
    assert found.breached_at == local("2026-03-10 11:30")


def test_a_lowered_priority_takes_a_breach_back() -> None:
    subject = ticket("qixium", "2026-03-10 09:00", "HIGH")
    assert verdict(subject, "2026-03-10 11:30").response.breached_at is not None
    lowered = regraded(subject, "2026-03-10 11:30", "LOW")
    found = verdict(subject, "2026-03-10 12:00", [lowered]).response
    assert (found.breached_at, found.due_at) == (None, local("2026-03-11 09:00"))


def test_a_new_type_with_the_same_target_leaves_a_breach_where_it_was() -> None:
    subject = normal()
    bug = classify(subject.policy, subject.tier, subject.registration, type=TicketType.BUG)
    found = verdict(subject, "2026-03-10 15:00", [classified("2026-03-10 14:00", bug)]).response
    assert found.breached_at == local("2026-03-10 13:00")


def test_a_stopped_clock_is_not_judged_again() -> None:
    subject = normal()
    events = [response("2026-03-10 12:00"), regraded(subject, "2026-03-10 12:30", "HIGH")]
    found = verdict(subject, "2026-03-10 13:00", events)
    assert (found.response.state, found.response.target_seconds) == (ClockState.MET, 4 * HOUR)
    assert found.resolution.target_seconds == 8 * HOUR
    closed = [response("2026-03-10 12:00"), status("2026-03-11 12:00", DONE)]
    after = [*closed, regraded(subject, "2026-03-11 13:00", "HIGH")]
    assert verdict(subject, "2026-03-11 14:00", after) == verdict(subject, "2026-03-11 14:00", closed)
    reopened = [*after, status("2026-03-12 09:00", WORK)]
    judged = verdict(subject, "2026-03-12 09:00", reopened).resolution
    assert (judged.target_seconds, judged.breached_at) == (8 * HOUR, local("2026-03-12 09:00"))


@pytest.mark.parametrize(
    "while_closed",
    [
        [("LOW", "2026-03-16 09:00"), ("NORMAL", "2026-03-16 10:00")],
        [("NORMAL", "2026-03-16 10:00")],
    ],
    ids=["changed and changed back", "judged the same again"],
)
def test_what_is_taken_back_while_closed_moves_no_breach(while_closed: list[tuple[str, str]]) -> None:
    subject = normal()
    events = [
        response("2026-03-10 10:00"),
        status("2026-03-13 09:00", DONE),
        *(regraded(subject, at, priority) for priority, at in while_closed),
        excused("2026-03-16 11:00", "a mistake"),
        excused("2026-03-16 12:00", "it was none", taken_back=True),
        status("2026-03-17 09:00", WORK),
    ]
    assert verdict(subject, "2026-03-18 09:00", events).resolution.breached_at == local("2026-03-12 09:00")


def test_a_ticket_that_leaves_support_loses_its_running_clocks_only() -> None:
    subject = normal()
    outside = classify(
        subject.policy, subject.tier, subject.registration, type=TicketType.CONSULTANCY_REQUEST
    )
    events = [response("2026-03-10 10:00"), classified("2026-03-10 10:30", outside)]
    found = verdict(subject, "2026-03-10 11:00", events)
    assert found.response.state is ClockState.MET
    assert found.resolution.state is ClockState.NOT_APPLICABLE


def test_a_response_clock_that_stopped_outside_support_is_not_judged_when_it_becomes_support() -> None:
    subject = ticket("qixium", "2026-03-10 09:00", type=TicketType.DEVELOPMENT_REQUEST)
    bug = classify(subject.policy, subject.tier, subject.registration, type=TicketType.BUG)
    events = [response("2026-03-10 10:00"), classified("2026-03-10 10:30", bug)]
    found = verdict(subject, "2026-03-10 11:00", events)
    assert (found.response.state, found.response.breached_at) == (ClockState.NOT_APPLICABLE, None)
    assert found.resolution.due_at == local("2026-03-12 09:00")


@pytest.mark.clause("QX-066")
def test_an_excused_clock_does_not_apply_until_the_excuse_is_taken_back() -> None:
    excuse = excused("2026-03-10 12:00", "failure at the supplier")
    found = verdict(normal(), "2026-03-10 14:00", [excuse])
    assert found.response.state is found.resolution.state is ClockState.NOT_APPLICABLE
    back = [excuse, excused("2026-03-10 14:00", "", taken_back=True)]
    response_clock = verdict(normal(), "2026-03-10 14:30", back).response
    assert (response_clock.state, response_clock.due_at) == (ClockState.RUNNING, local("2026-03-10 13:00"))
    assert response_clock.breached_at == local("2026-03-10 14:00")


def test_an_excuse_leaves_a_clock_that_had_stopped() -> None:
    events = [response("2026-03-10 14:00"), excused("2026-03-10 15:00", "storm")]
    found = verdict(normal(), "2026-03-10 16:00", events)
    assert found.response.state is ClockState.MISSED
    assert found.resolution.state is ClockState.NOT_APPLICABLE


@pytest.mark.clause("QX-027", "QX-030")
def test_a_ticket_may_be_closed_after_ten_working_days_of_silence() -> None:
    events = [status("2026-04-02 15:00", ASK)]
    assert verdict(normal(), "2026-04-03 15:00", events).auto_close_at == local("2026-04-18 00:00")
    answered = [*events, status("2026-04-03 09:00", WORK)]
    assert verdict(normal(), "2026-04-03 15:00", answered).auto_close_at is None
    assert (
        verdict(ticket("s4m-support", "2026-03-10 09:00", "LOW"), "2026-04-03 15:00", events).auto_close_at
        is None
    )


def test_asking_twice_does_not_start_the_term_again() -> None:
    events = [status("2026-04-02 15:00", ASK), status("2026-04-10 15:00", ASK)]
    assert verdict(normal(), "2026-04-11 15:00", events).auto_close_at == local("2026-04-18 00:00")


def test_events_after_now_are_left_out_and_order_does_not_matter() -> None:
    events = [*PAUSED, response("2026-03-10 10:00")]
    assert verdict(normal(), "2026-03-10 13:00", events).resolution.state is ClockState.RUNNING
    now = "2026-03-11 09:00"
    assert verdict(normal(), now, events) == verdict(normal(), now, list(reversed(events)))


def test_stored_columns_give_the_elapsed_time_of_any_later_moment() -> None:
    subject = normal()
    events = [*PAUSED, status("2026-03-12 10:00", WORK)]
    stored = verdict(subject, "2026-03-12 10:00", events).resolution
    calendar = calendar_of(subject, ClockKind.RESOLUTION, subject.registration)
    assert elapsed_seconds(stored, calendar, local("2026-03-13 09:30")) == (5 + 6) * HOUR + HOUR // 2 + HOUR
    paused = verdict(subject, "2026-03-11 10:00", PAUSED).resolution
    assert elapsed_seconds(paused, calendar, local("2026-03-13 09:30")) == 5 * HOUR


def test_fractions_of_seconds_are_dropped() -> None:
    subject = normal()
    answer = Event(local("2026-03-10 13:00") + timedelta(milliseconds=900), EventKind.RESPONSE)
    found = judge(subject, [answer], local("2026-03-10 13:30")).response
    assert (found.state, found.stopped_at) == (ClockState.MET, local("2026-03-10 13:00"))


def test_a_mail_that_is_answered_before_its_clock_starts_used_nothing() -> None:
    subject = ticket("open2bizz", "2026-03-10 10:00", "P1", channel=Channel.EMAIL)
    found = verdict(subject, "2026-03-10 11:00", [response("2026-03-10 11:00")])
    assert (found.response.state, found.response.used_seconds) == (ClockState.MET, 0)
    assert found.resolution.due_at == local("2026-03-11 11:00")


def test_a_ticket_closed_without_a_response_never_began_its_handling() -> None:
    subject = ticket("open2bizz", "2026-03-10 10:00", "P1", channel=Channel.PHONE)
    found = verdict(subject, "2026-03-10 11:00", [status("2026-03-10 10:30", DONE)])
    assert found.response.state is found.resolution.state is ClockState.NOT_APPLICABLE
    assert found.resolution.stopped_at == local("2026-03-10 10:30")


def test_a_ticket_may_be_reopened_with_the_message_that_answers_it() -> None:
    events = [
        status("2026-03-10 10:00", DONE),
        status("2026-03-10 12:00", WORK),
        response("2026-03-10 12:00"),
    ]
    found = verdict(normal(), "2026-03-12 12:00", events).response
    assert (found.state, found.used_seconds, found.breached_at) == (ClockState.MET, HOUR, None)
    assert (found.stopped_at, found.due_at) == (local("2026-03-10 12:00"), local("2026-03-10 15:00"))


def test_a_message_to_a_closed_ticket_is_no_answer_when_it_is_reopened_later() -> None:
    events = [
        status("2026-03-10 10:00", DONE),
        response("2026-03-10 11:00"),
        status("2026-03-10 12:00", WORK),
    ]
    assert verdict(normal(), "2026-03-10 11:30", events).response.state is ClockState.NOT_APPLICABLE
    found = verdict(normal(), "2026-03-10 12:30", events).response
    assert (found.state, found.due_at) == (ClockState.RUNNING, local("2026-03-10 15:00"))


def test_handling_begins_at_the_reopening_when_the_answer_came_with_it() -> None:
    subject = ticket("open2bizz", "2026-03-10 10:00", "P1", channel=Channel.PHONE)
    events = [
        status("2026-03-10 11:00", DONE),
        status("2026-03-10 14:00", WORK),
        response("2026-03-10 14:00"),
    ]
    found = verdict(subject, "2026-03-12 12:00", events)
    assert found.response.state is ClockState.MET
    assert found.resolution.due_at == found.resolution.breached_at == local("2026-03-11 14:00")
