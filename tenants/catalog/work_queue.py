"""The vendor's work queue over all tenants: filled by the worker from the tenants' outboxes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, func, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from tenants.catalog.models import Tenant, WorkQueueItem
from tenants.ids import new_id
from tenants.tables import table

_W = table(WorkQueueItem)
_T = table(Tenant)
QUEUE_KEY = (_W.c.next_due_at, _W.c.id)
MOMENTS = ("response_due_at", "resolution_due_at", "next_due_at", "registered_at")


async def write_alone(session: AsyncSession, tenant_id: UUID) -> None:
    """Waits until no other transaction writes this tenant's rows: a rebuild and a delivery would lock each other out.

    SQLite has one writer anyway.
    """
    if (await session.connection()).dialect.name == "postgresql":
        key = int.from_bytes(tenant_id.bytes[8:], signed=True)  # the random half of the id
        await session.execute(select(func.pg_advisory_xact_lock(key)))


async def put_ticket(
    session: AsyncSession,
    *,
    tenant_id: UUID,
    ticket_id: UUID,
    revision: int,
    payload: Mapping[str, Any],
    now: datetime,
) -> None:
    """Writes what a ticket's message says, unless a newer one was written already: replays are harmless."""
    values = queue_row(tenant_id, ticket_id, revision, payload)
    insert = sqlite_insert if (await session.connection()).dialect.name == "sqlite" else postgresql_insert
    statement = insert(WorkQueueItem).values(id=new_id(now), **values)
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=[_W.c.tenant_id, _W.c.ticket_id],
            set_=values,
            where=statement.excluded.revision > _W.c.revision,
        )
    )


async def put_tickets(session: AsyncSession, rows: Sequence[Mapping[str, Any]], now: datetime) -> None:
    """Writes rows of tickets (`queue_row`) that are not on the queue: after `forget_tenant`, alone."""
    if rows:
        await session.execute(_W.insert(), [{"id": new_id(now), **row} for row in rows])


def queue_row(tenant_id: UUID, ticket_id: UUID, revision: int, payload: Mapping[str, Any]) -> dict[str, Any]:
    """What a ticket's message says, as a row without an id."""
    moments = {name: datetime.fromisoformat(payload[name]) if payload[name] else None for name in MOMENTS}
    return {**payload, **moments, "tenant_id": tenant_id, "ticket_id": ticket_id, "revision": revision}


async def forget_tenant(session: AsyncSession, tenant_id: UUID) -> None:
    """Takes a tenant's tickets off the queue, before they are put on it again."""
    await session.execute(delete(WorkQueueItem).where(_W.c.tenant_id == tenant_id))


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueConditions:
    """Which tickets the queue shows; None leaves a condition out."""

    slugs: Sequence[str] | None = None
    statuses: Sequence[str] | None = None
    priority_keys: Sequence[str] | None = None
    late: bool | None = None


def open_tickets(wanted: QueueConditions, now: datetime) -> Select[Any]:
    """Open tickets of the active tenants with their tenant; page it by `QUEUE_KEY`."""
    statement = (
        select(_W, _T.c.slug.label("tenant_slug"))
        .join(_T, _T.c.id == _W.c.tenant_id)
        .where(_W.c.status != "CLOSED", _T.c.status == "ACTIVE")
    )
    for column, values in (
        (_T.c.slug, wanted.slugs),
        (_W.c.status, wanted.statuses),
        (_W.c.priority_key, wanted.priority_keys),
    ):
        if values:
            statement = statement.where(column.in_(list(values)))
    if wanted.late is not None:
        statement = statement.where(_W.c.next_due_at < now if wanted.late else _W.c.next_due_at >= now)
    return statement
