"""`slaportal catalog move`: the vendor's own database on another server."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from api.portal import open_portal
from tenants.databases.provisioning import drop_database
from tenants.databases.servers import Server, SqliteServer
from tests.cli.conftest import Slaportal
from tests.cli.installations import commands, told
from tests.factories.contents import contents
from tests.factories.everything import ids_of_everything
from tests.factories.moving import CLUSTER, FILES, open_yard
from tests.factories.portal import House


@pytest.fixture
async def house(server: Server, tmp_path: Path, postgres_url: str) -> AsyncIterator[House]:
    async with open_yard(server, tmp_path, postgres_url) as opened:
        yield opened


async def test_the_catalog_moves_to_the_other_kind_of_database_and_serves_from_there(
    server: Server, house: House, slaportal: Slaportal
) -> None:
    customer = await house.tenant("alfa")
    await ids_of_everything(customer, await house.operator())
    run, settings = commands(house, slaportal), house.portal.settings
    to = CLUSTER if isinstance(server, SqliteServer) else FILES
    done = await run("catalog", "move", "--to", to)
    assert (done.exit_code, done.stdout) == (0, "")
    assert f"SLAPORTAL_CATALOG_SERVER={to}" in told(done)
    moved = open_portal(settings.model_copy(update={"catalog_server": to}))
    try:
        assert await contents(moved.catalog, frozenset()) == await contents(house.portal.catalog, frozenset())
        async with moved.tenants.scope(await moved.tenants.fresh_by_slug("alfa")).write() as session:
            await session.flush()
        again = await run("catalog", "move", "--to", to)
        assert again.exit_code == 1
        assert "tenant has 1" in told(again)
    finally:
        await moved.close()
        await drop_database(house.portal.engines.server(to), settings.catalog_database)


async def test_a_catalog_that_cannot_move_says_why_in_one_line(house: House, slaportal: Slaportal) -> None:
    run = commands(house, slaportal)
    for to, problem in (("main", "the catalog is on main"), ("nowhere", "Servers are named by DATABASE_URL")):
        refused = await run("catalog", "move", "--to", to)
        assert (refused.exit_code, refused.stdout) == (1, "")
        assert problem in told(refused)
