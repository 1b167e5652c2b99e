"""Deadlines of the four agreements as their clauses give them."""

from __future__ import annotations

import pytest

from sla.targets import calendar_of
from sla.vocabulary import Channel, ClockKind, ClockState, Environment, Hosting, ProblemKind, TicketType
from tests.sla.agreements import local, policy, response, ticket, verdict

BRUSSELS = "Europe/Brussels"


@pytest.mark.clause("OX-031", "OX-032", "OX-033", "OX-034")
@pytest.mark.parametrize(
    ("priority", "registered", "due"),
    [
        ("CRITICAL", "2026-03-10 10:00", "2026-03-11 10:00"),
        ("CRITICAL", "2026-04-30 16:00", "2026-05-04 16:00"),
        ("CRITICAL", "2026-11-10 16:00", "2026-11-12 16:00"),
        ("MAJOR", "2026-04-02 10:00", "2026-04-07 10:00"),
        ("MINOR", "2026-07-20 10:00", "2026-07-28 10:00"),
    ],
)
def test_oxygis_answers_within_belgian_working_time(priority: str, registered: str, due: str) -> None:
    found = verdict(ticket("oxygis", registered, priority))
    assert found.response.due_at == local(due, BRUSSELS)


@pytest.mark.clause("OX-032", "OX-033", "OX-034")
@pytest.mark.parametrize(("priority", "due"), [("CRITICAL", "11"), ("MAJOR", "12"), ("MINOR", "17")])
def test_less_than_is_missed_at_the_very_deadline(priority: str, due: str) -> None:
    subject = ticket("oxygis", "2026-03-10 10:00", priority)
    at, before = f"2026-03-{due} 10:00", f"2026-03-{due} 09:59:59"
    assert verdict(subject, before, [response(before, BRUSSELS)]).response.state is ClockState.MET
    late = verdict(subject, at, [response(at, BRUSSELS)]).response
    assert (late.state, late.breached_at) == (ClockState.MISSED, local(at, BRUSSELS))
    assert verdict(subject, before).response.breached_at is None
    assert verdict(subject, at).response.breached_at == local(at, BRUSSELS)


@pytest.mark.clause("OX-036")
@pytest.mark.parametrize("priority", ["CRITICAL", "MAJOR", "MINOR"])
def test_oxygis_guarantees_no_resolution_time(priority: str) -> None:
    found = verdict(ticket("oxygis", "2026-03-10 10:00", priority), "2026-03-11 10:00").resolution
    assert (found.state, found.due_at, found.target_seconds) == (ClockState.BEST_EFFORT, None, None)
    assert found.running_since == local("2026-03-10 10:00", BRUSSELS)


@pytest.mark.clause("OX-002")
def test_self_hosted_oxygis_has_no_clocks() -> None:
    subject = ticket("oxygis", "2026-03-10 10:00", "CRITICAL", hosting=Hosting.SELF_HOSTED)
    found = verdict(subject)
    assert found.response.state is found.resolution.state is ClockState.NOT_APPLICABLE
    assert found.response.due_at is None
    assert calendar_of(subject, ClockKind.RESPONSE, subject.registration) is None


@pytest.mark.clause("QX-044", "QX-046", "QX-048", "QX-051", "QX-059")
@pytest.mark.parametrize(
    ("priority", "response_due", "resolution_due"),
    [
        ("LOW", "2026-04-07 16:00", "2026-04-10 16:00"),
        ("NORMAL", "2026-04-07 12:00", "2026-04-08 16:00"),
        ("HIGH", "2026-04-07 10:00", "2026-04-07 16:00"),
    ],
)
@pytest.mark.parametrize("tier", ["SUPPORT", "QAAS"])
def test_qixium_times_run_over_good_friday_and_not_over_easter_monday(
    tier: str, priority: str, response_due: str, resolution_due: str
) -> None:
    found = verdict(ticket("qixium", "2026-04-03 16:00", priority, tier=tier))
    assert found.response.due_at == local(response_due)
    assert found.resolution.due_at == local(resolution_due)


@pytest.mark.clause("QX-059")
@pytest.mark.parametrize(
    ("registered", "due"),
    [
        ("2026-07-07 08:30", "2026-07-07 10:30"),
        ("2026-05-04 15:30", "2026-05-05 09:30"),
        ("2030-05-03 15:30", "2030-05-06 09:30"),
        ("2025-05-02 15:30", "2025-05-06 09:30"),
        ("2026-03-13 16:30", "2026-03-16 10:30"),
    ],
)
def test_office_hours_are_dutch_civil_time_all_year(registered: str, due: str) -> None:
    assert verdict(ticket("qixium", registered, "HIGH")).response.due_at == local(due)


@pytest.mark.clause("QX-054", "QX-060")
@pytest.mark.parametrize(
    ("registered", "response_due", "resolution_due"),
    [
        ("2026-03-29 01:30", "2026-03-29 01:45", "2026-03-29 04:30"),
        ("2026-05-16 23:50", "2026-05-17 00:05", "2026-05-17 01:50"),
    ],
)
def test_an_outage_counts_day_and_night(registered: str, response_due: str, resolution_due: str) -> None:
    found = verdict(ticket("qixium", registered, "OUTAGE"))
    assert found.response.due_at == local(response_due)
    assert found.resolution.due_at == local(resolution_due)


@pytest.mark.clause("QX-055")
def test_an_outage_that_monitoring_sees_counts_from_its_detection() -> None:
    subject = ticket("qixium", "2026-03-10 03:00", "OUTAGE", channel=Channel.MONITORING)
    assert verdict(subject).response.due_at == local("2026-03-10 03:15")


@pytest.mark.clause("QX-057", "QX-058")
def test_outside_production_low_holds_until_it_is_raised() -> None:
    low = ticket("qixium", "2026-03-10 09:00", environment=Environment.TEST)
    high = ticket("qixium", "2026-03-10 09:00", "HIGH", environment=Environment.TEST)
    assert verdict(low).response.due_at == local("2026-03-11 09:00")
    assert verdict(high).response.due_at == local("2026-03-10 11:00")


@pytest.mark.clause("QX-079", "QX-080", "QX-131")
def test_requests_and_custom_work_have_no_clocks() -> None:
    for subject in (
        ticket("qixium", "2026-03-10 09:00", type=TicketType.DEVELOPMENT_REQUEST),
        ticket("qixium", "2026-03-10 09:00", type=TicketType.CONSULTANCY_REQUEST),
        ticket("qixium", "2026-03-10 09:00", "HIGH", component="CUSTOM"),
    ):
        found = verdict(subject)
        assert found.response.state is found.resolution.state is ClockState.NOT_APPLICABLE
        assert found.resolution.due_at is None


@pytest.mark.clause("OB-025", "OB-026", "OB-027", "OB-028", "OB-044")
@pytest.mark.parametrize(
    ("priority", "by_mail", "handled", "by_phone"),
    [
        ("P1", "2026-03-11 11:00", "2026-03-12 11:00", "2026-03-10 12:00"),
        ("P2", "2026-03-11 17:00", "2026-03-13 17:00", "2026-03-11 10:00"),
        ("P3", "2026-03-17 17:00", "2026-03-31 17:00", "2026-03-17 10:00"),
        ("P4", "2026-03-24 17:00", None, "2026-03-24 10:00"),
    ],
)
def test_open2bizz_counts_written_reports_from_the_next_working_day(
    priority: str, by_mail: str, handled: str | None, by_phone: str
) -> None:
    mail = ticket("open2bizz", "2026-03-10 10:00", priority, channel=Channel.EMAIL)
    phone = ticket("open2bizz", "2026-03-10 10:00", priority, channel=Channel.PHONE)
    found = verdict(mail)
    assert found.response.started_at == local("2026-03-11 09:00")
    assert found.response.due_at == local(by_mail)
    assert found.resolution.due_at == (local(handled) if handled else None)
    assert verdict(phone).response.due_at == local(by_phone)


@pytest.mark.clause("OB-044", "OB-045")
@pytest.mark.parametrize(
    ("registered", "start"),
    [
        ("2026-03-10 06:00", "2026-03-10 09:00"),
        ("2026-03-10 09:00", "2026-03-10 09:00"),
        ("2026-03-10 10:00", "2026-03-11 09:00"),
        ("2026-04-03 10:00", "2026-04-07 09:00"),
    ],
)
def test_a_written_report_starts_at_the_first_nine_o_clock_at_or_after_it(
    registered: str, start: str
) -> None:
    for channel in (Channel.EMAIL, Channel.PORTAL, Channel.API):
        subject = ticket("open2bizz", registered, "P2", channel=channel)
        assert verdict(subject).response.started_at == local(start)


@pytest.mark.clause("OB-029", "OB-030")
def test_handling_runs_from_the_actual_response_and_is_projected_before_it() -> None:
    subject = ticket("open2bizz", "2026-03-10 10:00", "P1", channel=Channel.PHONE)
    before = verdict(subject, "2026-03-10 10:15").resolution
    assert (before.state, before.projected, before.started_at) == (ClockState.RUNNING, True, None)
    assert before.due_at == local("2026-03-11 12:00")
    after = verdict(subject, "2026-03-10 10:30", [response("2026-03-10 10:30")])
    assert after.resolution.started_at == local("2026-03-10 10:30")
    assert (after.resolution.due_at, after.resolution.projected) == (local("2026-03-11 10:30"), False)
    assert (after.response.state, after.response.used_seconds) == (ClockState.MET, 1800)


def test_a_projection_that_passes_is_no_breach() -> None:
    subject = ticket("open2bizz", "2026-03-10 10:00", "P1", channel=Channel.PHONE)
    found = verdict(subject, "2026-03-20 10:00")
    assert found.response.breached_at == local("2026-03-10 12:00")
    assert found.resolution.breached_at is None


@pytest.mark.clause("OB-042", "OB-045")
@pytest.mark.parametrize(
    ("registered", "due"),
    [("2026-03-14 11:00", "2026-03-16 11:00"), ("2026-05-13 16:00", "2026-05-15 10:00")],
)
def test_a_p1_by_telephone_counts_opening_hours_also_at_night(registered: str, due: str) -> None:
    subject = ticket("open2bizz", registered, "P1", channel=Channel.PHONE)
    assert verdict(subject).response.due_at == local(due)


@pytest.mark.clause("OB-057", "OB-060")
def test_a_test_environment_of_open2bizz_is_best_effort() -> None:
    addenda = frozenset({"TEST_ENVIRONMENT"})
    subject = ticket("open2bizz", "2026-03-10 10:00", environment=Environment.TEST, addenda=addenda)
    found = verdict(subject, "2026-03-12 10:00")
    assert found.response.state is found.resolution.state is ClockState.BEST_EFFORT
    assert found.response.due_at is found.resolution.due_at is None
    functional = ticket(
        "open2bizz",
        "2026-03-10 10:00",
        environment=Environment.TEST,
        addenda=addenda,
        problem_kind=ProblemKind.FUNCTIONAL,
    )
    assert verdict(functional).response.state is ClockState.NOT_APPLICABLE


@pytest.mark.clause("OB-024", "S4-036")
def test_work_that_is_charged_has_no_clocks() -> None:
    third_party = ticket("open2bizz", "2026-03-10 10:00", "P1", component="COMMUNITY")
    functional = ticket(
        "s4m-support",
        "2026-03-10 10:00",
        "HIGH",
        component="DATA_MANAGER",
        problem_kind=ProblemKind.FUNCTIONAL,
    )
    for subject in (third_party, functional):
        assert verdict(subject).response.state is ClockState.NOT_APPLICABLE


@pytest.mark.clause("S4-001", "S4-008", "S4-022", "S4-023", "S4-024", "S4-025", "S4-026", "S4-027")
@pytest.mark.parametrize(
    ("tier", "priority", "response_due", "resolution_due"),
    [
        ("DEFAULT", "HIGH", "2026-04-07 11:00", None),
        ("DEFAULT", "NORMAL", "2026-04-08 13:00", None),
        ("DEFAULT", "LOW", "2026-04-14 13:00", None),
        ("EXTENDED", "HIGH", "2026-04-03 10:00", "2026-04-10 10:00"),
        ("EXTENDED", "NORMAL", "2026-04-03 10:00", "2026-04-14 12:00"),
        ("EXTENDED", "LOW", "2026-04-03 14:00", "2026-04-16 14:00"),
    ],
)
@pytest.mark.parametrize("type", [TicketType.INCIDENT, TicketType.QUESTION, TicketType.SERVICE_REQUEST])
def test_s4m_incidents_follow_the_hours_of_their_tier(
    type: TicketType, tier: str, priority: str, response_due: str, resolution_due: str | None
) -> None:
    found = verdict(ticket("s4m-support", "2026-04-02 15:00", priority, tier=tier, type=type))
    assert found.response.due_at == local(response_due)
    assert found.resolution.due_at == (local(resolution_due) if resolution_due else None)


@pytest.mark.clause("S4-028", "S4-029", "S4-030")
@pytest.mark.parametrize(("priority", "day"), [("HIGH", "07"), ("NORMAL", "10"), ("LOW", "17")])
@pytest.mark.parametrize("tier", ["DEFAULT", "EXTENDED"])
def test_s4m_changes_are_due_at_the_same_clock_time_working_days_later(
    tier: str, priority: str, day: str
) -> None:
    change = TicketType.CHANGE_REQUEST
    found = verdict(ticket("s4m-support", "2026-04-02 11:00", priority, tier=tier, type=change))
    assert found.response.due_at == local(f"2026-04-{day} 11:00")
    assert found.resolution.state is ClockState.BEST_EFFORT


@pytest.mark.clause("S4-065")
def test_the_hour_table_binds_and_not_the_table_of_days() -> None:
    found = verdict(ticket("s4m-support", "2026-03-09 11:00", "NORMAL", tier="DEFAULT"))
    assert found.response.due_at == local("2026-03-11 15:00")


@pytest.mark.clause("S4-091")
def test_a_platform_that_the_vendor_relies_on_has_default_figures() -> None:
    subject = ticket("s4m-support", "2026-04-02 15:00", "HIGH", component="Third-party platform")
    found = verdict(subject)
    assert found.response.due_at == local("2026-04-07 11:00")
    assert found.resolution.state is ClockState.BEST_EFFORT


def test_every_combination_of_every_agreement_has_a_verdict() -> None:
    for key in ("oxygis", "qixium", "open2bizz", "s4m-support"):
        for priority in policy(key).priorities:
            for tier in policy(key).tiers:
                found = verdict(ticket(key, "2026-03-10 10:00", priority.key, tier=tier.key))
                assert found.response.state is ClockState.RUNNING
                assert found.response.due_at is not None
