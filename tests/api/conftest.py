"""One portal for the tests of a file; each test takes a customer of its own where it changes anything."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import uuid4

import pytest

from auth.permissions import OperatorRole
from tenants.databases.servers import Server
from tests.factories.portal import Client, Customer, House, Person, open_house

NewCustomer = Callable[..., Awaitable[Customer]]


@pytest.fixture(scope="module")
async def shared_house(
    server: Server, tmp_path_factory: pytest.TempPathFactory, anyio_backend: str
) -> AsyncIterator[House]:
    """A running portal that all tests of a file share."""
    async with open_house(server, tmp_path_factory.mktemp(f"house-{anyio_backend}")) as opened:
        yield opened


@pytest.fixture(scope="module")
def new_customer(shared_house: House) -> NewCustomer:
    """Makes a customer under a name of its own."""

    async def make(policy: str = "qixium", tier: str = "SUPPORT", **contract: Any) -> Customer:
        return await shared_house.tenant(f"c-{uuid4().hex[:12]}", policy, tier, **contract)

    return make


@pytest.fixture
async def freya(house: House) -> Person:
    """An administrator of the vendor."""
    return await house.operator(OperatorRole.ADMINISTRATOR, email="freya@vendor.example")


@pytest.fixture
async def boss(house: House, freya: Person) -> Client:
    return await house.session(freya)
