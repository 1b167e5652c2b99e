"""From status to status, as the agreement's flow has it, and what only the vendor judges."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from sla.policy import Library, Policy
from sla.statuses import check_transition
from sla.vocabulary import TicketStatus, TicketType
from tenants.acts import Act
from tenants.refusals import checked_text
from tenants.tickets import clocks
from tenants.tickets.changes import add_event, ticket_for_change
from tenants.tickets.errors import AlreadyClosed, NoPublicMessage, NotClosed, TooEarlyToClose
from tenants.tickets.models import Ticket
from tenants.tickets.service import REASON_LIMIT, TEXT_LIMIT, apply_registration, note_response


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What an operator makes of a ticket; None leaves it as it is."""

    type: TicketType | None = None
    impact: int | None = None
    urgency: int | None = None
    priority_key: str | None = None
    reason: str | None = None


async def change_status(
    session: AsyncSession,
    library: Library,
    ticket_id: UUID,
    status: TicketStatus,
    act: Act,
    *,
    reason: str | None = None,
    development_reference: str | None = None,
) -> Ticket:
    """Moves the ticket along the agreement's flow (QX-023). Raises `sla.errors.Refused`; closing goes by `close`."""
    ticket, events, act = await ticket_for_change(session, ticket_id, act)
    if ticket.status == TicketStatus.CLOSED:
        raise AlreadyClosed(path="status")
    check_transition(_policy(library, ticket), TicketStatus(ticket.status), status)
    if status is TicketStatus.CLOSED:
        _check_silent_close(library, ticket, act, "status")
    data = {
        "from": ticket.status,
        "to": status.value,
        "reason": _optional(reason, "reason", REASON_LIMIT),
        "development_reference": _optional(development_reference, "developmentReference", 60),
    }
    ticket.status = status
    ticket.closed_at = act.second if status is TicketStatus.CLOSED else None
    kind = clocks.CLOSED if status is TicketStatus.CLOSED else clocks.STATUS_CHANGED
    await add_event(session, library, ticket, events, act, kind=kind, data=data)
    return ticket


async def classify_ticket(
    session: AsyncSession, library: Library, ticket_id: UUID, judgement: Judgement, act: Act
) -> Ticket:
    """Type, impact, urgency and priority as the vendor judges them; clocks that still run are counted again.

    Raises `sla.errors.Refused` where the agreement does not allow it.
    """
    ticket, events, act = await ticket_for_change(session, ticket_id, act)
    if ticket.status == TicketStatus.CLOSED:
        raise AlreadyClosed(path="ticketId")
    data: dict[str, object] = {
        "type": judgement.type,
        "impact": judgement.impact,
        "urgency": judgement.urgency,
        "priority": judgement.priority_key,
        "reason": _optional(judgement.reason, "reason", REASON_LIMIT),
    }
    policy = _policy(library, ticket)
    current = clocks.registration_now(library, ticket, events)
    decided = clocks.classified(policy, ticket.tier, current, data)
    apply_registration(ticket, policy, decided)
    data["decided"] = decided.priority
    await add_event(session, library, ticket, events, act, kind=clocks.CLASSIFIED, data=data)
    return ticket


async def close_ticket(
    session: AsyncSession,
    library: Library,
    ticket_id: UUID,
    act: Act,
    *,
    message: str | None = None,
    reason: str | None = None,
) -> Ticket:
    """Closes: by the customer as solved or withdrawn, by the vendor with a public message, which is the response."""
    ticket, events, act = await ticket_for_change(session, ticket_id, act)
    if ticket.status == TicketStatus.CLOSED:
        raise AlreadyClosed(path="ticketId")
    body = _optional(message, "message", TEXT_LIMIT)
    if act.by_vendor:
        check_transition(_policy(library, ticket), TicketStatus(ticket.status), TicketStatus.CLOSED)
        if body is None:
            _check_silent_close(library, ticket, act, "message")
    data = {
        "from": ticket.status,
        "to": TicketStatus.CLOSED.value,
        "reason": _optional(reason, "reason", REASON_LIMIT),
    }
    note_response(ticket, act, body, internal=False)
    ticket.status = TicketStatus.CLOSED
    ticket.closed_at = act.second
    await add_event(session, library, ticket, events, act, kind=clocks.CLOSED, data=data, body=body)
    return ticket


async def reopen_ticket(
    session: AsyncSession, library: Library, ticket_id: UUID, reason: str, act: Act
) -> Ticket:
    """Opens a closed ticket again, with the working time that was used before (QX-035)."""
    told = checked_text(reason, "reason", REASON_LIMIT)
    ticket, events, act = await ticket_for_change(session, ticket_id, act)
    if ticket.status != TicketStatus.CLOSED:
        raise NotClosed(path="ticketId")
    data: dict[str, object] = {"from": ticket.status, "to": TicketStatus.IN_PROGRESS.value, "reason": told}
    ticket.status = TicketStatus.IN_PROGRESS
    ticket.closed_at = None
    await add_event(session, library, ticket, events, act, kind=clocks.REOPENED, data=data)
    return ticket


def _check_silent_close(library: Library, ticket: Ticket, act: Act, path: str) -> None:
    """Without a message the vendor closes only what was answered, and not while the customer may still react.

    Raises `NoPublicMessage`, or `TooEarlyToClose` before the term of QX-030 has ended.
    """
    rule = _policy(library, ticket).auto_close
    if ticket.first_responded_at is None:
        raise NoPublicMessage(path=path)
    if rule is None or ticket.status != rule.status:
        return
    if ticket.auto_close_at is None:
        raise NoPublicMessage(path=path)
    if act.now < ticket.auto_close_at:
        raise TooEarlyToClose(path=path, clause=rule.clause, closable_at=ticket.auto_close_at.isoformat())


def _policy(library: Library, ticket: Ticket) -> Policy:
    return library.get(ticket.policy_key, ticket.policy_version)


def _optional(text: str | None, path: str, limit: int) -> str | None:
    return checked_text(text, path, limit) if text is not None and text.strip() else None
