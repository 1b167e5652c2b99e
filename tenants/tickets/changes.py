"""How every change of a ticket is written: one event, from which timeline, audit, outbox and clocks follow."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from sla.policy import Library
from tenants.acts import Act, Subject
from tenants.audit.service import record_event
from tenants.ids import new_id
from tenants.outbox.service import TICKET_CHANGED, announce
from tenants.tickets.clocks import rejudge
from tenants.tickets.errors import UnknownTicket
from tenants.tickets.models import Ticket, TicketEvent

EVENT_NAMES = {
    "REGISTERED": "ticket_registered",
    "COMMENTED": "ticket_commented",
    "STATUS_CHANGED": "ticket_status_changed",
    "CLASSIFIED": "ticket_classified",
    "CLOSED": "ticket_closed",
    "REOPENED": "ticket_reopened",
    "REOPEN_REQUESTED": "ticket_reopen_requested",
}


async def ticket_for_change(
    session: AsyncSession, ticket_id: UUID, act: Act
) -> tuple[Ticket, list[TicketEvent], Act]:
    """The ticket, locked until the transaction ends, all its events, and the act at its moment here.

    An act that waited for the lock happens after what it waited for: events never go back in time.
    Raises `UnknownTicket`.
    """
    ticket = await session.get(Ticket, ticket_id, with_for_update=True, populate_existing=True)
    if ticket is None:
        raise UnknownTicket(path="ticketId")
    statement = select(TicketEvent).where(TicketEvent.ticket_id == ticket_id).order_by(TicketEvent.sequence)  # type: ignore[arg-type]  # SQLModel types columns as values
    events = list((await session.execute(statement)).scalars())
    return ticket, events, replace(act, now=max(act.now, events[-1].at))


async def add_event(
    session: AsyncSession,
    library: Library,
    ticket: Ticket,
    events: Sequence[TicketEvent],
    act: Act,
    *,
    kind: str,
    data: Mapping[str, object] | None = None,
    body: str | None = None,
    internal: bool = False,
) -> None:
    """Adds one event, brings the clocks up to date, and tells audit log and outbox."""
    ticket.revision = len(events) + 1
    event = TicketEvent(
        id=new_id(act.now),
        ticket_id=ticket.id,
        sequence=ticket.revision,
        at=act.second,
        kind=kind,
        internal=internal,
        actor_kind=act.actor.kind,
        actor_id=act.actor.id,
        body=body,
        data=dict(data or {}),
    )
    rejudge(library, ticket, [*events, event], act.second)
    session.add(ticket)
    await session.flush()
    session.add(event)
    await _tell(session, ticket, event, act)


async def _tell(session: AsyncSession, ticket: Ticket, event: TicketEvent, act: Act) -> None:
    """Audit log and outbox follow from the event, in the same transaction."""
    await record_event(
        session,
        now=act.now,
        event=EVENT_NAMES[event.kind],
        actor=act.actor,
        subject=Subject("Ticket", ticket.id),
        detail={"number": ticket.number, "revision": ticket.revision, "internal": event.internal},
        origin=act.origin,
    )
    announce(
        session,
        topic=TICKET_CHANGED,
        subject_id=ticket.id,
        revision=ticket.revision,
        payload=queue_payload(ticket),
        now=act.now,
    )


def queue_payload(ticket: Ticket) -> dict[str, object]:
    """What the vendor's work queue shows of a ticket: numbers, states and moments, no customer's words."""
    return {
        "number": ticket.number,
        "type": ticket.type,
        "status": ticket.status,
        "priority_key": ticket.priority_key,
        "priority_rank": ticket.priority_rank,
        "response_state": ticket.response_state,
        "response_due_at": _text(ticket.response_due_at),
        "resolution_state": ticket.resolution_state,
        "resolution_due_at": _text(ticket.resolution_due_at),
        "next_due_at": _text(ticket.next_due_at),
        "registered_at": _text(ticket.registered_at),
    }


def _text(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
