"""Registering tickets and writing on them."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

import sla.vocabulary as words
from sla.policy import Library, Policy
from sla.registration import Registration, Report, register
from tenants.acts import Act
from tenants.contacts.service import active_contact
from tenants.contracts.service import Agreement, agreement_in_force
from tenants.databases.scopes import Reader, reader_of
from tenants.ids import new_id
from tenants.organization.service import next_ticket_number
from tenants.refusals import checked_line, checked_text
from tenants.tickets import clocks, queries
from tenants.tickets.changes import add_event, queue_payload, ticket_for_change
from tenants.tickets.errors import ArrivalNotCounted, OnlyForOperators, ReasonMissing, ReceivedOutOfRange
from tenants.tickets.models import Ticket

SUBJECT_LIMIT = 200
TEXT_LIMIT = 20_000
REASON_LIMIT = 500
RECEIVED_DAYS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTicket:
    """A report as it came in. `received_at` (with `received_reason`) is the vendor's word for an earlier arrival."""

    subject: str
    description: str
    type: words.TicketType
    origin: words.Origin
    contact_id: UUID | None
    environment: words.Environment | None = None
    channel: words.Channel | None = None
    component: str | None = None
    problem_kind: words.ProblemKind | None = None
    urgency: int | None = None
    impact: int | None = None
    priority_key: str | None = None
    reason: str | None = None
    received_at: datetime | None = None
    received_reason: str | None = None


async def register_ticket(session: AsyncSession, library: Library, new: NewTicket, act: Act) -> Ticket:
    """A ticket with a number, a priority by the rules, and both clocks started.

    Raises `sla.errors.Refused` with the clause where the agreement refuses it, and this feature's errors.
    """
    if new.reason is not None:
        checked_text(new.reason, "reason", REASON_LIMIT)
    subject = checked_line(new.subject, "subject", SUBJECT_LIMIT)
    description = checked_text(new.description, "description", TEXT_LIMIT)
    arrived_at = _arrival(new, act)
    agreement = await agreement_in_force(await reader_of(session), library, arrived_at)
    if new.contact_id is not None:
        await active_contact(session, new.contact_id)
    report, registration = _registered(new, agreement, arrived_at, act.second)
    values: dict[str, Any] = {
        "id": new_id(act.now),
        "number": await next_ticket_number(session),
        "subject": subject,
        "description": description,
        "status": words.TicketStatus.NEW,
        "contract_id": agreement.contract_id,
        "policy_key": agreement.policy.key,
        "policy_version": agreement.policy.version,
        "tier": agreement.tier,
        "hosting": agreement.hosting,
        "addenda": sorted(agreement.addenda),
        "requester_id": new.contact_id,
        "registered_at": report.at,
        "component": report.component,
        "problem_kind": report.problem_kind,
        "priority_wish": registration.priority_wish,
    }
    ticket = Ticket(**values)
    apply_registration(ticket, agreement.policy, registration)
    received = {"received_at": arrived_at.isoformat(), "received_reason": new.received_reason}
    data = clocks.report_data(report) | (received if new.received_at else {})
    data |= clocks.agreed_data(agreement.agreed)
    await add_event(session, library, ticket, [], act, kind=clocks.REGISTERED, data=data)
    return ticket


def _arrival(new: NewTicket, act: Act) -> datetime:
    """The moment that the clocks count from: now, or the vendor's word for an arrival up to 7 days back."""
    if not act.by_vendor and (new.received_at or new.received_reason):
        raise OnlyForOperators(path="receivedAt" if new.received_at else "receivedReason")
    if new.received_at is None:
        return act.second
    if not act.now - timedelta(days=RECEIVED_DAYS) <= new.received_at <= act.now:
        raise ReceivedOutOfRange(path="receivedAt", limit=RECEIVED_DAYS)
    if not (new.received_reason or "").strip():
        raise ReasonMissing(path="receivedReason")
    checked_text(new.received_reason or "", "receivedReason", REASON_LIMIT)
    return new.received_at.replace(microsecond=0)


def _registered(
    new: NewTicket, agreement: Agreement, arrived_at: datetime, now: datetime
) -> tuple[Report, Registration]:
    """The report and what the agreement makes of it, counted from its arrival where the channel allows it (S4-016)."""
    report = _report(new, agreement, arrived_at)
    registration = register(agreement.policy, agreement.tier, report)
    if new.received_at and registration.channel in {words.Channel.PORTAL, words.Channel.API}:
        raise ArrivalNotCounted(path="receivedAt")
    rule = agreement.policy.channel_rule(registration.channel)
    if rule is None or rule.receipt_counts or report.at == now:
        return report, registration
    report = replace(report, at=now)
    return report, register(agreement.policy, agreement.tier, report)


def _report(new: NewTicket, agreement: Agreement, at: datetime) -> Report:
    decides = new.origin in {words.Origin.OPERATOR, words.Origin.MONITORING}
    return Report(
        type=new.type,
        environment=new.environment or words.Environment.PRODUCTION,
        channel=new.channel,
        component=checked_line(new.component, "component", 60) if new.component else None,
        problem_kind=new.problem_kind,
        hosting=words.Hosting(agreement.hosting) if agreement.hosting else None,
        addenda=agreement.addenda,
        urgency=new.urgency,
        impact=new.impact,
        priority_wish=None if decides else new.priority_key,
        priority=new.priority_key if decides else None,
        reason=new.reason,
        origin=new.origin,
        at=at,
    )


def apply_registration(ticket: Ticket, policy: Policy, registration: Registration) -> None:
    """Writes what the rules made of a report or of a classification to the ticket."""
    priority = policy.priority(registration.priority) if registration.priority else None
    ticket.type = registration.type
    ticket.environment = registration.environment
    ticket.channel = registration.channel
    ticket.priority_key = registration.priority
    ticket.priority_rank = priority.rank if priority else None
    ticket.impact = registration.impact
    ticket.urgency = registration.urgency
    ticket.covered = registration.covered


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """What the vendor's work queue is told of a ticket."""

    ticket_id: UUID
    revision: int
    payload: dict[str, object]


async def queue_entries(reader: Reader) -> AsyncIterator[QueueEntry]:
    """Every ticket as the work queue should have it now."""
    async for page in queries.ticket_pages(reader):
        for row in page:
            yield QueueEntry(row.id, row.revision, queue_payload(cast("Ticket", row)))


async def type_of_ticket(reader: Reader, ticket_id: UUID) -> words.TicketType | None:
    """The ticket's type, which decides whether work on it can be billed; None for an unknown one."""
    found = await reader.scalar(select(queries.TICKET.c.type).where(queries.TICKET.c.id == ticket_id))
    return words.TicketType(found) if found else None


async def add_comment(
    session: AsyncSession, library: Library, ticket_id: UUID, body: str, act: Act, *, internal: bool
) -> Ticket:
    """A message on the ticket. The vendor's first public one is the response; a customer's on a closed ticket asks
    to reopen it (QX-031), which an operator decides.
    """
    text = checked_text(body, "body", TEXT_LIMIT)
    if internal and not act.by_vendor:
        raise OnlyForOperators(path="internal")
    ticket, events, act = await ticket_for_change(session, ticket_id, act)
    asks_reopening = ticket.status == words.TicketStatus.CLOSED and not act.by_vendor
    kind = clocks.REOPEN_REQUESTED if asks_reopening else clocks.COMMENTED
    note_response(ticket, act, text, internal=internal)
    await add_event(session, library, ticket, events, act, kind=kind, body=text, internal=internal)
    return ticket


def note_response(ticket: Ticket, act: Act, body: str | None, *, internal: bool) -> None:
    """Keeps the moment of the first response and who gave it."""
    if ticket.status == words.TicketStatus.CLOSED:
        return  # the verdict is final, unless the ticket is reopened
    if act.by_vendor and body and not internal and ticket.first_responded_at is None:
        ticket.first_responded_at = act.second
        ticket.assignee_id = ticket.assignee_id or act.actor.id


async def words_of_person(
    reader: Reader, account_id: UUID, contacts: Iterable[UUID]
) -> dict[str, list[dict[str, object]]]:
    """The tickets that a person registered or requested as one of `contacts`, and what they wrote on any ticket."""
    ticket, event = queries.TICKET.c, queries.EVENT.c
    own = select(event.ticket_id).where(event.actor_id == account_id, event.kind == clocks.REGISTERED)
    mine = or_(ticket.id.in_(own), ticket.requester_id.in_(list(contacts)))
    told = (ticket.id, ticket.number, ticket.registered_at, ticket.subject, ticket.description)
    tickets = await reader.rows(select(*told).where(mine).order_by(ticket.registered_at))
    written = (event.ticket_id, event.at, event.kind, event.body)
    comments = select(*written).where(event.actor_id == account_id, event.body.is_not(None))
    return {
        "tickets": [dict(row._mapping) for row in tickets],  # noqa: SLF001  # the documented way to a row's names
        "comments": [
            dict(row._mapping)  # noqa: SLF001  # as above
            for row in await reader.rows(comments.order_by(event.at))
        ],
    }
