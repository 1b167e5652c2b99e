"""Tickets: the type, and one statement for a list of them with what is asked below."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import strawberry
from sqlalchemy import Row
from strawberry.types import Info

from api.access import Access, holds
from api.clocks import SlaClock, clock_columns, clock_reader
from api.connections import declare_list
from api.enums import Channel, Environment, ProblemKind, TicketStatus, TicketType
from api.ids import encode_id
from api.loading import Loading
from api.nodes import Node
from api.people import Agent, Contact, agents_by_id, contacts_by_id
from api.policies import Priority, priority_of
from api.scalars import partly, picked
from api.selection import Results, Selection, result_of
from api.timeline import TimelineConnection, load_timelines
from tenants.tickets import queries

if TYPE_CHECKING:
    from api.consultancy import ConsultancyRequest


@holds(Access.TENANT)
@strawberry.type
class Ticket(Node):
    number: str
    subject: str
    description: str
    type: TicketType
    status: TicketStatus
    priority: Priority | None = strawberry.field(
        description="Null where the agreement gives none (best effort, outside support)."
    )
    priority_wish: Priority | None = strawberry.field(
        description="What the customer asked for; kept and shown, the vendor decides."
    )
    impact: int | None
    urgency: int | None
    environment: Environment
    channel: Channel
    component: str | None = strawberry.field(
        description="The product or part that the ticket is about, where the agreement tells them apart."
    )
    problem_kind: ProblemKind | None
    covered_by_support: bool
    requester: Contact | None
    assignee: Agent | None
    line: int | None
    registered_at: datetime
    first_responded_at: datetime | None
    closed_at: datetime | None
    auto_close_at: datetime | None = strawberry.field(
        description="When the vendor may close it for want of an answer."
    )
    response_clock: SlaClock
    resolution_clock: SlaClock
    consultancy_request: Annotated["ConsultancyRequest", strawberry.lazy("api.consultancy")] | None
    below: strawberry.Private[Results]

    @strawberry.field
    def timeline(
        self,
        info: Info[Any, Any],
        first: int | None = strawberry.UNSET,
        after: str | None = strawberry.UNSET,
        last: int | None = strawberry.UNSET,
        before: str | None = strawberry.UNSET,
    ) -> TimelineConnection:
        found: TimelineConnection = result_of(self.below, info)
        return found


declare_list("Ticket", Access.TENANT)

PLAIN = {
    "number": "number",
    "subject": "subject",
    "description": "description",
    "type": "type",
    "status": "status",
    "environment": "environment",
    "channel": "channel",
    "problemKind": "problem_kind",
    "impact": "impact",
    "urgency": "urgency",
    "component": "component",
    "coveredBySupport": "covered",
    "line": "line",
    "registeredAt": "registered_at",
    "firstRespondedAt": "first_responded_at",
    "closedAt": "closed_at",
    "autoCloseAt": "auto_close_at",
}
"""Field -> column. Values of enums go out as the text they are kept as, which is the schema's name of them."""
OTHERS = {
    "priority": ("priority_key", "policy_key", "policy_version"),
    "priorityWish": ("priority_wish", "policy_key", "policy_version"),
    "requester": ("requester_id",),
    "assignee": ("assignee_id",),
}
ATTRIBUTES = {"coveredBySupport": "covered_by_support"}
CLOCKS = {"responseClock": "response", "resolutionClock": "resolution"}


def ticket_columns(selection: Selection) -> set[str]:
    """The columns that the fields asked for are made of."""
    columns: set[str] = set()
    for field in selection.fields():
        if field.name in PLAIN:
            columns.add(PLAIN[field.name])
        elif field.name in CLOCKS:
            asked = [below.name for below in field.below.fields()]
            columns |= clock_columns(CLOCKS[field.name], asked)
        columns |= set(OTHERS.get(field.name, ()))
    return columns


async def tickets_of(rows: Sequence[Row[Any]], selection: Selection, loading: Loading) -> list[Ticket]:
    """Tickets of rows that hold `ticket_columns`, with one more statement for each thing asked below them."""
    if not rows:
        return []
    take = picked(rows[0], _plain_attributes(selection))
    builders = await _fetched_builders(rows, selection, loading)
    below = await _timelines(rows, selection, loading)
    tickets = []
    for row in rows:
        values = take(row)
        values["id"] = encode_id("Ticket", row.id)
        values["below"] = below.get(row.id)
        for attribute, build in builders:
            values[attribute] = build(row)
        tickets.append(partly(Ticket, values))
    return tickets


Builder = tuple[str, Callable[[Row[Any]], Any]]


def _plain_attributes(selection: Selection) -> dict[str, str]:
    """Attribute -> column, of the fields that are nothing else."""
    asked = PLAIN.keys() & {field.name for field in selection.fields()}
    return {ATTRIBUTES.get(name, PLAIN[name]): PLAIN[name] for name in asked}


async def _fetched_builders(
    rows: Sequence[Row[Any]], selection: Selection, loading: Loading
) -> list[Builder]:
    builders: list[Builder] = []
    if selection.asks("priority"):
        builders.append(("priority", lambda row: _priority(row, row.priority_key, loading)))
    if selection.asks("priorityWish"):
        builders.append(("priority_wish", lambda row: _priority(row, row.priority_wish, loading)))
    if selection.asks("requester"):
        contacts = await contacts_by_id(
            loading.reader, [row.requester_id for row in rows if row.requester_id]
        )
        builders.append(("requester", lambda row: contacts.get(row.requester_id)))
    if selection.asks("assignee"):
        agents = await agents_by_id(loading.reader, [row.assignee_id for row in rows if row.assignee_id])
        builders.append(("assignee", lambda row: agents.get(row.assignee_id)))
    if selection.asks("consultancyRequest"):
        below = selection.below("consultancyRequest")
        requests = await loading.load_requests_of_tickets(loading, [row.id for row in rows], below)
        builders.append(("consultancy_request", lambda row: requests.get(row.id)))
    return [*builders, *await _clock_builders(rows, selection, loading)]


async def _clock_builders(rows: Sequence[Row[Any]], selection: Selection, loading: Loading) -> list[Builder]:
    asked = {name: selection.below(name) for name in CLOCKS if selection.asks(name)}
    events: dict[UUID, list[Row[Any]]] = {}
    if any(below.asks("explanation") for below in asked.values()):
        events = await all_events(loading, [row.id for row in rows])
    return [
        (f"{CLOCKS[name]}_clock", clock_reader(CLOCKS[name], rows[0], below, loading, events))
        for name, below in asked.items()
    ]


async def tickets_by_id(loading: Loading, ids: Sequence[UUID], selection: Selection) -> dict[UUID, Ticket]:
    """The tickets of these ids, by one statement and one for each thing asked below them."""
    if not ids:
        return {}
    condition = queries.TICKET.c.id.in_(set(ids))
    rows = await loading.reader.rows(queries.tickets_by(ticket_columns(selection), condition))
    return dict(zip([row.id for row in rows], await tickets_of(rows, selection, loading), strict=True))


async def all_events(loading: Loading, ticket_ids: Sequence[UUID]) -> dict[UUID, list[Row[Any]]]:
    """Every event of these tickets, in order, for the rules to judge."""
    statement = queries.events_of(ticket_ids, internal=True).order_by(queries.EVENT.c.sequence)
    events: dict[UUID, list[Row[Any]]] = {key: [] for key in ticket_ids}
    for event in await loading.reader.rows(statement):
        events[event.ticket_id].append(event)
    return events


def _priority(row: Row[Any], key: str | None, loading: Loading) -> Priority | None:
    if key is None:
        return None
    priority = loading.library.get(row.policy_key, row.policy_version).priority(key)
    return priority_of(priority, loading.locale) if priority else None


async def _timelines(rows: Sequence[Row[Any]], selection: Selection, loading: Loading) -> dict[UUID, Results]:
    asked = selection.named("timeline")
    if not asked:
        return {}
    below: dict[UUID, Results] = {row.id: {} for row in rows}
    for field in asked:
        found = await load_timelines(loading, list(below), field)
        for ticket_id, timeline in found.items():
            below[ticket_id][field.result_key] = timeline
    return below
