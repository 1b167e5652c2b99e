"""A person's own data: handed out whole, and erased so that nothing tells who it was."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from auth.permissions import Permission
from tenants.accounts.models import Account, Session
from tenants.audit.service import AUDIT_LOG, seal_new_entries
from tenants.chains.verifying import verify_log
from tenants.contacts.models import Contact
from tenants.mails.models import Mail
from tenants.mails.service import MailKind, Recipient, post_mail
from tenants.tables import table
from tests.api.conftest import NewCustomer
from tests.factories.contents import audit_log, contents
from tests.factories.portal import ERRORS, PASSWORD, SIGN_IN, Client, Customer, Person
from tests.isolation.worlds import leaves

ACCOUNT = "account { id name email status permissions contact { name email phone active } }"
NAME, PHONE = "Wilhelmina Ooievaar", "+31 30 765 43 21"
TICKET = {"type": "BUG", "subject": "Koppeling", "description": "Staat stil."}


@pytest.fixture
async def customer(new_customer: NewCustomer) -> Customer:
    return await new_customer()


@pytest.fixture
async def leaver(customer: Customer) -> tuple[Person, str]:
    """A contact who has signed in, registered a ticket, written on it and is to get a mail; and the account's id."""
    person = await customer.contact(NAME)
    async with customer.scope.write() as session:
        contact = await session.get_one(Contact, person.contact_id)
        contact.phone, contact.mobile = PHONE, "+31 6 1234 5678"
        to = Recipient(person.id, person.email, NAME, "nl")
        keys = customer.house.portal.keys
        await post_mail(session, keys, MailKind.PASSWORD_CHANGED, to, {}, datetime.now(UTC))
    given = {"email": person.email, "password": "not the password"}
    await customer.house.call(SIGN_IN, {"input": given}, Portal_Tenant=customer.record.slug)
    client = await customer.house.sign_in(person)
    registered = await client.do("registerTicket", TICKET | {"idempotencyKey": person.email}, "ticket { id }")
    comment = {"ticketId": registered["ticket"]["id"], "body": "Nog steeds."}
    assert (await client.do("addComment", comment, "ticket { id }"))["errors"] == []
    viewer = await client.data("{ viewer { ... on Account { id } } }")
    return person, viewer["viewer"]["id"]


async def erase(client: Client, key: str) -> Any:
    return await client.do("eraseAccount", {"accountId": key}, ACCOUNT)


async def texts(customer: Customer) -> str:
    """Everything that the customer's database holds, every column of every row."""
    rows = await contents(customer.scope, frozenset())
    return "\n".join(str(value).lower() for value in leaves(list(rows.values())))


async def test_after_erasure_nothing_in_the_database_tells_who_it_was(
    customer: Customer, leaver: tuple[Person, str]
) -> None:
    person, key = leaver
    words = [*NAME.lower().split(), person.email, PHONE, "+31 6 1234 5678", "ooievaar"]
    told = await texts(customer)
    assert [word for word in words if word not in told] == []
    done = await erase(await customer.client(), key)
    assert done["errors"] == []
    assert (done["account"]["id"], done["account"]["status"]) == (key, "DEACTIVATED")
    told = await texts(customer)
    assert [word for word in words if word in told] == []


async def test_the_chain_stays_valid_and_tickets_keep_their_author(
    customer: Customer, leaver: tuple[Person, str]
) -> None:
    person, key = leaver
    now = datetime.now(UTC)
    await seal_new_entries(customer.scope, now)
    client = await customer.client()
    before = {entry.event for entry in await audit_log(customer.scope) if entry.actor_id == person.id}
    await erase(client, key)
    await seal_new_entries(customer.scope, now)
    async with customer.scope.read() as reader:
        found = await verify_log(reader, AUDIT_LOG, now + timedelta(hours=1), lambda *_: None)
    assert found.holds
    assert {e.event for e in await audit_log(customer.scope) if e.actor_id == person.id} == before
    asked = "{ tickets { nodes { requester { name } timeline { nodes { by { ... on Account { id name } } } } } } }"
    (ticket,) = (await client.data(asked))["tickets"]["nodes"]
    assert ticket["requester"] == {"name": "(erased)"}
    assert {entry["by"]["id"] for entry in ticket["timeline"]["nodes"]} == {key}
    log = """query($about: ID) { organization { auditLog(filter: { actorId: $about }) {
      nodes { actor { ... on Account { id name } } } } } }"""
    acts = (await client.data(log, {"about": key}))["organization"]["auditLog"]["nodes"]
    assert {act["actor"]["name"] for act in acts} == {"(erased)"}


async def test_who_is_erased_is_out_at_once_and_cannot_come_back(
    customer: Customer, leaver: tuple[Person, str]
) -> None:
    person, key = leaver
    own = await customer.house.session(person)
    await erase(await customer.client(), key)
    assert (await own.call("{ viewer { __typename } }"))["errors"][0]["extensions"][
        "code"
    ] == "UNAUTHENTICATED"
    given = {"email": person.email, "password": PASSWORD}
    refused = await customer.house.call(SIGN_IN, {"input": given}, Portal_Tenant=customer.record.slug)
    assert refused["data"]["signIn"]["challenge"] is None
    async with customer.scope.read() as reader:
        for model in (Session, Mail):
            theirs = select(table(model)).where(table(model).c.subject_id == person.id)
            assert await reader.rows(theirs) == []


async def test_erasing_is_on_record_by_whom_and_about_whom_without_a_name(
    customer: Customer, leaver: tuple[Person, str]
) -> None:
    person, key = leaver
    await erase(await customer.client(), key)
    (entry,) = await audit_log(customer.scope, "user_deleted")
    assert (entry.actor_id, entry.subject_id) == (customer.owner.id, person.id)
    assert entry.detail == {"erased": True, "contacts": [str(person.contact_id)]}
    (removed,) = await audit_log(customer.scope, "contact_removed")
    assert removed.subject_id == person.contact_id
    again = await erase(await customer.client(), key)
    assert [error["code"] for error in again["errors"]] == ["NOT_FOUND"]


async def test_the_last_administrator_is_erased_by_the_vendor_only(customer: Customer) -> None:
    """Who alone appoints the next first one."""
    client = await customer.client()
    key = (await client.data("{ viewer { ... on Account { id } } }"))["viewer"]["id"]
    before = await contents(customer.scope)
    (error,) = (await erase(client, key))["errors"]
    assert (error["code"], error["path"]) == ("CONFLICT", ["accountId"])
    after = await contents(customer.scope)
    assert (after["account"], after["contact"]) == (before["account"], before["contact"])
    assert (await erase(await at_work(customer), key))["errors"] == []


async def test_of_two_administrators_who_erase_each_other_one_stays(customer: Customer) -> None:
    other = await customer.contact("Bea Bos")
    clients = [await customer.client(), await customer.house.session(other)]
    ids = [(await each.data("{ viewer { ... on Account { id } } }"))["viewer"]["id"] for each in clients]
    document = f"mutation($input: EraseAccountInput!) {{ eraseAccount(input: $input) {{ {ERRORS} }} }}"
    await asyncio.gather(
        *(
            each.call(document, {"input": {"accountId": key}})
            for each, key in zip(clients, reversed(ids), strict=True)
        )
    )
    async with customer.scope.read() as reader:
        rows = await reader.rows(select(table(Account).c.erased_at))
    assert sorted(row.erased_at is None for row in rows) == [False, True]


async def test_who_manages_no_accounts_erases_nobody(customer: Customer, leaver: tuple[Person, str]) -> None:
    reader = await customer.contact("Bea Bos", (Permission.READ,))
    before = await contents(customer.scope, frozenset({"audit_log", "throttle", "session", "refresh_token"}))
    document = f"mutation($input: EraseAccountInput!) {{ eraseAccount(input: $input) {{ {ERRORS} }} }}"
    client = await customer.house.session(reader)
    refused = await client.call(document, {"input": {"accountId": leaver[1]}})
    assert refused["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    after = await contents(customer.scope, frozenset({"audit_log", "throttle", "session", "refresh_token"}))
    assert {name: rows for name, rows in after.items() if name != "account"} == {
        name: rows for name, rows in before.items() if name != "account"
    }


async def at_work(customer: Customer) -> Client:
    operator = await customer.house.operator(email=f"op-{customer.record.slug}@vendor.example")
    return await customer.house.session(operator, customer.record.slug)


async def test_a_person_gets_all_that_is_kept_of_them_and_nothing_of_others(
    customer: Customer, leaver: tuple[Person, str]
) -> None:
    person, key = leaver
    own = await customer.house.session(person)
    for client in (own, await customer.client(), await at_work(customer)):
        payload = await client.do("exportAccount", {"accountId": key}, "data")
        assert payload["errors"] == []
        told = json.loads(payload["data"])
        assert (told["account"]["email"], told["account"]["name"]) == (person.email, NAME)
        assert [contact["phone"] for contact in told["contacts"]] == [PHONE]
        assert [ticket["subject"] for ticket in told["tickets"]] == ["Koppeling"]
        assert "Nog steeds." in {comment["body"] for comment in told["comments"]}
        assert told["sessions"]
        assert {"authn_login_success", "ticket_registered"} <= {entry["event"] for entry in told["record"]}
        for secret in ("hash", "secret", PASSWORD, person.secret, "Anna de Vries", customer.owner.email):
            assert secret not in payload["data"]
    exports = await audit_log(customer.scope, "sensitive_read")
    assert [entry.subject_id for entry in exports] == [person.id] * 3
    assert [entry.actor_kind for entry in exports] == ["ACCOUNT", "ACCOUNT", "AGENT"]


async def test_a_colleagues_data_is_refused_and_the_attempt_is_on_record(customer: Customer) -> None:
    reader = await customer.contact("Bea Bos", (Permission.READ,))
    client = await customer.house.session(reader)
    owner = await customer.client()
    key = (await owner.data("{ viewer { ... on Account { id } } }"))["viewer"]["id"]
    answer = await client.call(
        "mutation($input: ExportAccountInput!) { exportAccount(input: $input) { data } }",
        {"input": {"accountId": key}},
    )
    assert answer["data"] is None
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    (entry,) = await audit_log(customer.scope, "authz_fail")
    assert entry.detail == {"field": "exportAccount", "code": "FORBIDDEN"}
    assert await audit_log(customer.scope, "sensitive_read") == []
