"""Root fields that read tickets."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import strawberry
from strawberry.types import Info

from api.access import Access
from api.arguments import choices, instant
from api.connections import Connection, connection, page_request
from api.context import Context
from api.enums import ClockState, OrderDirection, TicketStatus, TicketType
from api.fields import query
from api.loaders import loading_of
from api.loading import Loading
from api.selection import Selection, selection_of
from api.tickets import Ticket, ticket_columns, tickets_of
from tenants.pages import read_page
from tenants.tickets import queries
from tenants.tickets.queries import TicketConditions

SEARCH_LIMIT = 200


@strawberry.enum
class TicketOrderField(StrEnum):
    REGISTERED_AT = "REGISTERED_AT"
    NEXT_DUE_AT = "NEXT_DUE_AT"


@strawberry.input
class TicketOrder:
    field: TicketOrderField
    direction: OrderDirection = OrderDirection.ASC


@strawberry.input
class TicketFilter:
    status: list[TicketStatus] | None = strawberry.UNSET
    type: list[TicketType] | None = strawberry.UNSET
    priority_key: list[str] | None = strawberry.UNSET
    clock_state: list[ClockState] | None = strawberry.UNSET
    late: bool | None = strawberry.UNSET
    registered_from: datetime | None = strawberry.UNSET
    registered_until: datetime | None = strawberry.UNSET


ORDERS = {
    TicketOrderField.REGISTERED_AT: (queries.BY_REGISTRATION, "registered_at"),
    TicketOrderField.NEXT_DUE_AT: (queries.BY_NEXT_DUE, "next_due_at"),
}


@strawberry.type
class TicketQueries:
    @query(Access.TENANT)
    async def tickets(
        self,
        info: Info[Context, None],
        filter: TicketFilter | None = strawberry.UNSET,
        order_by: TicketOrder | None = strawberry.UNSET,
        search: str | None = strawberry.UNSET,
        first: int | None = strawberry.UNSET,
        after: str | None = strawberry.UNSET,
        last: int | None = strawberry.UNSET,
        before: str | None = strawberry.UNSET,
    ) -> Connection[Ticket] | None:
        loading = await loading_of(info.context)
        order = order_by or TicketOrder(field=TicketOrderField.REGISTERED_AT, direction=OrderDirection.DESC)
        page = {"first": first, "after": after, "last": last, "before": before}
        return await _page(loading, selection_of(info), conditions(filter, search), order, page)

    @query(Access.TENANT)
    async def ticket(self, info: Info[Context, None], number: str) -> Ticket | None:
        loading = await loading_of(info.context)
        selection = selection_of(info)
        condition = queries.TICKET.c.number == number
        rows = await loading.reader.rows(queries.tickets_by(ticket_columns(selection), condition))
        return next(iter(await tickets_of(rows, selection, loading)), None)


def conditions(given: TicketFilter | None, search: str | None) -> TicketConditions:
    """What the arguments ask for; an absent one asks for nothing."""
    words = (search or "").strip()[:SEARCH_LIMIT] or None
    if not given:
        return TicketConditions(search=words)
    return TicketConditions(
        statuses=choices(given.status, "status"),
        types=choices(given.type, "type"),
        priority_keys=choices(given.priority_key, "priorityKey"),
        clock_states=choices(given.clock_state, "clockState"),
        late=given.late if isinstance(given.late, bool) else None,
        registered_from=instant(given.registered_from, "registeredFrom"),
        registered_until=instant(given.registered_until, "registeredUntil"),
        search=words,
    )


async def _page(
    loading: Loading, selection: Selection, wanted: TicketConditions, order: TicketOrder, page: dict[str, Any]
) -> Connection[Ticket]:
    key, column = ORDERS[order.field]
    cursors = loading.cursors(f"tickets:{order.field}:{order.direction}")
    request = page_request(cursors, (datetime, UUID), **page)
    asked = [selection.below("nodes"), selection.below("edges", "node")]
    names = ticket_columns(asked[0]) | ticket_columns(asked[1]) | {column}
    statement = queries.tickets(names, wanted, loading.now)
    descending = order.direction is OrderDirection.DESC
    found = await read_page(loading.reader, statement, key, request, descending=descending)
    nodes = await tickets_of(found.rows, asked[0].joined(asked[1]), loading)
    total = None
    if selection.asks("totalCount"):
        total = await loading.reader.scalar(queries.count_of(wanted, loading.now))
    return connection(
        Connection[Ticket], cursors, found, nodes, lambda row: (getattr(row, column), row.id), total
    )
