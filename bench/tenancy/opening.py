"""What the first read of a customer costs, with and without what the engines of one server share."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from uuid import UUID

from bench.tenancy.figures import Figure, Say
from bench.tenancy.places import folder_with_room, postgres_in
from bench.tenancy.work import ORGANIZATION
from tenants.databases.admission import AT_MOST
from tenants.databases.connections import Compiled
from tenants.databases.database import open_database
from tenants.databases.provisioning import create_tenant_database
from tenants.databases.servers import PostgresServer, Server, SqliteServer
from tenants.ids import new_id

CUSTOMERS = 20
ROOM = 400_000_000


async def opening_figures(say: Say) -> list[Figure]:
    with folder_with_room(ROOM) as folder:
        say("the first read of a customer")
        sqlite = await _figure("SQLite", SqliteServer("main", folder / "databases"))
        with postgres_in(Path(folder), durable=False) as url:
            return [sqlite, await _figure("PostgreSQL", PostgresServer("main", url))]


async def _figure(kind: str, server: Server) -> Figure:
    ids = [new_id(datetime.now(UTC)) for _ in range(CUSTOMERS)]
    for tenant_id in ids:
        await create_tenant_database(server, _name(tenant_id), tenant_id, epoch=1)
    shared, own, compiled = list[float](), list[float](), Compiled()
    for tenant_id in ids:
        shared.append(await _seconds(server, tenant_id, compiled))
        own.append(await _seconds(server, tenant_id, None))
    best, alone = min(shared), min(own)
    told = f"{1000 * best:.1f} ms, and {1000 * alone:.1f} ms with a dialect and statements of its own"
    return Figure(f"  {kind}: the first read of a customer, {told}: times faster", alone / best)


def _name(tenant_id: UUID) -> str:
    return f"t_{tenant_id.hex}"


async def _seconds(server: Server, tenant_id: UUID, shared: Compiled | None) -> float:
    begin = perf_counter()
    database = open_database(server, _name(tenant_id), tenant_id, pool_size=AT_MOST, shared=shared)
    async with database.read() as rows:
        await rows(ORGANIZATION, None)
    taken = perf_counter() - begin
    await database.close()
    return taken
