"""Looks at every customer as a doctor would: can it be reached, is it the right one, is it sound, is it backed up."""

import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, text

from tenants.catalog.directory import TenantRecord
from tenants.catalog.models import TenantStatus
from tenants.catalog.queries import all_tenants
from tenants.catalog.sides import sides_of
from tenants.catalog.upkeep import SideDatabaseState
from tenants.databases.administration import administering
from tenants.databases.database import Database, unavailable
from tenants.databases.errors import DatabaseUnavailable, UnsupportedRevision, WrongDatabase
from tenants.databases.fingerprints import fingerprints, last_change
from tenants.databases.models import TenantIdentity
from tenants.databases.revisions import TENANT_HEAD
from tenants.databases.scopes import Reader
from tenants.databases.servers import Placement, SqliteServer
from tenants.mails.service import given_up
from tenants.tables import TenantTable, table
from tenants.upkeep.keeping import newest_backups
from tenants.upkeep.relocating import Yard

SLOW_ORDER = timedelta(minutes=10)
LONGEST_WITHOUT = timedelta(hours=1)
LEAST_FREE = 0.05
"""Part of a disk that must be free."""

OPEN_TO_ALL = text(
    "SELECT datname FROM pg_database WHERE datallowconn AND has_database_privilege('public', oid, 'CONNECT')"
)
_I = table(TenantIdentity).c


@dataclass(frozen=True, slots=True)
class Examined:
    """One customer, or one server where `slug` is None, and what is wrong with it: nothing where it is well."""

    slug: str | None
    problems: tuple[str, ...]
    protected_at: datetime | None = None


async def examine_tenants(
    yard: Yard, every: Mapping[str, timedelta], now: datetime
) -> AsyncIterator[Examined]:
    """Every customer that is not marked for deletion, by slug. `every` are the backup intervals by server."""
    newest, stamps = await _backups(yard, every)
    for tenant in await all_tenants(yard.catalog):
        if tenant.status is TenantStatus.DELETED:
            continue
        row = newest.get(tenant.id)
        try:
            problems = [*await _state_problems(yard, tenant, now), *await _database_problems(yard, tenant)]
            if row is not None and not problems:
                stamp, interval = stamps.get(tenant.placement), every[tenant.placement.server]
                problems += _backup_problems(yard, tenant, row, stamp, interval, now)
        except Exception as error:  # noqa: BLE001  # whatever one customer brings, the others are looked at
            problems = [f"cannot be looked at: {error}"]
        yield Examined(tenant.slug, tuple(problems), row.protected_at if row is not None else None)


async def _backups(
    yard: Yard, every: Mapping[str, timedelta]
) -> tuple[dict[UUID, Row[Any]], dict[Placement, str]]:
    """By customer its newest backup, and by database what changes with it: of servers that answer."""
    newest: dict[UUID, Row[Any]] = {}
    stamps: dict[Placement, str] = {}
    for name in every:
        rows = await newest_backups(yard, name)
        newest |= {row.id: row for row in rows}
        with suppress(DatabaseUnavailable):  # which is told of each customer on it
            found = await fingerprints(yard.engines.server(name), [row.database_name for row in rows])
            stamps |= {Placement(name, database): stamp for database, stamp in found.items()}
    return newest, stamps


async def _state_problems(yard: Yard, tenant: TenantRecord, now: datetime) -> list[str]:
    if tenant.status is TenantStatus.FAILED:
        return ["could not be made: `slaportal tenant show` says why"]
    if tenant.status is TenantStatus.PROVISIONING and now - tenant.created_at > SLOW_ORDER:
        return ["is not made yet: does a worker run, and does it have the administrator's URL?"]
    if tenant.status is TenantStatus.MOVING:
        prepared = [
            row
            for row in await sides_of(yard.catalog, tenant.id)
            if row.state != SideDatabaseState.RETIRED and row.leased_until > now
        ]
        if not prepared:
            return ["was left in the middle of a move: a worker takes it back within a minute"]
    return []


async def _database_problems(yard: Yard, tenant: TenantRecord) -> list[str]:
    if tenant.status not in {TenantStatus.ACTIVE, TenantStatus.SUSPENDED}:
        return []
    if tenant.placement.server not in yard.engines.servers:
        return [f"its server {tenant.placement.server} is in no DATABASE_URL"]
    try:
        async with yard.engines.scan(tenant.id, tenant.placement) as database:
            return await _look_inside(database, tenant)
    except WrongDatabase as error:
        return [f"identity: {error}"]
    except UnsupportedRevision as error:
        return [f"revision: {error}; `slaportal migrate` brings it to {TENANT_HEAD}"]
    except DatabaseUnavailable as error:
        return [f"not reachable: {error}"]


async def _look_inside(database: Database, tenant: TenantRecord) -> list[str]:
    async with database.read() as rows:
        reader = Reader(rows)
        problems = []
        unsent = await given_up(reader)
        if unsent:
            problems.append(f"mails: {unsent} could not be sent; `slaportal mails list --failed` says why")
        epoch = await reader.scalar(select(_I.epoch))
        if epoch != tenant.epoch:
            problems.append(f"takes no writes: it is at epoch {epoch}, the catalog says {tenant.epoch}")
        if database.is_sqlite:
            found = await reader.scalar(text("PRAGMA quick_check(1)"))
            if found != "ok":
                problems.append(f"integrity: {' '.join(str(found).split())}")
        else:
            for each in TenantTable.metadata.sorted_tables:
                await reader.rows(select(each).limit(1))
        return problems


def _backup_problems(
    yard: Yard, tenant: TenantRecord, newest: Row[Any], stamp: str | None, interval: timedelta, now: datetime
) -> list[str]:
    """Changes that have been in no backup for twice the interval: one was missed."""
    if newest.protected_at is None:
        home = tenant.placement
        changed = last_change(yard.engines.server(home.server), home.database)
        if changed is None or now.timestamp() - changed <= LONGEST_WITHOUT.total_seconds():
            return []
        return ["backup: there is none; does a worker run?"]
    if stamp == newest.fingerprint or now - newest.protected_at <= 2 * interval:
        return []
    return [f"backup: changes since {newest.protected_at:%Y-%m-%d %H:%M} UTC are in none; does a worker run?"]


async def examine_servers(yard: Yard) -> list[Examined]:
    """Every server that the settings name: does it answer, is there room, may anybody connect who should not."""
    return [
        Examined(None, tuple(await _server_problems(yard, name))) for name in sorted(yard.engines.servers)
    ]


async def _server_problems(yard: Yard, name: str) -> list[str]:
    server = yard.engines.servers[name]
    if isinstance(server, SqliteServer):
        if not server.folder.exists():
            return []
        usage = shutil.disk_usage(server.folder)
        if usage.free < LEAST_FREE * usage.total:
            return [f"server {name}: {usage.free / usage.total:.0%} of the disk is free"]
        return []
    try:
        with unavailable():
            async with administering(server) as connection:
                open_to_all = (await connection.execute(OPEN_TO_ALL)).scalars().all()
    except DatabaseUnavailable as error:
        return [f"server {name} does not answer: {error}"]
    return [
        f"server {name}: everybody may connect to {database}; REVOKE CONNECT ON DATABASE {database} FROM PUBLIC"
        for database in open_to_all
    ]
