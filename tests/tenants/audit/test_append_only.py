"""The database itself takes no change of an audit log: whoever writes to it, under any role of the portal."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tenants.chains.sealing import seal_batch
from tenants.databases.errors import DatabaseUnavailable
from tenants.databases.scopes import Scope
from tests.tenants.audit.logs import LATER, add, log_of, sealed, verified

CHANGES = [
    "UPDATE audit_log SET event = 'nothing'",
    "UPDATE audit_log SET at = at",
    "UPDATE audit_log SET actor_id = NULL",
    "UPDATE audit_log SET address = '198.51.100.1'",
    "UPDATE audit_log SET detail = '{}'",
    "UPDATE audit_log SET \"before\" = '{}'",
    "UPDATE audit_log SET sequence = NULL, seal = NULL",
    "UPDATE audit_log SET sequence = sequence + 10, seal = 'x'",
    "UPDATE audit_log SET seal = 'x'",
    "UPDATE audit_log SET sequence = 9, seal = 'x', event = 'nothing' WHERE sequence IS NULL",
    "UPDATE audit_log SET sequence = 9 WHERE sequence IS NULL",
    "DELETE FROM audit_log",
    "DELETE FROM audit_log WHERE sequence IS NULL",
]
REPLACED = "SELECT id, at, 'nothing', actor_kind, detail FROM audit_log"
ON_SQLITE = [
    f"INSERT OR REPLACE INTO audit_log (id, at, event, actor_kind, detail) {REPLACED}",
    (
        "INSERT OR REPLACE INTO audit_log (id, sequence, at, event, actor_kind, detail) "
        "SELECT 'f' || substr(id, 2), 1, at, 'nothing', actor_kind, detail FROM audit_log LIMIT 1"
    ),
    "UPDATE OR REPLACE audit_log SET sequence = 1, seal = 'x' WHERE sequence IS NULL",
]
ON_POSTGRES = [
    "TRUNCATE audit_log",
    (
        f"INSERT INTO audit_log (id, at, event, actor_kind, detail) {REPLACED} ON CONFLICT (id) "
        "DO UPDATE SET event = 'nothing'"
    ),
]


@pytest.mark.parametrize("change", CHANGES)
async def test_no_entry_is_changed_or_deleted_by_sql(scope: Scope, change: str) -> None:
    await add(scope, 2)
    await seal_batch(scope, log_of(scope), LATER, limit=1)
    before = await sealed(scope)
    with pytest.raises(DBAPIError, match="append-only"):
        async with scope.write() as session:
            await session.execute(text(change))
    assert await sealed(scope) == before


async def test_no_log_is_emptied_or_written_over(scope: Scope) -> None:
    await add(scope, 2)
    await seal_batch(scope, log_of(scope), LATER, limit=1)
    before = await sealed(scope)
    async with scope.write() as session:
        is_sqlite = (await session.connection()).dialect.name == "sqlite"
    for change in ON_SQLITE if is_sqlite else ON_POSTGRES:
        # A customer's own role may not even try to empty a table.
        with pytest.raises((DBAPIError, DatabaseUnavailable), match=r"append-only|permission denied"):
            async with scope.write() as session:
                await session.execute(text(change))
    assert await sealed(scope) == before


async def test_an_entry_is_sealed_once(scope: Scope) -> None:
    await add(scope, 1)
    await seal_batch(scope, log_of(scope), LATER)
    before = await sealed(scope)
    with pytest.raises(DBAPIError, match="append-only"):
        async with scope.write() as session:
            await session.execute(text("UPDATE audit_log SET sequence = 2, seal = 'x', sealed_at = NULL"))
    assert await sealed(scope) == before
    assert (await verified(scope)).holds


async def test_two_entries_never_have_one_place(scope: Scope) -> None:
    await add(scope, 2)
    with pytest.raises(DBAPIError, match=r"unique|append-only"):
        async with scope.write() as session:
            await session.execute(text("UPDATE audit_log SET sequence = 1, seal = 'x'"))
    assert [row.sequence for row in await sealed(scope)] == [None, None]
