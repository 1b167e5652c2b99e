"""The vendor's plane: it reads the catalog only, no field here opens a tenant's database."""

from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry
from sqlalchemy import Row, func, or_, select
from strawberry.types import Info

from api.access import Access, holds
from api.arguments import choices
from api.audit import (
    AuditLogFilter,
    ConsoleAuditEntry,
    ConsoleAuditLogConnection,
    console_entry_of,
    load_console_log,
)
from api.connections import Connection, Cursors, connection, declare_list, page_request
from api.context import Context
from api.enums import ClockState, OperatorRole, TenantStatus, TicketStatus, TicketType
from api.fields import query
from api.http_errors import Forbidden
from api.ids import encode_id
from api.nodes import Node
from api.operators import all_operators, operators_by_id
from api.people import Operator
from api.selection import Results, Selected, Selection, result_of, selection_of
from tenants.catalog.audit import CATALOG_LOG
from tenants.catalog.models import Tenant as TenantRow
from tenants.catalog.models import WorkQueueItem as WorkQueueRow
from tenants.catalog.work_queue import QUEUE_KEY, QueueConditions, open_tickets
from tenants.databases.scopes import Reader
from tenants.pages import read_page
from tenants.tables import table
from tenants.tickets.clocks import FAR_FUTURE

WORK_QUEUE = (
    "Open tickets of every tenant, most urgent deadline first; "
    "numbers, states and due moments, no customer's words."
)

_T = table(TenantRow).c
_W = table(WorkQueueRow).c


@holds(Access.CONSOLE)
@strawberry.type
class Tenant(Node):
    slug: str
    name: str
    status: TenantStatus
    policy_key: str
    created_at: datetime


@holds(Access.CONSOLE)
@strawberry.type(
    description="An open ticket of one tenant: numbers, states and due moments, no customer's words."
)
class WorkQueueItem(Node):
    tenant_slug: str
    ticket_id: strawberry.ID
    number: str
    type: TicketType
    status: TicketStatus
    priority_key: str | None
    response_state: ClockState
    response_due_at: datetime | None
    resolution_state: ClockState
    resolution_due_at: datetime | None
    next_due_at: datetime | None
    late: bool
    registered_at: datetime


@strawberry.type
class WorkQueueConnection(Connection[WorkQueueItem]):
    pass


declare_list("Tenant", Access.CONSOLE)
declare_list("WorkQueueItem", Access.CONSOLE, "WorkQueueConnection")


@strawberry.input
class WorkQueueFilter:
    tenant_slug: list[str] | None = strawberry.UNSET
    status: list[TicketStatus] | None = strawberry.UNSET
    priority_key: list[str] | None = strawberry.UNSET
    late: bool | None = strawberry.UNSET


@holds(Access.CONSOLE, auditLog=Access.ADMINISTRATOR)
@strawberry.type(
    description="The vendor's plane. It reads the catalog only: no field here opens a tenant's database."
)
class Console:
    operators: list[Operator]
    below: strawberry.Private[Results]

    @strawberry.field
    def tenant(self, info: Info[Any, Any], slug: str) -> Tenant | None:
        found: Tenant | None = result_of(self.below, info)
        return found

    @strawberry.field
    def tenants(
        self,
        info: Info[Any, Any],
        search: str | None = strawberry.UNSET,
        first: int | None = strawberry.UNSET,
        after: str | None = strawberry.UNSET,
    ) -> Connection[Tenant]:
        found: Connection[Tenant] = result_of(self.below, info)
        return found

    @strawberry.field(description=WORK_QUEUE)  # type: ignore[untyped-decorator]  # strawberry's, with arguments
    def work_queue(
        self,
        info: Info[Any, Any],
        filter: WorkQueueFilter | None = strawberry.UNSET,
        first: int | None = strawberry.UNSET,
        after: str | None = strawberry.UNSET,
    ) -> WorkQueueConnection:
        found: WorkQueueConnection = result_of(self.below, info)
        return found

    @strawberry.field(description="The vendor's own record, newest first.")  # type: ignore[untyped-decorator]  # as above
    def audit_log(
        self,
        info: Info[Any, Any],
        filter: AuditLogFilter | None = strawberry.UNSET,
        first: int | None = strawberry.UNSET,
        after: str | None = strawberry.UNSET,
        last: int | None = strawberry.UNSET,
        before: str | None = strawberry.UNSET,
    ) -> ConsoleAuditLogConnection | None:
        found: ConsoleAuditLogConnection | Forbidden = result_of(self.below, info)
        if isinstance(found, Forbidden):
            raise found
        return found


@strawberry.type
class ConsoleQueries:
    @query(
        Access.SIGNED_IN,
        description="The vendor's own plane: tenants, operators, work queue. Null for everyone else.",
    )
    async def console(self, info: Info[Context, None]) -> Console | None:
        context = info.context
        if not context.is_operator:
            return None
        selection = selection_of(info)
        async with context.portal.catalog.read() as reader:
            return Console(
                operators=await all_operators(reader) if selection.asks("operators") else [],
                below=await _below(reader, selection, context),
            )


async def _below(reader: Reader, selection: Selection, context: Context) -> Results:
    below: Results = {}
    for field in selection.named("tenant"):
        below[field.result_key] = await _tenant(reader, field.arguments["slug"])
    for field in selection.named("tenants"):
        below[field.result_key] = await _tenants(reader, field, context)
    for field in selection.named("workQueue"):
        below[field.result_key] = await _work_queue(reader, field, context)
    for field in selection.named("auditLog"):
        below[field.result_key] = await _audit_log(reader, field, context)
    return below


async def _audit_log(
    reader: Reader, field: Selected, context: Context
) -> ConsoleAuditLogConnection | Forbidden:
    if not may_read_record(context):
        return Forbidden()
    cursors = Cursors(context.portal.keys, "console:audit_log")
    return await load_console_log(reader, cursors, field, await all_operators(reader))


def may_read_record(context: Context) -> bool:
    return OperatorRole.ADMINISTRATOR in context.operator.roles


NODES = frozenset({"ConsoleAuditEntry", "Operator", "Tenant", "WorkQueueItem"})
"""Types whose objects lie in the catalog."""


async def console_node(
    context: Context, type_name: str, key: UUID
) -> ConsoleAuditEntry | Operator | Tenant | WorkQueueItem | None:
    """One of `NODES` for an operator at work in a tenant: anybody of the vendor, else that tenant's own only."""
    if not context.is_operator:
        return None
    own = context.tenant_record.id
    async with context.portal.catalog.read() as reader:
        if type_name == "Operator":
            return (await operators_by_id(reader, [key])).get(key)
        if type_name == "Tenant":
            row = await reader.first(select(table(TenantRow)).where(_T.id == key, _T.id == own))
            return _tenant_of(row) if row else None
        if type_name == "ConsoleAuditEntry":
            return await _console_entry(reader, context, key)
        queued = open_tickets(QueueConditions(), context.now).where(_W.id == key, _W.tenant_id == own)
        row = await reader.first(queued)
        return _item(row, context.now) if row else None


async def _console_entry(reader: Reader, context: Context, key: UUID) -> ConsoleAuditEntry | None:
    if not may_read_record(context):
        return None
    row = await reader.first(select(CATALOG_LOG).where(CATALOG_LOG.c.id == key))
    return console_entry_of(row, await all_operators(reader)) if row else None


async def tenant_by_id(reader: Reader, key: UUID) -> Tenant:
    """The tenant with this id, which must be there."""
    (row,) = await reader.rows(select(table(TenantRow)).where(_T.id == key))
    return _tenant_of(row)


def _tenant_of(row: Row[Any]) -> Tenant:
    return Tenant(
        id=strawberry.ID(encode_id("Tenant", row.id)),
        slug=row.slug,
        name=row.name,
        status=TenantStatus(row.status),
        policy_key=row.policy_key,
        created_at=row.created_at,
    )


async def _tenant(reader: Reader, slug: str) -> Tenant | None:
    row = await reader.first(select(table(TenantRow)).where(_T.slug == slug))
    return _tenant_of(row) if row else None


def _page(field: Selected, cursors: Cursors, kinds: tuple[type, ...]) -> Any:
    first, after = field.arguments.get("first"), field.arguments.get("after")
    return page_request(cursors, kinds, first=first, after=after, last=None, before=None)


async def _tenants(reader: Reader, field: Selected, context: Context) -> Connection[Tenant]:
    cursors = Cursors(context.portal.keys, "console:tenants")
    statement = select(table(TenantRow))
    search = str(field.arguments.get("search") or "")[:100]
    if search:
        found = or_(_T.slug.icontains(search, autoescape=True), _T.name.icontains(search, autoescape=True))
        statement = statement.where(found)
    page = await read_page(reader, statement, (_T.slug,), _page(field, cursors, (str,)))
    total = None
    if field.below.asks("totalCount"):
        total = await reader.scalar(select(func.count()).select_from(statement.subquery()))
    return connection(
        Connection[Tenant],
        cursors,
        page,
        [_tenant_of(row) for row in page.rows],
        lambda row: (row.slug,),
        total,
    )


async def _work_queue(reader: Reader, field: Selected, context: Context) -> WorkQueueConnection:
    cursors = Cursors(context.portal.keys, "console:work_queue")
    given = field.arguments.get("filter") or {}
    wanted = QueueConditions(
        slugs=choices(given.get("tenantSlug"), "tenantSlug"),
        statuses=choices(given.get("status"), "status"),
        priority_keys=choices(given.get("priorityKey"), "priorityKey"),
        late=given.get("late"),
    )
    statement = open_tickets(wanted, context.now)
    page = await read_page(reader, statement, QUEUE_KEY, _page(field, cursors, (datetime, UUID)))
    total = None
    if field.below.asks("totalCount"):
        total = await reader.scalar(select(func.count()).select_from(statement.subquery()))
    items = [_item(row, context.now) for row in page.rows]
    return connection(WorkQueueConnection, cursors, page, items, lambda row: (row.next_due_at, row.id), total)


def _item(row: Row[Any], now: datetime) -> WorkQueueItem:
    return WorkQueueItem(
        id=strawberry.ID(encode_id("WorkQueueItem", row.id)),
        tenant_slug=row.tenant_slug,
        ticket_id=strawberry.ID(encode_id("Ticket", row.ticket_id)),
        number=row.number,
        type=TicketType(row.type),
        status=TicketStatus(row.status),
        priority_key=row.priority_key,
        response_state=ClockState(row.response_state),
        response_due_at=row.response_due_at,
        resolution_state=ClockState(row.resolution_state),
        resolution_due_at=row.resolution_due_at,
        next_due_at=row.next_due_at if row.next_due_at < FAR_FUTURE else None,
        late=row.next_due_at < now,
        registered_at=row.registered_at,
    )
