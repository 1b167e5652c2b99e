"""Two customers of one vendor, each with one of everything, and an operator who may enter both."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest

from auth.permissions import OperatorRole
from tenants.databases.servers import Server
from tests.factories.contents import contents
from tests.factories.everything import ids_of_everything
from tests.factories.portal import Client, Customer, House, Person, open_house

Header = tuple[str, str] | tuple[bytes, bytes]


@dataclass(slots=True)
class Neighbours:
    """Customer A asks; what belongs to B is what it must never get."""

    house: House
    a: Customer
    b: Customer
    ids_a: dict[str, str]
    ids_b: dict[str, str]
    operator: Person

    async def state(self) -> list[Any]:
        """All that both databases hold, but for attempts and work sessions."""
        besides = frozenset({"audit_log", "throttle", "session", "refresh_token", "work_session", "agent"})
        return [await contents(customer.scope, besides) for customer in (self.a, self.b)]


async def post(
    house: House, document: str, variables: dict[str, Any] | None = None, *headers: Header
) -> httpx2.Response:
    """The whole response; the request's id is given, so that two answers can be compared to the byte."""
    given: tuple[Header, ...] = (("X-Request-Id", "isolation-test"), *headers)
    sent = [(_bytes(name), _bytes(value)) for name, value in given]
    body = {"query": document, "variables": variables or {}}
    return await house.http.post("/graphql", json=body, headers=sent)


def _bytes(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text


def bearer(client: Client) -> tuple[str, str]:
    return ("Authorization", f"Bearer {client.token}")


def code_of(response: httpx2.Response) -> tuple[int, str]:
    """Status and code of an answer that refuses the whole request."""
    body = response.json()
    assert "data" not in body, body
    (error,) = body["errors"]
    return response.status_code, error["extensions"]["code"]


@pytest.fixture(scope="module")
async def neighbours(
    server: Server, tmp_path_factory: pytest.TempPathFactory, anyio_backend: str
) -> AsyncIterator[Neighbours]:
    async with open_house(server, tmp_path_factory.mktemp(f"house-{anyio_backend}")) as house:
        operator = await house.operator(OperatorRole.SUPPORT, OperatorRole.CONSULTANT)
        a, b = await house.tenant("alfa"), await house.tenant("bravo")
        ids = [await ids_of_everything(customer, operator) for customer in (a, b)]
        yield Neighbours(house, a, b, ids[0], ids[1], operator)
