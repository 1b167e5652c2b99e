"""A process of the portal that serves customers in random order; it prints what it came to hold.

`python -m bench.tenancy.visitor DATA VISITS`: as `slaportal run` does, on uvloop and with the worker beside it.
"""

from __future__ import annotations

import asyncio
import random
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import orjson
import psutil  # type: ignore[import-untyped]  # of the PostgreSQL package
import uvloop

from api.portal import open_portal
from api.settings import read_settings
from bench.tenancy.population import operator_token
from bench.tenancy.work import Work, alive
from tenants.catalog.queries import all_tenants
from tenants.databases.admission import AT_MOST
from tenants.databases.database import Database

WRITE_EVERY, PAGE_EVERY = 20, 50
LAST = 200
"""Visits at the end, each of which writes: then every open database holds all that one can hold."""

LOOK_EVERY = 100


async def visit_all(data: Path, visits: int) -> dict[str, int]:
    """Bytes and threads of this process after `visits`; each customer is visited as often as any other."""
    portal = open_portal(read_settings({}, data=data, password_rounds=1_000))
    token = await operator_token(portal)
    slugs = [tenant.slug for tenant in await all_tenants(portal.catalog)]
    process, memory = psutil.Process(), 0
    work = Work(portal)
    async with alive(work):
        await _open_catalog(portal.engines.catalog())
        for number, slug in enumerate(_drawn(slugs, visits)):
            await work.read(slug)
            if number % WRITE_EVERY == 0 or number >= visits - LAST:
                await work.write(slug)
            if number % PAGE_EVERY == 0:
                await work.page(token, slug)
            if number % LOOK_EVERY == 0:
                memory = max(memory, process.memory_info().rss)
        return {
            "tenants": len(slugs),
            "memory": max(memory, process.memory_info().rss),
            "threads": await _standing_threads(process),
            "held": portal.engines.held(portal.settings.catalog_server),
        }


async def _open_catalog(catalog: Database) -> None:
    """All of its connections, which any number of customers may need: each has a thread."""
    async with AsyncExitStack() as stack:
        for _ in range(AT_MOST):
            await stack.enter_async_context(catalog.snapshot())


async def _standing_threads(process: psutil.Process) -> int:
    """The fewest of many looks: what was closed ends its thread, and the worker opens a database now and then."""
    looks = list[int]()
    for _ in range(30):
        await asyncio.sleep(0.1)
        looks.append(process.num_threads())
    return min(looks)


def _drawn(slugs: Sequence[str], visits: int) -> list[str]:
    """All of them in an order of chance, again and again until there are so many."""
    dice, drawn = random.Random(10_000), list[str]()
    while len(drawn) < visits:
        drawn += dice.sample(slugs, len(slugs))
    return drawn[:visits]


if __name__ == "__main__":
    print(orjson.dumps(uvloop.run(visit_all(Path(sys.argv[1]), int(sys.argv[2])))).decode())
