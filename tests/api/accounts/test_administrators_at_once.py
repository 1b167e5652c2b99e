"""Administrators who end each other at the same moment: one of them stays, and who was ended does no more."""

import asyncio
from typing import Any

import pytest

from tests.api.accounts.people import WAYS, codes, managing
from tests.api.conftest import NewCustomer
from tests.factories.portal import Client, Customer, Person


@pytest.fixture
async def customer(new_customer: NewCustomer) -> Customer:
    return await new_customer()


@pytest.mark.parametrize("way", WAYS)
async def test_of_two_who_end_each_other_at_the_same_moment_one_stays(customer: Customer, way: str) -> None:
    bea = await customer.contact("Bea Bos")
    anna, other = await customer.client(), await customer.house.session(bea)
    payloads = await asyncio.gather(_end(anna, way, bea), _end(other, way, customer.owner))
    assert sorted(codes(payload) for payload in payloads) == [[], ["CONFLICT"]]
    assert await managing(customer, anna, other) == 1


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
