"""Delivers what tenants' outboxes hold to the vendor's work queue."""

from datetime import datetime

from tenants.catalog.work_queue import put_ticket, write_alone
from tenants.databases.scopes import CatalogScope, TenantScope
from tenants.outbox.service import TICKET_CHANGED, mark_delivered, take_undelivered

BATCH = 200


async def deliver(scope: TenantScope, catalog: CatalogScope, now: datetime) -> int:
    """Delivers one batch of a tenant's messages and says how many it held.

    The queue is written before the messages are marked: a crash between the two repeats a delivery, and the queue
    takes no older revision over a newer one.
    """
    async with scope.write() as session:
        messages = await take_undelivered(session, BATCH)
        if not messages:
            return 0
        changes = [row for row in messages if row.topic == TICKET_CHANGED]
        # Of two changes in one moment the ids do not tell which came last; the revision does.
        newest = {row.subject_id: row for row in sorted(changes, key=lambda row: row.revision)}
        async with catalog.write() as queue:
            await write_alone(queue, scope.tenant_id)
            for ticket_id, row in newest.items():
                await put_ticket(
                    queue,
                    tenant_id=scope.tenant_id,
                    ticket_id=ticket_id,
                    revision=row.revision,
                    payload=row.payload,
                    now=now,
                )
        await mark_delivered(session, [row.id for row in messages], now)
        return len(messages)
