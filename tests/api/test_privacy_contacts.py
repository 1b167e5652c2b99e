"""Which contacts go, and are handed out, with a person: all that the person is or was, and nobody else's."""

import json
from typing import Any

import pytest
from sqlalchemy import select, update

from auth.permissions import Permission
from tenants.accounts.models import Account
from tenants.contacts.models import Contact
from tenants.tables import table
from tests.api.accounts.people import (
    CARD,
    Posted,
    account_id,
    codes,
    contact_id,
    managing,
    named,
    posted,
)
from tests.api.conftest import NewCustomer
from tests.factories.contents import audit_log, contents
from tests.factories.mails import mails_in
from tests.factories.portal import Client, Customer, Person
from tests.isolation.worlds import leaves

READ = (Permission.READ,)
PHONE, OTHER_ADDRESS = "+31 30 765 43 21", "w.ooievaar@elders.example"


@pytest.fixture
async def customer(new_customer: NewCustomer) -> Customer:
    return await new_customer()


@pytest.fixture
async def leaver(customer: Customer) -> Person:
    """A contact whose card has another address than the account."""
    person = await customer.contact("Wilhelmina Ooievaar")
    card = {"contactId": contact_id(person), "email": OTHER_ADDRESS, "phone": PHONE}
    assert codes(await (await customer.client()).do("changeContact", card, "")) == []
    return person


async def invite(client: Client, email: str, **given: Any) -> str:
    """Somebody who only reads; gives the account's id."""
    invited = {"email": email, "name": "Gast Gans", "permissions": ["READ"], **given}
    payload = await client.do("inviteAccount", invited, "account { id }")
    assert codes(payload) == []
    return str(payload["account"]["id"])


async def replace(client: Client, person: Person) -> str:
    payload = await client.do("replaceContact", {"contactId": contact_id(person), **CARD}, "contact { id }")
    assert codes(payload) == []
    return str(payload["contact"]["id"])


async def erase(client: Client, key: str) -> None:
    assert codes(await client.do("eraseAccount", {"accountId": key}, "")) == []


async def export(client: Client, key: str) -> Any:
    return json.loads((await client.do("exportAccount", {"accountId": key}, "data"))["data"])


async def texts(customer: Customer) -> str:
    rows = await contents(customer.scope, frozenset())
    return "\n".join(str(value).lower() for value in leaves(list(rows.values())))


async def names(customer: Customer) -> list[str]:
    """Of all contacts there ever were."""
    async with customer.scope.read() as reader:
        return [row.name for row in await reader.rows(select(table(Contact)).order_by(table(Contact).c.id))]


@pytest.mark.clause("OX-016")
async def test_erasing_somebody_takes_no_administrator_of_oxygis_away(new_customer: NewCustomer) -> None:
    customer = await new_customer("oxygis", "STANDARD")
    bea, client = await customer.contact("Bea Bos"), await customer.client()
    theirs = await customer.house.session(bea)
    key = await invite(client, "gast@x.example")
    moved = {"contactId": contact_id(bea), "email": "gast@x.example"}
    assert codes(await client.do("changeContact", moved, "")) == []
    await erase(client, key)
    assert await managing(customer, theirs) == 1
    assert "Bea Bos" in [contact["name"] for contact in await named(client)]
    (entry,) = await audit_log(customer.scope, "user_deleted")
    assert entry.detail == {"erased": True, "contacts": [], "kept": [str(bea.contact_id)]}


async def test_erasing_one_leaves_a_colleague_with_the_same_mailbox(customer: Customer) -> None:
    bea, client = await customer.contact("Bea Bos", READ), await customer.client()
    card = {"contactId": contact_id(bea), "email": "helpdesk@x.example"}
    assert codes(await client.do("changeContact", card, "")) == []
    await erase(client, await invite(client, "helpdesk@x.example"))
    assert "Bea Bos" in [contact["name"] for contact in await named(client)]


async def test_what_a_colleague_acts_for_is_neither_erased_nor_handed_out(customer: Customer) -> None:
    """Whoever was linked to it by mistake, or after it."""
    bea, cor = await customer.contact("Bea Bos"), await customer.reader("Cor Cox")
    client = await customer.client()
    assert codes(await client.do("deactivateAccount", {"accountId": account_id(bea)}, "")) == []
    given = {"accountId": account_id(cor), "contactId": contact_id(bea)}
    assert codes(await client.do("changeAccountContact", given, "")) == []
    assert (await export(client, account_id(cor)))["contacts"] == []
    await erase(client, account_id(cor))
    assert "Bea Bos" in await names(customer)


async def unlink(client: Client, person: Person) -> None:
    given = {"accountId": account_id(person), "contactId": None}
    assert codes(await client.do("changeAccountContact", given, "")) == []


@pytest.mark.parametrize("left_by", [replace, unlink])
async def test_a_contact_that_somebody_was_goes_with_them(
    customer: Customer, leaver: Person, left_by: Any
) -> None:
    client = await customer.client()
    await left_by(client, leaver)
    told = await texts(customer)
    assert all(word in told for word in ("ooievaar", OTHER_ADDRESS, PHONE))
    await erase(client, account_id(leaver))
    told = await texts(customer)
    assert [word for word in ("ooievaar", OTHER_ADDRESS, PHONE) if word in told] == []


async def test_a_contact_that_an_invitation_linked_goes_too(customer: Customer) -> None:
    client = await customer.client()
    card = (await client.do("nameContact", CARD, "contact { id }"))["contact"]["id"]
    key = await invite(client, "gast@x.example", contactId=card)
    unlinked = {"accountId": key, "contactId": None}
    assert codes(await client.do("changeAccountContact", unlinked, "")) == []
    await erase(client, key)
    assert await names(customer) == ["Anna de Vries", "(erased)"]


async def test_a_former_contact_whom_somebody_else_is_now_stays(customer: Customer, leaver: Person) -> None:
    client, cor = await customer.client(), await customer.reader("Cor Cox")
    await unlink(client, leaver)
    given = {"accountId": account_id(cor), "contactId": contact_id(leaver)}
    assert codes(await client.do("changeAccountContact", given, "")) == []
    await erase(client, account_id(leaver))
    assert "Wilhelmina Ooievaar" in await names(customer)


async def test_data_of_a_former_contact_is_handed_out(customer: Customer, leaver: Person) -> None:
    own, client = await customer.house.session(leaver), await customer.client()
    asked = {"subject": "Maatwerk", "description": "Graag advies."}
    assert codes(await own.do("requestConsultancy", asked, "")) == []
    operator = await customer.house.operator(email=f"op-{customer.record.slug}@vendor.example")
    at_work = await customer.house.session(operator, customer.record.slug)
    ticket = {"type": "BUG", "subject": "Koppeling", "description": "Stil.", "contactId": contact_id(leaver)}
    assert codes(await at_work.do("registerTicket", ticket, "")) == []
    await replace(client, leaver)
    told = await export(own, account_id(leaver))
    (contact,) = told["contacts"]
    assert (contact["email"], contact["phone"]) == (OTHER_ADDRESS, PHONE)
    assert [(each["subject"], each["description"]) for each in told["consultancy"]] == [tuple(asked.values())]
    assert [each["subject"] for each in told["tickets"]] == ["Koppeling"]
    about = {entry["event"] for entry in told["record"] if entry["subject_id"] == str(leaver.contact_id)}
    assert about >= {"contact_named", "contact_changed", "contact_replaced"}
    (mail,) = told["mails"]
    assert mail.keys() == {"kind", "created_at", "due_at", "sent_at", "failed_at"}
    assert (mail["kind"], mail["sent_at"]) == ("CONTACT_REPLACED", None)
    for word in (CARD["name"], CARD["email"], "Anna de Vries"):
        assert word not in json.dumps(told)


async def test_a_replaced_contact_is_told_in_the_language_of_the_account(
    customer: Customer, leaver: Person
) -> None:
    own = table(Account)
    async with customer.scope.write() as session:
        await session.execute(update(own).where(own.c.id == leaver.id).values(locale="FR"))
    await replace(await customer.client(), leaver)
    mails = await mails_in(customer.scope, customer.house.portal.keys)
    assert {mail.email: mail.locale for mail in mails} == {OTHER_ADDRESS: "FR", CARD["email"]: "EN"}


@pytest.mark.parametrize("gone", ["old", "new"])
async def test_waiting_mails_that_tell_of_somebody_erased_go_too(
    customer: Customer, leaver: Person, gone: str
) -> None:
    client = await customer.client()
    card = await replace(client, leaver)
    new = await invite(client, "dirk.anders@x.example", contactId=card)
    both = {"old_name": "Wilhelmina Ooievaar", "new_name": CARD["name"]}
    for email in (OTHER_ADDRESS, CARD["email"]):
        assert Posted("CONTACT_REPLACED", email, both) in await posted(customer)
    await erase(client, account_id(leaver) if gone == "old" else new)
    kinds = [mail.kind for mail in await posted(customer)]
    assert kinds == (["INVITATION"] if gone == "old" else [])
