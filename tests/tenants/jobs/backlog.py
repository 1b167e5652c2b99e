"""Customers whose outboxes hold messages, and what the catalog says of them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select, update

from tenants.catalog.models import Tenant, WorkQueueItem
from tenants.outbox.models import OutboxMessage
from tenants.outbox.service import TICKET_CHANGED, announce
from tenants.tables import table
from tenants.tickets.models import Ticket
from tests.factories.portal import Customer, House
from tests.factories.tickets import History, Story

_T = table(Tenant).c
_O = table(OutboxMessage).c
_W = table(WorkQueueItem).c


async def reported(house: House, slug: str) -> tuple[Customer, Story]:
    """A customer with one ticket, which nobody has delivered yet."""
    customer = await house.tenant(slug)
    agent = await house.operator(email=f"{slug}@vendor.example")
    past = await History.of(customer, agent)
    return customer, await past.register("2026-03-10 09:00")


async def announce_again(customer: Customer, times: int, now: datetime) -> None:
    """More messages on the ticket that the outbox already tells of."""
    async with customer.scope.read() as reader:
        row = await reader.first(select(table(OutboxMessage)))
    assert row is not None
    async with customer.scope.write() as session:
        for _ in range(times):
            announce(
                session,
                topic=TICKET_CHANGED,
                subject_id=row.subject_id,
                revision=row.revision,
                payload=row.payload,
                now=now,
            )


async def undelivered(customer: Customer) -> int:
    async with customer.scope.read() as reader:
        return int(await reader.scalar(select(func.count(_O.id)).where(_O.delivered_at.is_(None))))


async def entry_of(customer: Customer) -> Row[Any]:
    """The customer's row in the catalog."""
    async with customer.house.portal.catalog.read() as reader:
        row = await reader.first(select(table(Tenant)).where(_T.id == customer.record.id))
    assert row is not None
    return row


async def change_entry(customer: Customer, **values: Any) -> None:
    async with customer.house.portal.catalog.write() as session:
        await session.execute(update(Tenant).where(_T.id == customer.record.id).values(**values))


async def queued(customer: Customer) -> dict[UUID, int]:
    """The revision by ticket as the vendor's work queue has it."""
    statement = select(_W.ticket_id, _W.revision).where(_W.tenant_id == customer.record.id)
    async with customer.house.portal.catalog.read() as reader:
        return {row.ticket_id: row.revision for row in await reader.rows(statement)}


async def current(customer: Customer) -> dict[UUID, int]:
    """The revision by ticket as the customer's own database has it."""
    ticket = table(Ticket).c
    async with customer.scope.read() as reader:
        rows = await reader.rows(select(ticket.id, ticket.revision))
    return {row.id: row.revision for row in rows}
