"""Signing in over HTTP: what is answered, and what is not told."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pyotp
import pytest
from sqlalchemy import select, update

from auth.permissions import Permission
from tenants.accounts.models import Account
from tenants.accounts.service import invite_account
from tenants.acts import SYSTEM
from tenants.audit.models import AuditEntry
from tenants.catalog.models import TenantStatus
from tenants.catalog.service import set_status
from tenants.credentials.columns import AccountStatus
from tenants.tables import table
from tests.api.conftest import NewCustomer
from tests.factories.portal import PASSWORD, Client, Customer, House, Person

SIGN_IN = """mutation($input: SignInInput!) { signIn(input: $input) {
  challenge { token methods expiresAt enrollmentRequired } errors { __typename code message path } } }"""
VERIFY = """mutation($input: VerifyMfaInput!) { verifyMfa(input: $input) {
  session { accessToken refreshToken expiresAt viewer { __typename ... on Account { email mfa { methods } }
    ... on Operator { email roles } } } errors { code } } }"""
REFRESH = """mutation($input: RefreshSessionInput!) { refreshSession(input: $input) {
  session { accessToken refreshToken viewer { __typename } } errors { code } } }"""
ENROLL = """mutation($input: EnrollTotpInput!) { enrollTotp(input: $input) {
  secret uri qrCodeSvg errors { code } } }"""
CONFIRM = """mutation($input: ConfirmTotpInput!) { confirmTotp(input: $input) {
  session { accessToken refreshToken } recoveryCodes errors { code } } }"""
ACCEPT = """mutation($input: AcceptInvitationInput!) { acceptInvitation(input: $input) {
  challenge { token methods enrollmentRequired } errors { code message } } }"""
SIGN_OUT = "mutation($input: SignOutInput!) { signOut(input: $input) { errors { code } } }"
VIEWER = "{ viewer { __typename } }"


@pytest.fixture
async def customer(new_customer: NewCustomer) -> Customer:
    return await new_customer()


async def ask(house: House, slug: str | None, document: str, given: dict[str, Any]) -> Any:
    """The one field of the answer, called before sign-in."""
    place = {"Portal_Tenant": slug} if slug else {}
    answer = await house.call(document, {"input": given}, **place)
    assert "errors" not in answer, answer["errors"]
    (payload,) = answer["data"].values()
    return payload


async def password_shown(house: House, person: Person) -> str:
    given = {"email": person.email, "password": PASSWORD}
    payload = await ask(house, person.tenant, SIGN_IN, given)
    assert payload["errors"] == []
    token: str = payload["challenge"]["token"]
    return token


async def code_shown(house: House, person: Person, token: str, step: int = 0) -> Any:
    """The payload for the code of this step: -1, 0 and 1 are good, each once and in this order."""
    code = pyotp.TOTP(person.secret).at(datetime.now(UTC) + timedelta(seconds=30 * step))
    given = {"challengeToken": token, "method": "TOTP", "code": code}
    return await ask(house, person.tenant, VERIFY, given)


async def test_password_and_code_together_give_a_session(shared_house: House, customer: Customer) -> None:
    owner = customer.owner
    given = {"email": owner.email.upper(), "password": PASSWORD}
    first = (await ask(shared_house, owner.tenant, SIGN_IN, given))["challenge"]
    assert (first["methods"], first["enrollmentRequired"]) == (["TOTP"], False)
    second = await code_shown(shared_house, owner, first["token"])
    assert second["errors"] == []
    viewer = {"__typename": "Account", "email": owner.email, "mfa": {"methods": ["TOTP"]}}
    assert second["session"]["viewer"] == viewer
    client = Client(shared_house, second["session"]["accessToken"], "", None)
    assert (await client.data(VIEWER))["viewer"] == {"__typename": "Account"}


async def test_nobody_learns_why_a_sign_in_failed(
    shared_house: House, customer: Customer, new_customer: NewCustomer
) -> None:
    locked, suspended = await customer.reader(), await new_customer()
    scope, now = shared_house.portal.tenants.scope(customer.record), datetime.now(UTC)
    async with scope.write() as session:
        locked_row = update(Account).where(table(Account).c.id == locked.id)
        await session.execute(locked_row.values(status=AccountStatus.LOCKED.value))
    catalog = shared_house.portal.catalog
    await set_status(catalog, suspended.record.id, TenantStatus.SUSPENDED, actor=SYSTEM, now=now)
    slug = customer.record.slug
    tries = [
        (slug, customer.owner.email, "wrong"),
        (slug, "nobody@example.org", PASSWORD),
        (slug, locked.email, PASSWORD),
        (slug, "no address", ""),
        (f"x{uuid4().hex[:8]}", customer.owner.email, PASSWORD),
        (suspended.record.slug, suspended.owner.email, PASSWORD),
        (None, customer.owner.email, PASSWORD),
    ]
    answers = []
    for place, email, password in tries:
        answers.append(await ask(shared_house, place, SIGN_IN, {"email": email, "password": password}))
    assert [answer for answer in answers if answer != answers[0]] == []
    assert answers[0]["challenge"] is None
    assert [error["code"] for error in answers[0]["errors"]] == ["SIGN_IN_FAILED"]


async def test_a_refused_sign_in_is_on_record(shared_house: House, customer: Customer) -> None:
    given = {"email": customer.owner.email, "password": "wrong"}
    await ask(shared_house, customer.record.slug, SIGN_IN, given)
    entry = table(AuditEntry).c
    async with shared_house.portal.tenants.scope(customer.record).read() as reader:
        rows = await reader.rows(select(entry.event, entry.subject_id, entry.detail))
    told = {row.event: (row.subject_id, row.detail) for row in rows}
    assert told["authn_login_fail"] == (customer.owner.id, {"factor": "PASSWORD"})
    assert told["call_refused"] == (None, {"field": "signIn", "code": "SIGN_IN_FAILED"})


async def test_a_challenge_token_opens_nothing_else(shared_house: House, customer: Customer) -> None:
    token = await password_shown(shared_house, customer.owner)
    answer = await Client(shared_house, token, "", None).call(VIEWER)
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNAUTHENTICATED"]
    for document, given, code in (
        (REFRESH, {"refreshToken": token}, "SIGN_IN_FAILED"),
        (ENROLL, {"challengeToken": token}, "MFA_FAILED"),
        (CONFIRM, {"challengeToken": token, "code": "000000"}, "MFA_FAILED"),
        (ACCEPT, {"token": token, "password": PASSWORD}, "NOT_FOUND"),
    ):
        payload = await ask(shared_house, customer.record.slug, document, given)
        assert [error["code"] for error in payload["errors"]] == [code]


async def test_a_code_and_a_challenge_work_once(shared_house: House, customer: Customer) -> None:
    owner = customer.owner
    first = await password_shown(shared_house, owner)
    second = await password_shown(shared_house, owner)
    assert (await code_shown(shared_house, owner, first))["errors"] == []
    again = await code_shown(shared_house, owner, first, step=1)
    reused = await code_shown(shared_house, owner, second, step=-1)
    for refused in (again, reused):
        assert refused == {"session": None, "errors": [{"code": "MFA_FAILED"}]}


async def test_what_one_tenant_gave_is_nothing_in_another(
    shared_house: House, customer: Customer, new_customer: NewCustomer
) -> None:
    other = await new_customer()
    token = await password_shown(shared_house, customer.owner)
    client = await customer.client()
    elsewhere = Person(customer.owner.email, customer.owner.secret, other.record.slug, customer.owner.id)
    assert (await code_shown(shared_house, elsewhere, token))["errors"] == [{"code": "MFA_FAILED"}]
    given = {"refreshToken": client.refresh_token}
    for slug in (other.record.slug, None):
        refused = await ask(shared_house, slug, REFRESH, given)
        assert refused == {"session": None, "errors": [{"code": "SIGN_IN_FAILED"}]}
    assert (await ask(shared_house, customer.record.slug, REFRESH, given))["errors"] == []


async def test_a_refresh_token_that_is_shown_twice_ends_the_session(
    shared_house: House, customer: Customer
) -> None:
    client = await customer.client()
    slug, given = customer.record.slug, {"refreshToken": client.refresh_token}
    renewed = await ask(shared_house, slug, REFRESH, given)
    assert renewed["session"]["viewer"] == {"__typename": "Account"}
    refused = await ask(shared_house, slug, REFRESH, given)
    assert refused == {"session": None, "errors": [{"code": "SIGN_IN_FAILED"}]}
    for token in (client.token, renewed["session"]["accessToken"]):
        answer = await Client(shared_house, token, "", None).call(VIEWER)
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNAUTHENTICATED"]


@pytest.mark.parametrize(("everywhere", "left"), [(False, True), (True, False)])
async def test_signing_out_ends_this_session_or_all_of_them(
    customer: Customer, everywhere: bool, left: bool
) -> None:
    client, other = await customer.client(), await customer.client()
    data = await client.data(SIGN_OUT, {"input": {"everywhere": everywhere}})
    assert data == {"signOut": {"errors": []}}
    assert "errors" in await client.call(VIEWER)
    assert ("errors" not in await other.call(VIEWER)) is left


async def test_an_invited_person_chooses_a_password_enrols_and_is_in(
    shared_house: House, customer: Customer
) -> None:
    slug, now = customer.record.slug, datetime.now(UTC)
    async with shared_house.portal.tenants.scope(customer.record).write() as session:
        invited = await invite_account(
            session,
            email="dirk@example.org",
            name="Dirk Smeets",
            permissions={Permission.READ},
            contact_id=None,
            locale="EN",
            actor=SYSTEM,
            now=now,
        )
    weak = await ask(shared_house, slug, ACCEPT, {"token": invited.token, "password": "kort"})
    message = "Take a password of at least 12 characters."
    assert weak["errors"] == [{"code": "WEAK_PASSWORD", "message": message}]
    given = {"token": invited.token, "password": "zeven vrolijke vinken"}
    challenge = (await ask(shared_house, slug, ACCEPT, given))["challenge"]
    assert (challenge["methods"], challenge["enrollmentRequired"]) == ([], True)
    token = challenge["token"]
    enrolled = await ask(shared_house, slug, ENROLL, {"challengeToken": token})
    assert enrolled["uri"].startswith("otpauth://totp/")
    assert enrolled["qrCodeSvg"].startswith("<svg")
    code = pyotp.TOTP(enrolled["secret"]).now()
    confirmed = await ask(shared_house, slug, CONFIRM, {"challengeToken": token, "code": code})
    assert len(confirmed["recoveryCodes"]) == 10
    client = Client(shared_house, confirmed["session"]["accessToken"], "", None)
    assert (await client.data(VIEWER))["viewer"] == {"__typename": "Account"}
    again = await ask(shared_house, slug, ACCEPT, given)
    assert [error["code"] for error in again["errors"]] == ["NOT_FOUND"]


async def test_a_new_authenticator_is_enrolled_from_a_fresh_session(customer: Customer) -> None:
    client = await customer.client()
    enrolled = (await client.data(ENROLL, {"input": {}}))["enrollTotp"]
    code = pyotp.TOTP(enrolled["secret"]).now()
    confirmed = (await client.data(CONFIRM, {"input": {"code": code}}))["confirmTotp"]
    assert confirmed["session"] is None
    assert len(confirmed["recoveryCodes"]) == 10
    assert "errors" not in await client.call(VIEWER)


async def test_without_challenge_or_session_nobody_enrols(shared_house: House, customer: Customer) -> None:
    for document, given in ((ENROLL, {}), (CONFIRM, {"code": "000000"}), (SIGN_OUT, {})):
        answer = await shared_house.call(document, {"input": given}, Portal_Tenant=customer.record.slug)
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNAUTHENTICATED"]


async def test_an_operator_signs_in_on_the_vendors_plane_only(
    shared_house: House, customer: Customer
) -> None:
    operator = await shared_house.operator(email=f"{uuid4().hex[:8]}@vendor.example")
    token = await password_shown(shared_house, operator)
    session = (await code_shown(shared_house, operator, token))["session"]
    assert session["viewer"]["__typename"] == "Operator"
    assert session["viewer"]["email"] == operator.email
    given = {"email": operator.email, "password": PASSWORD}
    refused = await ask(shared_house, customer.record.slug, SIGN_IN, given)
    assert [error["code"] for error in refused["errors"]] == ["SIGN_IN_FAILED"]
