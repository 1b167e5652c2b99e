"""Making one customer's database: from the template, and by running the migrations."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from uuid import UUID

from bench.tenancy.figures import Figure, Say
from bench.tenancy.places import folder_with_room, postgres_in
from tenants.databases.administration import administering, make_database
from tenants.databases.migrations import upgrade
from tenants.databases.provisioning import IDENTIFY, create_tenant_database, give_access
from tenants.databases.servers import PostgresServer, Server, SqliteServer
from tenants.ids import new_id

TURNS = 12
COPIES = 10
"""Of the template, made one after another, to one by Alembic."""
ROOM = 200_000_000

Make = Callable[[str, UUID], Awaitable[None]]


async def template_figures(say: Say) -> list[Figure]:
    """On both databases, in memory where there is room: what is compared is work, not waiting for a disk."""
    with folder_with_room(ROOM) as folder:
        say("a database from the template, and by Alembic: SQLite")
        sqlite = await _times_faster(*_on_sqlite(folder))
        say("a database from the template, and by Alembic: PostgreSQL")
        with postgres_in(folder, durable=False) as url:
            postgres = await _times_faster(*_on_postgres(PostgresServer("main", url)))
    return [
        Figure("SQLite: template / Alembic, times faster", sqlite, 100, at_most=False),
        Figure("PostgreSQL: template / Alembic, times faster", postgres, 3, at_most=False),
    ]


async def _times_faster(template: Make, migrated: Make) -> float:
    """The best of several turns, A B A B. The first one makes the template and does not count."""
    await _seconds(template, 1)
    copies, runs = [], []
    for _ in range(TURNS):
        copies.append(await _seconds(template, COPIES))
        runs.append(await _seconds(migrated, 1))
    return min(runs) / min(copies)


async def _seconds(make: Make, count: int) -> float:
    """How long one takes when so many are made."""
    ids = [new_id(datetime.now(UTC)) for _ in range(count)]
    begin = perf_counter()
    for tenant_id in ids:
        await make(f"t_{tenant_id.hex}", tenant_id)
    return (perf_counter() - begin) / count


def _on_sqlite(folder: Path) -> tuple[Make, Make]:
    server = SqliteServer("main", folder / "databases")

    async def migrated(database: str, _tenant_id: UUID) -> None:
        server.path(database).touch()
        await upgrade(server, database, "tenant")

    return _from_template(server), migrated


def _on_postgres(server: PostgresServer) -> tuple[Make, Make]:
    async def migrated(database: str, tenant_id: UUID) -> None:
        async with administering(server) as connection:
            await make_database(connection, database, "template0")
        await upgrade(server, database, "tenant")
        await give_access(server, database)
        async with administering(server, database) as connection:
            await connection.execute(IDENTIFY, {"tenant_id": tenant_id, "epoch": 1})

    return _from_template(server), migrated


def _from_template(server: Server) -> Make:
    async def made(database: str, tenant_id: UUID) -> None:
        await create_tenant_database(server, database, tenant_id, epoch=1)

    return made
