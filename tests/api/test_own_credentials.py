"""What people do with their own credentials, over HTTP, on a customer's plane and on the vendor's."""

import asyncio
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pyotp
import pytest
from sqlalchemy import Table, select, update

from api.ids import decode_id, encode_id
from tenants.accounts.credentials import ACCOUNT_TABLES
from tenants.accounts.models import Account
from tenants.acts import SYSTEM
from tenants.catalog.models import TenantStatus
from tenants.catalog.operator_credentials import OPERATOR_TABLES
from tenants.catalog.service import set_status
from tenants.credentials.columns import AccountStatus
from tenants.credentials.tables import CredentialTables
from tenants.databases.scopes import Scope
from tenants.mails.service import MailKind
from tenants.mails.writing import Written
from tenants.tables import table
from tests.api.conftest import NewCustomer
from tests.factories.contents import audit_log
from tests.factories.mails import mails_in
from tests.factories.portal import PASSWORD, SIGN_IN, VERIFY, Client, House, Person

NEW = "zeven vrolijke vinken"
SESSIONS = "{ sessions { id createdAt lastSeenAt expiresAt address userAgent current } }"
VIEWER = "{ viewer { __typename } }"
RESET_ASKED = """mutation($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) {
  errors { code message } } }"""
RESET = "mutation($input: ResetPasswordInput!) { resetPassword(input: $input) { errors { code } } }"
CONFIRM = "mutation($input: ConfirmEmailChangeInput!) { confirmEmailChange(input: $input) { errors { code path } } }"


@dataclass
class Somebody:
    """A person of one plane with a session, and that plane's database."""

    house: House
    person: Person
    scope: Scope
    tables: CredentialTables
    client: Client

    async def mails(self) -> list[Written]:
        own = await mails_in(self.scope, self.house.portal.keys, self.tables.models.mails)
        return [mail for mail in own if mail.email.endswith(self.person.email.partition("@")[2])]

    async def another(self) -> Client:
        return await self.house.session(self.person)

    async def grow_stale(self) -> None:
        session, late = self.tables.session, datetime.now(UTC) - timedelta(minutes=11)
        async with self.scope.write() as transaction:
            own = update(session).where(session.c.subject_id == self.person.id)
            await transaction.execute(own.values(authenticated_at=late))

    async def ask(self, document: str, given: dict[str, Any]) -> Any:
        """The one field of the answer, called without a session."""
        place = {"Portal_Tenant": self.person.tenant} if self.person.tenant else {}
        answer = await self.house.call(document, {"input": given}, **place)
        (payload,) = answer["data"].values()
        return payload


@pytest.fixture(params=["account", "operator"])
async def somebody(
    request: pytest.FixtureRequest, shared_house: House, new_customer: NewCustomer
) -> Somebody:
    """On either plane."""
    if request.param == "account":
        customer = await new_customer()
        person, scope = customer.owner, customer.scope
        client = await shared_house.session(person)
        return Somebody(shared_house, person, scope, ACCOUNT_TABLES, client)
    name = uuid4().hex[:8]
    person = await shared_house.operator(email=f"{name}@{name}.example")
    client = await shared_house.session(person)
    return Somebody(shared_house, person, shared_house.portal.catalog, OPERATOR_TABLES, client)


async def test_step_up_makes_possible_what_takes_a_fresh_factor(somebody: Somebody) -> None:
    client = somebody.client
    await somebody.grow_stale()
    refused = await client.do("requestEmailChange", {"newEmail": "x@y.example"}, "")
    assert [error["code"] for error in refused["errors"]] == ["STEP_UP_REQUIRED"]
    assert "stepUp" in refused["errors"][0]["message"]
    wrong = await client.do("stepUp", {"method": "TOTP", "code": "000000"}, "freshUntil")
    assert [error["code"] for error in wrong["errors"]] == ["MFA_FAILED"]
    assert "clock" in wrong["errors"][0]["message"]
    code = pyotp.TOTP(somebody.person.secret).now()
    shown = await client.do(
        "stepUp", {"method": "TOTP", "code": code}, "accessToken authenticatedAt freshUntil"
    )
    client = replace(client, token=shown["accessToken"])
    at, until = (datetime.fromisoformat(shown[name]) for name in ("authenticatedAt", "freshUntil"))
    assert (until - at, shown["errors"]) == (timedelta(minutes=10), [])
    renewed = await client.do("renewRecoveryCodes", {}, "recoveryCodes")
    assert len(renewed["recoveryCodes"]) == 10


async def test_without_a_fresh_factor_nothing_is_mailed_or_renewed(somebody: Somebody) -> None:
    await somebody.grow_stale()
    for mutation, given in (("requestEmailChange", {"newEmail": "x@y.example"}), ("renewRecoveryCodes", {})):
        refused = await somebody.client.do(mutation, given, "")
        assert [error["code"] for error in refused["errors"]] == ["STEP_UP_REQUIRED"]
    assert await somebody.mails() == []


async def test_a_step_one_token_opens_nothing_of_this(somebody: Somebody) -> None:
    given = {"email": somebody.person.email, "password": PASSWORD}
    token = (await somebody.ask(SIGN_IN, given))["challenge"]["token"]
    step_one, code = Client(somebody.house, token, "", None), pyotp.TOTP(somebody.person.secret).now()
    calls: tuple[tuple[str, dict[str, Any]], ...] = (
        ("stepUp", {"method": "TOTP", "code": code}),
        ("changePassword", {"currentPassword": PASSWORD, "newPassword": NEW}),
        ("requestEmailChange", {"newEmail": "x@y.example"}),
        ("renewRecoveryCodes", {}),
        ("endSession", {"sessionId": "x"}),
    )
    for mutation, values in calls:
        kind = mutation[0].upper() + mutation[1:]
        document = f"mutation($input: {kind}Input!) {{ {mutation}(input: $input) {{ errors {{ code }} }} }}"
        for answer in (
            await step_one.call(document, {"input": values}),
            await somebody.house.call(document, {"input": values}),
        ):
            assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNAUTHENTICATED"]
    refused = await step_one.call(SESSIONS)
    assert [error["extensions"]["code"] for error in refused["errors"]] == ["UNAUTHENTICATED"]
    for document, values in ((RESET, {"token": token, "newPassword": NEW}), (CONFIRM, {"token": token})):
        payload = await somebody.ask(document, values)
        assert [error["code"] for error in payload["errors"]] == ["NOT_FOUND"]
    assert await somebody.mails() == []
    session = await somebody.ask(VERIFY, {"challengeToken": token, "method": "TOTP", "code": code})
    assert session["errors"] == []


async def test_a_password_is_changed_by_who_knows_the_current_one(somebody: Somebody) -> None:
    other = await somebody.another()
    given = {"currentPassword": NEW, "newPassword": NEW}
    wrong = await somebody.client.do("changePassword", given, "")
    assert [(error["code"], error["path"]) for error in wrong["errors"]] == [("INVALID", ["currentPassword"])]
    given["currentPassword"] = PASSWORD
    assert (await somebody.client.do("changePassword", given, ""))["errors"] == []
    assert "errors" in await other.call(VIEWER)
    assert "errors" not in await somebody.client.call(VIEWER)
    assert [mail.kind for mail in await somebody.mails()] == ["PASSWORD_CHANGED"]
    signed_in = await somebody.ask(SIGN_IN, {"email": somebody.person.email, "password": NEW})
    assert signed_in["challenge"]


async def test_a_mailed_link_resets_the_password_and_ends_all_sessions(somebody: Somebody) -> None:
    asked = await somebody.ask(RESET_ASKED, {"email": somebody.person.email})
    assert asked == {"errors": []}
    (mail,) = await somebody.mails()
    given = {"token": mail.values["token"], "newPassword": NEW}
    assert await somebody.ask(RESET, given) == {"errors": []}
    assert await somebody.ask(RESET, given) == {"errors": [{"code": "NOT_FOUND"}]}
    assert "errors" in await somebody.client.call(VIEWER)
    signed_in = await somebody.ask(SIGN_IN, {"email": somebody.person.email, "password": NEW})
    assert "TOTP" in signed_in["challenge"]["methods"]


async def test_nobody_learns_from_asking_for_a_reset_who_has_an_account(
    shared_house: House, new_customer: NewCustomer
) -> None:
    customer, suspended = await new_customer(), await new_customer()
    locked = await customer.reader()
    async with customer.scope.write() as session:
        row = update(table(Account)).where(table(Account).c.id == locked.id)
        await session.execute(row.values(status=AccountStatus.LOCKED.value))
    now = datetime.now(UTC)
    await set_status(
        shared_house.portal.catalog, suspended.record.id, TenantStatus.SUSPENDED, actor=SYSTEM, now=now
    )
    slug, email = customer.record.slug, customer.owner.email
    tries = [
        (slug, email),
        (slug, "nobody@example.org"),
        (slug, locked.email),
        (slug, "no address"),
        (f"x{uuid4().hex[:8]}", email),
        (suspended.record.slug, suspended.owner.email),
        *[(slug, email)] * 4,
    ]
    answers, shortest = [], 9.9
    for place, address in tries:
        began = time.monotonic()
        answers.append(
            await shared_house.call(RESET_ASKED, {"input": {"email": address}}, Portal_Tenant=place)
        )
        shortest = min(shortest, time.monotonic() - began)
    assert [answer for answer in answers if answer != answers[0]] == []
    assert answers[0]["data"]["requestPasswordReset"] == {"errors": []}
    assert shortest >= 0.3


async def test_an_address_is_changed_by_who_reads_the_mail_there(somebody: Somebody) -> None:
    new = f"new@{somebody.person.email.partition('@')[2]}"
    bad = await somebody.client.do("requestEmailChange", {"newEmail": "no address"}, "")
    assert [(error["code"], error["path"]) for error in bad["errors"]] == [("INVALID", ["newEmail"])]
    assert (await somebody.client.do("requestEmailChange", {"newEmail": new}, ""))["errors"] == []
    (mail,) = await somebody.mails()
    assert (mail.kind, mail.email) == ("EMAIL_CHANGE", new)
    given = {"token": mail.values["token"]}
    assert await somebody.ask(CONFIRM, given) == {"errors": []}
    assert await somebody.ask(CONFIRM, given) == {"errors": [{"code": "NOT_FOUND", "path": None}]}
    assert (await somebody.mails())[-1].email == somebody.person.email
    assert (await somebody.ask(SIGN_IN, {"email": new, "password": PASSWORD}))["challenge"]


async def test_an_address_of_somebody_else_is_refused_at_the_confirmation_only(
    shared_house: House, new_customer: NewCustomer
) -> None:
    customer = await new_customer()
    other, client = await customer.reader(), await customer.client()
    asked = await client.do("requestEmailChange", {"newEmail": other.email}, "")
    assert asked["errors"] == []
    (mail,) = await mails_in(customer.scope, shared_house.portal.keys)
    refused = await shared_house.call(
        CONFIRM, {"input": {"token": mail.values["token"]}}, Portal_Tenant=customer.record.slug
    )
    assert refused["data"]["confirmEmailChange"]["errors"] == [{"code": "CONFLICT", "path": None}]


async def test_one_sees_ones_own_open_sessions_and_ends_them(somebody: Somebody) -> None:
    other = await somebody.another()
    listed = (await somebody.client.data(SESSIONS))["sessions"]
    assert [each["current"] for each in listed] == [False, True]
    assert set(listed[0]) == {"id", "createdAt", "lastSeenAt", "expiresAt", "address", "userAgent", "current"}
    ended = await somebody.client.do("endSession", {"sessionId": listed[0]["id"]}, "")
    assert ended["errors"] == []
    assert "errors" in await other.call(VIEWER)
    assert [each["current"] for each in (await somebody.client.data(SESSIONS))["sessions"]] == [True]


async def test_sessions_are_ended_by_who_showed_a_factor_lately(somebody: Somebody) -> None:
    """A copied token of an owner who came in hours ago throws nobody out (OWASP ASVS 5.0, 7.5.2)."""
    other = await somebody.another()
    await somebody.grow_stale()
    listed = (await somebody.client.data(SESSIONS))["sessions"]
    for mutation, given in (
        ("endSession", {"sessionId": listed[0]["id"]}),
        ("signOut", {"everywhere": True}),
    ):
        refused = await somebody.client.do(mutation, given, "")
        assert [error["code"] for error in refused["errors"]] == ["STEP_UP_REQUIRED"]
    assert "errors" not in await other.call(VIEWER)
    assert (await somebody.client.do("signOut", {}, ""))["errors"] == []


async def test_signing_out_is_on_record_with_who_did_it(somebody: Somebody) -> None:
    await somebody.client.do("signOut", {}, "")
    entry = (await audit_log(somebody.scope, "authn_token_revoked"))[-1]
    assert (entry.actor_id, entry.subject_id) == (somebody.person.id, somebody.person.id)


async def test_anybody_elses_session_is_answered_like_none(
    shared_house: House, new_customer: NewCustomer, somebody: Somebody
) -> None:
    neighbour = await (await new_customer()).client()
    (theirs,) = (await neighbour.data(SESSIONS))["sessions"]
    decoded = decode_id(theirs["id"])
    assert decoded
    foreign = (theirs["id"], encode_id("SignInSession", uuid4()), encode_id("Account", decoded[1]), "x")
    answers = [await somebody.client.do("endSession", {"sessionId": key}, "") for key in foreign]
    assert [answer for answer in answers if answer != answers[0]] == []
    assert [(error["code"], error["path"]) for error in answers[0]["errors"]] == [
        ("NOT_FOUND", ["sessionId"])
    ]
    assert "errors" not in await neighbour.call(VIEWER)
    assert shared_house


async def test_a_colleague_with_every_right_ends_no_session_of_mine(new_customer: NewCustomer) -> None:
    customer = await new_customer()
    mine = await customer.client()
    colleague = await customer.house.session(await customer.contact("Bert Bakker"))
    (own,) = (await mine.data(SESSIONS))["sessions"]
    refused = await colleague.do("endSession", {"sessionId": own["id"]}, "")
    assert [error["code"] for error in refused["errors"]] == ["NOT_FOUND"]
    assert "errors" not in await mine.call(VIEWER)


async def test_a_session_shows_from_where_and_with_what_it_was_opened(
    shared_house: House, new_customer: NewCustomer
) -> None:
    customer = await new_customer()
    client = await shared_house.sign_in(customer.owner)
    (session,) = (await client.data(SESSIONS))["sessions"]
    assert session["address"] == "127.0.0.1"
    assert session["userAgent"].startswith("python-httpx")


async def test_of_many_calls_one_resets_with_a_link(somebody: Somebody) -> None:
    await somebody.ask(RESET_ASKED, {"email": somebody.person.email})
    (mail,) = await somebody.mails()
    given = {"token": mail.values["token"], "newPassword": NEW}
    answers = await asyncio.gather(*(somebody.ask(RESET, given) for _ in range(50)))
    assert answers.count({"errors": []}) == 1
    assert [mail.kind for mail in await somebody.mails()].count(MailKind.PASSWORD_CHANGED) == 1


async def test_of_many_calls_one_confirms_an_address(somebody: Somebody) -> None:
    new = f"new@{somebody.person.email.partition('@')[2]}"
    await somebody.client.do("requestEmailChange", {"newEmail": new}, "")
    (mail,) = await somebody.mails()
    answers = await asyncio.gather(
        *(somebody.ask(CONFIRM, {"token": mail.values["token"]}) for _ in range(50))
    )
    assert answers.count({"errors": []}) == 1


async def test_of_two_that_want_one_address_one_gets_it(
    shared_house: House, new_customer: NewCustomer
) -> None:
    customer = await new_customer()
    people = [await customer.contact(f"{name} Jansen") for name in ("Bert", "Carla")]
    for person in people:
        client = await shared_house.session(person)
        await client.do("requestEmailChange", {"newEmail": "wanted@new.example"}, "")
    mails = await mails_in(customer.scope, shared_house.portal.keys)
    tokens = [mail.values["token"] for mail in mails if mail.kind == "EMAIL_CHANGE"]
    answers = await asyncio.gather(
        *(
            shared_house.call(CONFIRM, {"input": {"token": token}}, Portal_Tenant=customer.record.slug)
            for token in tokens
        )
    )
    codes = [
        [error["code"] for error in answer["data"]["confirmEmailChange"]["errors"]] for answer in answers
    ]
    assert sorted(codes) == [[], ["CONFLICT"]]


async def test_of_many_changes_of_one_password_one_wins(somebody: Somebody) -> None:
    news = [f"{NEW} {number}" for number in range(10)]
    calls = (
        somebody.client.do("changePassword", {"currentPassword": PASSWORD, "newPassword": new}, "")
        for new in news
    )
    answers = await asyncio.gather(*calls)
    assert sum(answer["errors"] == [] for answer in answers) == 1
    assert await known_hash(somebody.scope, somebody.tables.person, somebody.person.id)


async def known_hash(scope: Scope, person: Table, key: UUID) -> str:
    async with scope.read() as reader:
        found: str = await reader.scalar(select(person.c.password_hash).where(person.c.id == key))
    return found
