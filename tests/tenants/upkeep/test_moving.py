"""A customer moves between servers of both kinds: nothing is lost, and nothing is served from two places."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text, update

from tenants.acts import SYSTEM
from tenants.catalog.directory import TenantRecord
from tenants.catalog.errors import BeingChanged, TenantInOtherState, TenantNotActive
from tenants.catalog.models import TenantStatus
from tenants.catalog.service import set_status
from tenants.catalog.sides import KEPT, sides_of
from tenants.catalog.suspension import resume_tenant, suspend_tenant
from tenants.databases.copying import filling, nobody_looks
from tenants.databases.errors import DatabaseUnavailable, StaleEpoch, UnknownServer
from tenants.databases.provisioning import database_exists
from tenants.databases.servers import Server
from tenants.organization.models import Organization
from tenants.upkeep.errors import AlreadyThere, UpgradeFirst
from tenants.upkeep.moving import move_tenant
from tenants.upkeep.reaping import reap
from tests.factories.contents import audit_log, contents
from tests.factories.databases import epoch_of
from tests.factories.everything import ids_of_everything
from tests.factories.moving import (
    CLUSTER,
    FILES,
    Writers,
    clock,
    databases,
    forget,
    is_moving,
    move,
    open_yard,
    record,
    registered,
    rows_at,
    unchanged,
    writes,
    writing,
)
from tests.factories.portal import Client, House
from tests.factories.serving import served

ASKED = "{ organization { slug name } tickets(first: 50) { nodes { id number subject status } } }"


@pytest.fixture
async def house(server: Server, tmp_path: Path, postgres_url: str) -> AsyncIterator[House]:
    async with open_yard(server, tmp_path, postgres_url) as opened:
        yield opened


@pytest.fixture(params=[FILES, CLUSTER])
def to(request: pytest.FixtureRequest) -> str:
    """Where a customer moves to: with `server`, which is where it comes from, all four directions."""
    found: str = request.param
    return found


async def test_a_customer_with_one_of_everything_is_served_from_the_new_place_as_it_was(
    house: House, to: str
) -> None:
    customer = await house.tenant("alfa")
    await ids_of_everything(customer, await house.operator())
    client = await customer.client()
    old, before = customer.record.placement, await contents(customer.scope)
    rows, answer = await rows_at(house, old), await client.data(ASKED)
    customer.record = await move(house, "alfa", to)
    assert (customer.record.status, customer.record.epoch) == (TenantStatus.ACTIVE, 2)
    assert customer.record.placement.server == to
    assert await rows_at(house, customer.record.placement) == rows
    after = await contents(customer.scope)
    assert after.pop("tenant_identity") == [(customer.record.id, 2)]
    assert after == {name: kept for name, kept in before.items() if name != "tenant_identity"}
    assert await client.data(ASKED) == answer
    await writes(customer)


async def test_a_customer_can_move_there_and_back(house: House, server: Server, to: str) -> None:
    customer = await house.tenant("alfa")
    await ids_of_everything(customer, await house.operator())
    rows = await rows_at(house, customer.record.placement)
    await move(house, "alfa", to)
    customer.record = await move(house, "alfa", server.name)
    assert customer.record.epoch == 3
    assert await rows_at(house, customer.record.placement) == rows
    assert len(await sides_of(house.portal.catalog, customer.record.id)) == 2
    await writes(customer)


async def test_who_missed_the_move_writes_nothing_in_the_old_place_and_finds_the_new_one(
    house: House, to: str
) -> None:
    customer = await house.tenant("alfa")
    stale, place = customer.scope, customer.record.placement
    client = await customer.client()
    before = await rows_at(house, place)
    before_the_move = customer.record
    customer.record = await move(house, "alfa", to)
    with pytest.raises(StaleEpoch):
        async with stale.write() as session:
            await session.execute(update(Organization).values(name="Stale"))
    house.portal.tenants._seen[customer.record.id] = (clock(), before_the_move)
    writers = Writers(client)
    await writers.once("within the second")
    assert (writers.refused, writers.wrong) == (["within the second"], [])
    assert await rows_at(house, place) == before
    async with asyncio.timeout(30):
        while not writers.acknowledged:  # the process looks into the catalog again by itself
            await writers.once("after the second")
    await writers.check(customer)


async def test_a_transaction_that_is_open_when_the_move_begins_arrives_with_it(house: House, to: str) -> None:
    customer = await house.tenant("alfa")
    opened, held = asyncio.Event(), asyncio.Event()

    async def write() -> None:
        async with customer.scope.write() as session:
            await session.execute(update(Organization).values(name="Written meanwhile"))
            opened.set()
            await held.wait()
            await asyncio.sleep(0.3)

    writer = asyncio.create_task(write())
    await opened.wait()
    moving = move(house, "alfa", to, step=lambda name: held.set() if name == "held" else None)
    customer.record, _ = await asyncio.gather(moving, writer)
    async with customer.scope.read() as reader:
        assert await reader.scalar(text("SELECT name FROM organization")) == "Written meanwhile"


@pytest.mark.long
async def test_a_writer_that_does_not_end_keeps_the_customer_where_it_is(house: House, to: str) -> None:
    customer = await house.tenant("alfa")
    async with customer.scope.write() as session:
        await session.execute(update(Organization).values(name="Written meanwhile"))
        with pytest.raises(DatabaseUnavailable):
            await move(house, "alfa", to)
    await unchanged(customer)
    async with customer.scope.read() as reader:
        assert await reader.scalar(text("SELECT name FROM organization")) == "Written meanwhile"
    await writes(customer)


@pytest.mark.long
@pytest.mark.parametrize("elsewhere", [False, True], ids=["in this process", "in another process"])
async def test_whatever_is_written_during_a_move_is_in_the_new_place_or_refused(
    house: House, to: str, *, elsewhere: bool
) -> None:
    customer = await house.tenant("alfa")
    if not elsewhere:
        async with writing(customer) as writers:
            await move_under(writers, house, to)
    else:
        async with served(house), writing(customer) as writers:
            await move_under(writers, house, to)
    customer.record = await record(customer)
    assert customer.record.placement.server == to
    assert writers.refused
    await writers.check(customer)


async def move_under(writers: Writers, house: House, to: str) -> None:
    """Moves, and waits until the writers write again: their process finds the new place by itself."""
    tenant = await house.portal.tenants.fresh_by_slug("alfa")
    await move_tenant(house.portal.yard(clock), tenant, to, actor=SYSTEM, told=nobody_looks)
    await registered(writers, 5)


async def test_while_it_moves_the_customer_alone_is_told_to_come_back(house: House, to: str) -> None:
    customer, other = await house.tenant("alfa"), await house.tenant("bravo")
    client, neighbour = await customer.client(), await other.client()
    async with customer.scope.write():  # the move waits for whoever writes
        moving = asyncio.create_task(move(house, "alfa", to))
        await is_moving(customer)
        forget(house)
        refused, fine, writers = await ask(client), await ask(neighbour), Writers(neighbour)
        await writers.once("of the neighbour")
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
    assert (fine.status_code, fine.json()["data"]["organization"]["slug"]) == (200, "bravo")
    assert list(writers.acknowledged) == ["of the neighbour"]
    await moving
    assert (await ask(client)).json()["data"]["organization"]["slug"] == "alfa"


async def ask(client: Client) -> Any:
    headers = {"Authorization": f"Bearer {client.token}"}
    return await client.house.http.post("/graphql", json={"query": ASKED}, headers=headers)


async def test_a_process_that_was_told_to_come_back_serves_as_soon_as_the_move_is_over(
    house: House, to: str
) -> None:
    customer = await house.tenant("alfa")
    client = await customer.client()
    async with customer.scope.write():
        tenant = await house.portal.tenants.fresh_by_slug("alfa")
        yard = house.portal.yard(clock)
        moving = asyncio.create_task(move_tenant(yard, tenant, to, actor=SYSTEM, told=nobody_looks))
        await is_moving(customer)
        forget(house)
        assert (await ask(client)).status_code == 503
    await moving
    assert (await ask(client)).status_code == 200


async def test_where_it_was_is_kept_for_seven_days(house: House, to: str) -> None:
    customer = await house.tenant("alfa")
    old = customer.record.placement
    before = await rows_at(house, old)
    await move(house, "alfa", to)
    yard, server = house.portal.yard(clock), house.portal.engines.server(old.server)
    await reap(yard, clock() + KEPT - timedelta(hours=1))
    assert await rows_at(house, old) == before
    assert await epoch_of(server, old.database) == -1
    assert await reap(yard, clock() + KEPT) == 1
    assert not await database_exists(server, old.database)
    assert await sides_of(house.portal.catalog, customer.record.id) == []
    await writes(customer)


async def test_a_kept_database_on_a_server_that_is_not_in_the_settings_is_not_forgotten(
    house: House, to: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer = await house.tenant("alfa")
    await move(house, "alfa", to)
    await move(house, "alfa", "main")
    yard = house.portal.yard(clock)
    with monkeypatch.context() as patched:
        patched.delitem(house.portal.engines._servers, to)
        assert await reap(yard, clock() + KEPT) == 1
        (kept,) = await sides_of(house.portal.catalog, customer.record.id)
    assert kept.server == to
    assert await reap(yard, clock() + KEPT) == 1


async def test_a_suspended_customer_is_suspended_in_the_new_place_too(house: House, to: str) -> None:
    customer = await house.tenant("alfa")
    async with house.portal.catalog.write() as session:
        await suspend_tenant(session, "alfa", actor=SYSTEM, now=clock())
    moved = await move(house, "alfa", to)
    assert (moved.status, moved.placement.server, moved.epoch) == (TenantStatus.SUSPENDED, to, 2)
    with pytest.raises(TenantNotActive):
        house.portal.tenants.scope(moved)
    async with house.portal.catalog.write() as session:
        await resume_tenant(session, "alfa", actor=SYSTEM, now=clock())
    await writes(customer)


async def test_the_vendors_log_tells_of_each_step_of_a_move(house: House, to: str) -> None:
    customer = await house.tenant("alfa")
    await move(house, "alfa", to)
    told = [
        (entry.detail["status"], entry.detail.get("server"))
        for entry in await audit_log(house.portal.catalog, "tenant_status_changed")
        if entry.subject_id == customer.record.id
    ]
    assert told[-2:] == [("MOVING", None), ("ACTIVE", to)]


async def test_a_move_that_cannot_be_is_refused_and_changes_nothing(house: House, to: str) -> None:
    customer = await house.tenant("alfa")
    for where, refused in (("nowhere", UnknownServer), ("main", AlreadyThere)):
        with pytest.raises(refused):
            await move(house, "alfa", where)
        await unchanged(customer)
    async with customer.scope.write() as session:
        await session.execute(text("SELECT 1"))
    home = customer.record.placement
    async with filling(house.portal.engines.server("main"), home.database) as connection:
        await connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    with pytest.raises(UpgradeFirst):
        await move(house, "alfa", to)
    await unchanged(customer)
    for status in (TenantStatus.MOVING, TenantStatus.PROVISIONING, TenantStatus.FAILED, TenantStatus.DELETED):
        await set_status(house.portal.catalog, customer.record.id, status, actor=SYSTEM, now=clock())
        with pytest.raises(TenantInOtherState):
            await move(house, "alfa", to)
        await unchanged(customer, status)


async def test_of_several_moves_at_once_one_is_carried_out(house: House) -> None:
    customer = await house.tenant("alfa")
    before = await databases(house)
    found = await asyncio.gather(
        *(move(house, "alfa", where) for where in (FILES, CLUSTER) * 3), return_exceptions=True
    )
    (moved,) = [one for one in found if isinstance(one, TenantRecord)]
    assert {type(one) for one in found} <= {TenantRecord, BeingChanged, TenantInOtherState}
    assert (await record(customer)).placement == moved.placement
    assert await databases(house) - before == {moved.placement.database}
    await writes(customer)
