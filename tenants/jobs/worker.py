"""One loop beside the API: visits the tenants that ask for attention, and every tenant once an hour."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Row, or_, select, update

from tenants.catalog.directory import TenantDirectory, record_of
from tenants.catalog.models import Tenant, TenantStatus
from tenants.databases.errors import DatabaseUnavailable, StaleEpoch, WrongDatabase
from tenants.databases.scopes import CatalogScope
from tenants.jobs.delivery import deliver
from tenants.tables import table

LOOK_EVERY = 0.25
LEASE = timedelta(seconds=30)
AGAIN_AFTER = timedelta(seconds=0.5)
KEEP_VISITING = timedelta(seconds=15)  # longer than any transaction may last after it asked for attention
SWEEP_EVERY = timedelta(hours=1)
AT_ONCE = 20

_T = table(Tenant).c
_log = structlog.get_logger("worker")


class Worker:
    """Leases tenants in the catalog, so that any number of workers can run."""

    def __init__(self, directory: TenantDirectory, catalog: CatalogScope) -> None:
        self._directory = directory
        self._catalog = catalog

    async def run(self, stop: asyncio.Event) -> None:
        """Works until `stop` is set; a failing visit is logged and tried again, and stops nobody else's."""
        while not stop.is_set():
            try:
                await self.visit_all(datetime.now(UTC))
            except Exception:  # noqa: BLE001  # the loop must outlive whatever one round brings
                _log.exception("worker_failed")
            try:
                await asyncio.wait_for(stop.wait(), LOOK_EVERY)
            except TimeoutError:
                continue

    async def visit_all(self, now: datetime) -> int:
        """Visits the tenants that are due at `now`; gives the number of messages delivered."""
        return sum([await self._visit(row, now) for row in await self._lease(now)])

    async def _lease(self, now: datetime) -> list[Row[Any]]:
        due = or_(_T.attention_at <= now, _T.visited_at.is_(None), _T.visited_at <= now - SWEEP_EVERY)
        free = or_(_T.leased_until.is_(None), _T.leased_until <= now)
        wanted = select(table(Tenant)).where(_T.status == TenantStatus.ACTIVE, due, free).limit(AT_ONCE)
        async with self._catalog.read() as reader:
            if not await reader.rows(wanted):
                return []
        async with self._catalog.write() as session:
            rows = list((await session.execute(wanted.with_for_update(skip_locked=True))).all())
            ids = [row.id for row in rows]
            await session.execute(update(Tenant).where(_T.id.in_(ids)).values(leased_until=now + LEASE))
        return rows

    async def _visit(self, row: Row[Any], now: datetime) -> int:
        tenant = record_of(row)
        try:
            delivered = await deliver(self._directory, self._catalog, tenant, now)
        except (DatabaseUnavailable, StaleEpoch, WrongDatabase) as error:
            _log.warning("visit_failed", tenant=tenant.slug, error=str(error))
            delivered = 0
        await self._release(row, now)
        return delivered

    async def _release(self, row: Row[Any], now: datetime) -> None:
        """Looks again soon while the request for attention is young: what asked for it may commit after this visit."""
        asked = row.attention_at
        async with self._catalog.write() as session:
            mine = update(Tenant).where(_T.id == row.id)
            await session.execute(mine.values(leased_until=now + AGAIN_AFTER, visited_at=now))
            if asked is not None and now - asked > KEEP_VISITING:
                await session.execute(mine.where(_T.attention_at == asked).values(attention_at=None))
