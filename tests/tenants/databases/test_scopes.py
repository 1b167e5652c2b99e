"""A scope reaches its own database and nothing else."""

from uuid import uuid4

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError

from tenants.acts import SYSTEM
from tenants.audit.models import AuditEntry
from tenants.audit.service import record_event
from tenants.databases.engines import Engines
from tenants.databases.errors import DatabaseUnavailable, StaleEpoch, WrongDatabase
from tenants.databases.scopes import TenantScope
from tenants.databases.servers import Placement, SqliteServer
from tenants.tables import table
from tests.conftest import NOW


async def entries(scope: TenantScope) -> int:
    async with scope.read() as reader:
        return int(await reader.scalar(select(func.count()).select_from(table(AuditEntry))))


async def test_a_write_commits_once_at_the_end(tenant_scope: TenantScope) -> None:
    async with tenant_scope.write() as session:
        await record_event(session, now=NOW, event="test", actor=SYSTEM)
        await session.flush()
    assert await entries(tenant_scope) == 1


async def test_an_exception_rolls_everything_back(tenant_scope: TenantScope) -> None:
    async def write_and_fail() -> None:
        async with tenant_scope.write() as session:
            await record_event(session, now=NOW, event="test", actor=SYSTEM)
            await session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await write_and_fail()
    assert await entries(tenant_scope) == 0


async def test_what_is_recorded_stays_although_the_call_is_refused(tenant_scope: TenantScope) -> None:
    with pytest.raises(ZeroDivisionError):
        async with tenant_scope.write():
            raise ZeroDivisionError
    async with tenant_scope.record() as session:
        await record_event(session, now=NOW, event="refused", actor=SYSTEM)
    assert await entries(tenant_scope) == 1


async def test_a_process_that_missed_a_move_cannot_write(tenant_scope: TenantScope) -> None:
    stale = TenantScope(tenant_scope._database, tenant_scope.tenant_id, epoch=0)
    with pytest.raises(StaleEpoch):
        async with stale.write() as session:
            await record_event(session, now=NOW, event="test", actor=SYSTEM)
    assert await entries(tenant_scope) == 0


async def test_the_database_of_another_tenant_is_noticed_on_connecting(
    engines: Engines, tenant_scope: TenantScope
) -> None:
    other = uuid4()
    swapped = engines.tenant(other, Placement("main", f"t_{tenant_scope.tenant_id.hex}"))
    with pytest.raises(WrongDatabase):
        async with TenantScope(swapped, other, 1).read() as reader:
            await reader.rows(text("SELECT 1"))


async def test_a_missing_database_is_unavailable_and_never_created(engines: Engines) -> None:
    other = uuid4()
    missing = engines.tenant(other, Placement("main", f"t_{other.hex}"))
    with pytest.raises(DatabaseUnavailable):
        async with TenantScope(missing, other, 1).read() as reader:
            await reader.rows(text("SELECT 1"))
    server = engines.server("main")
    if isinstance(server, SqliteServer):
        assert not server.path(f"t_{other.hex}").exists()


async def test_sqlite_cannot_attach_another_file(engines: Engines, tenant_scope: TenantScope) -> None:
    if not isinstance(engines.server("main"), SqliteServer):
        return
    with pytest.raises(OperationalError, match="too many attached"):
        async with tenant_scope.read() as reader:
            await reader.rows(text("ATTACH DATABASE ':memory:' AS other"))
