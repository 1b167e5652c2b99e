"""The vendor's administrators shut operators out, let them in again, and never all of themselves."""

import asyncio

import pytest

from auth.permissions import OperatorRole
from tenants.catalog.operator_service import operators
from tests.api.test_operators import (
    ACCEPT,
    NEW,
    NEW_PASSWORD,
    SHOWN,
    VIEWER,
    changes,
    codes,
    document_of,
    key_of,
    mails,
    payload_of,
)
from tests.factories.contents import ATTEMPTS, audit_log, contents
from tests.factories.portal import PASSWORD, SIGN_IN, Client, House, Person

ADMINISTRATOR, SUPPORT, MANAGER = (
    OperatorRole.ADMINISTRATOR,
    OperatorRole.SUPPORT,
    OperatorRole.SUPPORT_MANAGER,
)


async def test_who_is_deactivated_is_out_at_once_and_can_be_let_in_again(house: House, boss: Client) -> None:
    jan = await house.operator(SUPPORT)
    client = await house.session(jan)
    assert (await client.data(VIEWER))["viewer"]["status"] == "ACTIVE"
    given = {"operatorId": key_of(jan), "reason": "Uit dienst."}
    assert (await boss.do("deactivateOperator", given, SHOWN))["operator"]["status"] == "DEACTIVATED"
    answer = await client.call(VIEWER)
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNAUTHENTICATED"]
    shown = {"email": jan.email, "password": PASSWORD}
    assert codes(await payload_of(house, SIGN_IN, shown)) == ["SIGN_IN_FAILED"]
    assert [mail["kind"] for mail in await mails(house)] == ["ACCOUNT_DEACTIVATED"]
    assert codes(await boss.do("deactivateOperator", given, SHOWN)) == ["ILLEGAL_TRANSITION"]

    back = await boss.do("reactivateOperator", {"operatorId": key_of(jan)}, SHOWN)
    assert back["operator"]["status"] == "ACTIVE"
    assert [error["extensions"]["code"] for error in (await client.call(VIEWER))["errors"]] == [
        "UNAUTHENTICATED"
    ]
    assert codes(await payload_of(house, SIGN_IN, shown)) == []
    active, gone = {"status": "ACTIVE"}, {"status": "DEACTIVATED"}
    expected = [("user_archived", active, gone), ("user_updated", gone, active)]
    assert await changes(house, jan.id) == expected


async def test_who_was_invited_and_deactivated_does_not_come_in_with_the_old_invitation(
    house: House, boss: Client
) -> None:
    key = (await boss.do("inviteOperator", NEW, SHOWN))["operator"]["id"]
    token = (await mails(house))[0]["values"]["token"]
    await boss.do("deactivateOperator", {"operatorId": key}, SHOWN)
    back = await boss.do("reactivateOperator", {"operatorId": key}, SHOWN)
    assert back["operator"]["status"] == "INVITED"
    refused = await payload_of(house, ACCEPT, {"token": token, "password": NEW_PASSWORD})
    assert codes(refused) == ["NOT_FOUND"]
    anew = (await mails(house))[-1]["values"]["token"]
    assert codes(await payload_of(house, ACCEPT, {"token": anew, "password": NEW_PASSWORD})) == []


async def test_a_lost_factor_is_reset_by_a_second_administrator_with_the_check_on_record(
    house: House, boss: Client, freya: Person
) -> None:
    jan = await house.operator(ADMINISTRATOR)
    client = await house.session(jan)
    given = {"operatorId": key_of(jan), "identityCheck": "Gezien aan de balie."}
    assert codes(await client.do("resetOperatorMfa", given, SHOWN)) == ["CONFLICT"]
    assert codes(await boss.do("resetOperatorMfa", given | {"identityCheck": " "}, SHOWN)) == ["INVALID"]
    assert (await client.data(VIEWER))["viewer"]["email"] == jan.email
    assert codes(await boss.do("resetOperatorMfa", given, SHOWN)) == []
    assert [error["extensions"]["code"] for error in (await client.call(VIEWER))["errors"]] == [
        "UNAUTHENTICATED"
    ]
    (entry,) = await audit_log(house.portal.catalog, "authn_mfa_reset")
    assert (entry.actor_id, entry.subject_id) == (freya.id, jan.id)
    assert entry.detail["identity_check"] == "Gezien aan de balie."
    (mail,) = await mails(house)
    assert (mail["kind"], mail["values"]) == ("FACTOR_CHANGED", {"change": "reset"})
    shown = await payload_of(house, SIGN_IN, {"email": jan.email, "password": PASSWORD})
    assert (shown["challenge"]["methods"], shown["challenge"]["enrollmentRequired"]) == ([], True)


async def test_the_last_administrator_can_be_neither_demoted_nor_deactivated(
    house: House, boss: Client, freya: Person
) -> None:
    await house.operator(MANAGER)
    before = await contents(house.portal.catalog, ATTEMPTS)
    demoted = {"operatorId": key_of(freya), "roles": ["SUPPORT"]}
    assert codes(await boss.do("changeOperatorRoles", demoted, SHOWN)) == ["CONFLICT"]
    gone = await boss.do("deactivateOperator", {"operatorId": key_of(freya)}, SHOWN)
    assert codes(gone) == ["CONFLICT"]
    assert await contents(house.portal.catalog, ATTEMPTS) == before


@pytest.mark.parametrize("mutation", ["changeOperatorRoles", "deactivateOperator"])
async def test_of_administrators_who_remove_each_other_at_once_one_stays(house: House, mutation: str) -> None:
    people = [await house.operator(ADMINISTRATOR, email=f"a{number}@vendor.example") for number in range(6)]
    clients = [await house.session(person) for person in people]
    given = {"roles": ["SUPPORT"]} if mutation == "changeOperatorRoles" else {}
    document = document_of(mutation)
    calls = [
        client.call(document, {"input": {"operatorId": key_of(people[(number + 1) % 6]), **given}})
        for number, client in enumerate(clients)
    ]
    await asyncio.gather(*calls)
    async with house.portal.catalog.read() as reader:
        rows = await reader.rows(operators())
    left = [row.id for row in rows if row.status == "ACTIVE" and "ADMINISTRATOR" in row.roles]
    assert 0 < len(left) < len(people)


async def test_a_pair_who_demote_each_other_at_once_leave_one_administrator(house: House) -> None:
    for turn in range(3):
        pair = [
            await house.operator(ADMINISTRATOR, email=f"p{turn}{number}@vendor.example") for number in (0, 1)
        ]
        clients = [await house.session(person) for person in pair]
        calls = [
            client.do("changeOperatorRoles", {"operatorId": key_of(other), "roles": ["SUPPORT"]}, SHOWN)
            for client, other in zip(clients, reversed(pair), strict=True)
        ]
        payloads = await asyncio.gather(*calls, return_exceptions=True)
        done = [payload for payload in payloads if isinstance(payload, dict) and not payload["errors"]]
        assert len(done) == 1
        viewers = [(await client.data(VIEWER))["viewer"]["roles"] for client in clients]
        assert sorted(viewers) == [["ADMINISTRATOR"], ["SUPPORT"]]
