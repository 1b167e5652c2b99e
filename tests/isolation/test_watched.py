"""A process that works in one customer's name opens the catalog and that customer's database, and no other."""

import asyncio
import json
import re
import sys
from collections.abc import AsyncIterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url

from tenants.databases.administration import administering
from tenants.databases.servers import PostgresServer, Server, SqliteServer
from tests.factories.portal import Person
from tests.isolation.watched import ROOT, Told, Watched
from tests.isolation.worlds import OTHER, World, world

CONNECTED = re.compile(r"connection authorized: user=(\S+) database=(\S+)")
SQLITE_FILES = ("", "-wal", "-shm")


def _plain(person: Person) -> dict[str, str]:
    return {name: str(value) for name, value in asdict(person).items() if value is not None}


def watched(beside: World) -> Watched:
    settings, asking = beside.house.portal.settings, beside.asking
    return Watched(
        data=str(settings.data),
        urls=dict(settings.database_urls),
        catalog=settings.catalog_database,
        slug=beside.own.record.slug,
        owner=_plain(beside.own.owner),
        operator=_plain(beside.operator),
        ids=asking.own_ids,
        number=asking.number,
        foreign=asdict(asking.foreign),
    )


async def told_by(what: Watched) -> Told:
    """What a process of its own tells."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.isolation.watched",
        cwd=ROOT, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    output, errors = await process.communicate(json.dumps(asdict(what)).encode())
    assert process.returncode == 0, errors.decode()[-2000:]
    return Told(**json.loads(output))


@pytest.fixture
async def beside(server: Server, tmp_path: Path) -> AsyncIterator[World]:
    """Alfa beside its neighbour; this process has nothing open."""
    async with world(server, tmp_path, None, active=False) as made:
        await made.house.portal.engines.close()
        yield made


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
async def test_no_file_is_opened_but_those_of_the_catalog_and_the_own_tenant(
    beside: World, capsys: pytest.CaptureFixture[str]
) -> None:
    told = await told_by(watched(beside))
    own = _files(beside, beside.own.record.placement.database)
    catalog = _files(beside, beside.house.portal.settings.catalog_database)
    keys = str(beside.house.portal.settings.keys_path)
    assert set(told.paths) == {keys, own[0], catalog[0]}
    assert {own[0], catalog[0]} <= set(told.descriptors) <= {*own, *catalog}
    with capsys.disabled():
        sys.stdout.write(
            f"\nfiles on sqlite: {told.events:,} openings watched over {told.answers} answers, "
            f"{len(told.paths)} files of data opened, 0 of a neighbour\n"
        )


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
async def test_the_watch_notices_a_neighbours_file(beside: World) -> None:
    told = await told_by(replace(watched(beside), visit=OTHER))
    assert beside.other
    theirs = _files(beside, beside.other.record.placement.database)
    assert theirs[0] in told.paths
    assert set(theirs) <= set(told.descriptors)


@pytest.mark.parametrize("server", ["postgres"], indirect=True)
async def test_no_database_is_connected_to_but_the_catalog_and_the_own_tenants(
    beside: World, server: PostgresServer, capsys: pytest.CaptureFixture[str]
) -> None:
    administrator = server.administration.username
    own, catalog = beside.own.record.placement.database, beside.house.portal.settings.catalog_database
    connected = await _connected(server, watched(beside))
    assert set(connected) == {(administrator, catalog), (own, own)}
    with capsys.disabled():
        sys.stdout.write(
            f"\nconnections on postgres: {len(connected)} to catalog and own tenant, 0 to a neighbour's\n"
        )


@pytest.mark.parametrize("server", ["postgres"], indirect=True)
async def test_the_watch_notices_a_connection_to_a_neighbours_database(
    beside: World, server: PostgresServer
) -> None:
    assert beside.other
    theirs = beside.other.record.placement.database
    assert (theirs, theirs) in await _connected(server, replace(watched(beside), visit=OTHER))


def _files(beside: World, database: str) -> list[str]:
    place = beside.house.portal.engines.server("main")
    assert isinstance(place, SqliteServer)
    return [f"{place.path(database)}{suffix}" for suffix in SQLITE_FILES]


async def _connected(server: PostgresServer, what: Watched) -> list[tuple[Any, ...]]:
    """Role and database of each connection that was made meanwhile, as the server's own log has it."""
    log = Path(str(make_url(server.base).query["host"])) / "log"
    async with administering(server) as connection:
        await connection.exec_driver_sql("ALTER SYSTEM SET log_connections = on")
        await connection.exec_driver_sql("SELECT pg_reload_conf()")
    before = log.stat().st_size
    await told_by(what)
    written = log.read_bytes()[before:].decode()
    async with administering(server) as connection:
        await connection.exec_driver_sql("ALTER SYSTEM RESET log_connections")
        await connection.exec_driver_sql("SELECT pg_reload_conf()")
    return CONNECTED.findall(written)
