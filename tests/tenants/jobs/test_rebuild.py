"""A rebuild gives the queue as the tickets are, whatever is delivered beside it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from tenants.catalog.models import WorkQueueItem
from tenants.databases.scopes import CatalogScope
from tenants.ids import new_id
from tenants.jobs.service import rebuild_queue
from tenants.tables import table
from tests.conftest import NOW
from tests.factories.portal import Customer, House
from tests.factories.tickets import Story
from tests.tenants.jobs.backlog import current, queued, reported

_W = table(WorkQueueItem).c


class Interrupted(CatalogScope):
    """A catalog in which something happens right before a transaction begins, or right before it commits."""

    def __init__(
        self,
        house: House,
        *,
        before: Callable[[], Awaitable[None]] | None = None,
        within: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        super().__init__(house.portal.engines.catalog())
        self._before = before
        self._within = within

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        if self._before:
            await self._before()
        async with super().write() as session:
            yield session
            if self._within:
                await self._within()


async def rebuild(customer: Customer, catalog: CatalogScope | None = None) -> int:
    portal = customer.house.portal
    return await rebuild_queue(portal.tenants, catalog or portal.catalog, customer.record, datetime.now(UTC))


async def change(customer: Customer, story: Story) -> None:
    """A message on the ticket and a new ticket, both delivered."""
    await story.answer("2026-03-10 10:00")
    await story.history.register("2026-03-10 11:00")
    assert await customer.deliver() >= 2


async def test_what_is_delivered_while_a_rebuild_begins_stays_on_the_queue(house: House) -> None:
    customer, story = await reported(house, "alfa")
    await customer.deliver()
    assert await rebuild(customer, Interrupted(house, before=lambda: change(customer, story))) == 2
    assert await queued(customer) == await current(customer)


async def test_what_is_changed_before_a_rebuild_commits_is_delivered_after_it(house: House) -> None:
    customer, story = await reported(house, "alfa")
    await customer.deliver()
    beside: list[asyncio.Task[None]] = []

    async def begin() -> None:
        beside.append(asyncio.create_task(change(customer, story)))
        await asyncio.sleep(0.2)
        assert not beside[0].done(), "a delivery waits for the rebuild"

    await rebuild(customer, Interrupted(house, within=begin))
    await asyncio.gather(*beside)
    assert await queued(customer) == await current(customer)


async def test_a_rebuild_forgets_what_the_tenant_does_not_hold(house: House) -> None:
    customer, _ = await reported(house, "alfa")
    other, _ = await reported(house, "bravo")
    await customer.deliver()
    await other.deliver()
    stray = update(WorkQueueItem).where(_W.tenant_id == customer.record.id)
    async with house.portal.catalog.write() as session:
        await session.execute(stray.values(ticket_id=new_id(NOW), revision=99))
    assert await rebuild(customer) == 1
    assert await queued(customer) == await current(customer)
    assert await queued(other) == await current(other)


async def test_rebuilds_and_deliveries_at_once_end_with_every_ticket_as_it_is(house: House) -> None:
    customer, story = await reported(house, "alfa")
    stories = [story] + [await story.history.register("2026-03-10 09:30") for _ in range(5)]
    await customer.deliver()

    async def work(mine: Story) -> None:
        for minute in range(3):
            await mine.answer(f"2026-03-10 10:{minute:02}")
            await customer.deliver()

    await asyncio.gather(*(work(each) for each in stories), *(rebuild(customer) for _ in range(3)))
    assert await customer.deliver() == 0
    assert await queued(customer) == await current(customer)
