"""A hot backup against an idle one, writes during a backup against idle ones, and a restore.

Writers and the backup are where the worker has them: one process on SQLite, two on PostgreSQL.
"""

from __future__ import annotations

import asyncio
import statistics
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import TypeVar

from sqlalchemy import update

from api.portal import Portal, open_portal
from api.settings import Settings
from bench.seeding import SLUG, seed
from bench.tenancy.figures import Figure
from tenants.acts import SYSTEM, Subject
from tenants.audit.service import record_event
from tenants.databases.backups import BackupOrder, Manifest, run_backup, take_backup
from tenants.databases.copying import nobody_looks
from tenants.databases.processes import WorkProcess
from tenants.databases.scopes import TenantScope
from tenants.databases.servers import PostgresServer
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

    def told(self) -> list[Figure]:
        """As lines with their bounds."""
        what = f"{self.kind}, backup of {self.megabytes:.1f} MB"
        writes = (
            f"{what}: longest of {self.writes} writes ({self.longest_write * 1000:.0f} ms; idle "
            f"{self.longest_idle_write * 1000:.0f}) / idle median ({self.idle_write * 1000:.1f} ms)"
        )
        return [
            Figure(
                f"{what}: under writes ({self.hot_backup:.2f} s) / idle ({self.idle_backup:.2f} s)",
                self.slower,
                SLOWER,
            ),
            Figure(writes, self.longer, LONGER),
            Figure(
                f"{self.kind}, restore of {self.megabytes:.1f} MB", self.restore, RESTORED_WITHIN, unit=" s"
            ),
        ]


async def measure_backups(kind: str, settings: Settings, tickets: int, turns: int = 3) -> Figures:
    """A new installation over `settings` with one customer of so many tickets, about 1 KB each."""
    await seed(settings, tickets)
    portal = open_portal(settings)
    try:
        with WorkProcess(run_backup) as process:
            return await _measured(portal, process, kind, turns)
    finally:
        await portal.close()


async def _measured(
    portal: Portal, process: WorkProcess[BackupOrder, Manifest], kind: str, turns: int
) -> Figures:
    tenant = await portal.tenants.fresh_by_slug(SLUG)
    scope, file = portal.tenants.scope(tenant), portal.settings.data / "kept.db"
    await _write(scope, 0)  # opens the connection
    await _backup(portal, process, file)  # makes the template
    idle = [await _seconds(_write(scope, number)) for number in range(IDLE_WRITES) if await _pause()]
    alone = [await _seconds(_backup(portal, process, file)) for _ in range(turns)]
    hot, during = [], []
    for _ in range(turns):
        seconds, latencies = await _under_writes(scope, lambda: _backup(portal, process, file))
        hot.append(seconds)
        during += latencies
    restore = restore_tenant(portal.yard(_now), SLUG, file, actor=SYSTEM, told=nobody_looks)
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


async def _backup(portal: Portal, process: WorkProcess[BackupOrder, Manifest], file: Path) -> None:
    """As the worker does it: see `tenants.upkeep.keeping.keep_backups_aside`."""
    tenant = await portal.tenants.fresh_by_slug(SLUG)
    server = portal.engines.server(tenant.placement.server)
    scratch = portal.yard(_now).scratch
    order = BackupOrder(server, tenant.placement.database, tenant.id, file, scratch, _now())
    if isinstance(server, PostgresServer):
        await process.run(order)
    else:
        await take_backup(order)


async def _seconds(work: Awaitable[object]) -> float:
    begin = perf_counter()
    await work
    return perf_counter() - begin


async def _pause() -> bool:
    await asyncio.sleep(PAUSE)
    return True


def _now() -> datetime:
    return datetime.now(UTC)
