"""Many calls at once: limits hold, retries do nothing twice, numbers are unique."""

import asyncio
from collections import Counter
from typing import Any

import pytest

from tests.api.conftest import NewCustomer
from tests.factories.contents import audit_log
from tests.factories.portal import Client, Customer

TICKET = {"type": "BUG", "subject": "Koppeling", "description": "Staat stil."}


@pytest.fixture
async def customer(new_customer: NewCustomer) -> Customer:
    return await new_customer()


async def register(client: Client, **given: str) -> Any:
    return await client.do("registerTicket", TICKET | given, "ticket { id number }")


async def test_of_ten_contacts_at_once_as_many_come_in_as_the_agreement_allows(customer: Customer) -> None:
    client = await customer.client()

    async def name(number: int) -> Any:
        given = {"name": f"Contact {number}", "email": f"c{number}@x.example", "phone": "030 123 45 67"}
        return await client.do("nameContact", given, "contact { id }")

    payloads = await asyncio.gather(*(name(number) for number in range(10)))
    assert sum(payload["contact"] is not None for payload in payloads) == 2
    errors = [error for payload in payloads for error in payload["errors"]]
    assert [(error["code"], error["limit"]) for error in errors] == [("CONTACT_LIMIT_REACHED", 3)] * 8
    contacts = await client.data("{ organization { contacts { name } } }")
    assert len(contacts["organization"]["contacts"]) == 3
    assert len(await audit_log(customer.scope, "call_refused")) == 8


async def test_a_slot_that_is_freed_can_be_taken_once(customer: Customer) -> None:
    client = await customer.client()
    given = {"name": "Contact", "email": "c@x.example", "phone": "030 123 45 67"}
    named = [await client.do("nameContact", given, "contact { id }") for _ in range(2)]
    removed = {"contactId": named[0]["contact"]["id"]}
    assert (await client.do("removeContact", removed, "contact { active }"))["contact"] == {"active": False}
    again = await asyncio.gather(*(client.do("nameContact", given, "contact { id }") for _ in range(4)))
    assert sorted(len(payload["errors"]) for payload in again) == [0, 1, 1, 1]
    assert (await client.do("removeContact", removed, ""))["errors"][0]["code"] == "CONFLICT"


async def test_twenty_calls_with_one_key_make_one_ticket_and_answer_alike(customer: Customer) -> None:
    client = await customer.client()
    calls = (register(client, idempotencyKey="eenmalig") for _ in range(20))
    payloads = await asyncio.gather(*calls)
    assert payloads[0]["errors"] == []
    assert [payload for payload in payloads if payload != payloads[0]] == []
    listed = await client.data("{ tickets { totalCount } }")
    assert listed == {"tickets": {"totalCount": 1}}
    assert len(await audit_log(customer.scope, "ticket_registered")) == 1


async def test_a_key_with_another_input_is_a_conflict(customer: Customer) -> None:
    client = await customer.client()
    first = await register(client, idempotencyKey="k")
    (error,) = (await register(client, idempotencyKey="k", subject="Iets anders"))["errors"]
    assert (error["code"], error["path"]) == ("CONFLICT", ["idempotencyKey"])
    assert await register(client, idempotencyKey="k") == first
    assert (await client.data("{ tickets { totalCount } }"))["tickets"]["totalCount"] == 1


async def test_a_key_belongs_to_one_person_and_one_mutation(customer: Customer) -> None:
    bea = await customer.house.session(await customer.contact("Bea Bos"))
    anna = await customer.client()
    tickets = [(await register(client, idempotencyKey="k"))["ticket"]["id"] for client in (anna, bea)]
    assert len(set(tickets)) == 2
    comment = {"ticketId": tickets[0], "body": "?", "idempotencyKey": "k"}
    assert (await anna.do("addComment", comment, "ticket { id }"))["errors"] == []


async def test_a_failed_attempt_keeps_no_key(customer: Customer) -> None:
    client = await customer.client()
    assert (await register(client, idempotencyKey="k", subject=""))["errors"][0]["code"] == "INVALID"
    assert (await register(client, idempotencyKey="k"))["errors"] == []


async def test_a_retry_answers_with_the_ticket_as_it_is_now(customer: Customer) -> None:
    client = await customer.client()
    below = "ticket { id status }"
    given = TICKET | {"idempotencyKey": "k"}
    made = (await client.do("registerTicket", given, below))["ticket"]
    await client.do("closeTicket", {"ticketId": made["id"]}, "ticket { status }")
    again = (await client.do("registerTicket", given, below))["ticket"]
    assert again == {"id": made["id"], "status": "CLOSED"}


@pytest.mark.clause("QX-037")
async def test_numbers_are_unique_under_fifty_registrations_at_once(customer: Customer) -> None:
    client = await customer.client()
    payloads = await asyncio.gather(*(register(client) for _ in range(50)))
    assert [payload["errors"] for payload in payloads] == [[]] * 50
    numbers = Counter(payload["ticket"]["number"] for payload in payloads)
    assert len(numbers) == 50


async def test_of_ten_that_close_a_ticket_at_once_one_does(customer: Customer) -> None:
    client = await customer.client()
    given = {"ticketId": (await register(client))["ticket"]["id"]}
    payloads = await asyncio.gather(
        *(client.do("closeTicket", given, "ticket { status }") for _ in range(10))
    )
    assert sum(payload["errors"] == [] for payload in payloads) == 1
    codes = {error["code"] for payload in payloads for error in payload["errors"]}
    assert codes == {"ILLEGAL_TRANSITION"}
    assert len(await audit_log(customer.scope, "ticket_closed")) == 1


async def test_comments_at_once_stand_one_after_another_on_the_timeline(customer: Customer) -> None:
    client = await customer.client()
    key = (await register(client))["ticket"]["id"]
    bodies = [f"Bericht {number}" for number in range(15)]
    await asyncio.gather(
        *(client.do("addComment", {"ticketId": key, "body": body}, "ticket { id }") for body in bodies)
    )
    asked = "query($id: ID!) { node(id: $id) { ... on Ticket { timeline { nodes { body } } } } }"
    nodes = (await client.data(asked, {"id": key}))["node"]["timeline"]["nodes"]
    assert sorted(node["body"] for node in nodes[1:]) == sorted(bodies)
