"""`migrate`: brings every customer's database to the head, each in a worker process."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tenants.catalog.migrating import (
    LEASE,
    Claimed,
    Failure,
    Run,
    Tally,
    Wanted,
    claim,
    close_run,
    count_customers,
    failures,
    first_of,
    join_run,
    mark_done,
    mark_failed,
    renew,
    state_of,
    tally,
)
from tenants.catalog.upkeep import MigrationState
from tenants.databases.engines import Engines
from tenants.databases.errors import DatabaseUnavailable, UnknownServer, UpgradeFailed
from tenants.databases.provisioning import Step, unwatched
from tenants.databases.scopes import CatalogScope
from tenants.databases.upgrading import Upgrade, UpgradeProcess

LOOK_AGAIN = 1.0
"""Seconds between two looks at customers that another command works on."""

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Orders:
    """How a run is gone through: `jobs` processes; `stop_after` failures it is given up, None is never.

    With `first_alone` nobody follows before one customer came through, the one called `first` if there is one.
    """

    jobs: int = 1
    stop_after: int | None = 5
    first_alone: bool = True
    first: str | None = None


class Watch:
    """Is told how far it is; whoever wants to show that overrides it. `stop` ends it after what runs now."""

    def __init__(self) -> None:
        self.stop = asyncio.Event()

    def progress(self, found: Tally) -> None:
        """After each customer."""

    def waiting(self, found: Tally) -> None:
        """Another command works on all that is left, or one that died did a moment ago."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Numbers of customers. `already` were at the target before, `failed` is everyone whose last try failed,
    and `left` those that nobody has tried yet.
    """

    run: UUID | None
    done: int
    failed: tuple[Failure, ...]
    left: int
    already: int


async def migrate(
    engines: Engines,
    wanted: Wanted,
    orders: Orders,
    *,
    clock: Clock,
    watch: Watch,
    step: Step = unwatched,
) -> Outcome:
    """Begins a run, or goes on with one that is not finished; the catalog must be at its head already.

    `step` must be a function that another process can import. Raises `UnknownTenant`.
    """
    catalog = CatalogScope(engines.catalog())
    customers = await count_customers(catalog, wanted)
    run = await join_run(catalog, wanted, clock())
    if run is None:
        return Outcome(None, 0, (), 0, customers)
    step("run begun")
    await _Crew(engines, catalog, run, orders, clock, watch, step).work()
    await close_run(catalog, run, clock())
    found, failed = await tally(catalog, run), await failures(catalog, run)
    left = found.left - (len(failed) - found.failed)
    return Outcome(run.id, found.done, failed, left, customers - found.done - len(failed) - left)


class _Crew:
    """The processes of one command."""

    def __init__(
        self,
        engines: Engines,
        catalog: CatalogScope,
        run: Run,
        orders: Orders,
        clock: Clock,
        watch: Watch,
        step: Step,
    ) -> None:
        self._engines = engines
        self._catalog = catalog
        self._run = run
        self._orders = orders
        self._clock = clock
        self._watch = watch
        self._step = step
        self._held: dict[UUID, Claimed] = {}
        self._noting = asyncio.Lock()  # a lease that is renewed meanwhile would not be known as ours
        self._processes = [UpgradeProcess() for _ in range(orders.jobs)]

    async def work(self) -> None:
        tasks = [asyncio.create_task(self._renew())]
        try:
            if not await self._first_came_through():
                return
            found = await self._look()
            while found.left and not self._given_up(found):
                crew = [asyncio.create_task(self._take(each)) for each in self._processes[: found.left]]
                tasks += crew
                await asyncio.gather(*crew)
                found = await self._look()
                if found.left and not self._given_up(found):
                    await self._wait(found)
        finally:
            for task in tasks:
                task.cancel()
            for process in self._processes:
                process.close()

    async def _first_came_through(self) -> bool:
        """Whether the others may follow."""
        first = None
        if self._orders.first_alone:
            first = await first_of(self._catalog, self._run, self._orders.first)
        while first and not self._watch.stop.is_set():
            claimed = await claim(self._catalog, self._run, self._clock(), only=first)
            if claimed:
                await self._bring(claimed, self._processes[0])
            found = await self._look()
            state = await state_of(self._catalog, self._run, first)
            if state in {MigrationState.DONE, MigrationState.FAILED}:
                return state is MigrationState.DONE
            await self._wait(found)
        return True

    async def _take(self, process: UpgradeProcess) -> None:
        """One customer after another, until nobody is free."""
        while not self._given_up(await self._look()):
            claimed = await claim(self._catalog, self._run, self._clock())
            if claimed is None:
                return
            await self._bring(claimed, process)

    async def _bring(self, claimed: Claimed, process: UpgradeProcess) -> None:
        self._held[claimed.id] = claimed
        self._step("customer claimed")
        try:
            home = claimed.placement
            server = self._engines.server(home.server)
            await process.run(Upgrade(server, home.database, claimed.tenant_id, self._step))
            reason = None
        except (UnknownServer, UpgradeFailed) as error:
            reason = str(error)
        async with self._noting:
            mine = self._held.pop(claimed.id)
            if reason is None:
                await mark_done(self._catalog, self._run, mine, self._clock())
            else:
                await mark_failed(self._catalog, mine, reason, self._clock())
        self._step("customer marked")

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(LEASE.total_seconds() / 3)
            async with self._noting:
                for claimed in list(self._held.values()):
                    try:
                        self._held[claimed.id] = await renew(self._catalog, claimed, self._clock())
                    except DatabaseUnavailable:
                        continue  # there are two more tries in a lease

    async def _look(self) -> Tally:
        found = await tally(self._catalog, self._run)
        self._watch.progress(found)
        return found

    def _given_up(self, found: Tally) -> bool:
        limit = self._orders.stop_after
        return self._watch.stop.is_set() or (limit is not None and found.failed >= limit)

    async def _wait(self, found: Tally) -> None:
        self._watch.waiting(found)
        try:
            await asyncio.wait_for(self._watch.stop.wait(), LOOK_AGAIN)
        except TimeoutError:
            return
