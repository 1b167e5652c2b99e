"""The vendor's administrators look after operators: who comes in, what they may do, and who comes in no more."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import pyotp
import pytest
from sqlalchemy import select, update

from api.ids import decode_id, encode_id
from auth.permissions import OperatorRole
from auth.principals import Origin
from tenants.acts import Act, Actor, ActorKind
from tenants.catalog.mails import OperatorMail
from tenants.catalog.models import CatalogAuditEntry
from tenants.catalog.operator_errors import NoLongerAdministrator
from tenants.catalog.operator_service import invite_operator
from tenants.catalog.operators import OperatorSession
from tenants.mails.service import mail_seal
from tenants.tables import table
from tests.factories.contents import ATTEMPTS, audit_log, contents
from tests.factories.portal import Client, House, Person

ADMINISTRATOR, SUPPORT, MANAGER = (
    OperatorRole.ADMINISTRATOR,
    OperatorRole.SUPPORT,
    OperatorRole.SUPPORT_MANAGER,
)
SHOWN = "operator { id email name roles status lastSignInAt }"
NEW = {"email": "Noa@Vendor.example", "name": "Noa Visser", "roles": ["SUPPORT"], "locale": "NL"}
NEW_PASSWORD = "een heel nieuw begin"
ACCEPT = """mutation($input: AcceptInvitationInput!) { acceptInvitation(input: $input) {
  challenge { token enrollmentRequired } errors { code } } }"""
ENROLL = "mutation($input: EnrollTotpInput!) { enrollTotp(input: $input) { secret errors { code } } }"
CONFIRM = """mutation($input: ConfirmTotpInput!) { confirmTotp(input: $input) {
  session { accessToken refreshToken viewer { ... on Operator { email roles status } } } errors { code } } }"""
VIEWER = "{ viewer { ... on Operator { email roles status lastSignInAt } } }"
CALLS: dict[str, dict[str, Any]] = {
    "inviteOperator": NEW,
    "renewOperatorInvitation": {"operatorId": "it"},
    "changeOperatorRoles": {"operatorId": "it", "roles": ["ADMINISTRATOR"]},
    "deactivateOperator": {"operatorId": "it"},
    "reactivateOperator": {"operatorId": "it"},
    "resetOperatorMfa": {"operatorId": "it", "identityCheck": "?"},
}


def key_of(person: Person) -> str:
    return encode_id("Operator", person.id)


async def mails(house: House) -> list[dict[str, Any]]:
    """What waits to be sent to operators, opened."""
    own = table(OperatorMail).c
    async with house.portal.catalog.read() as reader:
        rows = await reader.rows(
            select(own.id, own.kind, own.subject_id, own.content)
            .where(own.content.is_not(None))
            .order_by(own.id)
        )
    opened = []
    for row in rows:
        content = orjson.loads(house.portal.keys.decrypt(row.content, mail_seal(row.id)))
        opened.append({"kind": row.kind, "to": row.subject_id, **content})
    return opened


async def changes(house: House, operator_id: UUID) -> list[tuple[str, Any, Any]]:
    """Event, before and after, of each change to the operator on record."""
    log = table(CatalogAuditEntry).c
    asked = select(log.event, log.before, log.after).where(
        log.subject_id == operator_id, log.after.is_not(None)
    )
    async with house.portal.catalog.read() as reader:
        found = await reader.rows(asked.order_by(log.at, log.id))
    return [tuple(row) for row in found if row.after is not None]


async def make_stale(house: House, operator_id: UUID) -> None:
    """As if the operator had shown the second factor a quarter of an hour ago."""
    own = table(OperatorSession).c
    earlier = datetime.now(UTC) - timedelta(minutes=15)
    async with house.portal.catalog.write() as session:
        shown = update(OperatorSession).where(own.subject_id == operator_id).values(authenticated_at=earlier)
        await session.execute(shown)


def document_of(mutation: str) -> str:
    kind = f"{mutation[0].upper()}{mutation[1:]}Input"
    return f"mutation($input: {kind}!) {{ {mutation}(input: $input) {{ errors {{ code }} }} }}"


def codes(payload: Any) -> list[str]:
    return [error["code"] for error in payload["errors"]]


async def payload_of(house: House, document: str, given: dict[str, Any]) -> Any:
    (payload,) = (await house.call(document, {"input": given}))["data"].values()
    return payload


@pytest.mark.clause("QX-120")
async def test_an_operator_is_invited_by_mail_enrols_and_is_in(
    house: House, boss: Client, freya: Person
) -> None:
    made = await boss.do("inviteOperator", NEW, SHOWN)
    assert made["errors"] == []
    assert made["operator"] | {"id": "?"} == {
        "id": "?", "email": "noa@vendor.example", "name": "Noa Visser", "roles": ["SUPPORT"],
        "status": "INVITED", "lastSignInAt": None,
    }  # fmt: skip
    decoded = decode_id(made["operator"]["id"])
    assert decoded
    (mail,) = await mails(house)
    assert (mail["kind"], mail["to"], mail["locale"]) == ("INVITATION", decoded[1], "NL")
    (created,) = await audit_log(house.portal.catalog, "user_created")
    assert (created.actor_id, created.subject_id) == (freya.id, decoded[1])
    assert mail["values"]["token"] not in str(await contents(house.portal.catalog, frozenset()))

    accepted = await payload_of(house, ACCEPT, {"token": mail["values"]["token"], "password": NEW_PASSWORD})
    assert accepted["challenge"]["enrollmentRequired"] is True
    challenge = {"challengeToken": accepted["challenge"]["token"]}
    secret = (await payload_of(house, ENROLL, challenge))["secret"]
    confirmed = await payload_of(house, CONFIRM, challenge | {"code": pyotp.TOTP(secret).now()})
    viewer = {"email": "noa@vendor.example", "roles": ["SUPPORT"], "status": "ACTIVE"}
    assert confirmed["session"]["viewer"] == viewer
    again = await payload_of(house, ACCEPT, {"token": mail["values"]["token"], "password": NEW_PASSWORD})
    assert codes(again) == ["NOT_FOUND"]


@pytest.mark.parametrize("mutation", CALLS)
async def test_only_administrators_with_a_fresh_factor_look_after_operators(
    house: House, boss: Client, freya: Person, mutation: str
) -> None:
    other = await house.operator(*set(OperatorRole) - {ADMINISTRATOR}, email="others@vendor.example")
    client = await house.session(other)
    given = {name: key_of(other) if value == "it" else value for name, value in CALLS[mutation].items()}
    await make_stale(house, freya.id)
    before = await contents(house.portal.catalog, ATTEMPTS)
    document = document_of(mutation)
    answer = await client.call(document, {"input": given})
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]
    assert codes(await boss.do(mutation, given, SHOWN)) == ["STEP_UP_REQUIRED"]
    assert await contents(house.portal.catalog, ATTEMPTS) == before


async def test_what_is_wrong_with_an_invitation_is_told_by_its_field(house: House, boss: Client) -> None:
    for given, code, path in (
        ({"email": "freya@VENDOR.example"}, "CONFLICT", ["email"]),
        ({"email": "noa"}, "INVALID", ["email"]),
        ({"name": " "}, "INVALID", ["name"]),
        ({"roles": []}, "INVALID", ["roles"]),
    ):
        payload = await boss.do("inviteOperator", NEW | given, SHOWN)
        assert [(error["code"], error["path"]) for error in payload["errors"]] == [(code, path)]
    assert await mails(house) == []


async def test_a_retry_with_its_key_invites_once(house: House, boss: Client) -> None:
    given = NEW | {"idempotencyKey": "k"}
    payloads = await asyncio.gather(*(boss.do("inviteOperator", given, SHOWN) for _ in range(10)))
    assert len({payload["operator"]["id"] for payload in payloads}) == 1
    assert len(await mails(house)) == 1


async def test_a_new_invitation_ends_the_earlier_one(house: House, boss: Client) -> None:
    key = (await boss.do("inviteOperator", NEW, SHOWN))["operator"]["id"]
    first = (await mails(house))[-1]["values"]["token"]
    assert (await boss.do("renewOperatorInvitation", {"operatorId": key}, SHOWN))["errors"] == []
    second = (await mails(house))[-1]["values"]["token"]
    refused = await payload_of(house, ACCEPT, {"token": first, "password": NEW_PASSWORD})
    assert codes(refused) == ["NOT_FOUND"]
    assert codes(await payload_of(house, ACCEPT, {"token": second, "password": NEW_PASSWORD})) == []
    renewed = await boss.do("renewOperatorInvitation", {"operatorId": key}, SHOWN)
    assert codes(renewed) == ["ILLEGAL_TRANSITION"]


async def test_roles_that_are_changed_hold_at_once_in_open_sessions(house: House, boss: Client) -> None:
    customer = await house.tenant("alfa")
    jan = await house.operator(SUPPORT)
    client = await house.session(jan, "alfa")
    contact = {"name": "C", "email": "c@x.example", "phone": "030 123 45 67"}
    assert codes(await client.do("nameContact", contact, "contact { id }")) == []
    given = {"operatorId": key_of(jan), "roles": ["SAAS_TEAM", "CONSULTANT"]}
    changed = await boss.do("changeOperatorRoles", given, SHOWN)
    assert changed["operator"]["roles"] == ["CONSULTANT", "SAAS_TEAM"]
    document = "mutation($input: NameContactInput!) { nameContact(input: $input) { errors { code } } }"
    answer = await client.call(document, {"input": contact | {"email": "d@x.example"}})
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]
    assert len((await client.data("{ organization { contacts { id } } }"))["organization"]["contacts"]) == 2
    expected = ("authz_change", {"roles": ["SUPPORT"]}, {"roles": ["CONSULTANT", "SAAS_TEAM"]})
    assert await changes(house, jan.id) == [expected]
    assert customer.record.slug == "alfa"


async def test_who_is_administrator_no_more_as_the_invitation_is_written_invites_nobody(house: House) -> None:
    """The right was there when the call was let in."""
    jan = await house.operator(OperatorRole.SUPPORT)
    act = Act(Actor(ActorKind.AGENT, jan.id), datetime.now(UTC), Origin())
    with pytest.raises(NoLongerAdministrator):
        async with house.portal.catalog.write() as session:
            await invite_operator(
                session,
                email="back@door.example",
                name="Deur",
                roles=[OperatorRole.ADMINISTRATOR],
                locale="nl",
                act=act,
            )
