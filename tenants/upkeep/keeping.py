"""The portal's own backups: of every customer that changed, at short intervals, thinned out with age."""

import asyncio
import fcntl
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import Row, delete, func, select, update

from tenants.catalog.directory import TenantRecord, record_of
from tenants.catalog.models import Tenant, TenantStatus
from tenants.catalog.upkeep import Backup
from tenants.databases.backups import (
    BackupOrder,
    Manifest,
    manifest_path,
    read_backup,
    run_backup,
    take_backup,
)
from tenants.databases.errors import (
    BackupUnreadable,
    CopyFailed,
    DatabaseUnavailable,
    ProcessKilled,
    WrongDatabase,
)
from tenants.databases.fingerprints import fingerprints
from tenants.databases.processes import WorkProcess
from tenants.databases.servers import PostgresServer
from tenants.ids import new_id
from tenants.tables import table
from tenants.upkeep.deleting import backup_folder
from tenants.upkeep.errors import BeyondRetention
from tenants.upkeep.relocating import Yard
from tenants.upkeep.retention import kept

PROTECTED = (TenantStatus.ACTIVE, TenantStatus.SUSPENDED)
AT_ONCE = 500
EXPECTED = (CopyFailed, DatabaseUnavailable, ProcessKilled, WrongDatabase)  # nothing to look for in our code

Take = Callable[[BackupOrder], Awaitable[Manifest]]
"""Takes a backup, here or elsewhere."""

_T = table(Tenant).c
_B = table(Backup).c
_log = structlog.get_logger("backups")


@contextmanager
def alone(folder: Path) -> Iterator[bool]:
    """Whether no other process works on the folder of backups until the end of the block."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


async def keep_backups_aside(yard: Yard, every: Mapping[str, timedelta], now: datetime) -> int:
    """`keep_backups`, with a process of its own for what is read from PostgreSQL row by row.

    In this process the rows would take the interpreter from those who are served. A file is copied without it.
    """
    with WorkProcess(run_backup) as process:

        async def take(order: BackupOrder) -> Manifest:
            if isinstance(order.server, PostgresServer):
                return await process.run(order)
            return await take_backup(order)

        return await keep_backups(yard, every, now, take)


async def keep_backups(
    yard: Yard, every: Mapping[str, timedelta], now: datetime, take: Take = take_backup
) -> int:
    """Backs up each customer that changed and whose last backup is older than its server's interval.

    One process at a time does this for a folder of backups. Gives how many were taken; one that fails is logged,
    shows in `slaportal doctor` by its age, and stops no other.
    """
    with alone(yard.backups) as free:
        return sum([await _keep_server(yard, name, every[name], now, take) for name in every]) if free else 0


async def _keep_server(yard: Yard, server: str, every: timedelta, now: datetime, take: Take) -> int:
    rows = await newest_backups(yard, server)
    try:
        found = await fingerprints(yard.engines.server(server), [row.database_name for row in rows])
    except DatabaseUnavailable as error:
        _log.warning("backup_failed", server=server, error=str(error))
        return 0
    unchanged, taken = [], 0
    for row in rows:
        stamp = found.get(row.database_name)
        if stamp is not None and stamp == row.fingerprint:
            unchanged.append(row.id)
        elif stamp and (row.taken_at is None or now - row.taken_at >= every):
            taken += await _back_up(yard, take, record_of(row), stamp, yard.clock())
    await _note_unchanged(yard, unchanged, now)
    return taken


async def newest_backups(yard: Yard, server: str) -> Sequence[Row[Any]]:
    """The customers on a server that are to be backed up, each with `taken_at` and `fingerprint` of its newest one."""
    newest = select(_B.tenant_id, func.max(_B.taken_at).label("taken_at")).group_by(_B.tenant_id).subquery()
    last = table(Backup)
    wanted = (
        select(table(Tenant), last.c.taken_at, last.c.fingerprint)
        .outerjoin(newest, newest.c.tenant_id == _T.id)
        .outerjoin(last, (last.c.tenant_id == _T.id) & (last.c.taken_at == newest.c.taken_at))
        .where(_T.server == server, _T.status.in_(PROTECTED))
        .order_by(last.c.taken_at.asc().nulls_first(), _T.id)
    )
    async with yard.catalog.read() as reader:
        return await reader.rows(wanted)


async def _back_up(yard: Yard, take: Take, tenant: TenantRecord, stamp: str, now: datetime) -> int:
    try:
        await keep_backup(yard, tenant, stamp, now, take)
    except Exception as error:  # noqa: BLE001  # whatever one customer brings, the others are backed up
        trace = not isinstance(error, EXPECTED)
        _log.warning("backup_failed", tenant=tenant.slug, error=repr(error), exc_info=trace)
        return 0
    return 1


async def keep_backup(
    yard: Yard, tenant: TenantRecord, stamp: str, now: datetime, take: Take = take_backup
) -> Path:
    """Takes one backup, notes it, and removes those that need not be kept. Raises as `take_backup`."""
    folder = backup_folder(yard.backups, tenant.id)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for draft in folder.glob(".*"):  # of one who was killed: nobody else works here
        draft.unlink(missing_ok=True)
    target = folder / f"{now:%Y%m%dT%H%M%S}.{now:%f}Z.db"
    home = tenant.placement
    server = yard.engines.server(home.server)
    order = BackupOrder(server, home.database, tenant.id, target, yard.scratch, now)
    manifest = await take(order)
    async with yard.catalog.write() as session:
        session.add(_row(manifest, now, str(target.relative_to(yard.backups)), stamp))
        await session.execute(update(Tenant).where(_T.id == tenant.id).values(protected_at=now))
    await _thin_out(yard, tenant.id, now)
    return target


async def _note_unchanged(yard: Yard, unchanged: Sequence[UUID], now: datetime) -> None:
    for start in range(0, len(unchanged), AT_ONCE):
        some = unchanged[start : start + AT_ONCE]
        async with yard.catalog.write() as session:
            await session.execute(update(Tenant).where(_T.id.in_(some)).values(protected_at=now))


async def thin_out_backups(yard: Yard, now: datetime) -> int:
    """Removes what need not be kept any longer, also of customers that do not change. Gives how many files."""
    with alone(yard.backups) as free:
        if not free:
            return 0
        async with yard.catalog.read() as reader:
            rows = await reader.rows(select(_B.tenant_id).distinct())
        return sum([await _thin_out(yard, row.tenant_id, now) for row in rows])


async def _thin_out(yard: Yard, tenant_id: UUID, now: datetime) -> int:
    """Files go before the rows that name them: what a crash leaves is removed the next time."""
    rows = await backups_of(yard, tenant_id)
    if await _note_unnamed(yard, tenant_id, {row.file for row in rows}):
        rows = await backups_of(yard, tenant_id)
    stay = kept((row.taken_at for row in rows), now)
    gone = [row for row in rows if row.taken_at not in stay]
    for row in gone:
        _remove(yard.backups / row.file)
    if gone:
        async with yard.catalog.write() as session:
            await session.execute(delete(Backup).where(_B.id.in_([row.id for row in gone])))
    return len(gone)


async def _note_unnamed(yard: Yard, tenant_id: UUID, known: AbstractSet[str]) -> bool:
    """Whether there were files that no row names: of a process that was killed, or newer than a restored catalog."""
    folder, noted = backup_folder(yard.backups, tenant_id), False
    for path in sorted(folder.glob("*.db")):
        file = str(path.relative_to(yard.backups))
        if file in known:
            continue
        try:
            found = await asyncio.to_thread(read_backup, path)
        except BackupUnreadable as error:
            _log.warning("backup_removed", file=file, error=str(error))
            _remove(path)
            continue
        if found.taken_at is not None and found.tenant_id == tenant_id:
            async with yard.catalog.write() as session:
                session.add(_row(found, found.taken_at, file, fingerprint=""))
            noted = True
    for beside in folder.glob("*.db.manifest.json"):
        if not beside.with_name(beside.name.removesuffix(".manifest.json")).exists():
            beside.unlink(missing_ok=True)
    return noted


def _row(manifest: Manifest, taken_at: datetime, file: str, fingerprint: str) -> Backup:
    return Backup(
        id=new_id(taken_at),
        tenant_id=manifest.tenant_id,
        taken_at=taken_at,
        file=file,
        size=manifest.size,
        sha256=manifest.sha256,
        revision=manifest.revision,
        fingerprint=fingerprint,
    )


def _remove(path: Path) -> None:
    for each in (path, manifest_path(path)):
        each.unlink(missing_ok=True)


async def backups_of(yard: Yard, tenant_id: UUID) -> Sequence[Row[Any]]:
    """The backups that are kept of a customer, newest first."""
    wanted = select(table(Backup)).where(_B.tenant_id == tenant_id).order_by(_B.taken_at.desc())
    async with yard.catalog.read() as reader:
        return await reader.rows(wanted)


async def backup_at(yard: Yard, tenant_id: UUID, moment: datetime, now: datetime) -> Path:
    """The newest backup taken at or before a moment. Raises `BeyondRetention`."""
    rows = await backups_of(yard, tenant_id)
    if moment > now:
        raise BeyondRetention(f"{moment.isoformat()} is in the future")
    for row in rows:
        if row.taken_at <= moment and (yard.backups / str(row.file)).exists():
            return yard.backups / str(row.file)
    oldest = f"the oldest is of {rows[-1].taken_at.isoformat()}" if rows else "there is none"
    raise BeyondRetention(f"no backup is kept from {moment.isoformat()}: {oldest}")
