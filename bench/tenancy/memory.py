"""What a process holds after it served 10,000 customers, against one that served 100."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import orjson

from api.portal import open_portal
from api.settings import read_settings
from bench.tenancy.figures import Figure, Say
from bench.tenancy.places import folder_with_room
from bench.tenancy.population import add_empty_tenants, found

FEW, MANY = 100, 10_000
DATABASE_SIZE = 500_000
MEGABYTE = 1_000_000


async def memory_figures(say: Say, many: int = MANY) -> list[Figure]:
    """A process of its own for each; both make the same number of visits, one to each of the `many` at least."""
    few = await _measured(FEW, many, say)
    all_of_them = await _measured(many, many, say)
    told = f"{many:,} SQLite tenants against {FEW}"
    sizes = f"{all_of_them['memory'] / MEGABYTE:,.0f} MB against {few['memory'] / MEGABYTE:,.0f} MB"
    counts = f"{all_of_them['threads']} against {few['threads']}"
    return [
        Figure(f"{told}: memory, {sizes}", all_of_them["memory"] / few["memory"], 2, unit=" x"),
        Figure(f"{told}: more threads, {counts}", all_of_them["threads"] - few["threads"], 0),
    ]


async def _measured(count: int, visits: int, say: Say) -> dict[str, int]:
    with folder_with_room(count * DATABASE_SIZE) as folder:
        settings = read_settings({}, data=folder)
        await found(settings)
        portal = open_portal(settings)
        await add_empty_tenants(portal, count, say)
        await portal.close()
        say(f"{visits:,} visits to {count:,} SQLite tenants")
        return await _visited(folder, visits)


async def _visited(folder: Path, visits: int) -> dict[str, int]:
    command = ["-m", "bench.tenancy.visitor", str(folder), str(visits)]
    child = await asyncio.create_subprocess_exec(
        sys.executable, *command, stdout=asyncio.subprocess.PIPE, env=_without_databases()
    )
    told, _ = await child.communicate()
    if child.returncode:
        raise RuntimeError(f"the process that visits tenants ended with {child.returncode}")
    answer: dict[str, int] = orjson.loads(told)
    return answer


def _without_databases() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if not key.startswith("DATABASE_")}
