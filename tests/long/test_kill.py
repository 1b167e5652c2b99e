"""A server that dies in the middle of its work loses nothing that it has acknowledged."""

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tenants.databases.servers import Server
from tests.factories.portal import Client, Customer, open_house
from tests.factories.serving import Serving, served

REGISTRATIONS = 200
KILL_AFTER = 60
PAGE = """query($after: String) { tickets(first: 100, after: $after) {
  nodes { number subject } pageInfo { hasNextPage endCursor } } }"""

pytestmark = pytest.mark.long


class Killing:
    """Counts the acknowledged tickets and kills the server when there are enough."""

    def __init__(self, serving: Serving) -> None:
        self._serving = serving
        self.numbers: dict[int, str] = {}
        self.failed: list[int] = []

    async def register(self, client: Client, name: int) -> None:
        given = {
            "type": "BUG",
            "subject": f"Melding {name}",
            "description": "?",
            "idempotencyKey": f"k{name}",
        }
        try:
            payload = await client.do("registerTicket", given, "ticket { number }")
        except httpx2.HTTPError:
            self.failed.append(name)
            return
        assert payload["errors"] == []
        self.numbers[name] = payload["ticket"]["number"]
        if len(self.numbers) == KILL_AFTER:
            self._serving.kill()


async def listed(client: Client) -> list[dict[str, Any]]:
    """Every ticket of the customer."""
    found: list[dict[str, Any]] = []
    after = None
    while True:
        page = (await client.data(PAGE, {"after": after}))["tickets"]
        found += page["nodes"]
        if not page["pageInfo"]["hasNextPage"]:
            return found
        after = page["pageInfo"]["endCursor"]


async def kill_in_the_middle(customer: Customer) -> Killing:
    client = await customer.client()
    async with served(customer.house) as serving:
        killing = Killing(serving)
        await asyncio.gather(*(killing.register(client, name) for name in range(REGISTRATIONS)))
        assert serving.process.returncode == -9
    return killing


async def test_killing_the_server_among_200_registrations_loses_no_acknowledged_ticket(
    server: Server, tmp_path: Path
) -> None:
    async with open_house(server, tmp_path, worker=True) as house:
        customer = await house.tenant("zonnedael")
        killing = await kill_in_the_middle(customer)
        assert len(killing.numbers) >= KILL_AFTER
        assert killing.failed, "the server was killed too late to interrupt anything"
        await check_what_was_kept(customer, killing)


async def check_what_was_kept(customer: Customer, killing: Killing) -> None:
    """After a new start every acknowledged ticket is there, and a retry of each call makes none twice."""
    client = await customer.client()
    async with served(customer.house) as serving:
        kept = {ticket["number"]: ticket["subject"] for ticket in await listed(client)}
        for name, number in killing.numbers.items():
            assert kept.get(number) == f"Melding {name}"
        again = Killing(serving)
        await asyncio.gather(*(retry(again, client, name) for name in range(REGISTRATIONS)))
        assert again.numbers | killing.numbers == again.numbers
        subjects = Counter(ticket["subject"] for ticket in await listed(client))
        assert subjects == Counter(f"Melding {name}" for name in range(REGISTRATIONS))


async def retry(again: Killing, client: Client, name: int) -> None:
    given = {"type": "BUG", "subject": f"Melding {name}", "description": "?", "idempotencyKey": f"k{name}"}
    payload = await client.do("registerTicket", given, "ticket { number }")
    assert payload["errors"] == []
    again.numbers[name] = payload["ticket"]["number"]
