"""`slaportal tenant suspend`, `resume` and `delete`: what they say, and how they end."""

import json

import pytest

from tenants.catalog.directory import TenantRecord
from tenants.catalog.errors import UnknownTenant
from tenants.catalog.models import TenantStatus
from tenants.databases.provisioning import database_exists
from tests.cli.conftest import Slaportal
from tests.cli.installations import Command, commands, told
from tests.factories.moving import record, writes
from tests.factories.portal import House


@pytest.fixture
def run(house: House, slaportal: Slaportal) -> Command:
    return commands(house, slaportal)


async def exists(house: House, tenant: TenantRecord) -> bool:
    home = tenant.placement
    return await database_exists(house.portal.engines.server(home.server), home.database)


async def test_a_customer_is_suspended_and_resumed(house: House, run: Command) -> None:
    customer = await house.tenant("alfa")
    for command, line, status in (
        ("suspend", "alfa is suspended.", TenantStatus.SUSPENDED),
        ("resume", "alfa is served again.", TenantStatus.ACTIVE),
    ):
        done = await run("tenant", command, "alfa")
        assert (done.exit_code, done.stdout, told(done)) == (0, "", line)
        assert (await record(customer)).status is status
        refused = await run("tenant", command, "alfa")
        assert refused.exit_code == 1
        assert told(refused).startswith("Error: ")
    await writes(customer)


async def test_the_first_deletion_marks_and_the_second_removes(house: House, run: Command) -> None:
    customer = await house.tenant("alfa")
    marked = await run("tenant", "delete", "alfa")
    assert (marked.exit_code, marked.stdout) == (0, "")
    assert "slaportal tenant resume alfa" in told(marked)
    assert (await record(customer)).status is TenantStatus.DELETED
    assert await exists(house, customer.record)
    removed = await run("tenant", "delete", "alfa")
    assert (removed.exit_code, removed.stdout) == (0, "")
    assert told(removed).startswith("alfa is removed: 1 database,")
    assert not await exists(house, customer.record)
    again = await run("tenant", "delete", "alfa")
    assert again.exit_code == 1
    assert "There is no such tenant" in told(again)


async def test_a_mark_can_be_taken_back(house: House, run: Command) -> None:
    customer = await house.tenant("alfa")
    await run("tenant", "delete", "alfa")
    assert (await run("tenant", "resume", "alfa")).exit_code == 0
    await writes(customer)


async def test_a_dry_run_says_what_would_be_done_and_does_nothing(house: House, run: Command) -> None:
    customer = await house.tenant("alfa")
    database = f"{customer.record.placement.database} on main"
    for verb in ("marked", "removed"):
        before = await record(customer)
        done = await run("tenant", "delete", "alfa", "--dry-run")
        assert (done.exit_code, told(done)) == (0, f"alfa would be {verb}: {database}.")
        assert await record(customer) == before
        assert await exists(house, customer.record)
        await run("tenant", "delete", "alfa")


async def test_as_json_both_steps_name_the_databases(house: House, run: Command) -> None:
    customer = await house.tenant("alfa")
    database = f"{customer.record.placement.database} on main"
    for dry, verb in ((True, "marked"), (False, "marked"), (True, "removed"), (False, "removed")):
        done = await run("tenant", "delete", "alfa", "--json", *["--dry-run"] * dry)
        assert (done.exit_code, done.stderr) == (0, "")
        told_facts = {"slug": "alfa", "done": verb, "databases": [database], "dry_run": dry}
        assert json.loads(done.stdout) == told_facts
    with pytest.raises(UnknownTenant):
        await record(customer)
