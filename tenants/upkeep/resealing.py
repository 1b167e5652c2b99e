"""Seals what is sealed in every database anew with the current field key, and finds out which keys are still needed."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Table, func, select, update

from auth.keys import KeyRing
from tenants.catalog.directory import TenantDirectory, TenantRecord
from tenants.catalog.models import TenantStatus
from tenants.databases.errors import DatabaseUnavailable, StaleEpoch, UnknownServer, WrongDatabase
from tenants.databases.scopes import Scope

BATCH = 500
KEY_ID_LENGTH = 8
"""`auth.keys.KeyRing.encrypt` begins with the key's id and a dot."""
WITHOUT_DATABASE = frozenset({TenantStatus.PROVISIONING, TenantStatus.FAILED})


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """Where sealed texts lie, and by what a row's text is sealed besides the key."""

    table: Table
    column: str
    seal: Callable[[UUID], str]


@dataclass(frozen=True, slots=True)
class Resealed:
    """One database: how many texts were sealed anew, which keys still seal some, and what was wrong with it."""

    name: str
    done: int
    keys: frozenset[str]
    problem: str | None = None


async def reseal(scope: Scope, places: Sequence[SealedColumn], keys: KeyRing) -> int:
    """Seals what an older key sealed with the current one, in batches that commit; gives how many texts.

    Killed in between, each text is sealed by the one key or the other, and both are on the ring.
    """
    return sum([await _reseal_column(scope, place, keys) for place in places])


async def sealing_keys(scope: Scope, places: Sequence[SealedColumn]) -> frozenset[str]:
    """The ids of the keys that anything in this database is sealed with."""
    found: set[str] = set()
    async with scope.read() as reader:
        for place in places:
            sealed = place.table.c[place.column]
            statement = select(func.substr(sealed, 1, KEY_ID_LENGTH)).where(sealed.is_not(None)).distinct()
            found |= {row[0] for row in await reader.rows(statement)}
    return frozenset(found)


async def each_tenant(
    directory: TenantDirectory,
    tenants: Sequence[TenantRecord],
    places: Sequence[SealedColumn],
    keys: KeyRing | None,
) -> AsyncIterator[Resealed]:
    """Every customer that has a database, in whatever state; with `keys` sealed anew, without only looked at."""
    for tenant in tenants:
        if tenant.status in WITHOUT_DATABASE:
            continue
        try:
            scope = directory.upkeep_scope(tenant)
            done = await reseal(scope, places, keys) if keys else 0
            yield Resealed(tenant.slug, done, await sealing_keys(scope, places))
        except (DatabaseUnavailable, StaleEpoch, UnknownServer, WrongDatabase) as error:
            yield Resealed(tenant.slug, 0, frozenset(), str(error) or type(error).__name__)


async def _reseal_column(scope: Scope, place: SealedColumn, keys: KeyRing) -> int:
    row, done = place.table.c, 0
    sealed = row[place.column]
    older = sealed.is_not(None) & sealed.not_like(f"{keys.current_field}.%")
    while True:
        async with scope.write() as session:
            found = (await session.execute(select(row.id, sealed).where(older).limit(BATCH))).all()
            for key, text in found:
                fresh = keys.encrypt(keys.decrypt(text, place.seal(key)), place.seal(key))
                # Only what still is as it was read: an authenticator may be replaced meanwhile, a mail wiped.
                unchanged = update(place.table).where(row.id == key, sealed == text)
                await session.execute(unchanged.values({place.column: fresh}))
        done += len(found)
        if len(found) < BATCH:
            return done
