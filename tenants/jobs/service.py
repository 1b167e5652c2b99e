"""Fills the vendor's work queue again from what the tenants themselves hold."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from tenants.catalog.directory import TenantDirectory, TenantRecord
from tenants.catalog.work_queue import forget_tenant, put_tickets, queue_row, write_alone
from tenants.databases.scopes import CatalogScope, Reader
from tenants.tickets.service import queue_entries

AT_ONCE = 500


async def rebuild_queue(
    directory: TenantDirectory, catalog: CatalogScope, tenant: TenantRecord, now: datetime
) -> int:
    """Replaces the tenant's rows by what its tickets say now; gives how many there are."""
    async with (
        catalog.write() as queue,
        directory.scan(tenant) as scope,
        scope.read() as reader,
    ):
        return await fill_queue(queue, reader, tenant.id, now)


async def fill_queue(queue: AsyncSession, reader: Reader, tenant_id: UUID, now: datetime) -> int:
    """The same in a transaction of the caller's.

    The tickets are read after the rows were taken away: what a delivery wrote before that is read again here,
    and what one writes later waits for this transaction.
    """
    put = 0
    await write_alone(queue, tenant_id)
    await forget_tenant(queue, tenant_id)
    rows: list[dict[str, Any]] = []
    async for entry in queue_entries(reader):
        rows.append(queue_row(tenant_id, entry.ticket_id, entry.revision, entry.payload))
        put += 1
        if len(rows) == AT_ONCE:
            await put_tickets(queue, rows, now)
            rows = []
    await put_tickets(queue, rows, now)
    return put
