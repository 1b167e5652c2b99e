"""A customer leaves in two steps; after the second one nothing of it is left, and its name is free."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from auth.permissions import OperatorRole
from tenants.acts import SYSTEM
from tenants.catalog.directory import TenantRecord
from tenants.catalog.errors import NoSuchTenant, TenantInOtherState, UnknownTenant
from tenants.catalog.models import TenantStatus
from tenants.catalog.sides import sides_of
from tenants.catalog.suspension import resume_tenant, suspend_tenant
from tenants.databases.administration import administering
from tenants.databases.fingerprints import fingerprints
from tenants.databases.servers import PostgresServer, Server
from tenants.provisioning.orders import LEASE
from tenants.provisioning.service import finish_order, work_orders
from tenants.tables import CatalogTable
from tenants.upkeep.deleting import backup_folder, mark_for_deletion, remove_tenant
from tenants.upkeep.errors import NotGone
from tenants.upkeep.keeping import keep_backup
from tests.factories.acts import run_act
from tests.factories.contents import audit_log, contents
from tests.factories.everything import ids_of_everything
from tests.factories.moving import CLUSTER, FILES, clock, databases, forget, move, open_yard, writes
from tests.factories.portal import Client, Customer, House, Person
from tests.tenants.provisioning.conftest import ordered

STEPS = [
    "claimed",
    "database removed",
    "database removed",
    "database removed",
    "backups removed",
    "forgotten",
]
ASKED = "{ organization { slug } }"


@pytest.fixture
async def house(server: Server, tmp_path: Path, postgres_url: str) -> AsyncIterator[House]:
    async with open_yard(server, tmp_path, postgres_url) as opened:
        yield opened


async def suspend(house: House, slug: str = "alfa") -> None:
    async with house.portal.catalog.write() as session:
        await suspend_tenant(session, slug, actor=SYSTEM, now=clock())
    forget(house)


async def resume(house: House, slug: str = "alfa") -> None:
    async with house.portal.catalog.write() as session:
        await resume_tenant(session, slug, actor=SYSTEM, now=clock())
    forget(house)


async def mark(house: House, slug: str = "alfa") -> TenantRecord:
    await mark_for_deletion(house.portal.catalog, slug, actor=SYSTEM, now=clock())
    forget(house)
    return await house.portal.tenants.fresh_by_slug(slug)


async def remove(house: House, tenant: TenantRecord) -> None:
    await remove_tenant(house.portal.yard(clock), tenant, actor=SYSTEM)
    forget(house)


async def full(house: House) -> Customer:
    """A customer with one of everything, two databases that are kept beside its own, and a backup."""
    customer = await house.tenant("alfa")
    await ids_of_everything(customer, await house.operator())
    await move(house, "alfa", FILES)
    customer.record = await move(house, "alfa", CLUSTER)
    yard, home = house.portal.yard(clock), customer.record.placement
    stamps = await fingerprints(house.portal.engines.server(home.server), [home.database])
    assert (await keep_backup(yard, customer.record, stamps[home.database], clock())).exists()
    return customer


async def status_of(client: Client) -> int:
    headers = {"Authorization": f"Bearer {client.token}"}
    answer = await client.house.http.post("/graphql", json={"query": ASKED}, headers=headers)
    return int(answer.status_code)


async def named_in(house: House, tenant_id: UUID) -> set[str]:
    """The tables of the catalog in which an id stands."""
    found = set()
    async with house.portal.catalog.read() as reader:
        for name, kept in CatalogTable.metadata.tables.items():
            for row in await reader.rows(select(kept)):
                text = repr(tuple(row))
                if str(tenant_id) in text or tenant_id.hex in text:
                    found.add(name)
    return found


async def test_a_customer_is_suspended_marked_and_brought_back_and_keeps_everything(house: House) -> None:
    customer = await house.tenant("alfa")
    await ids_of_everything(customer, await house.operator())
    client, before = await customer.client(), await contents(customer.scope)
    await suspend(house)
    assert await status_of(client) == 403
    await resume(house)
    assert await status_of(client) == 200
    await mark(house)
    assert await status_of(client) == 403
    await resume(house)
    assert await status_of(client) == 200
    await suspend(house)
    await mark(house)
    await resume(house)
    assert await contents(customer.scope) == before
    await writes(customer)


async def test_what_cannot_follow_is_refused(house: House) -> None:
    customer = await house.tenant("alfa")
    with pytest.raises(TenantInOtherState):
        await resume(house)
    with pytest.raises(TenantInOtherState):
        await remove(house, customer.record)
    await suspend(house)
    with pytest.raises(TenantInOtherState):
        await suspend(house)
    tenant = await mark(house)
    with pytest.raises(TenantInOtherState):
        await mark(house)
    with pytest.raises(TenantInOtherState):
        await suspend(house)
    for act in (suspend, resume, mark):
        with pytest.raises(NoSuchTenant):
            await act(house, "nobody")
    await resume(house)
    with pytest.raises(TenantInOtherState):  # a second step whose first one was taken back meanwhile
        await remove(house, tenant)
    await writes(customer)


async def test_gone_is_gone(house: House) -> None:
    customer, other = await full(house), await house.tenant("bravo")
    backups = house.portal.settings.backups_path
    assert await named_in(house, customer.record.id) > {"tenant", "side_database", "backup", "work_queue"}
    assert len(await sides_of(house.portal.catalog, customer.record.id)) == 2
    before = await databases(house)
    await remove(house, await mark(house))
    assert await named_in(house, customer.record.id) == {"audit_log"}
    assert len(before - await databases(house)) == 3
    assert await roles(house) & (before - await databases(house)) == set()
    assert not backup_folder(backups, customer.record.id).exists()
    assert not [path for path in backups.rglob("*") if customer.record.id.hex in path.name]
    with pytest.raises(UnknownTenant):
        await house.portal.tenants.fresh(customer.record.id)
    (told,) = await audit_log(house.portal.catalog, "tenant_deleted")
    assert (told.subject_id, told.detail) == (customer.record.id, {"slug": "alfa"})
    await writes(other)


async def roles(house: House) -> set[str]:
    found: set[str] = set()
    for server in house.portal.engines.servers.values():
        if isinstance(server, PostgresServer):
            async with administering(server) as connection:
                found |= set((await connection.exec_driver_sql("SELECT rolname FROM pg_roles")).scalars())
    return found


async def test_a_new_customer_of_the_same_name_has_nothing_of_the_old_one(house: House) -> None:
    old = await full(house)
    client = await old.client()
    await remove(house, await mark(house))
    assert await status_of(client) in {401, 404}
    new = await house.tenant("alfa")
    forget(house)
    assert new.record.id != old.record.id
    assert await status_of(client) in {401, 404}
    found = await contents(new.scope)
    assert (found["ticket"], found["hour_card"], len(found["account"])) == ([], [], 1)
    assert old.record.id.hex not in repr(found)
    await writes(new)


@pytest.mark.long
@pytest.mark.parametrize("step", [*dict.fromkeys(STEPS)])
async def test_what_a_kill_leaves_of_a_removal_is_removed_by_the_same_call(house: House, step: str) -> None:
    customer = await full(house)
    before = await databases(house)
    tenant = await mark(house)
    run_act(house.portal.settings, "delete", {"slug": "alfa"}, step)
    forget(house)
    if step == "forgotten":
        with pytest.raises(UnknownTenant):
            await house.portal.tenants.fresh(tenant.id)
    else:
        with pytest.raises(TenantInOtherState):
            await resume(house)
        await remove(house, tenant)
    assert await named_in(house, customer.record.id) == {"audit_log"}
    assert len(before - await databases(house)) == 3
    assert not backup_folder(house.portal.settings.backups_path, customer.record.id).exists()


@pytest.mark.long
async def test_the_steps_that_are_killed_are_all_there_are(house: House) -> None:
    await full(house)
    await mark(house)
    assert run_act(house.portal.settings, "delete", {"slug": "alfa"}) == STEPS


async def test_of_removals_at_once_each_ends_well_and_one_is_told(house: House) -> None:
    customer = await full(house)
    tenant = await mark(house)
    await asyncio.gather(*(remove(house, tenant) for _ in range(3)))
    assert await named_in(house, customer.record.id) == {"audit_log"}
    assert len(await audit_log(house.portal.catalog, "tenant_deleted")) == 1


async def test_of_a_resume_and_a_removal_at_once_one_wins(house: House) -> None:
    customer = await house.tenant("alfa")
    tenant = await mark(house)
    found = await asyncio.gather(resume(house), remove(house, tenant), return_exceptions=True)
    (lost,) = [one for one in found if one is not None]
    assert isinstance(lost, TenantInOtherState | NoSuchTenant)
    if found[0] is None:
        await writes(customer)
    else:
        assert await named_in(house, tenant.id) == {"audit_log"}


async def test_backups_that_cannot_be_removed_keep_the_customer_in_the_catalog(house: House) -> None:
    customer = await house.tenant("alfa")
    folder = backup_folder(house.portal.settings.backups_path, customer.record.id)
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.touch()  # something else than a folder, which nobody may simply take away
    tenant = await mark(house)
    with pytest.raises(NotGone):
        await remove(house, tenant)
    assert (await house.portal.tenants.fresh(tenant.id)).status is TenantStatus.DELETED
    folder.unlink()
    await remove(house, tenant)
    assert await named_in(house, tenant.id) == {"audit_log"}


async def test_a_customer_that_was_never_finished_can_leave_and_is_not_made_after_all(house: House) -> None:
    now = clock()
    tenant_id = await ordered(house, lease=False, now=now)
    tenant = await mark(house, "acme")
    with pytest.raises(TenantInOtherState):
        await resume(house, "acme")
    assert await work_orders(house.portal.workshop(), now + LEASE) == 0
    await finish_order(house.portal.workshop(), tenant_id, now)
    assert (await house.portal.tenants.fresh(tenant_id)).status is TenantStatus.DELETED
    await remove(house, tenant)
    assert await named_in(house, tenant_id) == {"audit_log"}


SUSPEND = """mutation($input: SuspendTenantInput!) { suspendTenant(input: $input) {
  tenant { slug status } errors { code path } } }"""
RESUME = SUSPEND.replace("Suspend", "Resume").replace("suspend", "resume")


async def act(house: House, person: Person, document: str, **given: Any) -> Any:
    client = await house.session(person)
    return await client.call(document, {"input": {"slug": "alfa", **given}})


async def test_only_the_vendors_administrators_suspend_and_resume(house: House) -> None:
    customer = await house.tenant("alfa")
    boss = await house.operator(OperatorRole.ADMINISTRATOR, email="freya@vendor.example")
    other = await house.operator(OperatorRole.SUPPORT, OperatorRole.SAAS_TEAM, OperatorRole.CONSULTANT)
    client = await customer.client()
    for document, status in ((SUSPEND, TenantStatus.ACTIVE), (RESUME, TenantStatus.SUSPENDED)):
        refused = await act(house, other, document)
        assert refused["errors"][0]["extensions"]["code"] == "FORBIDDEN"
        answer = await client.call(document, {"input": {"slug": "alfa"}})
        assert answer["errors"]
        assert (await house.portal.tenants.fresh(customer.record.id)).status is status
        (payload,) = (await act(house, boss, document))["data"].values()
        forget(house)
        assert (payload["errors"], payload["tenant"]["slug"]) == ([], "alfa")
    await writes(customer)


async def test_a_retry_with_its_key_is_the_same_suspension(house: House) -> None:
    customer = await house.tenant("alfa")
    boss = await house.operator(OperatorRole.ADMINISTRATOR)
    keyed = {"idempotencyKey": "k1"}
    answers = await asyncio.gather(*(act(house, boss, SUSPEND, **keyed) for _ in range(5)))
    assert all(answer["data"]["suspendTenant"]["errors"] == [] for answer in answers)
    again = (await act(house, boss, SUSPEND))["data"]["suspendTenant"]
    assert [error["code"] for error in again["errors"]] == ["ILLEGAL_TRANSITION"]
    told = await audit_log(house.portal.catalog, "tenant_status_changed")
    assert [entry.detail["status"] for entry in told if entry.actor_id == boss.id] == ["SUSPENDED"]
    forget(house)
    await remove(house, await mark(house))
    assert await named_in(house, customer.record.id) == {"audit_log"}


async def test_of_suspensions_at_once_one_is_carried_out(house: House) -> None:
    await house.tenant("alfa")
    boss = await house.operator(OperatorRole.ADMINISTRATOR)
    answers = await asyncio.gather(*(act(house, boss, SUSPEND) for _ in range(5)))
    codes = [[error["code"] for error in answer["data"]["suspendTenant"]["errors"]] for answer in answers]
    assert sorted(codes) == [[], *[["ILLEGAL_TRANSITION"]] * 4]
