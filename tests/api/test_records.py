"""What must be on record although the call was refused, and before anything is read."""

from datetime import UTC, datetime
from typing import Any

import pyotp
import pytest
from sqlalchemy import select, text

from auth.permissions import Permission
from tenants.accounts.models import Challenge, Factor, Throttle
from tenants.databases.copying import filling
from tenants.tables import table
from tests.api.conftest import NewCustomer
from tests.factories.contents import audit_log, contents
from tests.factories.portal import PASSWORD, SIGN_IN, VERIFY, Customer, House, Person

TICKET = {"type": "BUG", "subject": "?", "description": "?"}
REGISTER = """mutation($input: RegisterTicketInput!) { registerTicket(input: $input) {
  ticket { number } errors { code } } }"""
ASKED = "{ organization { slug } }"


@pytest.fixture
async def customer(new_customer: NewCustomer) -> Customer:
    return await new_customer()


async def post(house: House, document: str, given: dict[str, Any], slug: str | None) -> Any:
    """The payload of a mutation before sign-in, on a customer's plane or on the vendor's."""
    place = {"Portal_Tenant": slug} if slug else {}
    answer = await house.call(document, {"input": given}, **place)
    (payload,) = answer["data"].values()
    return payload


async def challenge_of(house: House, person: Person) -> str:
    given = {"email": person.email, "password": PASSWORD}
    token: str = (await post(house, SIGN_IN, given, person.tenant))["challenge"]["token"]
    return token


async def test_a_failed_sign_in_is_on_the_log_and_counted(shared_house: House, customer: Customer) -> None:
    for email, subject in ((customer.owner.email, customer.owner.id), ("nobody@x.example", None)):
        given = {"email": email, "password": "not the password"}
        await post(shared_house, SIGN_IN, given, customer.record.slug)
        failed = (await audit_log(customer.scope, "authn_login_fail"))[-1]
        assert (failed.actor_kind, failed.subject_id) == ("NOBODY", subject)
    assert len(await audit_log(customer.scope, "authn_login_fail")) == 2
    refusals = await audit_log(customer.scope, "call_refused")
    assert [entry.detail for entry in refusals] == [{"field": "signIn", "code": "SIGN_IN_FAILED"}] * 2
    async with customer.scope.read() as reader:
        counts = await reader.rows(select(table(Throttle).c.tries))
    # Each account and its place once; the network that the tries came from and the tenant twice.
    assert sorted(row.tries for row in counts) == [1, 1, 1, 1, 2, 2]


async def test_a_failed_sign_in_of_an_operator_is_on_the_vendors_log(shared_house: House) -> None:
    operator = await shared_house.operator(email="piet@vendor.example")
    catalog = shared_house.portal.catalog
    await post(shared_house, SIGN_IN, {"email": operator.email, "password": "wrong password"}, None)
    failed = (await audit_log(catalog, "authn_login_fail"))[-1]
    assert failed.subject_id == operator.id
    assert (await audit_log(catalog, "call_refused"))[-1].detail["field"] == "signIn"


async def test_a_code_that_was_used_stays_used_and_each_wrong_one_is_counted(
    shared_house: House, customer: Customer
) -> None:
    owner, scope, now = customer.owner, customer.scope, datetime.now(UTC)
    code = pyotp.TOTP(owner.secret).at(now)
    good = {"challengeToken": await challenge_of(shared_house, owner), "method": "TOTP", "code": code}
    assert (await post(shared_house, VERIFY, good, owner.tenant))["session"]
    again = {**good, "challengeToken": await challenge_of(shared_house, owner)}
    for _ in range(2):
        assert (await post(shared_house, VERIFY, again, owner.tenant))["session"] is None
    failed = await audit_log(scope, "authn_mfa_fail")
    assert [entry.subject_id for entry in failed] == [owner.id] * 2
    async with scope.read() as reader:
        step = await reader.scalar(select(table(Factor).c.last_step))
        tries = await reader.rows(select(table(Challenge).c.tries))
    assert abs(step - int(now.timestamp()) // 30) <= 1
    assert sorted(row.tries for row in tries) == [1, 2]


async def test_a_call_without_the_right_to_it_is_on_the_log_and_changed_nothing(
    shared_house: House, customer: Customer
) -> None:
    person = await customer.contact("Bea Bos", (Permission.READ,))
    client = await shared_house.session(person)
    before = await contents(customer.scope)
    answer = await client.call(REGISTER, {"input": TICKET})
    assert answer["data"] is None
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]
    (entry,) = await audit_log(customer.scope, "authz_fail")
    assert (entry.actor_kind, entry.actor_id) == ("ACCOUNT", person.id)
    assert entry.detail == {"field": "registerTicket", "code": "FORBIDDEN"}
    assert entry.request_id == answer["errors"][0]["extensions"]["requestId"]
    assert await contents(customer.scope) == before


async def test_a_call_that_the_agreement_refuses_is_on_the_log_and_changed_nothing(
    shared_house: House, customer: Customer
) -> None:
    reader = await customer.reader()
    before = None
    for person, given, code in (
        (reader, TICKET, "FORBIDDEN_BY_CONTRACT"),
        (customer.owner, {**TICKET, "type": "CHANGE_REQUEST"}, "OUT_OF_SCOPE"),
        (customer.owner, {**TICKET, "subject": ""}, "INVALID"),
    ):
        client = await shared_house.session(person)
        before = await contents(customer.scope)
        payload = await client.do("registerTicket", given, "ticket { id }")
        assert (payload["ticket"], payload["errors"][0]["code"]) == (None, code)
        entry = (await audit_log(customer.scope, "call_refused"))[-1]
        assert (entry.actor_id, entry.detail) == (person.id, {"field": "registerTicket", "code": code})
        assert await contents(customer.scope) == before


async def test_a_call_before_sign_in_is_on_the_log_of_the_tenant_that_it_named(
    shared_house: House, customer: Customer
) -> None:
    answer = await shared_house.call(REGISTER, {"input": TICKET}, Portal_Tenant=customer.record.slug)
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNAUTHENTICATED"]
    (entry,) = await audit_log(customer.scope, "authz_fail")
    assert (entry.actor_kind, entry.actor_id) == ("NOBODY", None)


async def test_a_reused_refresh_token_ends_the_family_although_the_call_is_refused(
    shared_house: House, customer: Customer
) -> None:
    client = await customer.client()
    document = """mutation($input: RefreshSessionInput!) { refreshSession(input: $input) {
      session { accessToken refreshToken } errors { code } } }"""
    given = {"refreshToken": client.refresh_token}
    renewed = (await post(shared_house, document, given, customer.record.slug))["session"]
    stolen = await post(shared_house, document, given, customer.record.slug)
    assert (stolen["session"], stolen["errors"]) == (None, [{"code": "SIGN_IN_FAILED"}])
    assert [entry.subject_id for entry in await audit_log(customer.scope, "authn_token_reuse")] == [
        customer.owner.id
    ]
    answer = await shared_house.call(ASKED, Authorization=f"Bearer {renewed['accessToken']}")
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNAUTHENTICATED"]


async def test_an_operators_work_is_on_the_tenants_log_once_for_each_sign_in(
    shared_house: House, customer: Customer
) -> None:
    operator = await shared_house.operator(email="lies@vendor.example")
    for sign_ins in (1, 2):
        client = await shared_house.session(operator, customer.record.slug)
        for document in (
            "{ no_such_field }",
            ASKED,
            ASKED,
        ):  # even a question that is none counts as entering
            await client.call(document)
        opened = await audit_log(customer.scope, "work_session_opened")
        assert [(entry.actor_kind, entry.actor_id) for entry in opened] == [("AGENT", operator.id)] * sign_ins


async def test_without_a_record_an_operator_reads_nothing(shared_house: House, customer: Customer) -> None:
    operator = await shared_house.operator(email="kees@vendor.example")
    home = customer.record.placement
    server = shared_house.portal.engines.server(home.server)
    async with filling(server, home.database) as owner:  # the customer's own role may not
        await owner.execute(text("ALTER TABLE audit_log RENAME TO lost"))
    client = await shared_house.session(operator, customer.record.slug)
    answer = await client.call(ASKED)
    assert "data" not in answer
    assert customer.record.slug not in str(answer)
    async with filling(server, home.database) as owner:
        await owner.execute(text("ALTER TABLE lost RENAME TO audit_log"))
    assert await client.call(ASKED) == {"data": {"organization": {"slug": customer.record.slug}}}
    assert len(await audit_log(customer.scope, "work_session_opened")) == 1


async def test_no_secret_is_on_the_log(shared_house: House, customer: Customer) -> None:
    owner = customer.owner
    token = await challenge_of(shared_house, owner)
    code = pyotp.TOTP(owner.secret).now()
    answer = {"challengeToken": token, "method": "TOTP", "code": code}
    session = (await post(shared_house, VERIFY, answer, owner.tenant))["session"]
    await post(shared_house, SIGN_IN, {"email": owner.email, "password": "my other secret"}, owner.tenant)
    told = str(await audit_log(customer.scope))
    for secret in (PASSWORD, "my other secret", token, owner.secret, *session.values(), owner.email):
        assert str(secret) not in told
    assert f"'{code}'" not in told
