"""Fills the vendor's work queue again from what the tenants themselves hold."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from tenants.catalog.directory import TenantDirectory, TenantRecord
from tenants.catalog.work_queue import forget_tenant, put_ticket, write_alone
from tenants.databases.scopes import CatalogScope, Reader
from tenants.tickets.service import queue_entries


async def rebuild_queue(
    directory: TenantDirectory, catalog: CatalogScope, tenant: TenantRecord, now: datetime
) -> int:
    """Replaces the tenant's rows by what its tickets say now; gives how many there are."""
    async with catalog.write() as queue, directory.scope(tenant).read() as reader:
        return await fill_queue(queue, reader, tenant.id, now)


async def fill_queue(queue: AsyncSession, reader: Reader, tenant_id: UUID, now: datetime) -> int:
    """The same in a transaction of the caller's.

    The tickets are read after the rows were taken away: what a delivery wrote before that is read again here,
    and what one writes later waits for this transaction.
    """
    put = 0
    await write_alone(queue, tenant_id)
    await forget_tenant(queue, tenant_id)
    async for entry in queue_entries(reader):
        await put_ticket(
            queue,
            tenant_id=tenant_id,
            ticket_id=entry.ticket_id,
            revision=entry.revision,
            payload=entry.payload,
            now=now,
        )
        put += 1
    return put
