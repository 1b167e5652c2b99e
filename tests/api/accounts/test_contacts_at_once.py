"""Calls on named contacts at the same moment: the limit holds, whatever else changes."""

import asyncio

import pytest

from tenants.contacts.errors import ContactLimitReached
from tests.api.accounts.people import CARD, CONTACTS, codes, contact_id, into_tier, named
from tests.api.conftest import NewCustomer
from tests.factories.portal import Customer

AT_ONCE = 20


@pytest.fixture
async def customer(new_customer: NewCustomer) -> Customer:
    return await new_customer()


@pytest.mark.clause("OB-038")
async def test_of_twenty_named_at_once_three_are_contacts(new_customer: NewCustomer) -> None:
    customer = await new_customer("open2bizz", "STANDARD")
    client = await customer.client()
    cards = ({**CARD, "email": f"c{number}@x.example"} for number in range(AT_ONCE))
    payloads = await asyncio.gather(*(client.do("nameContact", card, "contact { id }") for card in cards))
    errors = [error for payload in payloads for error in payload["errors"]]
    assert [(error["code"], error["limit"]) for error in errors] == [("CONTACT_LIMIT_REACHED", 3)] * 18
    assert len(await named(client)) == 3


async def test_of_many_replacements_at_once_one_takes_the_slot(customer: Customer) -> None:
    client, bea = await customer.client(), await customer.contact("Bea Bos")
    cards = ({"contactId": contact_id(bea), **CARD, "name": f"Dirk {number}"} for number in range(8))
    payloads = await asyncio.gather(*(client.do("replaceContact", card, "") for card in cards))
    assert sorted(codes(payload) for payload in payloads) == [[], *[["CONFLICT"]] * 7]
    assert len(await named(client)) == 2


@pytest.mark.clause("S4-012")
async def test_no_contact_slips_in_while_a_contract_shrinks(new_customer: NewCustomer) -> None:
    customer = await new_customer("s4m-support", "EXTENDED")
    client = await customer.client()

    async def shrink() -> None:
        try:
            await into_tier(customer, "DEFAULT")
        except ContactLimitReached:
            return

    calls = [client.do("nameContact", {**CARD, "email": f"c{number}@x.example"}, "") for number in range(6)]
    await asyncio.gather(*calls[:3], shrink(), *calls[3:])
    organization = (await client.data(CONTACTS))["organization"]
    assert len(organization["contacts"]) <= organization["contactLimit"]
