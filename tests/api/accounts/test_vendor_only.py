"""Oxygis leaves administrators to the vendor: a customer's own administrator makes, changes and ends none."""

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import update

from auth.permissions import Permission
from tenants.contracts.models import Contract
from tenants.tables import table
from tests.api.accounts.people import CARD, account_id, codes, contact_id
from tests.api.conftest import NewCustomer
from tests.factories.contents import contents
from tests.factories.portal import Client, Customer, House, Person

READ = (Permission.READ,)
ATTEMPTS = frozenset({"audit_log"})
GUEST = {"email": "gast@x.example", "name": "Gast"}


@pytest.fixture
async def oxygis(new_customer: NewCustomer) -> Customer:
    return await new_customer("oxygis", "STANDARD")


@pytest.fixture
async def bea(oxygis: Customer) -> Person:
    """A second administrator."""
    return await oxygis.contact("Bea Bos")


async def at_work(house: House, customer: Customer) -> Client:
    operator = await house.operator(email=f"{uuid4().hex}@vendor.example")
    return await house.session(operator, customer.record.slug)


def acts(bea: Person, helper: Person) -> list[tuple[str, dict[str, Any]]]:
    """Every act that makes, changes or ends an administrator, in an order in which the vendor can do them."""
    account, contact = {"accountId": account_id(bea)}, {"contactId": contact_id(bea)}
    return [
        ("changeAccountPermissions", {"accountId": account_id(helper), "permissions": ["MANAGE_ACCOUNTS"]}),
        ("changeAccountPermissions", {**account, "permissions": ["MANAGE_ACCOUNTS", "READ"]}),
        ("resetAccountMfa", {**account, "identityCheck": "teruggebeld"}),
        ("deactivateAccount", account),
        ("reactivateAccount", account),
        ("changeAccountContact", {**account, "contactId": None}),
        ("changeAccountContact", {**account, **contact}),
        ("changeAccountContact", {**account, "contactId": None}),
        ("inviteAccount", {**GUEST, "permissions": ["MANAGE_ACCOUNTS"], **contact}),
        ("replaceContact", {**contact, **CARD}),
        ("removeContact", {"contactId": contact_id(helper)}),
    ]


@pytest.mark.clause("OX-016")
async def test_a_customers_administrator_touches_no_administrator(oxygis: Customer, bea: Person) -> None:
    helper, client = await oxygis.contact("Cor Cox", READ), await oxygis.client()
    before = await contents(oxygis.scope, ATTEMPTS)
    for mutation, given in acts(bea, helper)[:-1]:
        (error,) = (await client.do(mutation, given, ""))["errors"]
        assert (error["code"], error["clause"]) == ("FORBIDDEN_BY_CONTRACT", {"key": "OX-016"}), mutation
    assert await contents(oxygis.scope, ATTEMPTS) == before


@pytest.mark.clause("OX-016")
async def test_the_vendor_does_all_that(shared_house: House, oxygis: Customer, bea: Person) -> None:
    helper, client = await oxygis.contact("Cor Cox", READ), await at_work(shared_house, oxygis)
    for mutation, given in acts(bea, helper):
        assert codes(await client.do(mutation, given, "")) == [], mutation


@pytest.mark.clause("OX-016")
async def test_a_customers_administrator_still_manages_everybody_else(oxygis: Customer) -> None:
    helper, client = await oxygis.contact("Cor Cox", READ), await oxygis.client()
    account = {"accountId": account_id(helper)}
    for mutation, given in (
        ("inviteAccount", {**GUEST, "permissions": ["READ", "REGISTER_TICKETS"]}),
        ("changeAccountPermissions", {**account, "permissions": ["READ", "CONFIRM_CONSULTANCY"]}),
        ("resetAccountMfa", {**account, "identityCheck": "teruggebeld"}),
        ("deactivateAccount", account),
        ("reactivateAccount", account),
        ("replaceContact", {"contactId": contact_id(helper), **CARD}),
    ):
        assert codes(await client.do(mutation, given, "")) == [], mutation


@pytest.mark.clause("OX-016")
async def test_no_administrator_of_oxygis_gives_even_the_own_right_away(
    oxygis: Customer, bea: Person
) -> None:
    client = await oxygis.house.session(bea)
    given = {"accountId": account_id(bea), "permissions": ["READ"]}
    assert codes(await client.do("changeAccountPermissions", given, "")) == ["FORBIDDEN_BY_CONTRACT"]


async def test_under_other_agreements_administrators_appoint_each_other(new_customer: NewCustomer) -> None:
    customer = await new_customer()
    helper, client = await customer.contact("Cor Cox", READ), await customer.client()
    given = {"accountId": account_id(helper), "permissions": ["MANAGE_ACCOUNTS", "READ"]}
    assert codes(await client.do("changeAccountPermissions", given, "")) == []


@pytest.mark.clause("OX-016")
async def test_the_rule_outlives_the_contract(oxygis: Customer) -> None:
    helper, client = await oxygis.contact("Cor Cox", READ), await oxygis.client()
    async with oxygis.scope.write() as session:
        await session.execute(update(table(Contract)).values(status="ENDED"))
    given = {"accountId": account_id(helper), "permissions": ["MANAGE_ACCOUNTS"]}
    (error,) = (await client.do("changeAccountPermissions", given, ""))["errors"]
    assert (error["code"], error["clause"]) == ("FORBIDDEN_BY_CONTRACT", {"key": "OX-016"})
