"""`slaportal migrate` in a process of its own, with its worker processes, on both databases."""

import json
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from bench.older import change, poison
from tenants.catalog.models import Tenant
from tenants.catalog.queries import all_tenants
from tenants.databases.provisioning import drop_database
from tenants.databases.revisions import TENANT_HEAD
from tenants.databases.servers import Server
from tenants.tables import table
from tests.factories.older import put_customers_back, revision_in
from tests.factories.portal import Customer, House, open_house
from tests.factories.serving import ROOT, environment_of

# The processes are the same for both kinds; what differs is tested without them in tests/tenants/databases.
pytestmark = pytest.mark.parametrize(
    "server", ["sqlite", pytest.param("postgres", marks=pytest.mark.long)], indirect=True
)

PROGRAM = "import sys; from cli.main import main; sys.argv[0] = 'slaportal'; sys.exit(main())"
SLUGS = ("alfa", "bravo", "charlie", "delta")
Done = subprocess.CompletedProcess[str]


@pytest.fixture
async def behind(server: Server, tmp_path: Path) -> AsyncIterator[list[Customer]]:
    """Four customers at an earlier revision."""
    async with open_house(server, tmp_path) as house:
        customers = [await house.tenant(slug) for slug in SLUGS]
        await put_customers_back(house, customers)
        yield customers
        await house.portal.engines.close()


def migrate(house: House, *words: str) -> Done:
    return subprocess.run(  # noqa: S603  # our own interpreter and a fixed program
        [sys.executable, "-c", PROGRAM, "migrate", *words],
        cwd=ROOT,
        env=environment_of(house.portal.settings),
        check=False,
        text=True,
        capture_output=True,
    )


def answer(done: Done) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def server_of(customer: Customer) -> Server:
    return customer.house.portal.engines.server(customer.record.placement.server)


def database_of(customer: Customer) -> str:
    return customer.record.placement.database


async def revisions(customers: list[Customer]) -> list[str]:
    return [await revision_in(server_of(each), database_of(each)) for each in customers]


async def test_every_customer_is_brought_along_and_then_there_is_nothing_to_do(
    behind: list[Customer],
) -> None:
    house = behind[0].house
    told = migrate(house, "--json")
    assert told.returncode == 0, told.stderr
    run = answer(told).pop("run")
    assert run
    assert answer(told) == {
        "run": run,
        "target": TENANT_HEAD,
        "done": 4,
        "failed": [],
        "left": 0,
        "already": 0,
    }
    assert await revisions(behind) == [TENANT_HEAD] * 4
    await drop_database(server_of(behind[3]), database_of(behind[3]))  # nobody will look at it
    again = migrate(house, "--json")
    assert again.returncode == 0, again.stderr
    assert answer(again) == {
        "run": None,
        "target": TENANT_HEAD,
        "done": 0,
        "failed": [],
        "left": 0,
        "already": 4,
    }
    looked = migrate(house, "--all", "--json")
    assert looked.returncode == 1
    assert answer(looked)["failed"] == [{"slug": "delta", "reason": "its database is missing"}]
    assert answer(looked)["done"] == 3


async def test_a_dry_run_says_who_is_behind_and_changes_nothing(behind: list[Customer]) -> None:
    house = behind[0].house
    told = migrate(house, "--dry-run", "--tenant", "bravo", "--tenant", "alfa", "--json")
    assert told.returncode == 0, told.stderr
    rows = [{"slug": slug, "revision": "0002"} for slug in ("alfa", "bravo")]
    assert answer(told) == {"target": TENANT_HEAD, "behind": rows, "already": 0}
    table = migrate(house, "--dry-run")
    assert [line.split() for line in table.stdout.splitlines()[1:]] == [
        [s, "0002", TENANT_HEAD] for s in SLUGS
    ]
    assert await revisions(behind) == ["0002"] * 4


async def test_nobody_follows_a_first_customer_that_failed(behind: list[Customer]) -> None:
    house, bravo = behind[0].house, behind[1]
    await poison(server_of(bravo), database_of(bravo))
    told = migrate(house, "--first", "bravo", "--json")
    assert told.returncode == 1
    assert [(each["slug"], answer(told)["left"]) for each in answer(told)["failed"]] == [("bravo", 3)]
    assert "already exists" in answer(told)["failed"][0]["reason"]
    assert "bravo: its database cannot be brought to today's schema: " in told.stderr
    assert "slaportal migrate" in told.stderr
    assert await revisions(behind) == ["0002"] * 4
    await change(server_of(bravo), database_of(bravo), "DROP INDEX ix_outbox_undelivered")
    again = migrate(house, "--json")
    assert again.returncode == 0, again.stderr
    assert (answer(again)["run"], answer(again)["done"]) == (answer(told)["run"], 4)


async def test_a_run_is_given_up_after_so_many_failures_and_goes_on_with_what_is_unfinished(
    behind: list[Customer],
) -> None:
    house = behind[0].house
    for each in behind[1:3]:
        await poison(server_of(each), database_of(each))
    told = migrate(house, "--stop-after", "2", "--jobs", "1", "--json")
    assert told.returncode == 1
    assert [each["slug"] for each in answer(told)["failed"]] == ["bravo", "charlie"]
    assert (answer(told)["done"], answer(told)["left"]) == (1, 1)
    assert await revisions(behind) == [TENANT_HEAD, "0002", "0002", "0002"]
    again = migrate(house, "--json")
    assert [each["slug"] for each in answer(again)["failed"]] == ["bravo", "charlie"]
    assert (answer(again)["done"], answer(again)["left"], answer(again)["already"]) == (1, 0, 1)
    assert await revisions(behind) == [TENANT_HEAD, "0002", "0002", TENANT_HEAD]


async def test_a_customer_on_an_unknown_server_is_named_and_the_others_are_brought_along(
    behind: list[Customer],
) -> None:
    house = behind[0].house
    async with house.portal.catalog.write() as session:
        await session.execute(update(Tenant).where(table(Tenant).c.slug == "bravo").values(server="eu2"))
    told = migrate(house, "--json")
    assert told.returncode == 1
    assert answer(told)["failed"] == [{"slug": "bravo", "reason": "no server 'eu2' in the settings"}]
    assert answer(told)["done"] == 3


async def test_only_the_named_customers_are_touched_and_an_unknown_one_is_told(
    behind: list[Customer],
) -> None:
    house = behind[0].house
    refused = migrate(house, "--tenant", "alfa", "--tenant", "nobody")
    assert refused.returncode == 1
    assert "nobody" in refused.stderr
    told = migrate(house, "--tenant", "charlie", "--json")
    assert (told.returncode, answer(told)["done"], answer(told)["already"]) == (0, 1, 0)
    assert await revisions(behind) == ["0002", "0002", TENANT_HEAD, "0002"]
    assert len(await all_tenants(house.portal.catalog)) == 4


@pytest.mark.long
async def test_two_commands_at_once_share_the_work(behind: list[Customer]) -> None:
    house = behind[0].house
    words = [sys.executable, "-c", PROGRAM, "migrate", "--jobs", "1", "--json"]
    both = start_both(words, environment_of(house.portal.settings))
    for process in both:
        printed, told = process.communicate()
        assert process.returncode == 0, told
        assert json.loads(printed)["left"] == 0
    assert await revisions(behind) == [TENANT_HEAD] * 4


def start_both(words: list[str], environment: dict[str, str]) -> list[subprocess.Popen[str]]:
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return [
        subprocess.Popen(words, cwd=ROOT, env=environment, text=True, **pipes)  # noqa: S603  # as above
        for _ in range(2)
    ]
