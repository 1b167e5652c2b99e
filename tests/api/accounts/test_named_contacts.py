"""Named contacts: never more than the agreement allows, replaced in one act, and told."""

from datetime import UTC, datetime

import pytest

from sla.layers import Agreed
from tenants.acts import SYSTEM
from tenants.contacts.errors import ContactLimitReached
from tenants.contacts.service import agree_term, change_tier
from tenants.contracts.errors import NoSuchTier, UnknownContract
from tenants.contracts.service import agreement_in_force
from tenants.databases.scopes import reader_of
from tenants.ids import new_id
from tests.api.accounts.people import (
    CARD,
    CONTACTS,
    Posted,
    account_id,
    codes,
    contact_id,
    into_tier,
    named,
    posted,
)
from tests.api.conftest import NewCustomer
from tests.factories.contents import audit_log, contents
from tests.factories.portal import Customer


@pytest.fixture
async def customer(new_customer: NewCustomer) -> Customer:
    return await new_customer()


@pytest.mark.clause("OB-038")
async def test_each_field_of_a_contact_but_the_mobile_is_required(customer: Customer) -> None:
    client = await customer.client()
    for field in ("name", "email", "phone"):
        (error,) = (await client.do("nameContact", {**CARD, field: " "}, ""))["errors"]
        assert (error["code"], error["path"]) == ("INVALID", [field])
    assert codes(await client.do("nameContact", {**CARD, "mobile": None}, "")) == []


async def test_a_contact_is_replaced_in_one_act(customer: Customer) -> None:
    client, bea = await customer.client(), await customer.contact("Bea Bos")
    await customer.contact("Cor Cox")
    given = {"contactId": contact_id(bea), **CARD}
    replaced = await client.do("replaceContact", given, "contact { name email phone mobile active }")
    assert replaced["contact"] == {**CARD, "mobile": None, "active": True}
    assert [contact["name"] for contact in await named(client)] == ["Anna de Vries", "Cor Cox", "Dirk Dop"]
    (entry,) = await audit_log(customer.scope, "contact_replaced")
    assert entry.before == {"contact": str(bea.contact_id)}
    assert entry.after
    assert entry.after.keys() == {"contact"}
    assert entry.detail == {"unlinked": [str(bea.id)]}
    assert await audit_log(customer.scope, "contact_removed") == []
    both = {"old_name": "Bea Bos", "new_name": "Dirk Dop"}
    mails = [Posted("CONTACT_REPLACED", email, both) for email in (bea.email, CARD["email"])]
    assert sorted(await posted(customer), key=lambda mail: mail.email) == mails
    assert codes(await client.do("replaceContact", given, "")) == ["CONFLICT"]


@pytest.mark.clause("OB-039")
async def test_the_account_of_who_was_replaced_acts_no_more_at_once(customer: Customer) -> None:
    client, bea = await customer.client(), await customer.contact("Bea Bos")
    other = await customer.house.session(bea)
    ticket = {"type": "BUG", "subject": "Koppeling", "description": "Staat stil."}
    assert codes(await other.do("registerTicket", ticket, "")) == []
    await client.do("replaceContact", {"contactId": contact_id(bea), **CARD}, "")
    assert codes(await other.do("registerTicket", ticket, "")) == ["FORBIDDEN_BY_CONTRACT"]
    viewer = await other.data("{ viewer { ... on Account { contact { name } } } }")
    assert viewer == {"viewer": {"contact": None}}


async def test_what_is_known_of_a_contact_is_mended(customer: Customer) -> None:
    client, bea = await customer.client(), await customer.contact("Bea Bos")
    given = {"contactId": contact_id(bea), "phone": "030 765 43 21", "mobile": "06 12 34 56 78"}
    below = "contact { name phone mobile }"
    changed = (await client.do("changeContact", given, below))["contact"]
    assert changed == {"name": "Bea Bos", "phone": "030 765 43 21", "mobile": "06 12 34 56 78"}
    cleared = {"contactId": contact_id(bea), "mobile": None}
    assert (await client.do("changeContact", cleared, below))["contact"]["mobile"] is None
    same = {"contactId": contact_id(bea), "phone": "030 765 43 21"}
    assert codes(await client.do("changeContact", same, below)) == []
    log = await audit_log(customer.scope, "contact_changed")
    assert [entry.detail for entry in log] == [{"fields": ["mobile", "phone"]}, {"fields": ["mobile"]}]


@pytest.mark.clause("S4-012")
async def test_a_contract_shrinks_once_no_more_contacts_are_named(new_customer: NewCustomer) -> None:
    customer = await new_customer("s4m-support", "EXTENDED")
    client, bea, cor = (
        await customer.client(),
        await customer.contact("Bea Bos"),
        await customer.contact("Cor Cox"),
    )
    for person in (bea, cor):
        before = await contents(customer.scope)
        with pytest.raises(ContactLimitReached) as refusal:
            await into_tier(customer, "DEFAULT")
        assert refusal.value.clause
        assert (refusal.value.limit, refusal.value.clause.key) == (1, "S4-012")
        assert await contents(customer.scope) == before
        assert codes(await client.do("removeContact", {"contactId": contact_id(person)}, "")) == []
    await into_tier(customer, "DEFAULT")
    assert (await client.data(CONTACTS))["organization"]["contactLimit"] == 1
    (error,) = (await client.do("nameContact", CARD, ""))["errors"]
    assert (error["code"], error["limit"]) == ("CONTACT_LIMIT_REACHED", 1)
    (entry,) = await audit_log(customer.scope, "contract_changed")
    assert (entry.before, entry.after) == ({"tier": "EXTENDED"}, {"tier": "DEFAULT"})


async def test_a_tier_that_there_is_not_or_a_contract_of_nobody_is_refused(customer: Customer) -> None:
    with pytest.raises(NoSuchTier):
        await into_tier(customer, "GOLD")
    library, now = customer.house.portal.library, datetime.now(UTC)
    with pytest.raises(UnknownContract):
        async with customer.scope.write() as session:
            await change_tier(session, library, new_id(now), "QAAS", actor=SYSTEM, now=now)
    assert await audit_log(customer.scope, "contract_changed") == []


@pytest.mark.clause("OB-038")
async def test_a_smaller_limit_is_agreed_once_no_more_contacts_are_named(customer: Customer) -> None:
    await customer.contact("Bea Bos")
    library, now = customer.house.portal.library, datetime.now(UTC)

    async def agree_on(limit: str) -> None:
        async with customer.scope.write() as session:
            contract_id = (await agreement_in_force(await reader_of(session), library, now)).contract_id
            told = Agreed("contacts.limit", limit, "AGR-9")
            await agree_term(session, library, contract_id, told, actor=SYSTEM, now=now)

    with pytest.raises(ContactLimitReached):
        await agree_on("1")
    await agree_on("2")
    organization = (await (await customer.client()).data(CONTACTS))["organization"]
    assert organization["contactLimit"] == 2


async def test_an_account_of_nobody_is_linked_to_the_new_contact_by_hand(customer: Customer) -> None:
    client, bea = await customer.client(), await customer.contact("Bea Bos")
    given = {"contactId": contact_id(bea), **CARD}
    new = (await client.do("replaceContact", given, "contact { id }"))["contact"]["id"]
    link = {"accountId": account_id(bea), "contactId": new}
    linked = await client.do("changeAccountContact", link, "account { contact { name } }")
    assert linked["account"] == {"contact": {"name": "Dirk Dop"}}
