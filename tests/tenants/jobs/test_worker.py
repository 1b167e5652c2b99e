"""The worker forgets no message, and a tenant that fails costs the others nothing."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select
from structlog.testing import capture_logs

from tenants.acts import SYSTEM
from tenants.audit.service import AUDIT_LOG, record_event
from tenants.catalog.audit import record_event as record_catalog_event
from tenants.catalog.directory import TenantRecord
from tenants.chains.verifying import verify_log
from tenants.databases.scopes import TenantScope
from tenants.jobs.delivery import BATCH
from tenants.jobs.worker import LEASE, LONGEST_PAUSE, CollectMails, Worker
from tests.factories.portal import Customer, House
from tests.tenants.jobs.backlog import (
    announce_again,
    change_entry,
    current,
    entry_of,
    queued,
    reported,
    undelivered,
)

AGES = [timedelta(minutes=1), timedelta(seconds=1), None]
FAILURES: list[dict[str, Any]] = [{"server": "elsewhere"}, {"database_name": "t_gone"}, {"epoch": 7}]
LATER = timedelta(seconds=1)


def worker_of(house: House) -> Worker:
    return Worker(house.portal.tenants, house.portal.catalog)


@pytest.mark.parametrize("age", AGES)
async def test_a_tenant_is_visited_again_while_messages_are_left(house: House, age: timedelta | None) -> None:
    customer, _ = await reported(house, "alfa")
    now, worker = datetime.now(UTC), worker_of(house)
    await announce_again(customer, BATCH + 10, now)
    await change_entry(customer, attention_at=now - age if age else None)
    assert await worker.visit_all(now) == BATCH
    assert (await entry_of(customer)).attention_at is not None
    assert await worker.visit_all(now + LATER) == 11
    assert await undelivered(customer) == 0


async def test_an_old_request_for_attention_is_cleared_when_nothing_is_left(house: House) -> None:
    customer, _ = await reported(house, "alfa")
    now, worker = datetime.now(UTC), worker_of(house)
    await change_entry(customer, attention_at=now - timedelta(seconds=5))
    assert await worker.visit_all(now) == 1
    assert (await entry_of(customer)).attention_at is not None, "what asked for it may still commit"
    assert await worker.visit_all(now + timedelta(seconds=15)) == 0
    assert (await entry_of(customer)).attention_at is None


@pytest.mark.parametrize("broken", FAILURES)
async def test_a_tenant_that_fails_stops_nobody_and_loses_no_message(
    house: House, broken: dict[str, Any]
) -> None:
    customers = [(await reported(house, slug))[0] for slug in ("alfa", "bravo", "charlie")]
    failing, now, worker = customers[1], datetime.now(UTC), worker_of(house)
    for number, customer in enumerate(customers):
        await change_entry(customer, attention_at=now - timedelta(minutes=3 - number))
    whole = (await entry_of(failing))._mapping
    await change_entry(failing, **broken)
    with capture_logs() as logs:
        assert await worker.visit_all(now) == 2
    assert [(entry["event"], entry["tenant"]) for entry in logs] == [("visit_failed", "bravo")]
    assert [await undelivered(customer) for customer in customers] == [0, 1, 0]
    assert (await entry_of(failing)).attention_at == now - timedelta(minutes=2)
    await change_entry(failing, **{name: whole[name] for name in broken})
    assert await worker.visit_all(now + LONGEST_PAUSE) == 1
    assert await queued(failing) == await current(failing)
    assert (await entry_of(failing)).attention_at is None


async def test_a_visit_of_the_sweep_that_fails_is_made_again(house: House) -> None:
    customer, _ = await reported(house, "alfa")
    now, worker = datetime.now(UTC), worker_of(house)
    await change_entry(customer, attention_at=None, server="elsewhere")
    await worker.visit_all(now)
    await change_entry(customer, server="main")
    assert await worker.visit_all(now + LONGEST_PAUSE) == 1


async def test_a_tenant_that_keeps_failing_is_left_alone_for_longer_each_time(house: House) -> None:
    customer, _ = await reported(house, "alfa")
    now, worker = datetime.now(UTC), worker_of(house)
    await change_entry(customer, server="elsewhere")
    pauses = []
    for _ in range(8):
        await worker.visit_all(now)
        until = (await entry_of(customer)).leased_until
        pauses.append(until - now)
        assert await worker.visit_all(until - timedelta(microseconds=1)) == 0
        assert (await entry_of(customer)).leased_until == until
        now = until
    assert pauses == sorted(pauses)
    assert pauses[0] < pauses[1] < pauses[-2] == pauses[-1] == LONGEST_PAUSE <= LEASE
    await change_entry(customer, server="main")
    assert await worker.visit_all(now) == 1
    assert (await entry_of(customer)).leased_until - now < pauses[0]


async def test_those_who_waited_longest_come_first_when_not_all_fit_in_one_round(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tenants.jobs.worker.AT_ONCE", 1)
    first, second = (await reported(house, "alfa"))[0], (await reported(house, "bravo"))[0]
    now, worker = datetime.now(UTC), worker_of(house)
    await change_entry(first, attention_at=now - timedelta(hours=1), server="elsewhere")
    await change_entry(second, attention_at=now)
    for round_of_one in range(2):
        await worker.visit_all(now + round_of_one * LONGEST_PAUSE)
    assert await queued(second) == await current(second)


def waiting_for(released: asyncio.Event, hanging: Collection[UUID]) -> CollectMails:
    """A part of a visit that hangs with some customers."""

    async def collect(_scope: TenantScope, tenant: TenantRecord, _now: datetime) -> None:
        if tenant.id in hanging:
            await released.wait()

    return collect


async def none_left(count: Callable[[Customer], Awaitable[int]], customer: Customer, seconds: int) -> None:
    for _ in range(seconds * 20):
        if await count(customer) == 0:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"something waits after {seconds} seconds")


async def test_customers_whose_visits_hang_delay_nobody_and_are_visited_once(house: House) -> None:
    customers = [(await reported(house, slug))[0] for slug in ("alfa", "bravo", "charlie", "delta")]
    released, stop, good = asyncio.Event(), asyncio.Event(), customers[3]
    collect = waiting_for(released, {each.record.id for each in customers[:3]})
    worker = Worker(house.portal.tenants, house.portal.catalog, collect_mails=collect)
    running = asyncio.create_task(worker.run(stop))
    await none_left(unsealed, good, 20)
    for customer in customers[:3]:
        await change_entry(customer, leased_until=None)
    async with good.scope.write() as session:
        await record_event(session, now=datetime.now(UTC), event="x", actor=SYSTEM)
    await none_left(unsealed, good, 5)
    left = [(await entry_of(customer)).leased_until for customer in customers[:3]]
    assert left == [None] * 3, "nobody visits a second time while the first visit goes on"
    stop.set()
    released.set()
    await running
    assert [await undelivered(customer) for customer in customers] == [0] * 4
    assert None not in [(await entry_of(customer)).leased_until for customer in customers], "all visits ended"


async def test_a_server_has_no_more_visits_at_once_than_it_may(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tenants.jobs.worker.AT_A_SERVER", 1)
    first, second = (await reported(house, "alfa"))[0], (await reported(house, "bravo"))[0]
    now, released, stop = datetime.now(UTC), asyncio.Event(), asyncio.Event()
    await change_entry(second, visited_at=now - timedelta(minutes=1))
    collect = waiting_for(released, {first.record.id})
    worker = Worker(house.portal.tenants, house.portal.catalog, collect_mails=collect)
    running = asyncio.create_task(worker.run(stop))
    await none_left(undelivered, first, 20)
    await asyncio.sleep(1)
    assert await undelivered(second) == 1
    released.set()
    await none_left(undelivered, second, 20)
    stop.set()
    await running


async def unsealed(customer: Customer) -> int:
    statement = select(func.count()).select_from(AUDIT_LOG).where(AUDIT_LOG.c.sequence.is_(None))
    async with customer.scope.read() as reader:
        return int(await reader.scalar(statement))


async def test_a_visit_seals_what_is_on_the_record(house: House) -> None:
    customer, _ = await reported(house, "alfa")
    assert await unsealed(customer) > 0
    now = datetime.now(UTC)
    await worker_of(house).visit_all(now)
    assert await unsealed(customer) == 0
    async with customer.scope.read() as reader:
        assert (await verify_log(reader, AUDIT_LOG, now, lambda *_: None)).holds


async def test_an_entry_whose_moment_is_old_is_sealed_although_a_visit_came_before_its_commit(
    house: House,
) -> None:
    customer, _ = await reported(house, "alfa")
    now, worker = datetime.now(UTC), worker_of(house)
    await worker.visit_all(now)
    await change_entry(customer, attention_at=None, leased_until=None)
    visits: list[asyncio.Task[int]] = []

    async def asked(tenant_id: UUID, at: datetime) -> None:
        await house.portal.tenants.ask_attention(tenant_id, at)
        visits.append(asyncio.create_task(worker.visit_all(datetime.now(UTC))))
        await asyncio.sleep(0.3)  # a visit that needs longer finds the entry: the test then proves nothing

    database = house.portal.engines.tenant(customer.record.id, customer.record.placement)
    scope = TenantScope(database, customer.record.id, customer.record.epoch, asked)
    async with scope.write() as session:
        await record_event(session, now=now - timedelta(seconds=20), event="x", actor=SYSTEM)
    await asyncio.gather(*visits)
    await worker.visit_all(datetime.now(UTC) + LATER)
    assert await unsealed(customer) == 0


async def test_visits_go_on_until_nothing_is_unsealed(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    customer, _ = await reported(house, "alfa")
    await customer.contact("Bea Bos")
    await customer.contact("Carla Claes")
    waiting, now, worker = await unsealed(customer), datetime.now(UTC), worker_of(house)
    assert waiting > 3
    monkeypatch.setattr("tenants.audit.service.SEALED_AT_ONCE", 2)
    monkeypatch.setattr("tenants.jobs.worker.SEALED_AT_ONCE", 2)
    await change_entry(customer, attention_at=now - timedelta(minutes=1))
    for visit in range(waiting // 2):
        assert (await entry_of(customer)).attention_at is not None
        await worker.visit_all(now + visit * LATER)
        assert await unsealed(customer) == waiting - 2 * (visit + 1)
    await worker.visit_all(now + waiting * LATER)
    assert await unsealed(customer) == 0
    assert (await entry_of(customer)).attention_at is None


async def test_what_is_done_to_a_suspended_customer_is_sealed_although_nobody_is_served(house: House) -> None:
    customer, _ = await reported(house, "alfa")
    now, worker = datetime.now(UTC), worker_of(house)
    await worker.visit_all(now)
    await change_entry(customer, attention_at=None, status="SUSPENDED")
    suspended = await house.portal.tenants.fresh(customer.record.id)
    async with house.portal.tenants.upkeep_scope(suspended).write() as session:
        await record_event(session, now=now, event="tenant_exported", actor=SYSTEM)
    assert await unsealed(customer) == 1
    assert await worker.visit_all(now + LATER) == 0
    assert await unsealed(customer) == 0
    await worker.visit_all(now + timedelta(minutes=1))
    assert (await entry_of(customer)).attention_at is None
    visited = (await entry_of(customer)).visited_at
    await worker.visit_all(now + timedelta(days=1))
    assert (await entry_of(customer)).visited_at == visited, "the sweep passes it by"


async def test_the_vendors_own_log_is_sealed_every_second(house: House) -> None:
    await house.operator()
    clock = partial(datetime.now, UTC)
    made = house.portal.chores(clock, house.portal.postman(clock))
    chores = {chore.name: chore for chore in made}
    async with house.portal.catalog.write() as session:
        await record_catalog_event(session, now=datetime.now(UTC), event="user_created", actor=SYSTEM)
    assert chores["sealing"].every <= 1.0
    assert await chores["sealing"].work(datetime.now(UTC)) == 1
    assert await chores["sealing"].work(datetime.now(UTC)) == 0
