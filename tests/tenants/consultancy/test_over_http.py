"""Consultancy as clients see it."""

from typing import Any

import pytest

from tenants.acts import SYSTEM
from tenants.consultancy.service import create_card
from tests.factories.portal import Client, Customer, House
from tests.tenants.consultancy.desk import NOW

REQUEST = """request { id status workedHours billedHours confirmedHours billed { amount currency }
  ticket { number consultancyRequest { subject } } requester { name }
  quote { digest estimatedHours blockHours blocks billableHours hourlyRate { amount } total { amount currency }
          clause { key } }
  confirmation { at by { email } quote { digest total { amount } } } }"""
CARDS = """{ organization { hourCards { id number blockHours purchasedHours balanceHours
  entries(first: 1) { totalCount pageInfo { hasNextPage endCursor } nodes { kind hours } }
  last: entries(last: 1) { nodes { kind hours balanceHours request { subject } }
    pageInfo { hasPreviousPage } } } } }"""
PAGE = """query($after: String) { consultancyRequests(first: 2, after: $after) {
  totalCount pageInfo { hasNextPage endCursor } nodes { subject status } } }"""


async def with_card(customer: Customer, blocks: int) -> None:
    async with customer.house.portal.tenants.scope(customer.record).write() as session:
        await create_card(session, block_hours=4, blocks=blocks, expires_on=None, actor=SYSTEM, now=NOW)


async def both_sides(house: House) -> tuple[Customer, Client, Client]:
    customer = await house.tenant("zon")
    owner = await house.sign_in(customer.owner)
    return customer, owner, await house.sign_in(await house.operator(), "zon")


async def ask(client: Client, **given: Any) -> dict[str, Any]:
    said = {"subject": "Dashboard", "description": "Voor de directie."} | given
    payload = await client.do("requestConsultancy", said, REQUEST)
    assert payload["errors"] == []
    request: dict[str, Any] = payload["request"]
    return request


async def quoted(operator: Client, request_id: str, hours: str, **given: Any) -> dict[str, Any]:
    said = {"requestId": request_id, "estimatedHours": hours} | given
    payload = await operator.do("quoteConsultancy", said, REQUEST)
    assert payload["errors"] == []
    quote: dict[str, Any] = payload["request"]["quote"]
    return quote


@pytest.mark.clause("QX-096", "QX-098")
async def test_the_whole_way_from_a_ticket_to_a_card(house: House) -> None:
    customer, owner, operator = await both_sides(house)
    await with_card(customer, 3)
    ticket = {"type": "QUESTION", "subject": "Rapport", "description": "Hoe maak ik dit?"}
    made = await owner.do("registerTicket", ticket, "ticket { id number consultancyRequest { id } }")
    assert made["ticket"]["consultancyRequest"] is None
    request = await ask(owner, ticketId=made["ticket"]["id"])
    assert request["status"] == "REQUESTED"
    assert request["ticket"]["number"] == made["ticket"]["number"]
    assert request["ticket"]["consultancyRequest"] == {"subject": "Dashboard"}
    assert (request["requester"], request["billed"]) == ({"name": "Anna de Vries"}, None)

    quote = await quoted(operator, request["id"], "1")
    assert (quote["blockHours"], quote["blocks"], quote["billableHours"]) == (4, 1, "4")
    assert quote["total"] == {"amount": "1000.00", "currency": "EUR"}
    assert quote["clause"] == {"key": "QX-098"}

    card = (await owner.data(CARDS))["organization"]["hourCards"][0]
    given = {"requestId": request["id"], "quoteDigest": quote["digest"], "hourCardId": card["id"]}
    confirmed = (await owner.do("confirmConsultancy", given, REQUEST))["request"]
    assert confirmed["status"] == "CONFIRMED"
    assert confirmed["confirmation"]["by"] == {"email": customer.owner.email}
    assert confirmed["confirmation"]["quote"]["digest"] == quote["digest"]
    assert confirmed["billed"] == {"amount": "0.00", "currency": "EUR"}

    day = confirmed["confirmation"]["at"][:10]
    work = {"requestId": request["id"], "workedOn": day, "hours": "0.5", "description": "Gebouwd."}
    worked = (await operator.do("recordConsultancyWork", work, REQUEST))["request"]
    figures = [worked[name] for name in ("status", "workedHours", "billedHours", "confirmedHours")]
    assert figures == ["IN_PROGRESS", "0.5", "4", "4"]
    assert worked["billed"] == {"amount": "0.00", "currency": "EUR"}

    await the_card_is_drawn(owner)


async def the_card_is_drawn(owner: Client) -> None:
    card = (await owner.data(CARDS))["organization"]["hourCards"][0]
    assert (card["number"], card["purchasedHours"], card["balanceHours"]) == ("H-0001", "12", "8")
    assert card["entries"]["nodes"] == [{"kind": "PURCHASE", "hours": "12"}]
    assert (card["entries"]["totalCount"], card["entries"]["pageInfo"]["hasNextPage"]) == (2, True)
    reserved = {
        "kind": "RESERVATION",
        "hours": "-4",
        "balanceHours": "8",
        "request": {"subject": "Dashboard"},
    }
    assert card["last"] == {"nodes": [reserved], "pageInfo": {"hasPreviousPage": True}}
    assert await owner.data("{ slaStatus { hoursLeft } }") == {"slaStatus": {"hoursLeft": "8"}}


async def refused(client: Client, mutation: str, given: dict[str, Any]) -> tuple[str, str, list[str]]:
    payload = await client.do(mutation, given, "request { id }")
    assert payload["request"] is None
    (error,) = payload["errors"]
    assert error["message"]
    return error["__typename"], error["code"], error["path"]


async def test_refusals_are_told_with_code_and_field(house: House) -> None:
    customer, owner, operator = await both_sides(house)
    await with_card(customer, 1)
    request = await ask(owner)
    work = {"requestId": request["id"], "workedOn": "2026-03-10", "hours": "8", "description": "Gebouwd."}
    estimate = {"requestId": request["id"], "estimatedHours": "-1"}

    assert await refused(operator, "recordConsultancyWork", work) == (
        "ContractError",
        "NOT_CONFIRMED",
        ["hours"],
    )
    assert await refused(operator, "quoteConsultancy", estimate) == (
        "LimitError",
        "INVALID",
        ["estimatedHours"],
    )
    quote = await quoted(operator, request["id"], "5")
    card = (await owner.data(CARDS))["organization"]["hourCards"][0]["id"]
    answer = {"requestId": request["id"], "quoteDigest": quote["digest"]}
    assert await refused(owner, "confirmConsultancy", answer | {"hourCardId": card}) == (
        "PlainError",
        "INSUFFICIENT_HOURS",
        ["hourCardId"],
    )
    assert await refused(owner, "confirmConsultancy", answer | {"quoteDigest": "other"}) == (
        "PlainError",
        "CONFLICT",
        ["quoteDigest"],
    )
    assert await refused(owner, "confirmConsultancy", answer | {"requestId": card}) == (
        "PlainError",
        "NOT_FOUND",
        ["requestId"],
    )


async def test_each_side_does_its_own_part_only(house: House) -> None:
    customer, owner, operator = await both_sides(house)
    request = await ask(owner)
    quote = await quoted(operator, request["id"], "1")
    answer = {"requestId": request["id"], "quoteDigest": quote["digest"]}
    document = "mutation($input: %sInput!) { %s(input: $input) { request { id } errors { code } } }"

    async def code(client: Client, mutation: str, given: dict[str, Any]) -> str:
        name = mutation[0].upper() + mutation[1:]
        told = await client.call(document % (name, mutation), {"input": given})
        found: str = told["errors"][0]["extensions"]["code"]
        return found

    assert await code(operator, "confirmConsultancy", answer) == "FORBIDDEN"
    assert await code(operator, "declineConsultancy", {"requestId": request["id"]}) == "FORBIDDEN"
    estimate = {"requestId": request["id"], "estimatedHours": "1"}
    assert await code(owner, "quoteConsultancy", estimate) == "FORBIDDEN"
    work = {"requestId": request["id"], "workedOn": "2026-03-10", "hours": "1", "description": "?"}
    assert await code(owner, "recordConsultancyWork", work) == "FORBIDDEN"
    reader = await house.sign_in(await customer.reader())
    told = await reader.do("confirmConsultancy", answer, "request { id }")
    assert [error["code"] for error in told["errors"]] == ["FORBIDDEN_BY_CONTRACT"]
    seen = await reader.data("{ consultancyRequests { nodes { status quote { digest } } } }")
    assert seen["consultancyRequests"]["nodes"] == [
        {"status": "QUOTED", "quote": {"digest": quote["digest"]}}
    ]


async def test_requests_are_paged_newest_first_and_found_by_id(house: House) -> None:
    _, owner, _ = await both_sides(house)
    made = [await ask(owner, subject=f"Vraag {place}") for place in range(3)]
    first = (await owner.data(PAGE))["consultancyRequests"]
    assert [node["subject"] for node in first["nodes"]] == ["Vraag 2", "Vraag 1"]
    assert (first["totalCount"], first["pageInfo"]["hasNextPage"]) == (3, True)
    rest = (await owner.data(PAGE, {"after": first["pageInfo"]["endCursor"]}))["consultancyRequests"]
    assert [node["subject"] for node in rest["nodes"]] == ["Vraag 0"]
    assert rest["pageInfo"]["hasNextPage"] is False
    node = "query($id: ID!) { node(id: $id) { id ... on ConsultancyRequest { subject quote { digest } } } }"
    found = (await owner.data(node, {"id": made[0]["id"]}))["node"]
    assert found == {"id": made[0]["id"], "subject": "Vraag 0", "quote": None}


async def test_a_retry_with_the_same_key_confirms_and_works_once(house: House) -> None:
    customer, owner, operator = await both_sides(house)
    await with_card(customer, 2)
    request = await ask(owner)
    quote = await quoted(operator, request["id"], "4")
    card = (await owner.data(CARDS))["organization"]["hourCards"][0]["id"]
    answer = {"requestId": request["id"], "quoteDigest": quote["digest"], "hourCardId": card}
    keyed = answer | {"idempotencyKey": "k-1"}
    first = await owner.do("confirmConsultancy", keyed, REQUEST)
    assert await owner.do("confirmConsultancy", keyed, REQUEST) == first
    again = await owner.do("confirmConsultancy", answer, "request { id }")
    assert [error["code"] for error in again["errors"]] == ["ILLEGAL_TRANSITION"]
    day = first["request"]["confirmation"]["at"][:10]
    work = {
        "requestId": request["id"],
        "workedOn": day,
        "hours": "1",
        "description": "?",
        "idempotencyKey": "w",
    }
    for _ in range(2):
        done = await operator.do("recordConsultancyWork", work, REQUEST)
        assert done["request"]["workedHours"] == "1"
    balance = (await owner.data(CARDS))["organization"]["hourCards"][0]["balanceHours"]
    assert balance == "4"
