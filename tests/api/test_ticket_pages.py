"""Keyset pages: rows that come and go elsewhere shift nothing, and cursors hold for their own list only."""

from typing import Any

import pytest

from tests.api.conftest import NewCustomer
from tests.factories.portal import Client, Customer, House
from tests.factories.tickets import History

PAGE = """query($first: Int, $after: String, $last: Int, $before: String) {
  tickets(orderBy: {field: REGISTERED_AT, direction: DESC},
      first: $first, after: $after, last: $last, before: $before) {
    nodes { number } pageInfo { endCursor hasNextPage } } }"""
OTHER_LISTS = """query($after: String) {
  byDue: tickets(orderBy: {field: NEXT_DUE_AT}, after: $after) { nodes { number } }
  ascending: tickets(orderBy: {field: REGISTERED_AT}, after: $after) { nodes { number } }
  consultancyRequests(after: $after) { nodes { id } } }"""


@pytest.fixture(scope="module")
async def past(shared_house: House, new_customer: NewCustomer) -> History:
    past = await History.of(await new_customer(), await shared_house.operator())
    for hour in ("09", "10", "11"):
        await past.register(f"2026-03-10 {hour}:00")
    return past


async def first_page(client: Client, size: int = 2) -> Any:
    return (await client.data(PAGE, {"first": size}))["tickets"]


async def test_a_ticket_that_comes_in_between_two_pages_shifts_nothing(past: History) -> None:
    client = await past.customer.client()
    whole = (await first_page(client, 100))["nodes"]
    page = await first_page(client)
    await past.register("2026-03-11 09:00")
    rest = await client.data(PAGE, {"first": 100, "after": page["pageInfo"]["endCursor"]})
    assert page["nodes"] + rest["tickets"]["nodes"] == whole


async def refused(client: Client, document: str, variables: dict[str, Any]) -> list[tuple[Any, str]]:
    answer = await client.call(document, variables)
    assert set(answer["data"].values()) == {None}
    return [(error["path"][0], error["extensions"]["code"]) for error in answer["errors"]]


async def test_a_cursor_holds_for_its_own_list_and_order_only(past: History) -> None:
    client = await past.customer.client()
    cursor = (await first_page(client))["pageInfo"]["endCursor"]
    assert await refused(client, OTHER_LISTS, {"after": cursor}) == [
        ("byDue", "BAD_USER_INPUT"),
        ("ascending", "BAD_USER_INPUT"),
        ("consultancyRequests", "BAD_USER_INPUT"),
    ]


async def test_a_cursor_of_another_tenant_is_refused(past: History, new_customer: NewCustomer) -> None:
    other: Customer = await new_customer()
    cursor = (await first_page(await past.customer.client()))["pageInfo"]["endCursor"]
    code = [("tickets", "BAD_USER_INPUT")]
    assert await refused(await other.client(), PAGE, {"first": 2, "after": cursor}) == code


@pytest.mark.parametrize(
    "page",
    [
        {"first": 0},
        {"first": -1},
        {"last": -5},
        {"first": 101},
        {"first": 2_147_483_647},
        {"first": 5, "last": 5},
        {"first": 5, "after": ""},
        {"first": 5, "after": "Zm9v"},
        {"first": 5, "after": ":-5"},
        {"first": 5, "after": "é" * 10},
        {"first": 5, "after": "A" * 5_000},
        {"last": 5, "before": "AAAAAAAAAAAAAAAAW10"},
    ],
)
async def test_a_page_that_cannot_be_carried_out_is_refused(past: History, page: dict[str, Any]) -> None:
    client = await past.customer.client()
    assert await refused(client, PAGE, page) == [("tickets", "BAD_USER_INPUT")]


async def test_a_page_size_that_no_int_can_hold_is_refused_before_anything_runs(past: History) -> None:
    answer = await (await past.customer.client()).call(PAGE, {"first": 10**30})
    assert "data" not in answer
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]
