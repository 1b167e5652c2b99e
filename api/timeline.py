"""What happened to a ticket, as its reader may see it."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import strawberry
from sqlalchemy import Row, func, select

from api.access import Access, holds
from api.accounts import accounts_by_id
from api.connections import Connection, connection, declare_list, page_request
from api.enums import TicketStatus
from api.ids import encode_id
from api.loading import Loading
from api.nodes import Node
from api.people import PORTAL, Actor, actor_ids, agents_by_id
from api.selection import Selected
from tenants.acts import ActorKind
from tenants.pages import PageRows
from tenants.tickets import queries


@strawberry.enum
class TimelineKind(StrEnum):
    REGISTERED = "REGISTERED"
    COMMENTED = "COMMENTED"
    STATUS_CHANGED = "STATUS_CHANGED"
    CLASSIFIED = "CLASSIFIED"
    CLOSED = "CLOSED"
    REOPENED = "REOPENED"
    REOPEN_REQUESTED = "REOPEN_REQUESTED"


@holds(Access.TENANT)
@strawberry.type
class TimelineEntry(Node):
    at: datetime
    kind: TimelineKind
    by: Actor
    body: str | None
    internal: bool = strawberry.field(description="Seen by the vendor's people only.")
    from_status: TicketStatus | None
    to_status: TicketStatus | None
    priority_key: str | None = strawberry.field(description="The priority that a classification decided on.")
    received_at: datetime | None = strawberry.field(
        description="When it arrived, by the word of the operator who registered it."
    )
    reason: str | None


@strawberry.type
class TimelineConnection(Connection[TimelineEntry]):
    pass


declare_list("TimelineEntry", Access.TENANT, "TimelineConnection")


async def load_timelines(
    loading: Loading, ticket_ids: Sequence[UUID], field: Selected
) -> dict[UUID, TimelineConnection]:
    """The same page of each ticket's timeline, by one statement for all of them and one for each kind of actor."""
    cursors = loading.cursors("timeline")
    given = {name: field.arguments.get(name) for name in ("first", "after", "last", "before")}
    page = page_request(cursors, (int,), **given)
    statement = queries.first_events(
        ticket_ids,
        internal=loading.sees_internal,
        size=page.size,
        after=page.after[0] if page.after else None,
        before=page.before[0] if page.before else None,
        backwards=page.backwards,
    )
    rows = await loading.reader.rows(statement)
    entries = await _entries(loading, rows)
    totals = await _totals(loading, ticket_ids) if field.below.asks("totalCount") else {}
    rows_of: dict[UUID, list[Row[Any]]] = {ticket_id: [] for ticket_id in ticket_ids}
    for row in rows:
        rows_of[row.ticket_id].append(row)
    found = {}
    for ticket_id, own in rows_of.items():
        more = len(own) > page.size
        kept = own[-page.size :] if page.backwards else own[: page.size]
        shown = PageRows(
            kept,
            has_next=page.before is not None if page.backwards else more,
            has_previous=more if page.backwards else page.after is not None,
        )
        nodes = [entries[row.id] for row in kept]
        found[ticket_id] = connection(
            TimelineConnection, cursors, shown, nodes, lambda row: (row.sequence,), totals.get(ticket_id)
        )
    return found


async def entries_by_id(loading: Loading, ids: Sequence[UUID]) -> dict[UUID, TimelineEntry]:
    """The entries of these ids that the caller may see."""
    if not ids:
        return {}
    statement = queries.events_by_id(ids, internal=loading.sees_internal)
    return await _entries(loading, await loading.reader.rows(statement))


async def _totals(loading: Loading, ticket_ids: Sequence[UUID]) -> dict[UUID, int]:
    events = queries.events_of(ticket_ids, internal=loading.sees_internal).subquery()
    statement = select(events.c.ticket_id, func.count().label("total")).group_by(events.c.ticket_id)
    return {row.ticket_id: row.total for row in await loading.reader.rows(statement)}


async def _entries(loading: Loading, rows: Sequence[Row[Any]]) -> dict[UUID, TimelineEntry]:
    actors: dict[UUID, Any] = dict(await agents_by_id(loading.reader, actor_ids(rows, ActorKind.AGENT)))
    actors |= await accounts_by_id(loading, actor_ids(rows, ActorKind.ACCOUNT))
    return {row.id: _entry(row, actors.get(row.actor_id, PORTAL)) for row in rows}


def _entry(row: Row[Any], actor: Any) -> TimelineEntry:
    data = row.data
    return TimelineEntry(
        id=strawberry.ID(encode_id("TimelineEntry", row.id)),
        at=row.at,
        kind=TimelineKind(row.kind),
        by=actor,
        body=row.body,
        internal=row.internal,
        from_status=TicketStatus(data["from"]) if data.get("from") else None,
        to_status=TicketStatus(data["to"]) if data.get("to") else None,
        priority_key=data.get("decided"),
        received_at=datetime.fromisoformat(data["received_at"]) if data.get("received_at") else None,
        reason=data.get("reason") or data.get("received_reason"),
    )
