"""A server that is killed again and again under load keeps every write that it acknowledged."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import select, text

from tenants.databases.copying import snapshot_of
from tenants.databases.servers import Server, SqliteServer
from tenants.tables import TenantTable, table
from tenants.tickets.models import Ticket, TicketEvent
from tenants.tickets.verification import verify_clocks
from tenants.upkeep.examining import examine_tenants
from tests.factories.portal import Client, Customer, open_house
from tests.factories.serving import served
from tests.tenants.jobs.backlog import current, queued

KILLS = 20
BEFORE_EACH = 15
"""Acknowledged writes between two kills."""

WRITERS = 6
REGISTER = """mutation($input: RegisterTicketInput!) { registerTicket(input: $input) {
  ticket { id number } errors { code } } }"""
COMMENT = """mutation($input: AddCommentInput!) { addComment(input: $input) {
  ticket { id } errors { code } } }"""

pytestmark = pytest.mark.long


@dataclass(slots=True)
class Load:
    """Writers that register tickets and comment on them; what was acknowledged, and how many answers were lost."""

    client: Client
    tickets: dict[str, str] = field(default_factory=dict)
    comments: set[str] = field(default_factory=set)
    lost: int = 0
    told_to_wait: int = 0
    tried: int = 0

    @property
    def acknowledged(self) -> int:
        return len(self.tickets) + len(self.comments)

    async def until_killed(self, kill: Callable[[], None]) -> None:
        """Writes at once until enough is acknowledged; the server dies among the other writers' calls."""
        wanted = self.acknowledged + BEFORE_EACH
        dead = asyncio.Event()

        async def work() -> None:
            while not dead.is_set():
                await self._one()
                if self.acknowledged >= wanted and not dead.is_set():
                    kill()
                    dead.set()

        await asyncio.gather(*(work() for _ in range(WRITERS)))

    async def _one(self) -> None:
        self.tried += 1
        name = f"Melding {self.tried}"
        given = {"type": "BUG", "subject": name, "description": "?", "idempotencyKey": name}
        ticket = await self._do(REGISTER, given)
        if ticket:
            self.tickets[name] = ticket["ticket"]["number"]
            body = {"ticketId": ticket["ticket"]["id"], "body": f"Over {name}", "idempotencyKey": f"c {name}"}
            if await self._do(COMMENT, body):
                self.comments.add(body["body"])

    async def _do(self, document: str, given: dict[str, Any]) -> Any:
        """None where it was told to come back, or where nobody knows whether it was done."""
        try:
            answer = await self.client.call(document, {"input": given})
        except httpx2.HTTPError:
            self.lost += 1
            return None
        if "errors" in answer:
            assert all("retryAfter" in error["extensions"] for error in answer["errors"]), answer
            self.told_to_wait += 1
            return None
        (payload,) = answer["data"].values()
        assert payload["errors"] == []
        return payload


async def test_twenty_kills_under_load_lose_nothing_that_was_acknowledged(
    server: Server, tmp_path: Path
) -> None:
    async with open_house(server, tmp_path, worker=True) as house:
        customer = await house.tenant("zonnedael")
        load = Load(await customer.client())
        for _ in range(KILLS):
            async with served(house) as serving:
                await load.until_killed(serving.kill)
                assert serving.process.returncode == -9
        async with served(house):
            await load.client.data("{ organization { slug } }")  # it comes up once more
        await check_every_write(customer, load)
        await check_soundness(customer)
        kept = len(await current(customer))
        print(  # noqa: T201  # the figure of `make test-long`
            f"\n{type(server).__name__}: {KILLS} kills, {len(load.tickets)} tickets and {len(load.comments)} comments "
            f"acknowledged, all there once; {load.lost} answers lost, {load.told_to_wait} told to wait, "
            f"{kept} tickets kept; integrity ok"
        )


async def check_every_write(customer: Customer, load: Load) -> None:
    tickets, events = table(Ticket).c, table(TicketEvent).c
    async with customer.scope.read() as reader:
        rows = await reader.rows(select(tickets.subject, tickets.number))
        bodies = await reader.rows(select(events.body).where(events.body.like("Over %")))
    kept = {row.subject: row.number for row in rows}
    assert load.acknowledged >= KILLS * BEFORE_EACH
    assert load.lost >= KILLS
    assert {name: kept.get(name) for name in load.tickets} == load.tickets
    assert len({row.number for row in rows}) == len(rows)
    assert max(Counter(row.subject for row in rows).values()) == 1
    comments = Counter(row.body for row in bodies)
    assert load.comments <= comments.keys()
    assert max(comments.values()) == 1


async def check_soundness(customer: Customer) -> None:
    """The file or server is whole, stored clocks follow from events, the queue agrees, a doctor finds nothing."""
    portal, home = customer.house.portal, customer.record.placement
    place = portal.engines.server(home.server)
    async with snapshot_of(place, home.database) as connection:
        if isinstance(place, SqliteServer):
            assert await connection.scalar(text("PRAGMA integrity_check")) == "ok"
            assert (await connection.execute(text("PRAGMA foreign_key_check"))).all() == []
        else:
            for each in TenantTable.metadata.sorted_tables:
                await connection.execute(select(each))
    async with customer.scope.read() as reader:
        assert (await verify_clocks(reader, portal.library)).differences == ()
    await until_none(customer.deliver)
    assert await queued(customer) == await current(customer)
    yard = portal.yard(lambda: datetime.now(UTC))
    found = [each async for each in examine_tenants(yard, {}, datetime.now(UTC))]
    assert [(each.slug, each.problems) for each in found] == [("zonnedael", ())]


async def until_none(work: Callable[[], Awaitable[int]]) -> None:
    while await work():
        pass
