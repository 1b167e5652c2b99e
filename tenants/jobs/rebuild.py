"""Fills the vendor's work queue again from what the tenants themselves hold."""

from datetime import datetime

from tenants.catalog.directory import TenantDirectory, TenantRecord
from tenants.catalog.work_queue import forget_tenant, put_ticket
from tenants.databases.scopes import CatalogScope
from tenants.tickets.service import queue_entries


async def rebuild_queue(
    directory: TenantDirectory, catalog: CatalogScope, tenant: TenantRecord, now: datetime
) -> int:
    """Replaces the tenant's rows by what its tickets say now; gives how many there are.

    A delivery at the same time does no harm: the queue takes no older revision over a newer one.
    """
    async with directory.scope(tenant).read() as reader:
        entries = [entry async for entry in queue_entries(reader)]
    async with catalog.write() as queue:
        await forget_tenant(queue, tenant.id)
        for entry in entries:
            await put_ticket(
                queue,
                tenant_id=tenant.id,
                ticket_id=entry.ticket_id,
                revision=entry.revision,
                payload=entry.payload,
                now=now,
            )
    return len(entries)
