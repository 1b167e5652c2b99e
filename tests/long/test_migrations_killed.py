"""A migration that is killed at any step leaves every customer whole, and the rerun does the rest and no more."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text, update

from tenants.catalog.migrating import Wanted
from tenants.catalog.migration_run import Orders, Outcome, Watch, migrate
from tenants.catalog.upkeep import MigrationItem, MigrationState
from tenants.databases.revisions import TENANT_HEAD
from tenants.databases.servers import Server, SqliteServer
from tenants.tables import table
from tests.factories.migrating import PARENT, WORKER
from tests.factories.older import put_customers_back, schema_of
from tests.factories.portal import Customer, House, open_house
from tests.factories.serving import ROOT, environment_of

SLUGS = ("alfa", "bravo", "charlie", "delta", "echo")
PATIENCE_SECONDS = 60
_I = table(MigrationItem).c

pytestmark = pytest.mark.long


def killed(house: House, step: str, whom: str, marker: Path) -> int:
    """The exit code of a command when all of its processes were killed at the step, or the one that took it.

    None of them lives on.
    """
    words = [sys.executable, "-m", "tests.factories.migrating", step, whom, str(marker)]
    environment = environment_of(house.portal.settings)
    process = subprocess.Popen(words, cwd=ROOT, env=environment, start_new_session=True)  # noqa: S603  # ours
    code = process.wait()
    assert marker.exists(), "nothing was killed"
    end = monotonic() + PATIENCE_SECONDS
    while _lives(process.pid):
        assert monotonic() < end, "a worker outlived its command"
        sleep(0.05)
    return code


def _lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


async def done_items(house: House) -> dict[UUID, Any]:
    async with house.portal.catalog.read() as reader:
        rows = await reader.rows(select(_I.id, _I.finished_at).where(_I.state == MigrationState.DONE))
    return {row.id: row.finished_at for row in rows}


async def half_a_minute_later(house: House) -> None:
    """The leases of the killed command have run out."""
    async with house.portal.catalog.write() as session:
        running = update(MigrationItem).where(_I.state == MigrationState.RUNNING)
        await session.execute(running.values(leased_until=datetime(2026, 1, 1, tzinfo=UTC)))


async def rerun(house: House) -> Outcome:
    return await migrate(
        house.portal.engines,
        Wanted(TENANT_HEAD),
        Orders(jobs=2),
        clock=lambda: datetime.now(UTC),
        watch=Watch(),
    )


async def check_whole(customers: list[Customer], expected: list[tuple[Any, ...]]) -> None:
    """Each database has today's schema, is sound, and serves its customer."""
    for customer in customers:
        home = customer.record.placement
        server = customer.house.portal.engines.server(home.server)
        assert await schema_of(server, home.database) == expected
        if isinstance(server, SqliteServer):
            async with customer.scope.read() as reader:
                assert await reader.scalar(text("PRAGMA integrity_check")) == "ok"
        client = await customer.client()
        assert await client.data("{ organization { slug } }") == {
            "organization": {"slug": customer.record.slug}
        }


async def test_a_command_killed_at_any_step_is_finished_by_the_next_one(
    server: Server, tmp_path: Path
) -> None:
    async with open_house(server, tmp_path) as house:
        customers = [await house.tenant(slug) for slug in SLUGS]
        place = house.portal.engines.server("main")
        expected = await schema_of(place, customers[0].record.placement.database)
        kills = [(step, "all") for step in (*PARENT, *WORKER)] + [(step, "one") for step in PARENT]
        for step, whom in kills:
            await put_customers_back(house, customers)
            assert killed(house, step, whom, tmp_path / f"{step} {whom}") == -9
            await half_a_minute_later(house)
            before = await done_items(house)
            outcome = await rerun(house)
            after = await done_items(house)
            assert (outcome.failed, outcome.left, outcome.done + outcome.already) == ((), 0, len(SLUGS))
            assert {key: after[key] for key in before} == before
            await check_whole(customers, expected)


async def test_a_worker_killed_at_any_step_costs_its_customer_a_rerun_and_nobody_else(
    server: Server, tmp_path: Path
) -> None:
    async with open_house(server, tmp_path) as house:
        customers = [await house.tenant(slug) for slug in SLUGS]
        place = house.portal.engines.server("main")
        expected = await schema_of(place, customers[0].record.placement.database)
        for step in WORKER:
            await put_customers_back(house, customers)
            assert killed(house, step, "one", tmp_path / f"{step} worker") == 1
            outcome = await rerun(house)
            assert (outcome.failed, outcome.done, outcome.already) == ((), 1, len(SLUGS) - 1)
            await check_whole(customers, expected)
