"""Reads of tickets, all of the customer's own (QX-042): Core statements with the columns that were asked for."""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select

from sla.vocabulary import ClockState, TicketStatus, TicketType
from tenants.databases.scopes import Reader
from tenants.tables import table
from tenants.tickets.models import Ticket, TicketEvent

TICKET = table(Ticket)
EVENT = table(TicketEvent)
BY_REGISTRATION = (TICKET.c.registered_at, TICKET.c.id)
BY_NEXT_DUE = (TICKET.c.next_due_at, TICKET.c.id)
PAGE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketConditions:
    """Which tickets a list holds; None leaves a condition out. Clock states ask for either clock."""

    statuses: Sequence[TicketStatus] | None = None
    types: Sequence[TicketType] | None = None
    priority_keys: Sequence[str] | None = None
    clock_states: Sequence[ClockState] | None = None
    late: bool | None = None
    registered_from: datetime | None = None
    registered_until: datetime | None = None
    search: str | None = None


def tickets(names: Iterable[str], conditions: TicketConditions, now: datetime) -> Select[Any]:
    """These columns of the tickets that meet the conditions at `now`, in no order."""
    return select(*[TICKET.c[name] for name in sorted(set(names) | {"id"})]).where(*_clauses(conditions, now))


def tickets_by(names: Iterable[str], condition: ColumnElement[bool]) -> Select[Any]:
    return select(*[TICKET.c[name] for name in sorted(set(names) | {"id"})]).where(condition)


def count_of(conditions: TicketConditions, now: datetime) -> Select[Any]:
    return select(func.count()).select_from(TICKET).where(*_clauses(conditions, now))


def _clauses(wanted: TicketConditions, now: datetime) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.statuses is not None:
        found.append(TICKET.c.status.in_(list(wanted.statuses)))
    if wanted.types is not None:
        found.append(TICKET.c.type.in_(list(wanted.types)))
    if wanted.priority_keys is not None:
        found.append(TICKET.c.priority_key.in_(list(wanted.priority_keys)))
    if wanted.clock_states is not None:
        states = list(wanted.clock_states)
        found.append(or_(TICKET.c.response_state.in_(states), TICKET.c.resolution_state.in_(states)))
    if wanted.late is not None:
        late = or_(late_at("response", now), late_at("resolution", now))
        found.append(late if wanted.late else ~late)
    if wanted.registered_from is not None:
        found.append(TICKET.c.registered_at >= wanted.registered_from)
    if wanted.registered_until is not None:
        found.append(TICKET.c.registered_at < wanted.registered_until)
    if wanted.search:
        found.append(_holds(wanted.search))
    return found


def _holds(search: str) -> ColumnElement[bool]:
    """Every word stands in the number, the subject or the description."""
    columns = (TICKET.c.number, TICKET.c.subject, TICKET.c.description)
    words = search.split()[:10]
    return and_(*[or_(*[column.icontains(word, autoescape=True) for column in columns]) for word in words])


def late_at(clock: str, now: datetime) -> ColumnElement[bool]:
    """Whether a clock was breached, or runs beyond its due moment at `now`."""
    columns = TICKET.c
    due = columns[f"{clock}_due_at"]
    running = and_(
        columns[f"{clock}_state"] == ClockState.RUNNING,
        columns[f"{clock}_started_at"].is_not(None),
        or_(due < now, and_(columns[f"{clock}_strict"], due == now)),
    )
    return or_(columns[f"{clock}_breached_at"].is_not(None), running)


async def ticket_pages(reader: Reader) -> AsyncIterator[Sequence[Row[Any]]]:
    """Every ticket with all its columns, some at a time."""
    last: UUID | None = None
    while True:
        statement = select(TICKET).order_by(TICKET.c.id).limit(PAGE)
        page = await reader.rows(statement if last is None else statement.where(TICKET.c.id > last))
        if page:
            yield page
            last = page[-1].id
        if len(page) < PAGE:
            return


def events_of(ticket_ids: Iterable[UUID], *, internal: bool) -> Select[Any]:
    """The events of these tickets, internal ones only for the vendor."""
    return _events(EVENT.c.ticket_id.in_(list(ticket_ids)), internal=internal)


def events_by_id(ids: Iterable[UUID], *, internal: bool) -> Select[Any]:
    """The events of these ids, internal ones only for the vendor."""
    return _events(EVENT.c.id.in_(list(ids)), internal=internal)


def _events(condition: ColumnElement[bool], *, internal: bool) -> Select[Any]:
    statement = select(EVENT).where(condition)
    return statement if internal else statement.where(EVENT.c.internal.is_(False))


def first_events(
    ticket_ids: Iterable[UUID],
    *,
    internal: bool,
    size: int,
    after: int | None,
    before: int | None,
    backwards: bool,
) -> Select[Any]:
    """At most `size` + 1 events of each ticket between two sequences, by one statement over all of them.

    They are the first ones, or the last ones when `backwards`; None leaves a bound out.
    """
    order = EVENT.c.sequence.desc() if backwards else EVENT.c.sequence.asc()
    inner = events_of(ticket_ids, internal=internal)
    if after is not None:
        inner = inner.where(EVENT.c.sequence > after)
    if before is not None:
        inner = inner.where(EVENT.c.sequence < before)
    place = func.row_number().over(partition_by=EVENT.c.ticket_id, order_by=order).label("place")
    numbered = inner.add_columns(place).subquery()
    return (
        select(numbered)
        .where(numbered.c.place <= size + 1)
        .order_by(numbered.c.ticket_id, numbered.c.sequence)
    )
