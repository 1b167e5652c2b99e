"""Fills the vendor's work queue again from what the tenants themselves hold."""

from datetime import datetime

from tenants.catalog.directory import TenantDirectory, TenantRecord
from tenants.catalog.work_queue import forget_tenant, put_ticket, write_alone
from tenants.databases.scopes import CatalogScope
from tenants.tickets.service import queue_entries


async def rebuild_queue(
    directory: TenantDirectory, catalog: CatalogScope, tenant: TenantRecord, now: datetime
) -> int:
    """Replaces the tenant's rows by what its tickets say now; gives how many there are.

    The tickets are read after the rows were taken away: what a delivery wrote before that is read again here,
    and what one writes later waits for this transaction.
    """
    put = 0
    async with (
        catalog.write() as queue,
        directory.scan(tenant) as scope,
        scope.read() as reader,
    ):
        await write_alone(queue, tenant.id)
        await forget_tenant(queue, tenant.id)
        async for entry in queue_entries(reader):
            await put_ticket(
                queue,
                tenant_id=tenant.id,
                ticket_id=entry.ticket_id,
                revision=entry.revision,
                payload=entry.payload,
                now=now,
            )
            put += 1
    return put
