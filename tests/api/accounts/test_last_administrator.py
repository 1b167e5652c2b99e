"""Somebody must stay who manages accounts and is a named contact: no path leads around that, and no race."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from auth.permissions import Permission
from tenants.accounts.administration import administer
from tenants.accounts.errors import RightsEnded
from tenants.acts import Act, Actor, ActorKind
from tests.api.accounts.people import WAYS, account_id, codes, managing
from tests.api.conftest import NewCustomer
from tests.factories.contents import contents
from tests.factories.portal import Customer, House

ATTEMPTS = frozenset({"audit_log"})


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
    assert await managing(customer, await shared_house.session(bea)) == 1


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
