"""Keys are replaced under a running portal, and nobody notices."""

import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx2
import pytest
from sqlalchemy import select

from auth import rotation
from auth.rotation import PUBLISHED_AHEAD
from auth.store import factor_seal
from tenants.accounts.credentials import ACCOUNT_TABLES
from tenants.catalog.operator_credentials import OPERATOR_TABLES
from tenants.databases.provisioning import drop_database
from tenants.databases.scopes import Scope
from tenants.mails.service import TENANT_MAILS, MailKind, Recipient, post_mail
from tests.cli.conftest import Slaportal
from tests.cli.installations import Command, commands, told
from tests.factories.portal import Customer, House

VIEWER = "{ viewer { __typename } }"
FACTORS = {True: OPERATOR_TABLES.factor, False: ACCOUNT_TABLES.factor}


@pytest.fixture
def run(house: House, slaportal: Slaportal) -> Command:
    return commands(house, slaportal)


async def sealed_by(scope: Scope, *, operators: bool = False) -> set[str]:
    """The keys that authenticators and waiting mails are sealed with."""
    async with scope.read() as reader:
        rows = list(await reader.rows(select(FACTORS[operators].c.secret)))
        if not operators:
            mails = TENANT_MAILS.c.content
            rows += await reader.rows(select(mails).where(mails.is_not(None)))
    return {row[0].partition(".")[0] for row in rows}


async def with_mail(house: House, customer: Customer) -> None:
    now = datetime.now(UTC)
    async with customer.scope.write() as session:
        to = Recipient(uuid4(), "anna@x.example", "Anna", "EN")
        await post_mail(session, house.portal.keys, MailKind.PASSWORD_CHANGED, to, {}, now)


async def test_a_rotated_signing_key_is_published_and_old_tokens_go_on(house: House, run: Command) -> None:
    customer = await house.tenant("acme")
    client = await customer.client()
    path = house.portal.settings.keys_path
    before = path.read_bytes()
    assert (await run("keys", "rotate", "signing")).exit_code == 0
    assert (await run("keys", "rotate", "signing", "--yes", "--dry-run")).exit_code == 0
    assert path.read_bytes() == before
    assert (await run("keys", "rotate", "signing", "--yes")).exit_code == 0
    assert (await client.data(VIEWER))["viewer"]
    answer: httpx2.Response = await house.http.get("/.well-known/jwks.json")
    assert answer.headers["cache-control"] == "public, max-age=300"
    kids = [key["kid"] for key in answer.json()["keys"]]
    assert len(kids) == 2
    assert {name for key in answer.json()["keys"] for name in key} == {"kty", "crv", "x", "kid", "use", "alg"}
    listed = json.loads((await run("keys", "list", "--json")).stdout)
    assert [(key["id"], key["state"]) for key in listed if key["kind"] == "signing"] == [
        (kids[0], "current"),
        (kids[1], "published"),
    ]
    refused = await run("keys", "rotate", "signing", "--yes")
    assert refused.exit_code == 1
    assert "waits for its moment" in told(refused)


async def test_a_key_that_signs_by_now_is_known_to_every_process(house: House) -> None:
    customer = await house.tenant("acme")
    past = datetime.now(UTC) - PUBLISHED_AHEAD - timedelta(minutes=1)
    made = rotation.rotate_signing(house.portal.settings.keys_path, past)
    assert (await (await house.sign_in(customer.owner)).data(VIEWER))["viewer"]
    assert house.portal.keys.signer(datetime.now(UTC)).kid == made.id


async def test_everything_is_sealed_anew_and_every_factor_goes_on_working(house: House, run: Command) -> None:
    customers = [await house.tenant("acme"), await house.tenant("bravo")]
    operator = await house.operator()
    await with_mail(house, customers[0])
    assert (await run("tenant", "suspend", "bravo")).exit_code == 0
    old = house.portal.keys.current_field
    assert (await run("keys", "rotate", "fields", "--yes")).exit_code == 0
    behind = await run("keys", "reseal", "--dry-run")
    assert told(behind) == "3 of 3 databases hold something that an older key sealed."
    for _ in range(2):
        assert (await run("keys", "reseal")).exit_code == 0
    house.portal.keys.follow()
    new = house.portal.keys.current_field
    assert new != old
    for customer in customers:
        scope = house.portal.tenants.upkeep_scope(customer.record)
        assert await sealed_by(scope) == {new}
    assert await sealed_by(house.portal.catalog, operators=True) == {new}
    for person in (customers[0].owner, operator):
        assert (await (await house.sign_in(person)).data(VIEWER))["viewer"]


async def test_stopped_halfway_both_halves_open(house: House, run: Command) -> None:
    first, second = await house.tenant("acme"), await house.tenant("bravo")
    path = house.portal.settings.keys_path
    old = house.portal.keys.current_field
    rotation.rotate_fields(path, datetime.now(UTC) - timedelta(hours=1))
    assert (await run("keys", "reseal")).exit_code == 0
    house.portal.keys.follow()
    await _seal_with(house, second, old)
    assert [await sealed_by(each.scope) for each in (first, second)] == [
        {house.portal.keys.current_field},
        {old},
    ]
    pruned = await run("keys", "prune", "--yes")
    assert told(pruned) == "0 keys dropped."
    for customer in (first, second):
        assert (await (await house.sign_in(customer.owner)).data(VIEWER))["viewer"]
    assert (await run("keys", "reseal")).exit_code == 0
    assert told(await run("keys", "prune")) == f"1 keys would be dropped: fields {old}. Say --yes to do it."
    assert told(await run("keys", "prune", "--yes")) == f"1 keys dropped: fields {old}."
    house.portal.keys.follow()
    assert old not in house.portal.keys.fields
    assert (await house.session(second.owner)).token
    async with second.scope.read() as reader:
        row = await reader.first(select(ACCOUNT_TABLES.factor))
    assert row is not None
    assert house.portal.keys.decrypt(row.secret, factor_seal(row.id)) == second.owner.secret


async def test_a_database_that_cannot_be_reached_keeps_every_field_key(house: House, run: Command) -> None:
    customer = await house.tenant("acme")
    rotation.rotate_fields(house.portal.settings.keys_path, datetime.now(UTC) - timedelta(hours=1))
    assert (await run("keys", "reseal")).exit_code == 0
    place = house.portal.settings.servers()["main"]
    await house.portal.engines.close()
    await drop_database(place, customer.record.placement.database)
    for command in (("keys", "prune", "--yes"), ("keys", "reseal")):
        refused = await run(*command)
        assert refused.exit_code == 1
        assert "acme: " in refused.stderr
    assert len(json.loads((await run("keys", "list", "--json")).stdout)) == 3


async def test_a_text_that_cannot_be_opened_is_told_and_the_others_are_sealed_anew(
    house: House, run: Command
) -> None:
    first, second = await house.tenant("acme"), await house.tenant("bravo")
    await with_mail(house, first)
    async with first.scope.write() as session:
        await session.execute(ACCOUNT_TABLES.factor.update().values(secret="AAAAAAAA.xxxx"))
    assert (await run("keys", "rotate", "fields", "--yes")).exit_code == 0
    done = await run("keys", "reseal")
    assert done.exit_code == 1
    assert "acme: 1 sealed texts cannot be opened" in done.stderr
    house.portal.keys.follow()
    new = house.portal.keys.current_field
    assert await sealed_by(first.scope) == {"AAAAAAAA", new}
    assert await sealed_by(second.scope) == {new}


async def test_a_compromised_key_is_for_signing_only(run: Command) -> None:
    assert (await run("keys", "rotate", "fields", "--compromised", "--yes")).exit_code == 2


async def test_a_stolen_signing_key_ends_every_access_token_and_no_session(
    house: House, run: Command
) -> None:
    customer = await house.tenant("acme")
    client = await customer.client()
    assert (await client.data(VIEWER))["viewer"]
    assert (await run("keys", "rotate", "signing", "--compromised", "--yes")).exit_code == 0
    assert (await client.call(VIEWER))["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    document = """mutation($input: RefreshSessionInput!) { refreshSession(input: $input) {
        session { accessToken } errors { code } } }"""
    answer = await house.call(
        document, {"input": {"refreshToken": client.refresh_token}}, Portal_Tenant="acme"
    )
    assert answer["data"]["refreshSession"]["errors"] == []


async def _seal_with(house: House, customer: Customer, key_id: str) -> None:
    """Puts the authenticator back under the older key, as if the command had been killed before it."""
    keys, factor = house.portal.keys, ACCOUNT_TABLES.factor
    async with customer.scope.write() as session:
        row = (await session.execute(select(factor.c.id, factor.c.secret))).one()
        plain = keys.decrypt(row.secret, factor_seal(row.id))
        current, keys.current_field = keys.current_field, key_id
        sealed = keys.encrypt(plain, factor_seal(row.id))
        keys.current_field = current
        await session.execute(factor.update().where(factor.c.id == row.id).values(secret=sealed))
