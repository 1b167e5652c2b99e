"""Fills the vendor's work queue again from what the tenants themselves hold."""

from datetime import datetime
from typing import Any, cast

from sqlalchemy import Row

from tenants.catalog.directory import TenantDirectory, TenantRecord
from tenants.catalog.work_queue import forget_tenant, put_ticket
from tenants.databases.scopes import CatalogScope
from tenants.tickets.changes import queue_payload
from tenants.tickets.models import Ticket
from tenants.tickets.verification import ticket_pages


async def rebuild_queue(
    directory: TenantDirectory, catalog: CatalogScope, tenant: TenantRecord, now: datetime
) -> int:
    """Replaces the tenant's rows by what its tickets say now; gives how many there are.

    A delivery at the same time does no harm: the queue takes no older revision over a newer one.
    """
    rows: list[Row[Any]] = []
    async with directory.scope(tenant).read() as reader:
        async for page in ticket_pages(reader):
            rows += page
    async with catalog.write() as queue:
        await forget_tenant(queue, tenant.id)
        for row in rows:
            await put_ticket(
                queue,
                tenant_id=tenant.id,
                ticket_id=row.id,
                revision=row.revision,
                payload=queue_payload(cast("Ticket", row)),
                now=now,
            )
    return len(rows)
