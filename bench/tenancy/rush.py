"""Many more tenants than a server has connections, all of them at random and many at once."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from sqlalchemy import text

from bench.tenancy.work import Work
from tenants.databases.administration import administering
from tenants.databases.servers import PostgresServer

WRITES = 0.1
LOOK_EVERY = 0.05
BACKENDS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
)


@dataclass(slots=True)
class Seen:
    """What went wrong, and how many backends there were at most."""

    limit: int
    errors: list[Exception] = field(default_factory=list)
    backends: int = 0


async def rush(work: Work, server: PostgresServer, slugs: Sequence[str], count: int, at_once: int) -> Seen:
    """`count` reads and writes in the databases of customers that are drawn at random."""
    dice = random.Random(500)
    queue = iter([(dice.choice(slugs), dice.random() < WRITES) for _ in range(count)])
    async with _watched(server) as seen:

        async def run() -> None:
            for slug, writes in queue:
                try:
                    await (work.write(slug) if writes else work.read(slug))
                except Exception as error:  # noqa: BLE001  # each counts, whatever it is
                    seen.errors.append(error)

        await asyncio.gather(*[run() for _ in range(at_once)])
    return seen


@asynccontextmanager
async def _watched(server: PostgresServer) -> AsyncIterator[Seen]:
    """Counts the server's backends all the while, but for the one that counts."""
    async with administering(server) as connection:
        seen = Seen(int((await connection.execute(text("SHOW max_connections"))).scalar_one()))

        async def look() -> None:
            while True:
                seen.backends = max(seen.backends, (await connection.execute(BACKENDS)).scalar_one())
                await asyncio.sleep(LOOK_EVERY)

        looking = asyncio.create_task(look())
        try:
            yield seen
        finally:
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)
