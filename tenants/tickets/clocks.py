"""A ticket's clocks: derived from its events by the rules, and written to its columns here and nowhere else."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from sla.calendar import WorkCalendar
from sla.clock import ClockResult, Event
from sla.deadlines import Verdict, judge
from sla.layers import Agreed, policy_with
from sla.policy import Library, Policy
from sla.registration import Registration, Report, classify, register, restored
from sla.scope import Facts
from sla.service_terms import Layer
from sla.targets import Subject, terms_of
from sla.vocabulary import (
    Channel,
    ClockKind,
    ClockState,
    Environment,
    EventKind,
    Hosting,
    Origin,
    ProblemKind,
    TicketStatus,
    TicketType,
)
from tenants.tickets.models import Ticket, TicketEvent

FAR_FUTURE = datetime(9999, 12, 31, tzinfo=UTC)

CLOCK_FIELDS = (
    "state",
    "target_seconds",
    "due_at",
    "started_at",
    "stopped_at",
    "breached_at",
    "used_seconds",
    "running_since",
    "strict",
)
FACT_FIELDS = (
    "policy_key",
    "policy_version",
    "tier",
    "registered_at",
    "type",
    "environment",
    "channel",
    "component",
    "problem_kind",
    "hosting",
    "addenda",
    "priority_key",
)

REGISTERED = "REGISTERED"
COMMENTED = "COMMENTED"
STATUS_CHANGED = "STATUS_CHANGED"
CLASSIFIED = "CLASSIFIED"
CLOSED = "CLOSED"
REOPENED = "REOPENED"
REOPEN_REQUESTED = "REOPEN_REQUESTED"


def report_data(report: Report) -> dict[str, object]:
    """A report as the first event keeps it."""
    values = asdict(report)
    values["addenda"] = sorted(report.addenda)
    values["at"] = report.at.isoformat()
    return values


def report_from(data: dict[str, Any]) -> Report:
    return Report(
        type=TicketType(data["type"]),
        at=datetime.fromisoformat(data["at"]),
        origin=Origin(data["origin"]),
        environment=Environment(data["environment"]),
        channel=Channel(data["channel"]) if data["channel"] else None,
        component=data["component"],
        problem_kind=ProblemKind(data["problem_kind"]) if data["problem_kind"] else None,
        hosting=Hosting(data["hosting"]) if data["hosting"] else None,
        addenda=frozenset(data["addenda"]),
        urgency=data["urgency"],
        impact=data["impact"],
        priority_wish=data["priority_wish"],
        priority=data["priority"],
        reason=data["reason"],
    )


def agreed_data(agreed: Sequence[Agreed]) -> dict[str, object]:
    """What was agreed apart from the policy, as the first event keeps it; nothing where nothing was."""
    return {"agreed": [asdict(each) for each in agreed]} if agreed else {}


def agreed_from(data: dict[str, Any]) -> tuple[Agreed, ...]:
    return tuple(
        Agreed(each["term"], each["value"], each["reference"], Layer(each["layer"]))
        for each in data.get("agreed", ())
    )


def case_of(
    library: Library, ticket: Any, events: Sequence[Any]
) -> tuple[Subject, list[Event], Registration]:
    """What the rules judge: the terms that held at registration, all that happened since, and the present judgement.

    `ticket` and `events` are rows or entities; the events are all of the ticket's, in their order.
    """
    policy = policy_with(
        library.get(ticket.policy_key, ticket.policy_version), ticket.tier, agreed_from(events[0].data)
    )
    current = register(policy, ticket.tier, report_from(events[0].data))
    subject = Subject(
        policy=policy, tier=ticket.tier, registration=current, registered_at=ticket.registered_at
    )
    told: list[Event] = []
    for event in events[1:]:
        if event.kind == CLASSIFIED:
            current = classified(policy, ticket.tier, current, event.data)
            told.append(Event(event.at, EventKind.CLASSIFIED, current, event.data["reason"]))
        if is_response(event):
            told.append(Event(event.at, EventKind.RESPONSE))
        if event.actor_kind == "ACCOUNT" and event.body:
            told.append(Event(event.at, EventKind.REACTION))
        if event.kind in {STATUS_CHANGED, CLOSED, REOPENED}:
            told.append(Event(event.at, EventKind.STATUS, TicketStatus(event.data["to"])))
    return subject, told, current


def registration_now(library: Library, ticket: Any, events: Sequence[Any]) -> Registration:
    """The registration as it stands after all classifications."""
    return case_of(library, ticket, events)[2]


def classified(policy: Policy, tier: str, current: Registration, data: dict[str, Any]) -> Registration:
    """The registration after an operator's judgement, as kept in a CLASSIFIED event."""
    return classify(
        policy,
        tier,
        current,
        type=TicketType(data["type"]) if data["type"] else None,
        impact=data["impact"],
        urgency=data["urgency"],
        priority=data["priority"],
        reason=data["reason"],
    )


def is_response(event: Any) -> bool:
    """The vendor's first public message: no automatic receipt, no internal note, no bare status change (QX-062)."""
    return event.actor_kind == "AGENT" and not event.internal and bool(event.body)


def rejudge(library: Library, ticket: Ticket, events: Sequence[TicketEvent], now: datetime) -> Verdict:
    """Writes what follows from the events to the ticket's columns."""
    subject, told, _ = case_of(library, ticket, events)
    verdict = judge(subject, told, now)
    _write(ticket, "response", verdict.response)
    _write(ticket, "resolution", verdict.resolution)
    ticket.auto_close_at = verdict.auto_close_at
    ticket.next_due_at = next_due(verdict)
    return verdict


def next_due(verdict: Verdict) -> datetime:
    """The earliest due moment of the clocks that run; far in the future where none does.

    A projected clock has not begun: the response that it waits for is due before it.
    """
    running = [
        clock.due_at
        for clock in (verdict.response, verdict.resolution)
        if clock.state is ClockState.RUNNING and clock.due_at and clock.started_at
    ]
    return min(running, default=FAR_FUTURE)


def _write(ticket: Ticket, name: str, clock: ClockResult) -> None:
    for field in CLOCK_FIELDS:
        setattr(ticket, f"{name}_{field}", getattr(clock, field))


def stored_clock(row: Any, name: str) -> ClockResult:
    """A clock as its columns hold it. Reads `{name}_...` of every clock field."""
    values = {field: getattr(row, f"{name}_{field}") for field in CLOCK_FIELDS}
    values["state"] = ClockState(values["state"])
    return ClockResult(**values)


def calendar_of(library: Library, row: Any, kind: ClockKind) -> WorkCalendar:
    """The calendar that a ticket's clock counts on. Reads the fact fields."""
    policy = library.get(row.policy_key, row.policy_version)
    facts = Facts(
        type=TicketType(row.type),
        environment=Environment(row.environment),
        component=row.component,
        problem_kind=ProblemKind(row.problem_kind) if row.problem_kind else None,
        hosting=Hosting(row.hosting) if row.hosting else None,
        addenda=frozenset(row.addenda),
    )
    registration = restored(policy, facts, channel=Channel(row.channel), priority=row.priority_key)
    subject = Subject(policy, row.tier, registration, row.registered_at)
    return terms_of(subject, kind, registration).calendar


def breach_of(clock: ClockResult, now: datetime) -> datetime | None:
    """When the clock was breached: noted by an event, or by running beyond its due moment since."""
    if clock.breached_at or clock.state is not ClockState.RUNNING or clock.started_at is None:
        return clock.breached_at
    if clock.due_at is None:
        return None
    late = now >= clock.due_at if clock.strict else now > clock.due_at
    return clock.due_at if late else None
