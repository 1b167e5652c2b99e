"""On SQLite a connection reaches its own file, and a file serves nobody but the tenant whose name is in it."""

import os
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from tenants.databases.connections import open_for_reading
from tenants.databases.engines import Engines
from tenants.databases.errors import DatabaseUnavailable, WrongDatabase
from tenants.databases.provisioning import create_tenant_database
from tenants.databases.scopes import Scope, TenantScope
from tenants.databases.servers import Placement, SqliteServer
from tenants.ids import new_id
from tests.conftest import NOW

pytestmark = pytest.mark.parametrize("server", ["sqlite"], indirect=True)

Run = Callable[[str], Awaitable[Any]]


async def pair_of(engines: Engines) -> tuple[TenantScope, TenantScope]:
    server, scopes = engines.server("main"), []
    for _ in range(2):
        key = new_id(NOW)
        await create_tenant_database(server, f"t_{key.hex}", key, epoch=1)
        scopes.append(TenantScope(engines.tenant(key, Placement("main", f"t_{key.hex}")), key, epoch=1))
    return scopes[0], scopes[1]


def path_of(engines: Engines, scope: TenantScope) -> Path:
    server = engines.server("main")
    assert isinstance(server, SqliteServer)
    return server.path(f"t_{scope.tenant_id.hex}")


async def over_each_connection(scope: Scope, run: Callable[[Run], Awaitable[None]]) -> None:
    """The short reader on the loop, a reader in a thread, and the writing connection."""
    async with scope.read() as reader:

        async def short(statement: str) -> Any:
            return await reader.scalar(text(statement))

        await run(short)
    async with scope.write() as session:

        async def writing(statement: str) -> Any:
            return (await session.execute(text(statement))).scalar()

        await run(writing)


async def test_no_connection_attaches_another_file(engines: Engines) -> None:
    own, other = await pair_of(engines)
    theirs = path_of(engines, other)

    async def attach(run: Run) -> None:
        for name in (f"'{theirs}'", f"'file:{theirs}?mode=ro'", "':memory:'", "''"):
            with pytest.raises(OperationalError, match="too many attached"):
                await run(f"ATTACH DATABASE {name} AS other")
        assert await run("SELECT count(*) FROM pragma_database_list WHERE name <> 'main'") == 0

    await over_each_connection(own, attach)
    await over_each_connection(Scope(engines.catalog()), attach)


async def test_no_connection_writes_another_file(engines: Engines, tmp_path: Path) -> None:
    own, _ = await pair_of(engines)
    target = tmp_path / "copy.db"

    async def vacuum(run: Run) -> None:
        with pytest.raises((OperationalError, DatabaseUnavailable)):
            await run(f"VACUUM INTO '{target}'")
        assert not target.exists()

    await over_each_connection(own, vacuum)


async def test_each_connection_distrusts_the_schema_and_checks_references(engines: Engines) -> None:
    own, _ = await pair_of(engines)

    async def check(run: Run) -> None:
        assert await run("PRAGMA trusted_schema") == 0
        assert await run("PRAGMA foreign_keys") == 1
        with pytest.raises(OperationalError, match=r"not authorized|no such function"):
            await run("SELECT load_extension('x')")

    await over_each_connection(own, check)
    await over_each_connection(Scope(engines.catalog()), check)


def test_opening_makes_no_file(server: SqliteServer) -> None:
    engine = open_for_reading(server, "t_never_made")
    with pytest.raises(OperationalError, match="unable to open"):
        engine.connect()
    engine.dispose()
    assert not server.path("t_never_made").exists()


@pytest.mark.parametrize("put", [os.symlink, os.link, shutil.copyfile])
async def test_the_file_of_another_tenant_in_the_own_place_is_noticed(
    engines: Engines, put: Callable[[Path, Path], object]
) -> None:
    own, other = await pair_of(engines)
    async with own.read() as reader:
        assert await reader.scalar(text("SELECT count(*) FROM ticket")) == 0
    await engines.close()
    place = path_of(engines, own)
    place.unlink()
    put(path_of(engines, other), place)
    with pytest.raises(WrongDatabase):
        async with own.read() as reader:
            await reader.scalar(text("SELECT count(*) FROM ticket"))
    with pytest.raises(WrongDatabase):
        async with own.write() as session:
            await session.execute(text("DELETE FROM ticket"))


async def test_a_file_with_the_rows_of_two_tenants_serves_neither(engines: Engines) -> None:
    own, other = await pair_of(engines)
    both = "INSERT INTO tenant_identity (tenant_id, epoch) VALUES (:other, 1)"
    async with own.write() as session:
        await session.execute(text(both), {"other": other.tenant_id.hex})
    await engines.close()
    with pytest.raises(WrongDatabase):
        async with own.read() as reader:
            await reader.scalar(text("SELECT 1"))
