"""Pairs of servers, and databases that are gone afterwards."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from uuid import UUID

import pytest

from tenants.databases.provisioning import create_tenant_database, drop_database
from tenants.databases.servers import PostgresServer, Server, SqliteServer
from tenants.ids import new_id
from tests.conftest import NOW

NewDatabase = Callable[[Server, UUID], Awaitable[str]]


@pytest.fixture
def sqlite(tmp_path: Path) -> Server:
    return SqliteServer("files", tmp_path / "files")


@pytest.fixture
def postgres(postgres_url: str) -> Server:
    return PostgresServer("cluster", postgres_url)


@pytest.fixture(params=["to_sqlite", "to_postgres"])
def target_server(request: pytest.FixtureRequest) -> Server:
    """Where a copy goes: with `server`, which is where it comes from, every combination."""
    found: Server = request.getfixturevalue(request.param.removeprefix("to_"))
    return found


@pytest.fixture
async def new_database() -> AsyncIterator[NewDatabase]:
    """Makes a tenant's database that holds nothing but whose it is."""
    made: list[tuple[Server, str]] = []

    async def make(server: Server, tenant_id: UUID) -> str:
        name = f"t_{new_id(NOW).hex}"
        made.append((server, name))
        await create_tenant_database(server, name, tenant_id, epoch=1)
        return name

    yield make
    for server, name in made:
        await drop_database(server, name)
