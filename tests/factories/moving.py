"""Customers between servers: a portal with four places to be, and people who write meanwhile."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2

from tenants.acts import SYSTEM
from tenants.catalog.directory import TenantRecord
from tenants.catalog.models import TenantStatus
from tenants.catalog.sides import sides_of
from tenants.databases.administration import administering
from tenants.databases.contents import digest
from tenants.databases.copying import nobody_looks, snapshot_of
from tenants.databases.servers import Placement, Server, SqliteServer
from tenants.tables import table
from tenants.tickets.models import Ticket
from tenants.upkeep.moving import move_tenant
from tenants.upkeep.relocating import Yard
from tests.factories.databases import epoch_of
from tests.factories.portal import Client, Customer, House, open_house

FILES, CLUSTER = "files", "cluster"
REGISTER = """mutation($input: RegisterTicketInput!) { registerTicket(input: $input) {
  ticket { number } errors { code } } }"""


def clock() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def open_yard(
    server: Server, data: Path, postgres_url: str, more: Mapping[str, str] | None = None
) -> AsyncIterator[House]:
    """A portal with a folder of files and a PostgreSQL server beside its `main`."""
    others = {FILES: f"sqlite:///{data / 'elsewhere'}", CLUSTER: postgres_url}
    async with open_house(server, data, {**others, **(more or {})}) as house:
        yield house


async def move(house: House, slug: str, to: str, **given: Any) -> TenantRecord:
    """The customer as it is served from there; this process has forgotten where it was."""
    yard: Yard = given.pop("yard", house.portal.yard(clock))
    tenant = await house.portal.tenants.fresh_by_slug(slug)
    moved = await move_tenant(yard, tenant, to, actor=SYSTEM, told=nobody_looks, **given)
    forget(house)
    return moved


def forget(house: House) -> None:
    """As after the second that the catalog's answers are kept."""
    house.portal.tenants._seen.clear()


async def rows_at(house: House, place: Placement) -> dict[str, str]:
    """The sum of each table's rows but the identity's."""
    async with snapshot_of(house.portal.engines.server(place.server), place.database) as connection:
        found = await digest(connection)
    del found["tenant_identity"]
    return found


@dataclass(slots=True)
class Writers:
    """Clients that register tickets one after another, and what they were told."""

    client: Client
    acknowledged: dict[str, str] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    wrong: list[Any] = field(default_factory=list)
    stopped: bool = False

    async def write(self, name: str) -> None:
        """Writes until it is stopped: an answer without data is 503 with `Retry-After`, or it is wrong."""
        count = 0
        while not self.stopped:
            count += 1
            await self.once(f"{name} {count}")

    async def once(self, subject: str) -> None:
        given = {"type": "BUG", "subject": subject, "description": "?", "idempotencyKey": subject}
        headers = {"Authorization": f"Bearer {self.client.token}"}
        body = {"query": REGISTER, "variables": {"input": given}}
        try:
            answer = await self.client.house.http.post("/graphql", json=body, headers=headers)
        except httpx2.HTTPError:
            self.refused.append(subject)
            return
        if answer.status_code == 503 and "Retry-After" in answer.headers:
            self.refused.append(subject)
            await asyncio.sleep(0.02)
        elif (payload := (answer.json().get("data") or {}).get("registerTicket")) and payload["ticket"]:
            self.acknowledged[subject] = payload["ticket"]["number"]
        else:
            self.wrong.append(answer.text)

    async def check(self, customer: Customer) -> None:
        """Every acknowledged ticket is there under its number, and none is there twice."""
        assert self.wrong == []
        tickets = table(Ticket).c
        async with customer.scope.read() as reader:
            rows = await reader.rows(
                table(Ticket).select().with_only_columns(tickets.subject, tickets.number)
            )
        kept = {row.subject: row.number for row in rows}
        assert {name: kept.get(name) for name in self.acknowledged} == self.acknowledged
        assert max(Counter(row.subject for row in rows).values()) == 1


@asynccontextmanager
async def writing(customer: Customer, count: int = 3, *, at_least: int = 5) -> AsyncIterator[Writers]:
    """Writers at work: from the start of the block, when some tickets are registered, until its end."""
    writers = Writers(await customer.client())
    tasks = [asyncio.create_task(writers.write(f"writer {number}")) for number in range(count)]
    try:
        await registered(writers, at_least)
        yield writers
    finally:
        writers.stopped = True
        await asyncio.gather(*tasks)


async def registered(writers: Writers, more: int) -> None:
    """Waits until so many more tickets are acknowledged."""
    wanted = len(writers.acknowledged) + more
    async with asyncio.timeout(60):
        while len(writers.acknowledged) < wanted:
            assert writers.wrong == []
            await asyncio.sleep(0.01)


async def record(customer: Customer) -> TenantRecord:
    """The customer as the catalog has it now."""
    return await customer.house.portal.tenants.fresh(customer.record.id)


async def is_moving(customer: Customer) -> None:
    """Waits until the customer is MOVING."""
    async with asyncio.timeout(60):
        while (await record(customer)).status is not TenantStatus.MOVING:  # noqa: ASYNC110  # a row, not an event
            await asyncio.sleep(0.01)


async def writes(customer: Customer) -> None:
    """The customer is served, and takes a ticket."""
    forget(customer.house)
    customer.record = await record(customer)
    writers = Writers(await customer.client())
    await writers.once("served again")
    assert list(writers.acknowledged) == ["served again"], (writers.refused, writers.wrong)


async def unchanged(customer: Customer, status: TenantStatus = TenantStatus.ACTIVE) -> None:
    """It is where it was, in its state, and nothing is beside it."""
    now = await record(customer)
    assert (now.placement, now.epoch) == (customer.record.placement, customer.record.epoch)
    assert now.status is status
    assert await sides_of(customer.house.portal.catalog, now.id) == []
    home = now.placement
    assert await epoch_of(customer.house.portal.engines.server(home.server), home.database) == now.epoch


async def databases(house: House) -> set[str]:
    """The customers' databases on all servers."""
    found: set[str] = set()
    for server in house.portal.engines.servers.values():
        if isinstance(server, SqliteServer):
            found |= {
                path.name.removesuffix(".db") for path in server.folder.glob("t_*") if path.suffix == ".db"
            }
        else:
            async with administering(server) as connection:
                rows = await connection.exec_driver_sql(
                    "SELECT datname FROM pg_database WHERE datname LIKE 't\\_%'"
                )
                found |= set(rows.scalars())
    return found
