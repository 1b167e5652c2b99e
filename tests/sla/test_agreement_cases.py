"""The worked cases of the agreements that the engine decides, as data."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sla.clock import Event
from sla.consultancy import quote
from sla.deadlines import judge
from sla.errors import Refused
from sla.registration import Report, register
from sla.targets import Subject
from sla.vocabulary import (
    Channel,
    ClockState,
    Environment,
    EventKind,
    Origin,
    TicketStatus,
    TicketType,
    WorkKind,
)
from tests.sla.agreements import policy

CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).resolve().parents[1] / "cases" / "agreements.json").read_text(encoding="utf-8")
)
TYPES = {"SAAS_OUTAGE": TicketType.INCIDENT, "CHANGE": TicketType.CHANGE_REQUEST, None: TicketType.INCIDENT}
ADDENDUM = "TEST_ENV_ADDENDUM"


def of(*kinds: str) -> pytest.MarkDecorator:
    cases = [case for case in CASES if case["kind"] in kinds]
    assert cases
    return pytest.mark.parametrize("case", cases, ids=[case["id"] for case in cases])


def moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def level(text: str | None) -> int | None:
    return None if text is None else int(text[1:])


def subject_of(case: dict[str, Any]) -> Subject:
    agreement = policy(case["policy"])
    tier = None if case["tier"] == ADDENDUM else case["tier"]
    at = datetime.fromisoformat(case["registered_at"])
    report = Report(
        type=TYPES[case["type"]] if case["type"] in TYPES else TicketType(case["type"]),
        at=at,
        origin=Origin.OPERATOR,
        environment=Environment(case["environment"] or "PRODUCTION"),
        channel=Channel(case["channel"]) if case.get("channel") else None,
        addenda=frozenset({ADDENDUM}) if case["tier"] == ADDENDUM else frozenset(),
        urgency=level(case.get("urgency")),
        impact=level(case.get("impact")),
        priority=None if case["kind"] == "matrix" else case["priority"],
    )
    return Subject(agreement, tier, register(agreement, tier, report), at)


def events_of(case: dict[str, Any]) -> list[Event]:
    events = [
        Event(datetime.fromisoformat(event["at"]), EventKind.STATUS, TicketStatus(event["status"]))
        for event in case.get("events", [])
    ]
    responded = moment(case.get("first_response_at"))
    return events if responded is None else [Event(responded, EventKind.RESPONSE), *events]


@of("deadline", "matrix")
def test_a_ticket_is_due_when_the_case_says(case: dict[str, Any]) -> None:
    subject = subject_of(case)
    verdict = judge(subject, events_of(case), subject.registered_at)
    assert verdict.response.due_at == moment(case["expected_response_due"])
    assert verdict.resolution.due_at == moment(case["expected_resolution_due"])
    assert subject.registration.priority == case["priority"]
    assert verdict.resolution.projected == (case.get("resolution_due_is") == "PROJECTED_FROM_RESPONSE_DUE")
    if "clock_start" in case:
        assert verdict.response.started_at == moment(case["clock_start"])
    if "expected_priority" in case:
        priority = subject.policy.priority(case["priority"])
        assert priority is not None
        assert priority.rank == case["expected_priority"]


@of("timeline")
def test_a_timeline_is_judged_as_the_case_says(case: dict[str, Any]) -> None:
    events = events_of(case)
    verdict = judge(subject_of(case), events, max(event.at for event in events))
    answer, solution = verdict.response, verdict.resolution
    assert answer.due_at == moment(case["expected_response_due"])
    assert answer.used_seconds == case["expected_response_minutes"] * 60
    assert (answer.state is ClockState.MET) == case["expected_response_met"]
    assert solution.due_at == moment(case["expected_resolution_due"])
    assert solution.used_seconds == case["expected_resolution_minutes_used"] * 60
    assert solution.target_seconds == case["expected_resolution_target"] * 60
    assert (solution.state is ClockState.MET) == case["expected_resolution_met"]
    assert solution.breached_at == moment(case["expected_breached_at"])


@of("refusal")
def test_a_registration_is_refused_with_a_clause(case: dict[str, Any]) -> None:
    with pytest.raises(Refused) as refusal:
        subject_of(case)
    assert refusal.value.clause is not None


@of("autoclose")
def test_a_ticket_may_be_closed_from_the_midnight_that_ends_the_term(case: dict[str, Any]) -> None:
    since = datetime.fromisoformat(case["waiting_for_customer_since"])
    agreement = policy(case["policy"])
    report = Report(type=TicketType.INCIDENT, at=since)
    subject = Subject(agreement, case["tier"], register(agreement, case["tier"], report), since)
    waiting = [Event(since, EventKind.STATUS, TicketStatus.WAITING_FOR_CUSTOMER)]
    closable = judge(subject, waiting, since).auto_close_at
    assert closable is not None
    assert closable == moment(case["expected_close_allowed_from"])
    assert closable > datetime.fromisoformat(case["refused_at"])


@of("consultancy")
def test_a_quote_is_that_of_the_case(case: dict[str, Any]) -> None:
    work = WorkKind.NON_PLATFORM if case["tariff"].startswith("NON") else WorkKind.STANDARD
    assert case["expected"] == "REFUSED"
    with pytest.raises(Refused):
        quote(policy(case["policy"]), case["tier"], work, Decimal(str(case["hours_requested"])))
