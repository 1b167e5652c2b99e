"""The limits of signing in, over HTTP: what is counted, what stays counted, and what a setting changes."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from tenants.accounts.models import Account, Throttle
from tenants.catalog.operators import OperatorThrottle
from tenants.databases.servers import Server
from tenants.ids import new_id
from tenants.tables import table
from tests.factories.contents import audit_log
from tests.factories.portal import PASSWORD, SIGN_IN, Customer, House, open_house

TRIES = 4


@pytest.fixture(scope="module")
async def strict_house(
    server: Server, tmp_path_factory: pytest.TempPathFactory, anyio_backend: str
) -> AsyncIterator[House]:
    folder = tmp_path_factory.mktemp(f"strict-{anyio_backend}")
    async with open_house(server, folder, sign_in_tries=TRIES, password_rounds=2_000) as opened:
        yield opened


@pytest.fixture
async def customer(strict_house: House) -> Customer:
    return await strict_house.tenant(f"c-{new_id(datetime.now(UTC)).hex[:20]}")


async def signs_in(customer: Customer, password: str = PASSWORD, slug: str | None = None) -> bool:
    given = {"email": customer.owner.email, "password": password}
    place = slug or customer.record.slug
    answer = await customer.house.call(SIGN_IN, {"input": given}, Portal_Tenant=place)
    # no data: there are more refused tries in flight than are hashed for show
    return bool(answer["data"] and answer["data"]["signIn"]["challenge"])


async def counts(customer: Customer) -> list[int]:
    own = table(Throttle).c
    async with customer.scope.read() as reader:
        return [row.tries for row in await reader.rows(select(own.tries).order_by(own.tries))]


async def test_each_field_of_one_request_is_counted(customer: Customer) -> None:
    fields = " ".join(f"a{number}: signIn(input: $input) {{ errors {{ code }} }}" for number in range(10))
    document = f"mutation($input: SignInInput!) {{ {fields} }}"
    given = {"email": customer.owner.email, "password": "wrong"}
    answer = await customer.house.call(document, {"input": given}, Portal_Tenant=customer.record.slug)
    assert len(answer["data"]) == 10
    # place, account, address and tenant: what came after the fourth was refused without being counted
    assert await counts(customer) == [TRIES] * 4
    assert len(await audit_log(customer.scope, "authn_login_lock")) == 10 - TRIES
    assert not await signs_in(customer)


async def test_failures_stay_counted_although_the_calls_were_refused(customer: Customer) -> None:
    for tried in range(1, TRIES + 1):
        assert not await signs_in(customer, "wrong")
        assert await counts(customer) == [tried] * 4
    assert not await signs_in(customer)


async def test_of_fifty_at_once_as_many_right_passwords_are_looked_at_as_the_setting_says(
    customer: Customer,
) -> None:
    came = await asyncio.gather(*(signs_in(customer) for _ in range(50)))
    assert came.count(True) == TRIES


async def test_what_is_tried_on_no_tenant_stops_no_operator(strict_house: House, customer: Customer) -> None:
    own = table(OperatorThrottle).c
    async with strict_house.portal.catalog.read() as reader:
        before = len(await reader.rows(select(own.key)))
    assert not await signs_in(customer, slug="nowhere")
    async with strict_house.portal.catalog.read() as reader:
        assert len(await reader.rows(select(own.key))) > before
    operator = await strict_house.operator(email=customer.owner.email)
    for _ in range(TRIES):
        await signs_in(customer, slug="nowhere")
    given = {"email": operator.email, "password": PASSWORD}
    answer = await strict_house.call(SIGN_IN, {"input": given})
    assert answer["data"]["signIn"]["challenge"]


async def test_a_password_is_hashed_again_when_the_setting_has_risen(customer: Customer) -> None:
    column = table(Account).c.password_hash

    async def stored() -> Any:
        async with customer.scope.read() as reader:
            return await reader.scalar(select(column))

    before = await stored()
    assert before.startswith("$pbkdf2-sha512$1000$")
    assert not await signs_in(customer, "wrong")
    assert await stored() == before
    assert await signs_in(customer)
    renewed = await stored()
    assert renewed.startswith("$pbkdf2-sha512$2000$")
    assert await signs_in(customer)
    assert await stored() == renewed
