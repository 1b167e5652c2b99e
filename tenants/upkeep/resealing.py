"""Seals what is sealed in every database anew with the current field key, and finds out which keys are still needed."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Table, func, select, update

from auth.errors import SealBroken
from auth.keys import KeyRing
from tenants.catalog.directory import TenantDirectory, TenantRecord
from tenants.catalog.models import TenantStatus
from tenants.databases.errors import DatabaseUnavailable, StaleEpoch, UnknownServer, WrongDatabase
from tenants.databases.scopes import Scope

BATCH = 500
KEY_ID_LENGTH = 8
"""`auth.keys.KeyRing.encrypt` begins with the key's id and a dot."""
BROKEN = "{} sealed texts cannot be opened: their key is not in the keys file, or they were changed"
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


async def reseal(name: str, scope: Scope, places: Sequence[SealedColumn], keys: KeyRing | None) -> Resealed:
    """Seals what an older key sealed with the current one, in batches that commit; without `keys` only looks.

    Killed in between, each text is sealed by the one key or the other, and both are on the ring. One that cannot be
    opened stays as it is, and is told: the others are sealed anew all the same.
    """
    counts = [await _reseal_column(scope, place, keys) for place in places] if keys else []
    done, broken = sum(each[0] for each in counts), sum(each[1] for each in counts)
    problem = BROKEN.format(broken) if broken else None
    return Resealed(name, done, await _sealing_keys(scope, places), problem)


async def _sealing_keys(scope: Scope, places: Sequence[SealedColumn]) -> frozenset[str]:
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
            yield await reseal(tenant.slug, directory.upkeep_scope(tenant), places, keys)
        except (DatabaseUnavailable, StaleEpoch, UnknownServer, WrongDatabase) as error:
            yield Resealed(tenant.slug, 0, frozenset(), str(error) or type(error).__name__)


async def _reseal_column(scope: Scope, place: SealedColumn, keys: KeyRing) -> tuple[int, int]:
    """How many texts were sealed anew, and how many could not be opened."""
    row, done, broken, after = place.table.c, 0, 0, UUID(int=0)
    sealed = row[place.column]
    older = sealed.is_not(None) & sealed.not_like(f"{keys.current_field}.%")
    while True:
        async with scope.write() as session:
            batch = select(row.id, sealed).where(older, row.id > after).order_by(row.id).limit(BATCH)
            found = (await session.execute(batch)).all()
            for key, text in found:
                try:
                    fresh = keys.encrypt(keys.decrypt(text, place.seal(key)), place.seal(key))
                except SealBroken:
                    broken += 1
                    continue
                # Only what still is as it was read: an authenticator may be replaced meanwhile, a mail wiped.
                unchanged = update(place.table).where(row.id == key, sealed == text)
                await session.execute(unchanged.values({place.column: fresh}))
                done += 1
        if len(found) < BATCH:
            return done, broken
        after = found[-1].id
