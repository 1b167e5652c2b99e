"""A customer is put back to what a backup holds: all of it or nothing, and nobody else notices."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from tenants.acts import SYSTEM
from tenants.catalog.directory import TenantRecord
from tenants.catalog.errors import BeingChanged, LeaseLost, SlugTaken, TenantInOtherState, UnknownTenant
from tenants.catalog.models import Tenant, TenantStatus, WorkQueueItem
from tenants.catalog.queries import all_tenants
from tenants.catalog.service import set_status
from tenants.catalog.sides import KEPT, LEASE, MARGIN, Purpose, begin_side, sides_of, swap
from tenants.catalog.upkeep import SideDatabase
from tenants.databases.copying import nobody_looks
from tenants.databases.errors import DatabaseUnavailable, StaleEpoch
from tenants.databases.provisioning import database_exists
from tenants.tables import TenantTable, table
from tenants.upkeep.errors import WrongBackup
from tenants.upkeep.reaping import reap
from tenants.upkeep.relocating import preparing
from tenants.upkeep.restoring import RESTORABLE, restore_tenant
from tests.factories.acts import clock
from tests.factories.contents import audit_log
from tests.factories.portal import Customer, House
from tests.tenants.upkeep.conftest import (
    back_up,
    damage,
    databases_on,
    deleted,
    epoch_in,
    numbers,
    register,
    restored,
    sums,
    yard_of,
)

LATER = LEASE + MARGIN + timedelta(seconds=1)


async def ticket_count(house: House, tenant: TenantRecord) -> int:
    async with house.portal.tenants.upkeep_scope(tenant).read() as reader:
        found: int = await reader.scalar(
            select(func.count()).select_from(TenantTable.metadata.tables["ticket"])
        )
        return found


async def queue_of(house: House, tenant: TenantRecord) -> dict[Any, int]:
    """The revision of each ticket on the vendor's work queue."""
    queue = table(WorkQueueItem).c
    wanted = select(queue.ticket_id, queue.revision).where(queue.tenant_id == tenant.id)
    async with house.portal.catalog.read() as reader:
        return {row.ticket_id: row.revision for row in await reader.rows(wanted)}


async def revisions_of(house: House, tenant: TenantRecord) -> dict[Any, int]:
    ticket = TenantTable.metadata.tables["ticket"].c
    async with house.portal.tenants.upkeep_scope(tenant).read() as reader:
        return {row.id: row.revision for row in await reader.rows(select(ticket.id, ticket.revision))}


@pytest.mark.parametrize("way", ["missing", "wrong identity", "corrupt"])
async def test_a_database_that_is_lost_is_there_again_and_its_neighbour_works_on(
    customer: Customer, file: Path, way: str
) -> None:
    house, other = customer.house, await customer.house.tenant("bravo")
    before = await sums(house, customer.record)
    await back_up(customer, file)
    await damage(house, customer.record, way)
    assert (await register(await other.client()))["errors"] == []
    tenant = await restored(customer, file)
    assert await sums(house, tenant) == before
    assert len(await numbers(house, customer.owner)) == 1
    assert (await register(await other.client()))["errors"] == []


async def test_a_database_that_lies_in_anothers_place_is_not_harmed_by_the_restore(
    customer: Customer, file: Path
) -> None:
    """Somebody's placement was set to where bravo lives."""
    house, other = customer.house, await customer.house.tenant("bravo")
    await back_up(customer, file)
    before = await sums(house, other.record)
    await damage(house, customer.record, "missing")
    lent = other.record.placement.database
    async with house.portal.catalog.write() as session:
        t = table(Tenant).c
        away = update(Tenant).where(t.id == other.record.id).values(database_name="t_elsewhere")
        await session.execute(away)
        here = update(Tenant).where(t.id == customer.record.id).values(database_name=lent)
        await session.execute(here)
    await restored(customer, file)
    async with house.portal.catalog.write() as session:
        back = update(Tenant).where(t.id == other.record.id).values(database_name=lent)
        await session.execute(back)
    house.portal.tenants._seen.clear()
    assert await sums(house, other.record) == before
    assert (await register(await other.client()))["errors"] == []


async def test_sessions_of_before_are_over_and_everybody_signs_in_anew(
    customer: Customer, file: Path
) -> None:
    before = await customer.client()
    await back_up(customer, file)
    later = await customer.client()
    await restored(customer, file)
    for client in (before, later):
        answer = await client.call("{ organization { slug } }")
        assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert len(await numbers(customer.house, customer.owner)) == 1


async def test_it_is_on_record_with_the_vendor_and_with_the_customer(customer: Customer, file: Path) -> None:
    manifest = await back_up(customer, file)
    tenant = await restored(customer, file)
    house = customer.house
    (mine,) = await audit_log(house.portal.tenants.scope(tenant), "database_restored")
    assert manifest.taken_at is not None
    assert mine.detail == {"backup_taken_at": manifest.taken_at.isoformat(), "sha256": manifest.sha256}
    last = (await audit_log(house.portal.catalog, "tenant_status_changed"))[-1]
    assert last.subject_id == tenant.id
    assert last.detail == {"status": "ACTIVE", "purpose": "RESTORE", "server": "main", "epoch": 2}


async def test_the_work_queue_shows_what_was_restored(customer: Customer, file: Path) -> None:
    """Tickets that are gone leave it, and one that is older again replaces its newer self."""
    house = customer.house
    await back_up(customer, file)
    await register(await customer.client())
    async with customer.scope.write() as session:
        ticket = TenantTable.metadata.tables["ticket"]
        await session.execute(update(ticket).values(revision=ticket.c.revision + 10))
    t = table(WorkQueueItem).c
    async with house.portal.catalog.write() as session:
        await session.execute(update(WorkQueueItem).values(revision=t.revision + 10))
    await customer.deliver()
    assert len(await queue_of(house, customer.record)) == 2
    tenant = await restored(customer, file)
    assert await queue_of(house, tenant) == await revisions_of(house, tenant)


async def test_a_scope_of_before_writes_nothing_any_more(customer: Customer, file: Path) -> None:
    await back_up(customer, file)
    stale = customer.scope
    tenant = await restored(customer, file)
    with pytest.raises(StaleEpoch):
        async with stale.write():
            pass
    assert (tenant.epoch, await epoch_in(customer.house, tenant)) == (2, 2)
    assert await epoch_in(customer.house, customer.record) == -1


async def test_where_it_was_is_kept_for_seven_days(customer: Customer, file: Path) -> None:
    house, old = customer.house, customer.record.placement.database
    server = house.portal.engines.server("main")
    await back_up(customer, file)
    tenant = await restored(customer, file)
    yard, swapped = yard_of(house), clock()
    assert await reap(yard, swapped + KEPT - timedelta(minutes=1)) == 0
    assert await database_exists(server, old)
    assert await reap(yard, swapped + KEPT + timedelta(minutes=1)) == 1
    assert not await database_exists(server, old)
    assert await sides_of(house.portal.catalog, tenant.id) == []
    assert await ticket_count(house, tenant) == 1


async def test_a_suspended_customer_stays_suspended(customer: Customer, file: Path) -> None:
    house = customer.house
    await back_up(customer, file)
    await set_status(
        house.portal.catalog, customer.record.id, TenantStatus.SUSPENDED, actor=SYSTEM, now=clock()
    )
    tenant = await restored(customer, file)
    assert (tenant.status, tenant.epoch) == (TenantStatus.SUSPENDED, 2)
    assert await queue_of(house, tenant) == await revisions_of(house, tenant)


async def test_one_that_failed_is_served_again(customer: Customer, file: Path) -> None:
    house = customer.house
    await back_up(customer, file)
    await set_status(house.portal.catalog, customer.record.id, TenantStatus.FAILED, actor=SYSTEM, now=clock())
    assert (await restored(customer, file)).status is TenantStatus.ACTIVE
    assert len(await numbers(house, customer.owner)) == 1


@pytest.mark.parametrize("status", [TenantStatus.MOVING, TenantStatus.DELETED])
async def test_one_that_is_moved_or_marked_for_deletion_is_left_alone(
    customer: Customer, file: Path, status: TenantStatus
) -> None:
    house = customer.house
    await back_up(customer, file)
    await set_status(house.portal.catalog, customer.record.id, status, actor=SYSTEM, now=clock())
    with pytest.raises(TenantInOtherState):
        await restored(customer, file)
    assert await sides_of(house.portal.catalog, customer.record.id) == []


async def test_one_that_was_deleted_is_there_again_as_itself(customer: Customer, file: Path) -> None:
    house = customer.house
    before = await sums(house, customer.record)
    await back_up(customer, file)
    await deleted(customer)
    assert await all_tenants(house.portal.catalog) == []
    tenant = await restored(customer, file)
    assert (tenant.id, tenant.slug, tenant.status) == (customer.record.id, "alfa", TenantStatus.ACTIVE)
    assert (tenant.name, tenant.policy_key, tenant.locale) == ("Alfa", "qixium", "EN")
    assert await sums(house, tenant) == before
    assert len(await numbers(house, customer.owner)) == 1
    assert await queue_of(house, tenant) == await revisions_of(house, tenant)


async def test_a_deleted_customer_does_not_take_the_slug_of_who_came_after_it(
    customer: Customer, file: Path
) -> None:
    from_ = await back_up(customer, file)
    await deleted(customer)
    other = await customer.house.tenant("alfa")
    with pytest.raises(WrongBackup, match="alfa"):
        await restored(customer, file)
    assert [each.id for each in await all_tenants(customer.house.portal.catalog)] == [other.record.id]
    assert from_.tenant_id != other.record.id


async def test_a_restore_that_fails_leaves_everything_as_it_was(customer: Customer, file: Path) -> None:
    house = customer.house
    await back_up(customer, file)
    before, there = await sums(house, customer.record), await databases_on(house)

    def fail_at(wanted: str) -> Any:
        def step(name: str) -> None:
            if name == wanted:
                raise DatabaseUnavailable("the disk is full")

        return step

    for step in ("filled", "checked", "frozen"):
        with pytest.raises(DatabaseUnavailable):
            await restore_tenant(
                yard_of(house), "alfa", file, actor=SYSTEM, told=nobody_looks, step=fail_at(step)
            )
        assert await house.portal.tenants.fresh(customer.record.id) == customer.record
        assert await databases_on(house) == there
        assert (await register(await customer.client()))["errors"] == []
    assert await sides_of(house.portal.catalog, customer.record.id) == []
    assert (await sums(house, customer.record))["contact"] == before["contact"]
    assert [each.name for each in yard_of(house).scratch.glob("*") if each.is_dir()] == []


async def test_a_restore_of_a_deleted_customer_that_fails_leaves_no_customer(
    customer: Customer, file: Path
) -> None:
    house = customer.house
    await back_up(customer, file)
    await deleted(customer)
    there = await databases_on(house)

    def step(name: str) -> None:
        if name == "checked":
            raise DatabaseUnavailable("the disk is full")

    with pytest.raises(DatabaseUnavailable):
        await restore_tenant(yard_of(house), "alfa", file, actor=SYSTEM, told=nobody_looks, step=step)
    assert await all_tenants(house.portal.catalog) == []
    assert await databases_on(house) == there
    assert (await restored(customer, file)).status is TenantStatus.ACTIVE


async def test_a_swap_whose_answer_was_lost_is_not_taken_back(customer: Customer, file: Path) -> None:
    """The connection to the catalog broke after its commit: what was prepared serves, and must not be dropped."""
    await back_up(customer, file)
    house = customer.house
    yard = yard_of(house)
    tenant = await yard.tenants.fresh_by_slug("alfa")
    side = await begin_side(yard.catalog, tenant, "main", Purpose.RESTORE, RESTORABLE, clock())

    async def lose_the_answer() -> None:
        async with preparing(yard, side, SYSTEM):
            await swap(yard.catalog, side, actor=SYSTEM, now=clock())
            raise DatabaseUnavailable("connection lost")

    with pytest.raises(DatabaseUnavailable):
        await lose_the_answer()
    serving = await yard.tenants.fresh_by_slug("alfa")
    assert serving.placement == side.placement
    (retired,) = await sides_of(yard.catalog, tenant.id)
    assert retired.database_name == tenant.placement.database
    house.databases.append(side.placement.database)


async def test_of_two_restores_at_once_one_is_told_to_wait(customer: Customer, file: Path) -> None:
    await back_up(customer, file)
    found = await asyncio.gather(*(restored(customer, file) for _ in range(2)), return_exceptions=True)
    assert {type(each) for each in found} == {TenantRecord, BeingChanged}
    assert (await customer.house.portal.tenants.fresh(customer.record.id)).epoch == 2
    assert len(await numbers(customer.house, customer.owner)) == 1


async def test_of_two_restores_of_a_deleted_customer_at_once_one_is_carried_out(
    customer: Customer, file: Path
) -> None:
    await back_up(customer, file)
    await deleted(customer)
    found = await asyncio.gather(*(restored(customer, file) for _ in range(2)), return_exceptions=True)
    assert sum(isinstance(each, TenantRecord) for each in found) == 1
    assert {type(each) for each in found} < {TenantRecord, BeingChanged, SlugTaken}
    assert len(await numbers(customer.house, customer.owner)) == 1


async def test_somebody_elses_slug_is_not_restored_into(customer: Customer, file: Path) -> None:
    await back_up(customer, file)
    with pytest.raises(WrongBackup, match="not of nobody"):
        await restore_tenant(yard_of(customer.house), "nobody", file, actor=SYSTEM, told=nobody_looks)
    with pytest.raises(UnknownTenant):
        await customer.house.portal.tenants.fresh_by_slug("nobody")


async def test_a_lease_that_has_run_out_swaps_nothing(customer: Customer, file: Path) -> None:
    await back_up(customer, file)
    house = customer.house
    yard = yard_of(house)
    side = await begin_side(yard.catalog, customer.record, "main", Purpose.RESTORE, RESTORABLE, clock())
    late = datetime.now(UTC) + LEASE + timedelta(seconds=1)
    with pytest.raises(LeaseLost):
        await swap(yard.catalog, side, actor=SYSTEM, now=late)
    assert await house.portal.tenants.fresh(customer.record.id) == customer.record
    async with yard.catalog.read() as reader:
        assert await reader.scalar(select(func.count()).select_from(table(SideDatabase))) == 1
