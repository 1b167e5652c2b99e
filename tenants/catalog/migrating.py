"""One run over all customers' databases: any number of processes, on any machines, take customers from it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, delete, func, insert, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from tenants.catalog.errors import UnknownTenant
from tenants.catalog.models import Tenant, TenantStatus
from tenants.catalog.upkeep import MigrationItem, MigrationRun, MigrationState
from tenants.databases.scopes import CatalogScope
from tenants.databases.servers import Placement
from tenants.ids import new_id
from tenants.tables import table

LEASE = timedelta(seconds=30)
REASON_LENGTH = 1000
WITHOUT_DATABASE = (TenantStatus.DELETED, TenantStatus.FAILED, TenantStatus.PROVISIONING)

_T = table(Tenant).c
_I = table(MigrationItem).c
_R = table(MigrationRun).c
_UNDONE = _I.state != MigrationState.DONE


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which customers are to be at `target`: all, or those named. With `everyone` each database is looked at,
    also where the catalog knows it to be there already.
    """

    target: str
    slugs: frozenset[str] = frozenset()
    everyone: bool = False

    @property
    def _named(self) -> ColumnElement[bool]:
        return _T.slug.in_(self.slugs) if self.slugs else _T.id.is_not(None)

    @property
    def customers(self) -> ColumnElement[bool]:
        """All that are meant and have a database."""
        return and_(_T.status.not_in(WITHOUT_DATABASE), self._named)

    @property
    def behind(self) -> ColumnElement[bool]:
        return and_(self.customers, _T.revision.is_distinct_from(self.target))

    @property
    def due(self) -> ColumnElement[bool]:
        return self.customers if self.everyone else self.behind


@dataclass(frozen=True, slots=True)
class Run:
    """A run as one command sees it: `began` is when the command joined it, so a FAILED one of before is tried again."""

    id: UUID
    wanted: Wanted
    began: datetime

    @property
    def items(self) -> ColumnElement[bool]:
        """What is to be done in it, for statements that join the tenants."""
        return and_(_I.run_id == self.id, self.wanted.customers)

    def free(self, now: datetime) -> ColumnElement[bool]:
        """What nobody works on and this command has not tried yet."""
        return or_(
            _I.state == MigrationState.PENDING,
            and_(_I.state == MigrationState.RUNNING, _I.leased_until <= now),
            and_(_I.state == MigrationState.FAILED, _I.finished_at < self.began),
        )


@dataclass(frozen=True, slots=True)
class Claimed:
    """One customer that this process works on until `leased_until`."""

    id: UUID
    tenant_id: UUID
    slug: str
    placement: Placement
    leased_until: datetime


@dataclass(frozen=True, slots=True)
class Tally:
    """Numbers of customers: done and failed since the command joined, and what a run still has to do."""

    done: int = 0
    failed: int = 0
    left: int = 0
    running: int = 0
    done_before: int = 0


@dataclass(frozen=True, slots=True)
class Failure:
    slug: str
    reason: str


def _joined(*columns: Any) -> Select[Any]:
    return select(*columns).join_from(table(MigrationItem), table(Tenant), onclause=_T.id == _I.tenant_id)


async def customers_behind(catalog: CatalogScope, wanted: Wanted) -> Sequence[tuple[str, str | None]]:
    """Slug, and revision as far as it is known, of each customer that a run would take. Raises `UnknownTenant`."""
    await _check_slugs(catalog, wanted)
    async with catalog.read() as reader:
        rows = await reader.rows(select(_T.slug, _T.revision).where(wanted.due).order_by(_T.slug))
    return [(row.slug, row.revision) for row in rows]


async def count_customers(catalog: CatalogScope, wanted: Wanted) -> int:
    async with catalog.read() as reader:
        return int(await reader.scalar(select(func.count()).where(wanted.customers)))


async def join_run(catalog: CatalogScope, wanted: Wanted, now: datetime) -> Run | None:
    """The newest run, where it has this target and something left to do; otherwise a new one. None: nothing to do.

    Raises `UnknownTenant`.
    """
    await _check_slugs(catalog, wanted)
    async with catalog.read() as reader:
        unfinished = _joined(_I.id).where(_I.run_id.in_(_open(wanted.target)), _UNDONE, wanted.customers)
        due = select(_T.id).where(wanted.due)
        if not await reader.rows(unfinished.limit(1)) and not await reader.rows(due.limit(1)):
            return None
    async with catalog.write() as session:
        if (await session.connection()).dialect.name == "postgresql":
            # Of two that begin at once, the second joins.
            await session.execute(text("SELECT pg_advisory_xact_lock(hashtext('slaportal migration run'))"))
        run_id: UUID | None = await session.scalar(_open(wanted.target))
        if run_id is None:
            run_id = new_id(now)
            session.add(MigrationRun(id=run_id, target=wanted.target, started_at=now))
            await session.flush()
        await _match_items(session, run_id, wanted, now)
    return Run(run_id, wanted, now)


async def _check_slugs(catalog: CatalogScope, wanted: Wanted) -> None:
    if not wanted.slugs:
        return
    async with catalog.read() as reader:
        known = {row.slug for row in await reader.rows(select(_T.slug).where(wanted.customers))}
    if missing := sorted(wanted.slugs - known):
        raise UnknownTenant(", ".join(missing))


def _open(target: str) -> Select[Any]:
    """The newest run's id, if it is of this target and not everybody in it is done."""
    each = table(MigrationRun).alias()
    newest = select(each.c.id).order_by(each.c.started_at.desc(), each.c.id.desc()).limit(1).scalar_subquery()
    undone = select(_I.id).where(_I.run_id == _R.id, _UNDONE)
    return select(_R.id).where(_R.id == newest, _R.target == target, undone.exists())


async def _match_items(session: AsyncSession, run_id: UUID, wanted: Wanted, now: datetime) -> None:
    """One item for each customer that is due, and none for customers that are gone."""
    mine = _I.run_id == run_id
    gone = select(_T.id).where(_T.status.in_(WITHOUT_DATABASE))
    await session.execute(delete(MigrationItem).where(mine, _I.tenant_id.in_(gone)))
    # Done, and behind again: an older database took its place, out of a backup.
    again = update(MigrationItem).where(mine, _I.state == MigrationState.DONE)
    behind = select(_T.id).where(wanted.behind)
    await session.execute(again.where(_I.tenant_id.in_(behind)).values(state=MigrationState.PENDING))
    known = select(_I.tenant_id).where(mine)
    missing = (await session.scalars(select(_T.id).where(wanted.due, _T.id.not_in(known)))).all()
    if missing:
        rows = [
            {"id": new_id(now), "run_id": run_id, "tenant_id": tenant_id, "state": MigrationState.PENDING}
            for tenant_id in missing
        ]
        await session.execute(insert(table(MigrationItem)), rows)


async def first_of(catalog: CatalogScope, run: Run, slug: str | None) -> UUID | None:
    """The customer that goes alone: the one named, else the first one by slug in a run that nobody came through yet."""
    unfinished = _joined(_I.tenant_id).where(run.items, _UNDONE).order_by(_T.slug).limit(1)
    async with catalog.read() as reader:
        if slug is not None:
            named: UUID | None = await reader.scalar(unfinished.where(_T.slug == slug))
            if named:
                return named
        some = _joined(_I.id).where(_I.run_id == run.id, _I.state == MigrationState.DONE).limit(1)
        if await reader.scalar(some):
            return None
        first: UUID | None = await reader.scalar(unfinished)
        return first


async def claim(
    catalog: CatalogScope, run: Run, now: datetime, *, only: UUID | None = None
) -> Claimed | None:
    """The next customer, by slug, that nobody works on: it is this process's until the lease ends."""
    free = _joined(_I.id, _I.tenant_id, _T.slug, _T.server, _T.database_name)
    free = free.where(run.items, run.free(now)).order_by(_T.slug).limit(1)
    if only:
        free = free.where(_I.tenant_id == only)
    async with catalog.write() as session:
        locked = free.with_for_update(of=table(MigrationItem), skip_locked=True)
        row = (await session.execute(locked)).first()
        if row is None:
            return None
        until = now + LEASE
        values = {"state": MigrationState.RUNNING, "leased_until": until, "reason": None, "finished_at": None}
        await session.execute(update(MigrationItem).where(_I.id == row.id).values(**values))
    placement = Placement(row.server, row.database_name)
    return Claimed(row.id, row.tenant_id, row.slug, placement, until)


async def renew(catalog: CatalogScope, claimed: Claimed, now: datetime) -> Claimed:
    """With a longer lease, unless somebody else has taken it meanwhile."""
    until = now + LEASE
    async with catalog.write() as session:
        await session.execute(_held(claimed).values(leased_until=until))
    return replace(claimed, leased_until=until)


async def mark_done(catalog: CatalogScope, run: Run, claimed: Claimed, now: datetime) -> None:
    """Also where the lease was lost: the database is at the target, whoever brought it there."""
    place = (_T.server == claimed.placement.server, _T.database_name == claimed.placement.database)
    done = {"state": MigrationState.DONE, "leased_until": None, "reason": None, "finished_at": now}
    async with catalog.write() as session:
        await session.execute(update(MigrationItem).where(_I.id == claimed.id).values(**done))
        moved_not = update(Tenant).where(_T.id == claimed.tenant_id, *place)
        # What the new schema lets the worker do, such as seal what is on record, waits for no sweep.
        await session.execute(moved_not.values(revision=run.wanted.target, attention_at=now))


async def mark_failed(catalog: CatalogScope, claimed: Claimed, reason: str, now: datetime) -> None:
    """Unless the lease was lost: then whoever has it says how it went."""
    told = " ".join(reason.split())[:REASON_LENGTH]
    failed = {"state": MigrationState.FAILED, "leased_until": None, "reason": told, "finished_at": now}
    async with catalog.write() as session:
        await session.execute(_held(claimed).values(**failed))


def _held(claimed: Claimed) -> Any:
    return update(MigrationItem).where(
        _I.id == claimed.id,
        _I.state == MigrationState.RUNNING,
        _I.leased_until == claimed.leased_until,
    )


async def tally(catalog: CatalogScope, run: Run) -> Tally:
    since = func.sum(case((_I.finished_at >= run.began, 1), else_=0))
    counted = _joined(_I.state, func.count().label("all"), since.label("since")).where(run.items)
    async with catalog.read() as reader:
        rows = {row.state: row for row in await reader.rows(counted.group_by(_I.state))}
    count = {
        state: (rows[state].all, rows[state].since) if state in rows else (0, 0) for state in MigrationState
    }
    (done, done_now), (failed, failed_now) = count[MigrationState.DONE], count[MigrationState.FAILED]
    running = count[MigrationState.RUNNING][0]
    left = count[MigrationState.PENDING][0] + running + failed - failed_now
    return Tally(done_now, failed_now, left, running, done - done_now)


async def state_of(catalog: CatalogScope, run: Run, tenant_id: UUID) -> MigrationState:
    async with catalog.read() as reader:
        mine = select(_I.state).where(_I.run_id == run.id, _I.tenant_id == tenant_id)
        return MigrationState(await reader.scalar(mine))


async def failures(catalog: CatalogScope, run: Run) -> tuple[Failure, ...]:
    """Every customer whose last try failed, by slug."""
    wanted = _joined(_T.slug, _I.reason).where(run.items, _I.state == MigrationState.FAILED)
    async with catalog.read() as reader:
        rows = await reader.rows(wanted.order_by(_T.slug))
    return tuple(Failure(row.slug, row.reason) for row in rows)


async def close_run(catalog: CatalogScope, run: Run, now: datetime) -> None:
    """Notes the end of a run in which everybody is done; any other stays open."""
    left = select(_I.id).where(_I.run_id == run.id, _UNDONE)
    ended = update(MigrationRun).where(_R.id == run.id, _R.finished_at.is_(None), ~left.exists())
    async with catalog.write() as session:
        await session.execute(ended.values(finished_at=now))
