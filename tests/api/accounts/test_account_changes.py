"""What administrators do with accounts holds at once, is on record, and is told to whom it concerns."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pyotp
import pytest
from sqlalchemy import insert, select

from auth.permissions import Permission
from tenants.accounts.models import Challenge, Factor, MailedToken, RecoveryCode, Session
from tenants.tables import table
from tests.api.accounts.people import (
    ACCOUNT,
    REFRESH,
    VERIFY,
    Posted,
    accepted,
    account_id,
    codes,
    contact_id,
    first_step,
    is_in,
    let_factors_age,
    link,
    posted,
)
from tests.api.conftest import NewCustomer
from tests.factories.contents import audit_log, contents
from tests.factories.portal import EVERY_RIGHT, Client, Customer, House, Person
from tests.tenants.accounts.records import count

GUEST = {"email": "gast@x.example", "name": "Gast"}
READ = (Permission.READ,)


@pytest.fixture
async def customer(new_customer: NewCustomer) -> Customer:
    return await new_customer()


@pytest.fixture
async def owner(customer: Customer) -> Client:
    return await customer.client()


@pytest.fixture
async def bea(customer: Customer) -> Person:
    """A second administrator."""
    return await customer.contact("Bea Bos")


async def invited(owner: Client) -> str:
    payload = await owner.do("inviteAccount", {**GUEST, "permissions": ["READ"]}, "account { id }")
    key: str = payload["account"]["id"]
    return key


async def test_who_is_deactivated_is_out_at_once(customer: Customer, owner: Client, bea: Person) -> None:
    client = await customer.house.session(bea)
    step = await first_step(customer, bea)
    assert await is_in(client)
    given = {"accountId": account_id(bea), "reason": "uit dienst"}
    payload = await owner.do("deactivateAccount", given, ACCOUNT)
    assert payload["account"]["status"] == "DEACTIVATED"
    assert not await is_in(client)
    place = {"Portal_Tenant": customer.record.slug}
    refresh = await customer.house.call(REFRESH, {"input": {"refreshToken": client.refresh_token}}, **place)
    assert codes(refresh["data"]["refreshSession"]) == ["SIGN_IN_FAILED"]
    answer = {
        "challengeToken": step["challenge"]["token"],
        "method": "TOTP",
        "code": pyotp.TOTP(bea.secret).now(),
    }
    verified = await customer.house.call(VERIFY, {"input": answer}, **place)
    assert codes(verified["data"]["verifyMfa"]) == ["MFA_FAILED"]
    assert codes(await first_step(customer, bea)) == ["SIGN_IN_FAILED"]


async def test_sessions_challenges_and_links_of_who_is_deactivated_are_ended(
    customer: Customer, owner: Client, bea: Person
) -> None:
    await customer.house.session(bea)
    await first_step(customer, bea)
    await _mail_link(customer, bea)
    for model, open_ in ((Session, "ended_at"), (Challenge, "used_at"), (MailedToken, "used_at")):
        assert await count(customer.scope, model, subject_id=bea.id, **{open_: None}) == 1
    await owner.do("deactivateAccount", {"accountId": account_id(bea)}, "")
    for model, open_ in ((Session, "ended_at"), (Challenge, "used_at"), (MailedToken, "used_at")):
        assert await count(customer.scope, model, subject_id=bea.id, **{open_: None}) == 0
    assert await count(customer.scope, Session, subject_id=bea.id, end_reason="DEACTIVATED") == 1


async def test_a_deactivation_is_on_record_and_mailed(customer: Customer, owner: Client, bea: Person) -> None:
    await customer.house.session(bea)
    given = {"accountId": account_id(bea), "reason": "uit dienst", "idempotencyKey": "eens"}
    for _ in range(2):
        assert codes(await owner.do("deactivateAccount", given, "")) == []
    (entry,) = await audit_log(customer.scope, "user_archived")
    assert (entry.actor_id, entry.subject_id) == (customer.owner.id, bea.id)
    assert entry.detail == {"reason": "uit dienst", "sessions": 1}
    assert (entry.before, entry.after) == ({"status": "ACTIVE"}, {"status": "DEACTIVATED"})
    assert await posted(customer) == [Posted("ACCOUNT_DEACTIVATED", bea.email, {})]
    again = await owner.do("deactivateAccount", {"accountId": account_id(bea)}, "")
    assert codes(again) == ["CONFLICT"]


async def test_who_is_deactivated_stays_in_the_history(
    customer: Customer, owner: Client, bea: Person
) -> None:
    client = await customer.house.session(bea)
    ticket = {"type": "BUG", "subject": "Koppeling", "description": "Staat stil."}
    await client.do("registerTicket", ticket, "")
    await owner.do("deactivateAccount", {"accountId": account_id(bea)}, "")
    asked = (
        """{ tickets { nodes { requester { name } } } organization { accounts { nodes { name status } } } }"""
    )
    found = await owner.data(asked)
    assert found["tickets"]["nodes"] == [{"requester": {"name": "Bea Bos"}}]
    assert {"name": "Bea Bos", "status": "DEACTIVATED"} in found["organization"]["accounts"]["nodes"]


async def test_who_is_reactivated_comes_in_with_the_factors_of_before(
    customer: Customer, owner: Client, bea: Person
) -> None:
    given = {"accountId": account_id(bea)}
    await owner.do("deactivateAccount", given, "")
    assert (await owner.do("reactivateAccount", given, ACCOUNT))["account"]["status"] == "ACTIVE"
    assert await is_in(await customer.house.sign_in(bea))
    assert codes(await owner.do("reactivateAccount", given, "")) == ["CONFLICT"]
    (entry,) = await audit_log(customer.scope, "user_updated")
    assert (entry.before, entry.after) == ({"status": "DEACTIVATED"}, {"status": "ACTIVE"})


async def test_who_never_came_in_is_invited_anew_and_old_links_stay_dead(
    customer: Customer, owner: Client
) -> None:
    given = {"accountId": await invited(owner)}
    old = await link(customer, GUEST["email"])
    await owner.do("deactivateAccount", given, "")
    assert (await owner.do("reactivateAccount", given, ACCOUNT))["account"]["status"] == "INVITED"
    assert codes(await accepted(customer, old)) == ["NOT_FOUND"]
    assert codes(await accepted(customer, await link(customer, GUEST["email"]))) == []


async def test_an_invitation_of_who_is_deactivated_opens_nothing(customer: Customer, owner: Client) -> None:
    given = {"accountId": await invited(owner)}
    token = await link(customer, GUEST["email"])
    await owner.do("deactivateAccount", given, "")
    assert codes(await accepted(customer, token)) == ["NOT_FOUND"]
    assert await posted(customer) == []


async def test_a_renewed_invitation_ends_the_link_before_it(customer: Customer, owner: Client) -> None:
    given = {"accountId": await invited(owner)}
    old = await link(customer, GUEST["email"])
    assert codes(await owner.do("renewInvitation", given, "")) == []
    assert codes(await accepted(customer, old)) == ["NOT_FOUND"]
    assert codes(await accepted(customer, await link(customer, GUEST["email"]))) == []
    assert codes(await owner.do("renewInvitation", given, "")) == ["CONFLICT"]


async def test_a_change_of_rights_holds_at_once_in_open_sessions(
    customer: Customer, owner: Client, bea: Person
) -> None:
    client = await customer.house.session(bea)
    ticket = {"type": "BUG", "subject": "Koppeling", "description": "Staat stil."}
    given = {"accountId": account_id(bea), "permissions": ["READ"]}
    assert (await owner.do("changeAccountPermissions", given, ACCOUNT))["account"]["permissions"] == ["READ"]
    asked = "mutation($input: RegisterTicketInput!) { registerTicket(input: $input) { errors { code } } }"
    refused = await client.call(asked, {"input": ticket})
    assert [error["extensions"]["code"] for error in refused["errors"]] == ["FORBIDDEN"]
    given["permissions"] = ["READ", "REGISTER_TICKETS", "READ"]
    await owner.do("changeAccountPermissions", given, "")
    assert codes(await client.do("registerTicket", ticket, "")) == []
    first, second = await audit_log(customer.scope, "privilege_permissions_changed")
    assert first.before == {"permissions": sorted(EVERY_RIGHT)}
    assert (first.after, second.before) == ({"permissions": ["READ"]}, {"permissions": ["READ"]})
    assert second.after == {"permissions": ["READ", "REGISTER_TICKETS"]}


async def test_nobody_gives_rights_to_oneself_but_may_lay_them_down(
    customer: Customer, owner: Client
) -> None:
    cor = await customer.contact("Cor Cox", (Permission.MANAGE_ACCOUNTS, Permission.READ))
    client = await customer.house.session(cor)
    given = {"accountId": account_id(cor), "permissions": ["MANAGE_ACCOUNTS", "READ", "CONFIRM_CONSULTANCY"]}
    assert codes(await client.do("changeAccountPermissions", given, "")) == ["CONFLICT"]
    assert codes(await owner.do("changeAccountPermissions", given, "")) == []
    given["permissions"] = ["READ"]
    assert codes(await client.do("changeAccountPermissions", given, "")) == []
    answer = await client.call("{ viewer { ... on Account { permissions } } }")
    assert answer["data"]["viewer"] == {"permissions": ["READ"]}


@pytest.mark.clause("OB-040")
async def test_who_is_no_named_contact_cannot_be_made_an_administrator(new_customer: NewCustomer) -> None:
    customer = await new_customer("open2bizz", "STANDARD")
    owner, reader = await customer.client(), await customer.reader()
    before = await contents(customer.scope, frozenset({"audit_log"}))
    change = {"accountId": account_id(reader), "permissions": ["MANAGE_ACCOUNTS", "READ"]}
    invite = {**GUEST, "permissions": ["MANAGE_ACCOUNTS"]}
    for mutation, given in (("changeAccountPermissions", change), ("inviteAccount", invite)):
        (error,) = (await owner.do(mutation, given, ""))["errors"]
        assert (error["code"], error["clause"]) == ("FORBIDDEN_BY_CONTRACT", {"key": "OB-040"})
    assert await contents(customer.scope, frozenset({"audit_log"})) == before


@pytest.mark.clause("OB-040")
async def test_who_is_no_named_contact_asks_for_no_account(new_customer: NewCustomer) -> None:
    customer = await new_customer("open2bizz", "STANDARD")
    bea = await customer.contact("Bea Bos")
    client, owner = await customer.house.session(bea), await customer.client()
    assert codes(await owner.do("removeContact", {"contactId": contact_id(bea)}, "")) == []
    for mutation, given in (
        ("inviteAccount", {**GUEST, "permissions": ["READ"]}),
        ("deactivateAccount", {"accountId": account_id(customer.owner)}),
        ("changeAccountPermissions", {"accountId": account_id(bea), "permissions": list(EVERY_RIGHT)}),
    ):
        (error,) = (await client.do(mutation, given, ""))["errors"]
        assert (error["code"], error["clause"]) == ("FORBIDDEN_BY_CONTRACT", {"key": "OB-040"})


async def test_a_lost_factor_is_reset_by_a_second_administrator_only(
    customer: Customer, owner: Client, bea: Person
) -> None:
    client = await customer.house.session(bea)
    given = {"accountId": account_id(bea), "identityCheck": "teruggebeld op het bekende nummer"}
    own = await client.do("resetAccountMfa", given, "")
    assert codes(own) == ["CONFLICT"]
    assert await count(customer.scope, Factor, subject_id=bea.id) == 1
    assert codes(await owner.do("resetAccountMfa", given, "")) == []
    assert not await is_in(client)
    for model in (Factor, RecoveryCode):
        assert await count(customer.scope, model, subject_id=bea.id) == 0
    (entry,) = await audit_log(customer.scope, "authn_mfa_reset")
    assert (entry.actor_id, entry.subject_id) == (customer.owner.id, bea.id)
    assert entry.detail == {"identity_check": given["identityCheck"], "sessions": 1}
    assert await posted(customer) == [Posted("FACTOR_CHANGED", bea.email, {"change": "reset"})]


async def test_after_a_reset_the_password_leads_to_enrolment_and_nothing_else_does(
    customer: Customer, owner: Client, bea: Person
) -> None:
    step = await first_step(customer, bea)
    await _mail_link(customer, bea)
    await owner.do("resetAccountMfa", {"accountId": account_id(bea), "identityCheck": "gezien"}, "")
    answer = {
        "challengeToken": step["challenge"]["token"],
        "method": "TOTP",
        "code": pyotp.TOTP(bea.secret).now(),
    }
    verified = await customer.house.call(VERIFY, {"input": answer}, Portal_Tenant=customer.record.slug)
    assert codes(verified["data"]["verifyMfa"]) == ["MFA_FAILED"]
    assert await count(customer.scope, MailedToken, subject_id=bea.id, used_at=None) == 0
    challenge = (await first_step(customer, bea))["challenge"]
    assert (challenge["enrollmentRequired"], challenge["methods"]) == (True, [])


async def test_the_vendor_resets_a_lost_factor_too(
    shared_house: House, customer: Customer, bea: Person
) -> None:
    operator = await shared_house.operator(email=f"{uuid4().hex}@vendor.example")
    client = await shared_house.session(operator, customer.record.slug)
    given = {"accountId": account_id(bea), "identityCheck": "paspoort gezien"}
    assert codes(await client.do("resetAccountMfa", given, "")) == []
    (entry,) = await audit_log(customer.scope, "authn_mfa_reset")
    assert (entry.actor_kind, entry.actor_id) == ("AGENT", operator.id)


async def test_an_account_is_linked_to_another_contact_or_to_none(
    customer: Customer, owner: Client, bea: Person
) -> None:
    reader = await customer.reader()
    freed = {"accountId": account_id(bea), "contactId": None}
    assert (await owner.do("changeAccountContact", freed, ACCOUNT))["account"]["contact"] is None
    given = {"accountId": account_id(reader), "contactId": contact_id(bea)}
    linked = (await owner.do("changeAccountContact", given, ACCOUNT))["account"]
    assert linked["contact"] == {"name": "Bea Bos", "active": True}
    entry = (await audit_log(customer.scope, "user_updated"))[-1]
    assert (entry.before, entry.after) == ({"contact": None}, {"contact": str(bea.contact_id)})


async def test_a_contact_is_one_person(customer: Customer, owner: Client, bea: Person) -> None:
    """However many accounts there are, no more persons act than the agreement names contacts (OB-038)."""
    reader, contact = await customer.reader(), {"contactId": contact_id(bea)}
    linking = {"accountId": account_id(reader), **contact}
    second = {**GUEST, "permissions": [], **contact}
    assert codes(await owner.do("changeAccountContact", linking, "")) == ["CONFLICT"]
    assert codes(await owner.do("inviteAccount", second, "")) == ["CONFLICT"]
    assert codes(await owner.do("deactivateAccount", {"accountId": account_id(bea)}, "")) == []
    assert codes(await owner.do("changeAccountContact", linking, "")) == []
    assert codes(await owner.do("reactivateAccount", {"accountId": account_id(bea)}, "")) == ["CONFLICT"]


async def test_of_many_linked_to_one_contact_at_once_one_is(
    customer: Customer, owner: Client, bea: Person
) -> None:
    await owner.do("changeAccountContact", {"accountId": account_id(bea), "contactId": None}, "")
    readers = [await customer.reader(f"Lezer{number} Jansen") for number in range(8)]
    asked = [{"accountId": account_id(each), "contactId": contact_id(bea)} for each in readers]
    answers = await asyncio.gather(*(owner.do("changeAccountContact", given, "") for given in asked))
    assert sorted(codes(answer) for answer in answers) == [[], *[["CONFLICT"]] * 7]


async def test_nobody_takes_the_name_of_another_contact(
    customer: Customer, owner: Client, bea: Person
) -> None:
    given = {"accountId": account_id(customer.owner), "contactId": contact_id(bea)}
    assert codes(await owner.do("changeAccountContact", given, "")) == ["CONFLICT"]
    viewer = await owner.data("{ viewer { ... on Account { contact { name } } } }")
    assert viewer["viewer"] == {"contact": {"name": "Anna de Vries"}}


async def test_every_act_on_accounts_takes_a_fresh_factor(
    customer: Customer, owner: Client, bea: Person
) -> None:
    named = {"name": "X", "email": "x@x.example", "phone": "030 123 45 67"}
    account, contact = {"accountId": account_id(bea)}, {"contactId": contact_id(bea)}
    calls: dict[str, dict[str, Any]] = {
        "inviteAccount": {**GUEST, "permissions": []},
        "deactivateAccount": account,
        "reactivateAccount": account,
        "renewInvitation": account,
        "changeAccountContact": account,
        "changeAccountPermissions": {**account, "permissions": []},
        "resetAccountMfa": {**account, "identityCheck": "?"},
        "nameContact": named,
        "replaceContact": {**contact, **named},
        "changeContact": contact,
        "removeContact": contact,
    }
    await let_factors_age(customer)
    before = await contents(customer.scope, frozenset({"audit_log"}))
    for mutation, given in calls.items():
        assert codes(await owner.do(mutation, given, "")) == ["STEP_UP_REQUIRED"], mutation
    assert await contents(customer.scope, frozenset({"audit_log"})) == before


async def _mail_link(customer: Customer, person: Person) -> None:
    now = datetime.now(UTC)
    values = {"purpose": "PASSWORD_RESET", "token_hash": uuid4().hex, "created_at": now}
    row = {"id": uuid4(), "subject_id": person.id, "expires_at": now + timedelta(hours=1), **values}
    async with customer.scope.write() as session:
        await session.execute(insert(table(MailedToken)).values(row))
    async with customer.scope.read() as reader:
        assert await reader.rows(select(table(MailedToken)))
