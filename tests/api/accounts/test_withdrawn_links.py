"""A link that is dead is not mailed any more: its mail is taken back in the act that ends it."""

import pytest

from tests.api.accounts.people import account_id, codes, posted
from tests.api.conftest import NewCustomer
from tests.factories.portal import Client, Customer, Person

GUEST = {"email": "gast@x.example", "name": "Gast Gans", "permissions": ["READ"]}
RESET = """mutation($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) { errors { code } } }"""


@pytest.fixture
async def customer(new_customer: NewCustomer) -> Customer:
    return await new_customer()


@pytest.fixture
async def owner(customer: Customer) -> Client:
    return await customer.client()


async def kinds(customer: Customer) -> list[str]:
    return [mail.kind for mail in await posted(customer)]


async def test_who_is_deactivated_gets_no_invitation_that_still_waits(
    customer: Customer, owner: Client
) -> None:
    key = (await owner.do("inviteAccount", GUEST, "account { id }"))["account"]["id"]
    assert await kinds(customer) == ["INVITATION"]
    assert codes(await owner.do("deactivateAccount", {"accountId": key}, "")) == []
    assert await kinds(customer) == []
    assert codes(await owner.do("reactivateAccount", {"accountId": key}, "")) == []
    assert await kinds(customer) == ["INVITATION"]


async def asked_to_reset(customer: Customer) -> Person:
    bea = await customer.contact("Bea Bos")
    given = {"input": {"email": bea.email}}
    await customer.house.call(RESET, given, Portal_Tenant=customer.record.slug)
    assert await kinds(customer) == ["PASSWORD_RESET"]
    return bea


async def test_who_is_deactivated_gets_no_link_that_still_waits(customer: Customer, owner: Client) -> None:
    bea = await asked_to_reset(customer)
    assert codes(await owner.do("deactivateAccount", {"accountId": account_id(bea)}, "")) == []
    assert await kinds(customer) == ["ACCOUNT_DEACTIVATED"]


async def test_a_lost_factor_takes_the_links_back_that_still_wait(customer: Customer, owner: Client) -> None:
    bea = await asked_to_reset(customer)
    given = {"accountId": account_id(bea), "identityCheck": "gezien"}
    assert codes(await owner.do("resetAccountMfa", given, "")) == []
    assert await kinds(customer) == ["FACTOR_CHANGED"]
