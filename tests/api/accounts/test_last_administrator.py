"""Somebody must stay who manages accounts and is a named contact: no path leads around that, and no race."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from auth.permissions import Permission
from tenants.accounts.administration import administer
from tenants.accounts.errors import RightsEnded
from tenants.acts import Act, Actor, ActorKind
from tests.api.accounts.people import CARD, account_id, codes, contact_id
from tests.api.conftest import NewCustomer
from tests.factories.contents import contents
from tests.factories.portal import Client, Customer, House, Person

ATTEMPTS = frozenset({"audit_log"})
Call = tuple[str, dict[str, Any]]
WAYS: dict[str, Callable[[Person], Call]] = {
    "deactivate": lambda it: ("deactivateAccount", {"accountId": account_id(it)}),
    "take the right": lambda it: (
        "changeAccountPermissions",
        {"accountId": account_id(it), "permissions": ["READ"]},
    ),
    "take the contact": lambda it: ("changeAccountContact", {"accountId": account_id(it), "contactId": None}),
    "remove the contact": lambda it: ("removeContact", {"contactId": contact_id(it)}),
    "replace the contact": lambda it: ("replaceContact", {"contactId": contact_id(it), **CARD}),
}


@pytest.fixture
async def customer(new_customer: NewCustomer) -> Customer:
    return await new_customer()


@pytest.mark.parametrize("way", WAYS)
async def test_the_last_administrator_cannot_leave(customer: Customer, way: str) -> None:
    await customer.contact("Bea Bos", (Permission.READ, Permission.REGISTER_TICKETS))
    client = await customer.client()
    before = await contents(customer.scope, ATTEMPTS)
    mutation, given = WAYS[way](customer.owner)
    payload = await client.do(mutation, given, "")
    assert codes(payload) == ["CONFLICT"]
    assert await contents(customer.scope, ATTEMPTS) == before


@pytest.mark.parametrize("way", WAYS)
async def test_an_administrator_leaves_while_another_stays(customer: Customer, way: str) -> None:
    await customer.contact("Bea Bos")
    client = await customer.client()
    mutation, given = WAYS[way](customer.owner)
    assert codes(await client.do(mutation, given, "")) == []
    answer = await client.call(
        'mutation { nameContact(input: { name: "X", email: "x@x.example", '
        'phone: "030 123 45 67" }) { errors { code } } }'
    )
    assert "errors" in answer or codes(answer["data"]["nameContact"]) == ["FORBIDDEN_BY_CONTRACT"]


@pytest.mark.parametrize("way", WAYS)
async def test_of_two_who_end_each_other_at_the_same_moment_one_stays(customer: Customer, way: str) -> None:
    bea = await customer.contact("Bea Bos")
    anna, other = await customer.client(), await customer.house.session(bea)
    payloads = await asyncio.gather(_end(anna, way, bea), _end(other, way, customer.owner))
    assert sorted(codes(payload) for payload in payloads) == [[], ["CONFLICT"]]
    assert await _managing(customer, anna, other) == 1


async def test_who_was_ended_a_moment_ago_ends_nobody_else(customer: Customer) -> None:
    bea, cor = await customer.contact("Bea Bos"), await customer.contact("Cor Cox")
    anna, other = await customer.client(), await customer.house.session(bea)
    calls = [_end(anna, "deactivate", bea), _end(other, "deactivate", customer.owner)]
    payloads = await asyncio.gather(*calls)
    assert sorted(codes(payload) for payload in payloads) == [[], ["CONFLICT"]]
    third = await customer.house.session(cor)
    nodes = (await third.data("{ organization { accounts { nodes { status } } } }"))["organization"]
    assert sorted(node["status"] for node in nodes["accounts"]["nodes"]) == [
        "ACTIVE",
        "ACTIVE",
        "DEACTIVATED",
    ]


async def test_a_right_that_has_ended_is_noticed_inside_the_act(customer: Customer) -> None:
    reader, portal = await customer.reader(), customer.house.portal
    for person in (reader, customer.owner):
        act = Act(Actor(ActorKind.ACCOUNT, person.id), datetime.now(UTC))
        async with customer.scope.write() as session:
            begun = administer(session, portal.library, portal.keys, act, "EN")
            if person is customer.owner:
                assert (await begun).is_own(person.id)
                continue
            with pytest.raises(RightsEnded):
                await begun


async def test_the_vendor_ends_the_last_administrator_and_appoints_the_next(
    shared_house: House, customer: Customer
) -> None:
    operator = await shared_house.operator(email=f"{uuid4().hex}@vendor.example")
    client = await shared_house.session(operator, customer.record.slug)
    bea = await customer.contact("Bea Bos", (Permission.READ,))
    assert codes(await client.do("deactivateAccount", {"accountId": account_id(customer.owner)}, "")) == []
    given = {"accountId": account_id(bea), "permissions": ["MANAGE_ACCOUNTS", "READ"]}
    assert codes(await client.do("changeAccountPermissions", given, "")) == []
    assert await _managing(customer, await shared_house.session(bea)) == 1


async def test_only_the_vendor_makes_the_first_administrator(shared_house: House, customer: Customer) -> None:
    operator = await shared_house.operator(email=f"{uuid4().hex}@vendor.example")
    vendor = await shared_house.session(operator, customer.record.slug)
    bea = await customer.contact("Bea Bos", (Permission.READ, Permission.REGISTER_TICKETS))
    assert codes(await vendor.do("deactivateAccount", {"accountId": account_id(customer.owner)}, "")) == []
    helper = await shared_house.session(bea)
    given = {"accountId": account_id(bea), "permissions": ["MANAGE_ACCOUNTS", "READ"]}
    asked = """mutation($input: ChangeAccountPermissionsInput!) {
      changeAccountPermissions(input: $input) { errors { code } } }"""
    answer = await helper.call(asked, {"input": given})
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]
    assert codes(await vendor.do("changeAccountPermissions", given, "")) == []


async def _end(client: Client, way: str, person: Person) -> Any:
    """The payload; a call that came after the caller's own end counts as refused."""
    mutation, given = WAYS[way](person)
    kind = mutation[0].upper() + mutation[1:]
    asked = f"mutation($input: {kind}Input!) {{ {mutation}(input: $input) {{ errors {{ code }} }} }}"
    answer = await client.call(asked, {"input": given})
    if "errors" in answer:
        assert answer["errors"][0]["extensions"]["code"] in {"UNAUTHENTICATED", "FORBIDDEN"}
        return {"errors": [{"code": "CONFLICT"}]}
    payload = answer["data"][mutation]
    if codes(payload) == ["FORBIDDEN_BY_CONTRACT"]:
        return {"errors": [{"code": "CONFLICT"}]}
    return payload


async def _managing(customer: Customer, *clients: Client) -> int:
    """How many of them still manage accounts."""
    asked = "mutation($input: ChangeContactInput!) { changeContact(input: $input) { errors { code path } } }"
    nobody = {"input": {"contactId": account_id(customer.owner)}}
    answers = [await client.call(asked, nobody) for client in clients]
    return sum("errors" not in it and codes(it["data"]["changeContact"]) == ["NOT_FOUND"] for it in answers)
