"""Whatever ends a move in the middle, the customer is served from exactly one place and nothing of it is lost."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from tenants.catalog.errors import LeaseLost
from tenants.catalog.models import TenantStatus
from tenants.catalog.sides import LEASE, MARGIN, sides_of
from tenants.databases.copying import filling
from tenants.databases.errors import DatabaseUnavailable, ValueRefused
from tenants.databases.scopes import CatalogScope
from tenants.databases.servers import Server
from tenants.upkeep.reaping import reap
from tests.factories.acts import run_act
from tests.factories.databases import epoch_of
from tests.factories.disk import refused_for_room
from tests.factories.moving import (
    CLUSTER,
    FILES,
    clock,
    databases,
    forget,
    move,
    open_yard,
    record,
    registered,
    rows_at,
    unchanged,
    writes,
    writing,
)
from tests.factories.portal import House

AWAY, BLOCKED = "away", "blocked"
LEFT = LEASE + MARGIN + timedelta(seconds=1)
STEPS = ["noted", "made", "held", "frozen", "copied", "swapped"]


@pytest.fixture
async def house(server: Server, tmp_path: Path, postgres_url: str) -> AsyncIterator[House]:
    (tmp_path / "a-file").touch()
    async with open_yard(server, tmp_path, postgres_url) as opened:
        yield opened


@pytest.fixture(params=[FILES, CLUSTER])
def to(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


class Catalog(CatalogScope):
    """A catalog in which something happens right before or right after its next transaction, once it is armed."""

    def __init__(self, house: House) -> None:
        super().__init__(house.portal.engines.catalog())
        self.before: Callable[[], Awaitable[None]] | None = None
        self.after: Callable[[], Awaitable[None]] | None = None

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        before, self.before = self.before, None
        after, self.after = self.after, None
        if before:
            await before()
        async with super().write() as session:
            yield session
        if after:
            await after()


async def lose_the_answer() -> None:
    raise DatabaseUnavailable("the connection broke after the commit")


async def test_a_swap_whose_answer_was_lost_is_a_swap(house: House, to: str) -> None:
    customer = await house.tenant("alfa")
    old, catalog = customer.record.placement, Catalog(house)

    def step(name: str) -> None:
        if name == "copied":
            catalog.after = lose_the_answer

    with pytest.raises(DatabaseUnavailable):
        await move(house, "alfa", to, yard=replace(house.portal.yard(clock), catalog=catalog), step=step)
    assert (await record(customer)).placement.server == to
    assert await epoch_of(house.portal.engines.server(old.server), old.database) == -1
    await writes(customer)


async def test_a_move_that_was_given_up_by_others_does_not_disturb_what_they_did(
    house: House, to: str
) -> None:
    """It hangs before its swap for longer than its lease; meanwhile the customer is taken back and moved."""
    customer = await house.tenant("alfa")
    old, before = customer.record.placement, await databases(house)
    catalog = Catalog(house)

    async def others() -> None:
        assert await reap(house.portal.yard(clock), clock() + LEFT) == 2  # taken back, and its copy removed
        await writes(customer)
        await move(house, "alfa", CLUSTER if to == FILES else FILES)

    def step(name: str) -> None:
        if name == "copied":
            catalog.before = others

    with pytest.raises(LeaseLost):
        await move(house, "alfa", to, yard=replace(house.portal.yard(clock), catalog=catalog), step=step)
    moved = await record(customer)
    assert (moved.status, moved.epoch) == (TenantStatus.ACTIVE, 2)
    assert await epoch_of(house.portal.engines.server(old.server), old.database) == -1
    assert await databases(house) - before == {moved.placement.database}


async def test_a_move_that_was_given_up_before_it_held_the_customer_does_not_hold_it(
    house: House, to: str
) -> None:
    customer = await house.tenant("alfa")
    catalog = Catalog(house)

    async def others() -> None:
        await reap(house.portal.yard(clock), clock() + LEFT)

    def step(name: str) -> None:
        if name == "made":
            catalog.before = others

    with pytest.raises(LeaseLost):
        await move(house, "alfa", to, yard=replace(house.portal.yard(clock), catalog=catalog), step=step)
    await unchanged(customer)
    await writes(customer)


async def test_a_move_that_took_longer_than_its_lease_is_refused_its_swap(house: House, to: str) -> None:
    customer = await house.tenant("alfa")
    before = await databases(house)
    late: list[str] = []

    def jumping() -> datetime:
        return clock() + (LEFT if late else timedelta())

    def step(name: str) -> None:
        if name == "copied":
            late.append(name)

    with pytest.raises(LeaseLost):
        await move(house, "alfa", to, yard=house.portal.yard(jumping), step=step)
    await unchanged(customer)
    assert await databases(house) == before
    await writes(customer)


async def test_a_move_that_is_interrupted_leaves_everything_as_it_was(house: House, to: str) -> None:
    customer = await house.tenant("alfa")
    before = await databases(house)
    for at in STEPS[:-1]:

        def step(name: str, at: str = at) -> None:
            if name == at:
                raise asyncio.CancelledError

        with pytest.raises(asyncio.CancelledError):
            await move(house, "alfa", to, step=step)
        if at == "noted":  # nothing is prepared yet: a worker takes it back
            await reap(house.portal.yard(clock), clock() + LEFT)
        await unchanged(customer)
        assert await databases(house) == before
    await writes(customer)


async def test_a_server_that_is_away_or_has_no_folder_leaves_the_customer_where_it_is(
    server: Server, tmp_path: Path, postgres_url: str
) -> None:
    (tmp_path / "a-file").touch()
    more = {
        AWAY: "postgresql://postgres@127.0.0.1:9/postgres",
        BLOCKED: f"sqlite:///{tmp_path / 'a-file' / 'x'}",
    }
    async with open_yard(server, tmp_path, postgres_url, more) as house:
        customer = await house.tenant("alfa")
        for where in (AWAY, BLOCKED):
            with pytest.raises(DatabaseUnavailable):
                await move(house, "alfa", where)
            await writes(customer)
            assert (await record(customer)).placement == customer.record.placement
        (tmp_path / "a-file").unlink()  # then what could not be removed is removed
        await reap(house.portal.yard(clock), clock())
        await unchanged(customer)


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)  # only a file can hold what PostgreSQL cannot
async def test_a_value_that_postgresql_refuses_leaves_the_customer_where_it_is(house: House) -> None:
    customer = await house.tenant("alfa")
    before = await databases(house)
    files, home = house.portal.engines.server("main"), customer.record.placement
    async with filling(files, home.database) as connection:
        await connection.exec_driver_sql("UPDATE contact SET phone = '+31' || char(0)")
    with pytest.raises(ValueRefused, match=r"contact\.phone"):
        await move(house, "alfa", CLUSTER)
    await unchanged(customer)
    assert await databases(house) == before
    await writes(customer)
    await move(house, "alfa", FILES)  # a file takes it


async def test_a_disk_that_is_full_leaves_the_customer_where_it_is(house: House) -> None:
    """The limit on the size of files stands for the disk: the customer is larger than what may be written."""
    customer = await house.tenant("alfa")
    home = customer.record.placement
    async with filling(house.portal.engines.server("main"), home.database) as connection:
        name = "x" * 200
        values = [{"id": f"{number:032x}", "name": name} for number in range(20_000)]
        marks = ":id, :name" if connection.dialect.name == "sqlite" else "CAST(:id AS uuid), :name"
        await connection.execute(text(f"INSERT INTO agent (id, name) VALUES ({marks})"), values)  # noqa: S608  # ours
    before = await databases(house)
    await house.portal.engines.close()
    refused_for_room(house.portal.settings, 3_000_000, "tenant", "move", "alfa", "--to", FILES)
    await unchanged(customer)
    assert await databases(house) == before
    await writes(customer)


@pytest.mark.long
@pytest.mark.parametrize("step", STEPS)
async def test_what_a_kill_leaves_of_a_move_is_served_from_one_place_with_every_write(
    house: House, to: str, step: str
) -> None:
    customer = await house.tenant("alfa")
    before, given = await databases(house), {"slug": "alfa", "to": to}
    async with writing(customer, 2) as writers:
        await asyncio.to_thread(run_act, house.portal.settings, "move", given, step)
        await reap(house.portal.yard(clock), clock() + LEFT)
        await registered(writers, 3)
    forget(house)
    customer.record = await record(customer)
    assert customer.record.status is TenantStatus.ACTIVE
    assert (customer.record.placement.server == to) is (step == "swapped")
    assert len(await sides_of(house.portal.catalog, customer.record.id)) == (step == "swapped")
    assert await databases(house) - before == {customer.record.placement.database} - before
    await writers.check(customer)
    rows = await rows_at(house, customer.record.placement)
    customer.record = await move(house, "alfa", "main" if step == "swapped" else to)
    assert await rows_at(house, customer.record.placement) == rows
    await writers.check(customer)


@pytest.mark.long
async def test_the_steps_that_are_killed_are_all_there_are(house: House, to: str) -> None:
    await house.tenant("alfa")
    assert run_act(house.portal.settings, "move", {"slug": "alfa", "to": to}) == STEPS
