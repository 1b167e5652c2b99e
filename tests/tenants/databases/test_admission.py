"""The connections of a process to one server: never more than the budget, never taken from who uses one."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest

from tenants.databases.admission import AT_MOST, Admission, Seats
from tenants.databases.errors import ServerBusy

SOON = 0.001


@dataclass(eq=False, slots=True)
class Opened:
    """What an engine is to the admission: connections that are made when all others are in use."""

    connections: int = 0
    in_use: int = 0


@dataclass(eq=False, slots=True)
class Vendor:
    """Databases on one server and the connections that are really open to it."""

    budget: int
    wait: float = 5
    admission: Admission = field(init=False)
    opened: set[Opened] = field(default_factory=set)
    most: int = 0
    closed_in_use: int = 0

    def __post_init__(self) -> None:
        self.admission = Admission(self.budget, self.wait)

    @property
    def connections(self) -> int:
        return sum(each.connections for each in self.opened)


@dataclass(eq=False, slots=True)
class Customer:
    vendor: Vendor
    shared: bool = False
    seats: Seats = field(init=False)
    opened: Opened | None = None
    served: int = 0

    def __post_init__(self) -> None:
        self.seats = Seats(self.close, shared=self.shared)

    def close(self) -> Coroutine[Any, Any, None]:
        opened, self.opened = self.opened, None
        return self._closed(opened)

    async def _closed(self, opened: Opened | None) -> None:
        await asyncio.sleep(SOON)
        if opened:
            self.vendor.closed_in_use += opened.in_use
            opened.connections = opened.in_use
            if not opened.in_use:
                self.vendor.opened.discard(opened)

    async def use(self, until: asyncio.Event | float) -> None:
        async with self.vendor.admission.seat(self.seats):
            vendor = self.vendor
            opened = self.opened = self.opened or Opened()
            vendor.opened.add(opened)
            opened.in_use += 1
            opened.connections = 1 if self.shared else max(opened.connections, opened.in_use)
            vendor.most = max(vendor.most, vendor.connections)
            try:
                await (until.wait() if isinstance(until, asyncio.Event) else asyncio.sleep(until))
                self.served += 1
            finally:
                opened.in_use -= 1
                if opened is not self.opened:  # closed meanwhile: its connection goes with the user
                    opened.connections -= 1


async def turns(count: int = 5) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def chaos(seed: int, *, shared: bool, forgetting: bool) -> Vendor:
    """300 uses of 12 databases over 5 connections; some are cancelled while they wait, use or close."""
    chance, vendor = Random(seed), Vendor(budget=5)
    customers = [Customer(vendor, shared) for _ in range(12)]
    tasks: list[asyncio.Task[None]] = []
    for _ in range(300):
        customer = chance.choice(customers[: chance.choice([2, 12])])
        tasks.append(asyncio.create_task(customer.use(chance.choice([0, 0, SOON]))))
        if chance.random() < 0.2:
            chance.choice(tasks[-20:]).cancel()
        if forgetting and chance.random() < 0.05:
            tasks.append(asyncio.create_task(vendor.admission.forget(customer.seats)))
        if chance.random() < 0.4:
            await asyncio.sleep(chance.choice([0, 0, SOON]))
    ends = await asyncio.gather(*tasks, return_exceptions=True)
    assert {type(end) for end in ends} <= {type(None), asyncio.CancelledError}
    assert sum(customer.served for customer in customers) > 150
    for customer in customers:
        await vendor.admission.forget(customer.seats)
    await vendor.admission.settle()
    assert not any(customer.seats.waiting for customer in customers)
    return vendor


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("seed", range(6))
async def test_the_budget_holds_under_any_load_and_nothing_in_use_is_closed(seed: int, shared: bool) -> None:
    vendor = await chaos(seed, shared=shared, forgetting=False)
    assert vendor.most <= vendor.budget
    assert vendor.closed_in_use == 0
    assert vendor.admission.held == 0  # whoever was cancelled left nothing behind


@pytest.mark.parametrize("seed", range(6))
async def test_databases_that_are_closed_under_their_users_count_until_these_leave(seed: int) -> None:
    vendor = await chaos(seed, shared=False, forgetting=True)
    assert vendor.most <= vendor.budget
    assert vendor.admission.held == 0


async def test_a_wait_ends_after_its_time_and_leaves_no_trace() -> None:
    vendor = Vendor(budget=1, wait=0.01)
    busy, other, over = Customer(vendor), Customer(vendor), asyncio.Event()
    using = asyncio.create_task(busy.use(over))
    await turns()
    for refused in (other, busy):
        with pytest.raises(ServerBusy):
            await refused.use(0)
    over.set()
    await using
    await asyncio.gather(other.use(0), busy.use(0))
    assert (vendor.most, vendor.admission.held) == (1, 1)


async def test_who_is_handed_a_seat_and_gone_passes_it_on() -> None:
    vendor = Vendor(budget=1)
    customer, over = Customer(vendor), asyncio.Event()
    using = asyncio.create_task(customer.use(over))
    await turns()
    waiting = [asyncio.create_task(customer.use(0)) for _ in range(2)]
    await turns()
    over.set()
    await using
    waiting[0].cancel()  # the seat is its own already
    await asyncio.wait(waiting)
    assert (waiting[0].cancelled(), waiting[1].exception()) == (True, None)


async def test_who_waits_for_a_database_gets_it_although_another_one_gave_up_waiting() -> None:
    vendor = Vendor(budget=1)
    wanted, other = Customer(vendor), Customer(vendor)
    over, later = asyncio.Event(), asyncio.Event()
    tasks = [asyncio.create_task(wanted.use(over))]
    await turns()
    tasks += [asyncio.create_task(wanted.use(0)) for _ in range(2)]
    tasks.append(asyncio.create_task(other.use(later)))
    await turns()
    over.set()  # `wanted` is closed for `other`, and two line up for it again
    await asyncio.sleep(5 * SOON)
    tasks[1].cancel()
    later.set()
    await asyncio.wait_for(tasks[2], 1)
    assert wanted.served == 2


async def test_a_file_that_was_opened_lets_in_everybody_who_waits_for_it() -> None:
    vendor = Vendor(budget=1)
    first, wanted = Customer(vendor, shared=True), Customer(vendor, shared=True)
    over, together = asyncio.Event(), asyncio.Event()
    using = asyncio.create_task(first.use(over))
    await turns()
    tasks = [asyncio.create_task(wanted.use(together)) for _ in range(3)]
    await turns()
    over.set()
    await using
    async with asyncio.timeout(10):  # however busy the machine is
        while wanted.seats.busy < 3:  # noqa: ASYNC110  # what is waited for tells nobody
            await asyncio.sleep(SOON)
    together.set()
    await asyncio.gather(*tasks)


async def test_databases_are_served_in_the_order_of_asking_and_a_busy_one_takes_no_more_than_its_turn() -> (
    None
):
    vendor, served = Vendor(budget=1), list[int]()
    customers, over = [Customer(vendor) for _ in range(4)], asyncio.Event()

    async def use(number: int) -> None:
        await customers[number].use(0)
        served.append(number)

    tasks = [asyncio.create_task(customers[0].use(over))]
    await turns()
    tasks += [asyncio.create_task(use(number)) for number in (0, 0, 0, 1, 2, 3)]
    await turns()
    over.set()
    await asyncio.gather(*tasks)
    assert served[:3] == [1, 2, 3]
    assert served[3:] == [0, 0, 0]


async def test_further_connections_come_from_the_first_half_of_the_budget() -> None:
    vendor, over = Vendor(budget=12), asyncio.Event()
    greedy = [Customer(vendor) for _ in range(3)]
    tasks = [asyncio.create_task(customer.use(over)) for customer in greedy for _ in range(10)]
    await turns(20)
    assert sorted(customer.seats.held for customer in greedy) == [1, 2, AT_MOST]
    modest = [Customer(vendor) for _ in range(12 - vendor.connections)]
    tasks += [asyncio.create_task(customer.use(over)) for customer in modest]
    await turns(20)
    assert [customer.seats.busy for customer in modest] == [1] * len(modest)
    over.set()
    await asyncio.gather(*tasks)


async def test_who_comes_while_a_database_is_being_closed_opens_it_anew() -> None:
    vendor, over = Vendor(budget=2), asyncio.Event()
    customer = Customer(vendor)
    await customer.use(0)
    before = customer.opened
    closing = asyncio.create_task(vendor.admission.forget(customer.seats))
    using = asyncio.create_task(customer.use(over))
    await closing
    assert customer.opened is not before
    over.set()
    await using
    assert vendor.closed_in_use == 0


async def test_a_close_that_fails_gives_its_connections_back() -> None:
    admission = Admission(1)

    async def fail() -> None:
        raise ConnectionResetError

    seats = Seats(fail, shared=False)
    async with admission.seat(seats):
        assert admission.held == 1
    with pytest.raises(ConnectionResetError):
        await admission.forget(seats)
    assert admission.held == 0
