"""SQLite is read on the event loop while that is short; nothing else follows from it."""

import asyncio

import pytest
from sqlalchemy import func, select, text

from tenants.acts import SYSTEM
from tenants.audit.models import AuditEntry
from tenants.audit.service import record_event
from tenants.databases.engines import AdmittedDatabase, Engines
from tenants.databases.errors import DatabaseUnavailable
from tenants.databases.scopes import TenantScope
from tenants.databases.servers import SqliteServer
from tenants.tables import table
from tests.conftest import NOW

A_MILLION = text(
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000) SELECT count(*) FROM n"
)
ENTRIES = select(func.count()).select_from(table(AuditEntry))


async def test_a_long_read_leaves_the_event_loop_to_others(tenant_scope: TenantScope) -> None:
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(others())
    async with tenant_scope.read() as reader:
        assert await reader.scalar(A_MILLION) == 1_000_000
    task.cancel()
    assert turns > 100


async def test_after_a_long_read_short_ones_are_answered_as_before(tenant_scope: TenantScope) -> None:
    async with tenant_scope.read() as reader:
        await reader.scalar(A_MILLION)
        assert await reader.scalar(text("SELECT 7")) == 7


async def test_each_statement_of_a_reader_sees_what_was_committed_before_it(
    tenant_scope: TenantScope,
) -> None:
    async with tenant_scope.read() as reader:
        assert await reader.scalar(ENTRIES) == 0
        async with tenant_scope.write() as session:
            await record_event(session, now=NOW, event="test", actor=SYSTEM)
            await session.flush()
            assert await reader.scalar(ENTRIES) == 0
        assert await reader.scalar(ENTRIES) == 1


async def test_a_database_that_is_being_read_is_not_idle(tenant_scope: TenantScope) -> None:
    database = tenant_scope._database
    assert isinstance(database, AdmittedDatabase)
    async with tenant_scope.read() as reader:
        await reader.scalar(text("SELECT 1"))
        assert database._seats.busy
    assert not database._seats.busy


async def test_a_reader_of_sqlite_can_change_nothing(engines: Engines, tenant_scope: TenantScope) -> None:
    if not isinstance(engines.server("main"), SqliteServer):
        return
    async with tenant_scope.read() as reader:
        with pytest.raises(DatabaseUnavailable, match="readonly"):
            await reader.rows(text("DELETE FROM ticket"))
