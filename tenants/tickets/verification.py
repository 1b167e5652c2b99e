"""Compares what is stored of the clocks with what follows from the events."""

from dataclasses import dataclass
from itertools import groupby
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Row, select

from sla.policy import Library
from tenants.databases.scopes import Reader
from tenants.tickets.clocks import CLOCK_FIELDS, rejudge
from tenants.tickets.models import Ticket, TicketEvent
from tenants.tickets.queries import EVENT, ticket_pages

DERIVED = (
    *(f"{clock}_{field}" for clock in ("response", "resolution") for field in CLOCK_FIELDS),
    "auto_close_at",
    "next_due_at",
)


@dataclass(frozen=True, slots=True)
class Difference:
    """A column of a ticket that says something else than its events."""

    number: str
    column: str
    stored: object
    derived: object


@dataclass(frozen=True, slots=True)
class Verified:
    tickets: int
    differences: tuple[Difference, ...]


async def verify_clocks(reader: Reader, library: Library) -> Verified:
    """Derives the clock columns of every ticket again, as of its last event, and lists what differs."""
    count = 0
    found: list[Difference] = []
    async for tickets in ticket_pages(reader):
        count += len(tickets)
        statement = select(EVENT).where(EVENT.c.ticket_id.in_([ticket.id for ticket in tickets]))
        events = await reader.rows(statement.order_by(EVENT.c.ticket_id, EVENT.c.sequence))
        told = {key: list(own) for key, own in groupby(events, lambda event: cast("UUID", event.ticket_id))}
        for ticket in tickets:
            found += _differences(library, ticket, told.get(ticket.id, []))
    return Verified(count, tuple(found))


def _differences(library: Library, row: Row[Any], events: list[Row[Any]]) -> list[Difference]:
    if not events or row.revision != len(events):
        return [Difference(row.number, "revision", row.revision, len(events))]
    ticket = Ticket(**row._mapping)  # noqa: SLF001  # the documented way to a row's names
    rejudge(library, ticket, cast("list[TicketEvent]", events), events[-1].at)
    pairs = ((column, getattr(row, column), getattr(ticket, column)) for column in DERIVED)
    return [Difference(row.number, *pair) for pair in pairs if pair[1] != pair[2]]
