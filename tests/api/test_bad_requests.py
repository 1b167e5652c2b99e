"""Requests that are malformed, enormous or absurd: refused by name, never a failure of ours."""

import json
from typing import Any

import httpx2
import pytest

from tests.api.conftest import NewCustomer
from tests.factories.contents import ATTEMPTS, contents
from tests.factories.portal import Client, Customer

REGISTER = """mutation($input: RegisterTicketInput!) { registerTicket(input: $input) {
  ticket { number } errors { code } } }"""
TICKETS = """query($filter: TicketFilter, $search: String) {
  tickets(filter: $filter, search: $search) { nodes { number } } }"""
FLOOD = b"".join(b"a%d: signIn " % number for number in range(1000))
PREVIEW = """query($input: SlaPreviewInput!) { slaPreview(input: $input) {
  responseClock { dueAt explanation { from } } resolutionClock { dueAt } } }"""
GOOD = {"type": "BUG", "subject": "Koppeling", "description": "Staat stil."}
PREVIEWED = {"policyKey": "qixium", "tier": "SUPPORT", "type": "BUG", "registeredAt": "2026-03-10T09:00:00Z"}
BESIDES = ATTEMPTS | {"session", "refresh_token"}


@pytest.fixture(scope="module")
async def customer(new_customer: NewCustomer) -> Customer:
    return await new_customer()


@pytest.fixture(scope="module")
async def client(customer: Customer) -> Client:
    return await customer.client()


async def send(client: Client, content: bytes) -> httpx2.Response:
    headers = {"Authorization": f"Bearer {client.token}", "Content-Type": "application/json"}
    return await client.house.http.post("/graphql", content=content, headers=headers)


def codes(answer: Any) -> list[str]:
    return [error["extensions"]["code"] for error in answer["errors"]]


def body(**variables: object) -> bytes:
    return json.dumps({"query": REGISTER, "variables": {"input": GOOD | variables}}).encode()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (body(subject="NUL \0 inside"), "BAD_USER_INPUT"),
        (body(description="\ud800"), "BAD_USER_INPUT"),
        (body(subject=7), "BAD_USER_INPUT"),
        (body(subject=None), "BAD_USER_INPUT"),
        (body(type="HOLIDAY"), "BAD_USER_INPUT"),
        (body(registeredAt="2026-03-10T09:00:00Z"), "BAD_USER_INPUT"),
        (body(urgency=2**31), "BAD_USER_INPUT"),
        (body(urgency=1.5), "BAD_USER_INPUT"),
        (body(receivedAt="yesterday"), "BAD_USER_INPUT"),
        (body(receivedAt="2026-02-30T09:00:00Z"), "BAD_USER_INPUT"),
        (body(description="x" * 1_100_000), "BAD_USER_INPUT"),
        (b'{"query": "mutation { ' + FLOOD + b'}"}', "COST_LIMIT_EXCEEDED"),
        (b'{"query": "{ organisation { slug } }"}', "GRAPHQL_VALIDATION_FAILED"),
        (b'{"query": "{ organization { "}', "GRAPHQL_PARSE_FAILED"),
        (b'{"query": "subscription { x }"}', "BAD_USER_INPUT"),
        (b"[" * 100_000, "BAD_USER_INPUT"),
        (b"", "BAD_USER_INPUT"),
    ],
    ids=range(17),
)  # fmt: skip
async def test_a_request_that_cannot_run_is_refused_and_changes_nothing(
    customer: Customer, client: Client, content: bytes, code: str
) -> None:
    before = await contents(customer.scope, BESIDES)
    answer = await send(client, content)
    assert set(codes(answer.json())) == {code}
    assert "data" not in answer.json()
    assert await contents(customer.scope, BESIDES) == before


@pytest.mark.parametrize(
    "condition",
    [
        {"registeredFrom": "2026-03-10T09:00:00"},
        {"registeredFrom": "0001-01-01T00:00:00+14:00"},
        {"registeredUntil": "9999-12-31T23:59:59-12:00"},
        {"registeredFrom": "0001-01-01T00:00:00", "registeredUntil": "9999-12-31T23:59:59"},
        {"priorityKey": ["x"] * 40_000},
        {"priorityKey": ["x" * 900_000]},
        {"status": ["NEW"] * 40_000},
        {"type": ["BUG"] * 40_000, "clockState": ["RUNNING"] * 20_000},
        {"status": [], "type": [], "priorityKey": [], "clockState": []},
    ],
    ids=range(9),
)
async def test_an_absurd_filter_is_answered_or_refused_and_breaks_nothing(
    client: Client, condition: dict[str, Any]
) -> None:
    answer = await client.call(TICKETS, {"filter": condition})
    assert "errors" not in answer or codes(answer) == ["BAD_USER_INPUT"]


@pytest.mark.parametrize(
    "search", ["x" * 900_000, "a " * 400_000, "\\", "%_%", "é" * 1000, "\U0001f600", "\x7f\x1b"]
)
async def test_an_absurd_search_finds_nothing_and_breaks_nothing(client: Client, search: str) -> None:
    assert await client.call(TICKETS, {"search": search}) == {"data": {"tickets": {"nodes": []}}}


@pytest.mark.parametrize(
    "given",
    [
        {"registeredAt": "0001-01-01T00:00:00Z"},
        {"registeredAt": "0001-01-01T00:00:00+14:00"},
        {"registeredAt": "9999-12-31T23:59:59Z"},
        {"registeredAt": "9999-12-31T23:59:59-12:00"},
        {"registeredAt": "9999-12-31T23:59:59"},
        {"registeredAt": "1969-12-31T23:59:59Z", "priorityKey": "OUTAGE", "type": "INCIDENT"},
        {"policyKey": "nothing"},
        {"policyKey": "x" * 900_000},
        {"tier": "GOLD"},
        {"tier": None, "policyKey": "qixium"},
        {"type": "CHANGE_REQUEST"},
        {"priorityKey": "URGENT"},
        {"impact": -(2**31), "urgency": 2**31 - 1},
        {"policyKey": "s4m-support", "tier": "DEFAULT", "type": "INCIDENT", "urgency": 9},
        {"component": "x" * 900_000},
        {"addenda": ["x"] * 40_000},
        {"channel": "MONITORING"},
    ],
    ids=range(17),
)
async def test_an_absurd_preview_is_answered_or_refused_and_breaks_nothing(
    client: Client, given: dict[str, Any]
) -> None:
    answer = await client.call(PREVIEW, {"input": PREVIEWED | given})
    assert "errors" not in answer or codes(answer) == ["BAD_USER_INPUT"]


async def test_a_preview_with_an_addendum_that_there_is_not_lists_those_that_there_are(
    client: Client,
) -> None:
    answer = await client.call(PREVIEW, {"input": PREVIEWED | {"addenda": ["CUSTOM_WROK"]}})
    assert codes(answer) == ["BAD_USER_INPUT"]
    assert "CUSTOM_WORK" in answer["errors"][0]["message"]


async def test_a_hundred_thousand_characters_are_refused_with_the_limit(client: Client) -> None:
    payload = await client.do("registerTicket", GOOD | {"description": "x" * 100_000}, "ticket { id }")
    (error,) = payload["errors"]
    assert (error["code"], error["path"], error["limit"]) == ("INVALID", ["description"], 20_000)
    assert "20000" in error["message"]
    whole = await client.do("registerTicket", GOOD | {"description": "x" * 20_000}, "ticket { id }")
    assert whole["errors"] == []


async def test_a_number_that_is_no_ticket_finds_nothing(client: Client) -> None:
    for number in ("", "T-0", "x" * 900_000, "' OR 1=1 --", "\U0001f600"):
        asked = "query($number: String!) { ticket(number: $number) { id } }"
        assert await client.call(asked, {"number": number}) == {"data": {"ticket": None}}
