"""Operators come from the vendor's networks only, where it names any."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import httpx2
import pyotp
import pytest
from pydantic import ValidationError

from api.app import app_over
from api.settings import read_settings
from auth.networks import networks_of
from tests.factories.contents import audit_log
from tests.factories.portal import PASSWORD, SIGN_IN, VERIFY, Client, House, Person

INSIDE, OUTSIDE = "192.0.2.10", "203.0.113.5"
VIEWER = "{ viewer { __typename } }"
REFRESH = """mutation($input: RefreshSessionInput!) { refreshSession(input: $input) {
  session { accessToken } errors { code } } }"""


@pytest.fixture(scope="module")
async def places(shared_house: House) -> AsyncIterator[dict[str, House]]:
    """The same portal, with a list of networks, as it is called from two addresses."""
    settings = shared_house.portal.settings
    listed = settings.model_copy(update={"operator_networks": networks_of("192.0.2.0/24,2001:db8::/32")})
    portal = replace(shared_house.portal, settings=listed)
    made = {}
    clients = []
    for address in (INSIDE, OUTSIDE):
        transport = httpx2.ASGITransport(app=app_over(portal), client=(address, 4711))
        clients.append(httpx2.AsyncClient(transport=transport, base_url="https://testserver"))
        made[address] = House(portal, clients[-1])
    yield made
    for client in clients:
        await client.aclose()


@pytest.fixture
async def operator(shared_house: House) -> Person:
    return await shared_house.operator(email=f"{uuid4().hex[:8]}@vendor.example")


async def first_step(house: House, email: str, password: str = PASSWORD) -> Any:
    answer = await house.call(SIGN_IN, {"input": {"email": email, "password": password}})
    return answer["data"]["signIn"]


@pytest.mark.clause("QX-120")
@pytest.mark.clause("S4-082")
async def test_operators_sign_in_from_the_listed_networks_only(
    places: dict[str, House], operator: Person
) -> None:
    assert (await first_step(places[INSIDE], operator.email))["challenge"]
    outside = await first_step(places[OUTSIDE], operator.email)
    wrong = await first_step(places[INSIDE], operator.email, f"{PASSWORD}!")
    assert outside == wrong
    assert [error["code"] for error in outside["errors"]] == ["SIGN_IN_FAILED"]
    failed = await audit_log(places[INSIDE].portal.catalog, "authn_login_fail")
    mine = [entry.detail for entry in failed if entry.subject_id == operator.id]
    assert mine == [{"factor": "PASSWORD", "reason": "NETWORK"}, {"factor": "PASSWORD"}]


@pytest.mark.clause("QX-120")
@pytest.mark.clause("S4-082")
async def test_a_challenge_cannot_be_carried_out_of_the_network(
    places: dict[str, House], operator: Person
) -> None:
    token = (await first_step(places[INSIDE], operator.email))["challenge"]["token"]
    code = {"challengeToken": token, "method": "TOTP", "code": pyotp.TOTP(operator.secret).now()}
    refused = (await places[OUTSIDE].call(VERIFY, {"input": code}))["data"]["verifyMfa"]
    assert (refused["session"], [error["code"] for error in refused["errors"]]) == (None, ["MFA_FAILED"])
    assert (await places[INSIDE].call(VERIFY, {"input": code}))["data"]["verifyMfa"]["session"]


@pytest.mark.clause("QX-120")
@pytest.mark.clause("S4-082")
async def test_a_token_is_worth_nothing_outside_of_the_network(
    places: dict[str, House], operator: Person
) -> None:
    client = await places[INSIDE].session(operator)
    assert await client.data(VIEWER) == {"viewer": {"__typename": "Operator"}}
    away = Client(places[OUTSIDE], client.token, client.refresh_token, None)
    answer = await away.call(VIEWER)
    ended = Client(places[INSIDE], client.token, "", None)
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNAUTHENTICATED"]
    refused = await places[OUTSIDE].call(REFRESH, {"input": {"refreshToken": client.refresh_token}})
    assert [error["code"] for error in refused["data"]["refreshSession"]["errors"]] == ["SIGN_IN_FAILED"]
    log = await audit_log(places[INSIDE].portal.catalog, "authz_fail")
    (entry,) = [entry for entry in log if entry.actor_id == operator.id]
    assert entry.detail["reason"] == "NETWORK"
    assert await ended.data(VIEWER) == {"viewer": {"__typename": "Operator"}}
    signed_out = "mutation { signOut(input: {}) { errors { code } } }"
    await ended.data(signed_out)
    messages = [(await each.call(VIEWER))["errors"][0]["message"] for each in (away, ended)]
    assert messages[0] == messages[1]


async def test_customers_come_from_wherever_they_are(places: dict[str, House], shared_house: House) -> None:
    customer = await shared_house.tenant(f"c-{uuid4().hex[:12]}")
    owner = await shared_house.session(customer.owner)
    away = Client(places[OUTSIDE], owner.token, "", None)
    assert await away.data(VIEWER) == {"viewer": {"__typename": "Account"}}


def test_a_list_that_cannot_be_read_stops_the_start() -> None:
    with pytest.raises(ValidationError, match=r"Write 10\.0\.0\.0/8"):
        read_settings({}, operator_networks="10.0.0.1/8")
    assert [str(each) for each in read_settings({}, operator_networks="10.0.0.0/8").operator_networks] == [
        "10.0.0.0/8"
    ]
