"""`slaportal tenant move`: what it says, and how it ends."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tenants.catalog.models import TenantStatus
from tenants.databases.copying import filling
from tenants.databases.servers import Server
from tests.cli.conftest import Slaportal
from tests.cli.installations import Command, commands, told
from tests.factories.moving import CLUSTER, FILES, open_yard, record, writes
from tests.factories.portal import House


@pytest.fixture
async def house(server: Server, tmp_path: Path, postgres_url: str) -> AsyncIterator[House]:
    away = {"away": "postgresql://postgres@127.0.0.1:9/postgres"}
    async with open_yard(server, tmp_path, postgres_url, away) as opened:
        yield opened


@pytest.fixture
def run(house: House, slaportal: Slaportal) -> Command:
    return commands(house, slaportal)


async def test_a_customer_is_moved_and_told_where_it_is(house: House, run: Command) -> None:
    customer = await house.tenant("alfa")
    done = await run("tenant", "move", "alfa", "--to", "CLUSTER")
    assert (done.exit_code, done.stdout) == (0, "")
    assert told(done).startswith("alfa is served from")
    moved = await record(customer)
    assert (moved.placement.server, moved.status) == (CLUSTER, TenantStatus.ACTIVE)
    done = await run("tenant", "move", "alfa", "--to", FILES, "--json")
    assert (done.exit_code, done.stderr) == (0, "")
    facts = json.loads(done.stdout)
    assert (facts["slug"], facts["server"], facts["epoch"]) == ("alfa", FILES, 3)
    await writes(customer)


async def test_a_dry_run_moves_nothing(house: House, run: Command) -> None:
    customer = await house.tenant("alfa")
    done = await run("tenant", "move", "alfa", "--to", CLUSTER, "--dry-run")
    assert (done.exit_code, done.stdout) == (0, "")
    assert told(done) == "alfa can be moved to cluster. Nothing was moved."
    assert await record(customer) == customer.record


async def test_what_cannot_be_moved_is_told_in_one_line(house: House, run: Command) -> None:
    customer = await house.tenant("alfa")
    for slug, to, problem in (
        ("alfa", "main", "alfa is on main"),
        ("alfa", "nowhere", "Servers are named by DATABASE_URL"),
        ("alfa", "away", "A database cannot be opened"),
        ("nobody", CLUSTER, "There is no such tenant"),
    ):
        for more in ((), ("--dry-run",), ("--json",)):
            refused = await run("tenant", "move", slug, "--to", to, *more)
            assert (refused.exit_code, refused.stdout) == (1, "")
            assert problem in told(refused)
            assert told(refused).startswith("Error: ")
            assert await record(customer) == customer.record


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)  # only a file can hold what PostgreSQL cannot
async def test_a_value_that_cannot_be_kept_there_is_named_by_its_column(house: House, run: Command) -> None:
    customer = await house.tenant("alfa")
    home = customer.record.placement
    async with filling(house.portal.engines.server("main"), home.database) as connection:
        await connection.exec_driver_sql("UPDATE contact SET phone = '+31' || char(0)")
    refused = await run("tenant", "move", "alfa", "--to", CLUSTER)
    assert refused.exit_code == 1
    assert told(refused) == (
        "Error: Its rows could not all be copied; nothing has changed: "
        "(PostgreSQL cannot hold a value of contact.phone: it contains the character U+0000)"
    )
    assert await record(customer) == customer.record


async def test_without_a_server_the_command_is_used_wrongly(house: House, run: Command) -> None:
    await house.tenant("alfa")
    assert (await run("tenant", "move", "alfa")).exit_code == 2
