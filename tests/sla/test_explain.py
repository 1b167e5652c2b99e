from __future__ import annotations

from collections.abc import Sequence

import pytest

from sla.clock import Event
from sla.explain import Step, explain
from sla.targets import Subject
from sla.vocabulary import Channel, ClockKind, Hosting, Locale, TicketStatus, say
from tests.sla.agreements import excused, local, response, status, ticket, verdict

RESPONSE, RESOLUTION = ClockKind


def told(subject: Subject, now: str, kind: ClockKind, events: Sequence[Event] = ()) -> tuple[Step, ...]:
    return explain(subject, events, local(now, subject.policy.zone), kind)


def lines(steps: Sequence[Step], locale: Locale = Locale.EN) -> list[tuple[int, str, str | None]]:
    return [
        (step.counted_seconds, say(step.reason, locale), step.clause.key if step.clause else None)
        for step in steps
    ]


@pytest.mark.clause("QX-048", "QX-059")
def test_easter_is_told_day_by_day() -> None:
    steps = told(ticket("qixium", "2026-04-03 16:00", "HIGH"), "2026-04-03 16:00", RESPONSE)
    assert lines(steps) == [
        (1800, "Counts: support hours.", "QX-048"),
        (0, "Does not count: outside support hours.", "QX-059"),
        (0, "Does not count: weekend.", "QX-059"),
        (0, "Does not count: Easter Monday.", "QX-059"),
        (0, "Does not count: outside support hours.", "QX-059"),
        (5400, "Counts: support hours.", "QX-048"),
    ]
    assert steps[0].end == local("2026-04-03 16:30")
    assert (steps[3].start, steps[3].end) == (local("2026-04-06 00:00"), local("2026-04-07 00:00"))
    assert steps[-1].end == local("2026-04-07 10:00")


def test_a_holiday_has_its_name_in_each_language() -> None:
    steps = told(ticket("qixium", "2026-04-03 16:00", "HIGH"), "2026-04-03 16:00", RESPONSE)
    assert say(steps[3].reason, Locale.NL) == "Telt niet mee: Tweede paasdag."
    assert say(steps[3].reason, Locale.FR) == "Ne compte pas : Lundi de Pâques."


@pytest.mark.clause("QX-064")
def test_the_steps_of_a_clock_that_runs_on_add_up_to_its_target_and_leave_no_hole() -> None:
    events = [
        status("2026-03-10 14:00", TicketStatus.WAITING_FOR_CUSTOMER),
        status("2026-03-12 10:00", TicketStatus.IN_PROGRESS),
    ]
    steps = told(ticket("qixium", "2026-03-10 09:00", "NORMAL"), "2026-03-12 11:00", RESOLUTION, events)
    assert sum(step.counted_seconds for step in steps) == 16 * 3600
    assert steps[0].start == local("2026-03-10 09:00")
    assert steps[-1].end == local("2026-03-13 13:00")
    assert [step.end for step in steps[:-1]] == [step.start for step in steps[1:]]
    assert (0, "Does not count: waiting for the customer.", "QX-064") in lines(steps)


def test_the_steps_of_a_stopped_clock_add_up_to_what_was_used() -> None:
    subject = ticket("qixium", "2026-03-10 09:00", "NORMAL")
    events = [response("2026-03-11 09:30")]
    steps = told(subject, "2026-03-20 09:00", RESPONSE, events)
    used = verdict(subject, "2026-03-20 09:00", events).response.used_seconds
    assert sum(step.counted_seconds for step in steps) == used
    assert steps[-1].end == local("2026-03-11 09:30")


@pytest.mark.clause("QX-034")
def test_time_closed_is_told_when_a_ticket_was_reopened() -> None:
    events = [
        response("2026-03-10 10:00"),
        status("2026-03-10 11:00", TicketStatus.CLOSED),
        status("2026-03-11 09:00", TicketStatus.IN_PROGRESS),
    ]
    steps = told(ticket("qixium", "2026-03-10 09:00", "NORMAL"), "2026-03-11 09:30", RESOLUTION, events)
    assert (0, "Does not count: the ticket was closed.", "QX-034") in lines(steps)


@pytest.mark.clause("OB-030", "OB-044")
def test_the_wait_for_the_next_working_day_and_for_the_response_is_told() -> None:
    subject = ticket("open2bizz", "2026-03-10 10:00", "P1", channel=Channel.EMAIL)
    first = told(subject, "2026-03-10 10:00", RESPONSE)[0]
    assert (first.counted_seconds, first.clause and first.clause.key) == (0, "OB-044")
    assert first.end == local("2026-03-11 09:00")
    steps = told(subject, "2026-03-10 10:00", RESOLUTION)
    assert steps[0].clause is not None
    assert (steps[0].clause.key, steps[0].end) == ("OB-030", local("2026-03-11 11:00"))
    assert sum(step.counted_seconds for step in steps) == 8 * 3600


@pytest.mark.clause("QX-054")
def test_an_outage_counts_without_a_break() -> None:
    steps = told(ticket("qixium", "2026-05-16 23:50", "OUTAGE"), "2026-05-16 23:50", RESPONSE)
    assert [step.counted_seconds for step in steps] == [600, 300]


@pytest.mark.clause("OX-002", "QX-066")
def test_a_clock_that_does_not_apply_says_why() -> None:
    hosted = ticket("oxygis", "2026-03-10 10:00", "CRITICAL", hosting=Hosting.SELF_HOSTED)
    assert [line[::2] for line in lines(told(hosted, "2026-03-10 12:00", RESPONSE))] == [(0, "OX-002")]
    subject = ticket("qixium", "2026-03-10 09:00", "NORMAL")
    excuse = [excused("2026-03-10 10:00", "storm {at} the supplier")]
    (step,) = told(subject, "2026-03-10 12:00", RESPONSE, excuse)
    assert "storm {at} the supplier" in say(step.reason, Locale.EN)
    assert step.clause is not None
    assert step.clause.key == "QX-066"
    withdrawn = [status("2026-03-10 10:00", TicketStatus.CLOSED)]
    (step,) = told(subject, "2026-03-10 12:00", RESPONSE, withdrawn)
    assert "closed by the customer" in say(step.reason, Locale.EN)


def test_best_effort_is_told_up_to_now() -> None:
    steps = told(ticket("oxygis", "2026-03-10 10:00", "MAJOR"), "2026-03-10 12:00", RESOLUTION)
    assert [step.counted_seconds for step in steps] == [7200]
