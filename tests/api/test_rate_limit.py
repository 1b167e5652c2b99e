"""What a client may ask for in a minute: told in every answer, and refused beyond it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from api.cost_budget import WINDOW, CostBudget, Ledger, Spending
from api.http_errors import BudgetSpent
from tests.api.conftest import NewCustomer
from tests.factories.portal import Client, Customer, House

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
ASKED = "{ rateLimit { limit cost remaining resetAt } }"  # 5 points
TICKETS = "{ tickets(first: 20) { nodes { number } } }"  # 1 + 20 * (1 + 1)


@pytest.fixture
async def customer(new_customer: NewCustomer) -> Customer:
    return await new_customer()


@pytest.fixture
async def tight(shared_house: House) -> AsyncIterator[House]:
    """The same portal with a hundred points a minute, and fifty before sign-in."""
    budget = shared_house.portal.budget
    people, addresses = budget.people, budget.addresses
    budget.people, budget.addresses = Ledger(100, 100), Ledger(50, 100)
    yield shared_house
    budget.people, budget.addresses = people, addresses


async def post(house: House, document: str, token: str | None = None, **headers: str) -> httpx2.Response:
    named = {"Authorization": f"Bearer {token}"} if token else {}
    return await house.http.post("/graphql", json={"query": document}, headers=named | headers)


def told(response: httpx2.Response) -> Any:
    return response.json()["data"]["rateLimit"]


async def test_the_caller_is_told_what_is_left(tight: House, customer: Customer) -> None:
    client = await customer.client()
    await post(tight, TICKETS, client.token)
    response = await post(tight, ASKED, client.token)
    asked = told(response)
    assert (asked["limit"], asked["cost"], asked["remaining"]) == (100, 5, 100 - 41 - 5)
    left = datetime.fromisoformat(asked["resetAt"]) - datetime.now(UTC)
    assert timedelta(0) < left <= WINDOW
    assert response.headers["ratelimit-policy"] == '"default";q=100;w=60'
    assert response.headers["ratelimit"].startswith('"default";r=54;t=')


async def test_over_its_points_a_client_is_refused_and_nothing_runs(tight: House, customer: Customer) -> None:
    client = await customer.client()
    spent = [await post(tight, TICKETS, client.token) for _ in range(2)]
    assert {response.status_code for response in spent} == {200}
    for accept in ("application/json", "application/graphql-response+json"):
        refused = await post(tight, TICKETS, client.token, Accept=accept)
        assert refused.status_code == 429
        (error,) = refused.json()["errors"]
        assert "data" not in refused.json()
        assert error["extensions"]["code"] == "RATE_LIMITED"
        seconds = int(refused.headers["retry-after"])
        assert error["extensions"]["retryAfter"] == seconds
        assert 1 <= seconds <= 60
        assert refused.headers["ratelimit"].startswith('"default";r=')
    # what was refused took no more than the point of its coming
    assert told(await post(tight, ASKED, client.token))["remaining"] == 100 - 2 * 41 - 2 - 5


async def test_sessions_of_one_person_share_their_points_and_others_have_their_own(
    tight: House, customer: Customer
) -> None:
    first, second = await customer.client(), await customer.client()
    other = await tight.session(await customer.reader())
    for client in (first, second):
        assert (await post(tight, TICKETS, client.token)).status_code == 200
    assert (await post(tight, TICKETS, second.token)).status_code == 429
    assert (await post(tight, TICKETS, other.token)).status_code == 200


async def test_before_sign_in_an_address_has_its_points(tight: House) -> None:
    first = await post(tight, ASKED)
    assert (told(first)["limit"], told(first)["remaining"]) == (50, 45)
    answers = [await post(tight, ASKED) for _ in range(10)]
    assert [response.status_code for response in answers] == [200] * 9 + [429]


async def test_each_document_costs_a_point_also_one_that_is_none(tight: House) -> None:
    for document in ("{ nothing", "{ nothing }", "{ a: nothing }"):
        assert (await post(tight, document)).json()["errors"]
    assert told(await post(tight, ASKED))["remaining"] == 50 - 3 - 5


async def test_all_of_it_is_there_again_after_the_minute() -> None:
    budget, one = CostBudget(100, 50, 10), uuid4()
    assert budget.charge(Spending(one, ""), 100, NOW).remaining == 0
    almost = NOW + WINDOW - timedelta(milliseconds=1)
    with pytest.raises(BudgetSpent) as refused:
        budget.charge(Spending(one, ""), 1, almost)
    assert refused.value.retry_after == 1
    assert budget.charge(Spending(one, ""), 1, NOW + WINDOW).remaining == 99


async def test_a_flood_of_addresses_takes_bounded_memory_and_no_persons_count() -> None:
    budget, one = CostBudget(100, 50, 10), uuid4()
    budget.charge(Spending(one, "192.0.2.1"), 60, NOW)
    for number in range(1_000):
        budget.charge(Spending(None, f"2001:db8:{number:x}::1"), 1, NOW)
    assert len(budget.addresses) == 10
    assert budget.charge(Spending(one, "192.0.2.1"), 1, NOW).remaining == 39


async def test_of_ipv6_a_site_counts_as_one() -> None:
    budget = CostBudget(100, 50, 10)
    budget.charge(Spending(None, "2001:db8::1"), 20, NOW)
    assert budget.charge(Spending(None, "2001:db8:0:ffff::1"), 20, NOW).remaining == 10


async def test_anybody_may_ask(shared_house: House, customer: Customer) -> None:
    client: Client = await customer.client()
    for token in (None, client.token):
        assert told(await post(shared_house, ASKED, token))["cost"] == 5
