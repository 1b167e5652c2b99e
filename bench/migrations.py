"""Some poisoned of many migrations: the others are done, these are named, and a rerun touches these only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from time import perf_counter

from sqlalchemy import update

from api.portal import Portal, open_portal
from api.settings import Settings
from auth.keys import KeyRing
from bench.older import POISONABLE, poison, put_back
from tenants.acts import SYSTEM
from tenants.catalog.migrating import Wanted
from tenants.catalog.migration_run import Orders, Outcome, Watch, migrate
from tenants.catalog.models import Tenant
from tenants.catalog.queries import all_tenants
from tenants.catalog.service import create_tenant
from tenants.databases.provisioning import create_database
from tenants.databases.revisions import TENANT_HEAD

JOBS = 2


@dataclass(frozen=True, slots=True)
class Counts:
    """Of `customers`, so many were poisoned; what the run and the rerun after it did."""

    customers: int
    poisoned: frozenset[str]
    first: Outcome
    again: Outcome

    @property
    def holds(self) -> bool:
        """Whether exactly the poisoned ones failed, and only they were touched twice."""
        healthy = self.customers - len(self.poisoned)
        named = [frozenset(each.slug for each in run.failed) for run in (self.first, self.again)]
        reached = (self.first.done, self.again.done, self.again.already, self.first.left + self.again.left)
        return named == [self.poisoned] * 2 and reached == (healthy, 0, healthy, 0)


async def count_migrations(
    settings: Settings,
    customers: int = 200,
    poisoned: int = 3,
    tell: Callable[[str], None] = print,
) -> Counts:
    """In a new installation over `settings`, which is left behind: whoever made its folder and server removes them."""
    KeyRing.create(settings.keys_path)
    place = settings.catalog()
    await create_database(settings.servers()[place.server], place.database, "catalog")
    portal = open_portal(settings)
    try:
        chosen = await _make(portal, customers, poisoned)
        began = perf_counter()
        first = await _migrate(portal)
        seconds = perf_counter() - began
        counts = Counts(customers, chosen, first, await _migrate(portal))
    finally:
        await portal.close()
    tell(
        f"{poisoned} poisoned of {customers} migrations: {first.done} done, {len(first.failed)} named, "
        f"rerun touches {counts.again.done + len(counts.again.failed)} "
        f"({'holds' if counts.holds else 'BROKEN'}; {customers / seconds:,.0f} a second with {JOBS} processes)"
    )
    return counts


async def _make(portal: Portal, customers: int, poisoned: int) -> frozenset[str]:
    """The slugs of the poisoned ones, which lie far apart and are not the first."""
    now = datetime.now(UTC)
    chosen = frozenset(f"c{customers * (2 * each + 1) // (2 * poisoned):04}" for each in range(poisoned))
    for number in range(customers):
        await create_tenant(
            portal.engines,
            slug=f"c{number:04}",
            name="Bench",
            policy_key="qixium",
            locale="EN",
            actor=SYSTEM,
            now=now,
        )
    for tenant in await all_tenants(portal.catalog):
        server = portal.engines.server(tenant.placement.server)
        await put_back(server, tenant.placement.database, POISONABLE)
        if tenant.slug in chosen:
            await poison(server, tenant.placement.database)
    async with portal.catalog.write() as session:
        await session.execute(update(Tenant).values(revision=POISONABLE))
    return chosen


async def _migrate(portal: Portal) -> Outcome:
    return await migrate(
        portal.engines,
        Wanted(TENANT_HEAD),
        Orders(jobs=JOBS),
        clock=lambda: datetime.now(UTC),
        watch=Watch(),
    )
