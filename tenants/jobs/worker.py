"""One loop beside the API: visits the tenants that ask for attention, and every tenant once an hour."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import Row, and_, or_, select, update

from tenants.audit.service import SEALED_AT_ONCE, seal_new_entries
from tenants.catalog.directory import TenantDirectory, TenantRecord, record_of
from tenants.catalog.models import Tenant, TenantStatus
from tenants.databases.errors import DatabaseUnavailable, StaleEpoch, WrongDatabase
from tenants.databases.scopes import CatalogScope, TenantScope
from tenants.jobs.delivery import BATCH, deliver
from tenants.tables import table

LOOK_EVERY = 0.25
LEASE = timedelta(seconds=30)
AGAIN_AFTER = timedelta(seconds=0.5)
LONGEST_PAUSE = timedelta(seconds=30)  # of a tenant whose visits fail
KEEP_VISITING = timedelta(seconds=15)  # longer than any transaction may last after it asked for attention
SWEEP_EVERY = timedelta(hours=1)
AT_ONCE = 20
AT_A_SERVER = (
    5  # visits side by side; fewer than `AT_ONCE`, so that a server that hangs does not take every place
)
AWAY = (DatabaseUnavailable, StaleEpoch, WrongDatabase)  # nothing to look for in our code

_T = table(Tenant).c
_log = structlog.get_logger("worker")


@dataclass(frozen=True, slots=True)
class Chore:
    """What the worker does beside its visits, so many seconds after it was done the last time."""

    name: str
    every: float
    work: Callable[[datetime], Awaitable[object]]


CollectMails = Callable[[TenantScope, TenantRecord, datetime], Awaitable[datetime | None]]
"""Takes a tenant's mails that are due, without sending them, and gives when the next one will be."""


@dataclass(frozen=True, slots=True)
class Visiting:
    """A visit that has begun."""

    server: str
    task: asyncio.Task[int]


@dataclass(frozen=True, slots=True)
class Visited:
    """What a visit did, and when the tenant needs the next one although nobody asks."""

    delivered: int
    again_at: datetime | None


class Worker:
    """Leases tenants in the catalog, so that any number of workers can run."""

    def __init__(
        self,
        directory: TenantDirectory,
        catalog: CatalogScope,
        chores: Sequence[Chore] = (),
        collect_mails: CollectMails | None = None,
    ) -> None:
        self._directory = directory
        self._catalog = catalog
        self._collect_mails = collect_mails
        self._chores = (Chore("visits", LOOK_EVERY, self._begin), *chores)
        self._failures: dict[UUID, int] = {}
        self._visiting: dict[UUID, Visiting] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Works until `stop` is set; what fails is logged and tried again, and stops nothing else."""
        try:
            await asyncio.gather(*(_repeat(chore, stop) for chore in self._chores))
            await asyncio.gather(*(each.task for each in self._visiting.values()))  # what has begun ends
        finally:
            for each in self._visiting.values():
                each.task.cancel()

    async def visit_all(self, now: datetime) -> int:
        """Visits the tenants that are due at `now`; gives the number of messages delivered."""
        delivered = 0
        while begun := await self._begin(now):
            delivered += sum(await asyncio.gather(*begun))
        return delivered

    async def _begin(self, now: datetime) -> list[asyncio.Task[int]]:
        """Begins visits side by side, and waits for none: a tenant whose server hangs delays no other."""
        begun = []
        for row in await self._lease(now):
            task = asyncio.create_task(self._visit_logged(row, now))
            self._visiting[row.id] = Visiting(row.server, task)
            begun.append(task)
        return begun

    async def _visit_logged(self, row: Row[Any], now: datetime) -> int:
        try:
            return await self._visit(row, now)
        except Exception:  # noqa: BLE001  # such as a catalog that is away: the lease runs out, and the visit is made again
            _log.exception("worker_failed", chore="visits")
            return 0
        finally:
            del self._visiting[row.id]

    async def _lease(self, now: datetime) -> list[Row[Any]]:
        asked = _T.attention_at <= now
        due = or_(asked, _T.visited_at.is_(None), _T.visited_at <= now - SWEEP_EVERY)
        free = or_(_T.leased_until.is_(None), _T.leased_until <= now)
        # Nobody works in a suspended tenant, but what is done to it is on its record too.
        served = or_(_T.status == TenantStatus.ACTIVE, and_(_T.status == TenantStatus.SUSPENDED, asked))
        # Whoever waited longest comes first: tenants that fail cannot fill every round.
        order = (_T.visited_at.asc().nulls_first(), _T.id)
        wanted = select(table(Tenant)).where(served, due, free).order_by(*order).limit(AT_ONCE)
        busy = Counter(each.server for each in self._visiting.values())
        full = [server for server, visits in busy.items() if visits >= AT_A_SERVER]
        # A visit that outlives its lease is still ours: never two at once.
        wanted = wanted.where(_T.server.not_in(full), _T.id.not_in(list(self._visiting)))
        async with self._catalog.read() as reader:
            if busy.total() >= AT_ONCE or not await reader.rows(wanted):
                return []
        async with self._catalog.write() as session:
            found = (await session.execute(wanted.with_for_update(skip_locked=True))).all()
            rows = _fitting(found, busy)
            ids = [row.id for row in rows]
            await session.execute(update(Tenant).where(_T.id.in_(ids)).values(leased_until=now + LEASE))
        return rows

    async def _visit(self, row: Row[Any], now: datetime) -> int:
        try:
            visited = await self._work(row, now)
        except Exception as error:  # noqa: BLE001  # whatever one tenant brings, the others are visited
            trace = not isinstance(error, AWAY)
            _log.warning("visit_failed", tenant=row.slug, error=repr(error), exc_info=trace)
            failures = self._failures[row.id] = self._failures.get(row.id, 0) + 1
            pause = min(AGAIN_AFTER * 2 ** min(failures, 10), LONGEST_PAUSE)
            await self._release(row, now, pause=pause, again_at=now)
            return 0
        self._failures.pop(row.id, None)
        await self._release(row, now, pause=AGAIN_AFTER, again_at=visited.again_at)
        return visited.delivered

    async def _work(self, row: Row[Any], now: datetime) -> Visited:
        """A tenant that only the sweep found takes no place from those that people work in."""
        tenant = record_of(row)
        if tenant.status is TenantStatus.SUSPENDED:
            sealed = await seal_new_entries(self._directory.upkeep_scope(tenant), now)
            return Visited(0, now if sealed == SEALED_AT_ONCE else None)
        if row.attention_at is not None:
            return await self._work_in(self._directory.scope(tenant), tenant, now)
        async with self._directory.scan(tenant) as scope:
            return await self._work_in(scope, tenant, now)

    async def _work_in(self, scope: TenantScope, tenant: TenantRecord, now: datetime) -> Visited:
        sealed = await seal_new_entries(scope, now)
        delivered = await deliver(scope, self._catalog, now)
        again_at = await self._collect_mails(scope, tenant, now) if self._collect_mails else None
        more = delivered == BATCH or sealed == SEALED_AT_ONCE
        return Visited(delivered, now if more else again_at)

    async def _release(
        self, row: Row[Any], now: datetime, *, pause: timedelta, again_at: datetime | None
    ) -> None:
        """Looks again soon while the request for attention is young: what asked for it may commit after this visit.

        Who needs a visit at `again_at` asks for attention then, also a tenant that only the sweep found; one that
        is due already keeps its place.
        """
        asked = row.attention_at
        mine = update(Tenant).where(_T.id == row.id)
        async with self._catalog.write() as session:
            await session.execute(mine.values(leased_until=now + pause, visited_at=now))
            if again_at is not None and again_at <= now:
                later = or_(_T.attention_at.is_(None), _T.attention_at > now)
                await session.execute(mine.where(later).values(attention_at=now))
            elif asked is None:
                await session.execute(mine.where(_T.attention_at.is_(None)).values(attention_at=again_at))
            elif now - asked > KEEP_VISITING:
                await session.execute(mine.where(_T.attention_at == asked).values(attention_at=again_at))


def _fitting(rows: Sequence[Row[Any]], busy: Counter[str]) -> list[Row[Any]]:
    """Those for whom there is a place beside the visits that go on, in the order in which they come."""
    taken, fitting = busy.copy(), []
    for row in rows:
        if taken.total() < AT_ONCE and taken[row.server] < AT_A_SERVER:
            taken[row.server] += 1
            fitting.append(row)
    return fitting


async def _repeat(chore: Chore, stop: asyncio.Event) -> None:
    while not stop.is_set():
        try:
            await chore.work(datetime.now(UTC))
        except Exception:  # noqa: BLE001  # the loop must outlive whatever one round brings
            _log.exception("worker_failed", chore=chore.name)
        try:
            await asyncio.wait_for(stop.wait(), chore.every)
        except TimeoutError:
            continue
