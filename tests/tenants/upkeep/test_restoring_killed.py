"""A restore that is killed at any step leaves its customer served as before, or restored."""

from datetime import timedelta
from pathlib import Path

import pytest

from tenants.acts import SYSTEM
from tenants.catalog.models import TenantStatus
from tenants.catalog.queries import all_tenants
from tenants.catalog.service import add_restored_tenant
from tenants.catalog.sides import LEASE, MARGIN, sides_of
from tenants.upkeep.reaping import reap
from tests.factories.acts import clock, run_act
from tests.factories.portal import Customer, House
from tests.tenants.upkeep.conftest import (
    back_up,
    databases_on,
    deleted,
    look_again,
    numbers,
    register,
    restored,
    yard_of,
)

pytestmark = pytest.mark.long

STEPS = ["noted", "filled", "checked", "frozen", "swapped"]
LATER = LEASE + MARGIN + timedelta(seconds=1)


async def clean_up(house: House) -> None:
    """What the worker does when the lease of a killed process has run out."""
    await reap(yard_of(house), clock() + LATER)
    await reap(yard_of(house), clock() + LATER)
    house.portal.tenants._seen.clear()


@pytest.mark.parametrize("step", STEPS)
async def test_after_a_kill_the_customer_is_served_as_before_or_restored(
    customer: Customer, file: Path, step: str
) -> None:
    house = customer.house
    await back_up(customer, file)
    assert (await register(await customer.client()))["errors"] == []
    await house.portal.engines.close()
    there = set(await databases_on(house))
    told = run_act(house.portal.settings, "restore", {"slug": "alfa", "file": str(file)}, step)
    assert told == STEPS[: STEPS.index(step) + 1]
    await clean_up(house)
    tenant = await house.portal.tenants.fresh(customer.record.id)
    look_again(house, tenant)
    is_restored = step == "swapped"
    assert (tenant.status, tenant.epoch) == (TenantStatus.ACTIVE, 2 if is_restored else 1)
    assert len(await numbers(house, customer.owner)) == (1 if is_restored else 2)
    assert (await register(await customer.client()))["errors"] == []
    retired = [row.database_name for row in await sides_of(house.portal.catalog, tenant.id)]
    assert len(retired) == (1 if is_restored else 0)
    assert set(await databases_on(house)) - there == ({tenant.placement.database} if is_restored else set())
    assert there <= set(await databases_on(house))
    assert [each.name for each in yard_of(house).scratch.glob("*") if each.is_dir()] == []
    again = await restored(customer, file)
    assert again.epoch == tenant.epoch + 1


@pytest.mark.parametrize("step", STEPS)
async def test_after_a_kill_a_deleted_customer_is_there_or_not(
    customer: Customer, file: Path, step: str
) -> None:
    house = customer.house
    await back_up(customer, file)
    await deleted(customer)
    await house.portal.engines.close()
    there = await databases_on(house)
    run_act(house.portal.settings, "restore", {"slug": "alfa", "file": str(file)}, step)
    await clean_up(house)
    found = await all_tenants(house.portal.catalog)
    if step == "swapped":
        assert [each.status for each in found] == [TenantStatus.ACTIVE]
        look_again(house, found[0])
    else:
        assert found == []
        assert await databases_on(house) == there
    assert (await restored(customer, file)).id == customer.record.id
    assert len(await numbers(house, customer.owner)) == 1


async def test_a_row_without_a_database_in_preparation_is_forgotten(customer: Customer, file: Path) -> None:
    """Killed between the two."""
    manifest = await back_up(customer, file)
    await deleted(customer)
    house = customer.house
    await add_restored_tenant(
        house.portal.catalog,
        tenant_id=manifest.tenant_id,
        slug="alfa",
        name="Alfa",
        policy_key="qixium",
        locale="EN",
        epoch=1,
        server="main",
        actor=SYSTEM,
        now=clock(),
    )
    assert await reap(yard_of(house), clock()) == 0  # it may be about to get one
    assert await reap(yard_of(house), clock() + LATER) == 1
    assert await all_tenants(house.portal.catalog) == []


async def test_the_steps_that_are_killed_are_all_there_are(customer: Customer, file: Path) -> None:
    await back_up(customer, file)
    await customer.house.portal.engines.close()
    settings = customer.house.portal.settings
    assert run_act(settings, "restore", {"slug": "alfa", "file": str(file)}) == STEPS
    look_again(customer.house, await customer.house.portal.tenants.fresh(customer.record.id))
