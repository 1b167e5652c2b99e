"""A customer is made whole or not at all, whoever orders it and whatever goes wrong."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from auth.permissions import OperatorRole
from tenants.catalog.directory import TenantRecord
from tenants.catalog.errors import BadSlug, SlugTaken
from tenants.catalog.models import TenantStatus
from tenants.catalog.queries import all_tenants
from tenants.databases.administration import administering
from tenants.databases.provisioning import database_exists
from tenants.databases.revisions import TENANT_HEAD
from tenants.databases.servers import PostgresServer, Server, SqliteServer
from tenants.provisioning.errors import UnknownAgreement, UnknownTierOfAgreement
from tenants.provisioning.orders import LEASE, checked_order
from tenants.provisioning.service import finish_order, take_back, work_orders
from tenants.refusals import Malformed, Missing, Refusal, TooLong
from tenants.tables import TenantTable
from tests.factories.acts import run_act
from tests.factories.disk import refused_for_room
from tests.factories.mails import mails_in
from tests.factories.portal import House, Person
from tests.tenants.provisioning.conftest import GIVEN, ordered, tenants

NOW = datetime.now(UTC)  # an invitation runs out, and is answered at the time of day
LATER = timedelta(minutes=15)
PROVISION = """mutation($input: ProvisionTenantInput!) { provisionTenant(input: $input) {
  tenant { id slug status } errors { code message path } } }"""
INPUT = {
    "slug": "acme",
    "name": "Acme BV",
    "locale": "NL",
    "policyKey": "qixium",
    "tier": "SUPPORT",
    "administratorEmail": "Anna@acme.example",
    "administratorName": "Anna de Vries",
}
STEPS = {
    "sqlite": [
        "ordered", "template copied", "identity written", "file in place", "customer founded", "customer active",
    ],
    "postgres": [
        "ordered", "database copied", "role made", "identity written", "customer founded", "customer active",
    ],
}  # fmt: skip


async def make(house: House, **changed: Any) -> TenantRecord:
    tenant_id = await ordered(house, lease=True, now=NOW, **changed)
    await finish_order(house.portal.workshop(), tenant_id, NOW)
    return await house.portal.tenants.fresh(tenant_id)


async def invitation_of(house: House, slug: str = "acme") -> str:
    """The token of the one mail with an invitation that waits to be sent."""
    scope = house.portal.tenants.upkeep_scope(await house.portal.tenants.fresh_by_slug(slug))
    (mail,) = await mails_in(scope, house.portal.keys)
    return mail.values["token"]


async def check_served(house: House, slug: str = "acme") -> None:
    """The administrator comes in with the invitation of the mail that waits."""
    given = {"token": await invitation_of(house, slug), "password": "een lange zin voor de deur"}
    document = """mutation($input: AcceptInvitationInput!) { acceptInvitation(input: $input) {
      challenge { token enrollmentRequired } errors { code } } }"""
    answer = await house.call(document, {"input": given}, Portal_Tenant=slug)
    payload = answer["data"]["acceptInvitation"]
    assert payload["errors"] == []
    assert payload["challenge"]["enrollmentRequired"]


async def test_a_customer_has_from_its_first_moment_what_it_needs_to_work(house: House) -> None:
    tenant = await make(house)
    assert (tenant.status, tenant.epoch) == (TenantStatus.ACTIVE, 1)
    async with house.portal.tenants.scope(tenant).read() as reader:
        for name in ("organization", "contract", "contact", "account", "invitation"):
            counted = select(func.count()).select_from(TenantTable.metadata.tables[name])
            assert await reader.scalar(counted) == 1, name
    await check_served(house)


async def test_fifty_orders_of_one_slug_at_once_make_one_customer(house: House) -> None:
    names = [f"Acme {number}" for number in range(50)]
    found = await asyncio.gather(*(make(house, name=name) for name in names), return_exceptions=True)
    made = [one for one in found if isinstance(one, TenantRecord)]
    assert len(made) == 1
    assert {type(one) for one in found} == {TenantRecord, SlugTaken}
    assert [tenant.id for tenant in await all_tenants(house.portal.catalog)] == [made[0].id]
    await check_served(house)


async def test_fifty_equal_orders_at_once_make_one_customer(house: House) -> None:
    found = await asyncio.gather(*(make(house) for _ in range(50)), return_exceptions=True)
    assert sum(isinstance(one, TenantRecord) for one in found) == 1
    assert {type(one) for one in found} == {TenantRecord, SlugTaken}
    await check_served(house)


async def test_fifty_slugs_at_once_make_fifty_customers(house: House) -> None:
    made = await asyncio.gather(*(make(house, slug=f"acme-{number}") for number in range(50)))
    assert len({tenant.placement.database for tenant in made}) == 50
    assert len({await invitation_of(house, tenant.slug) for tenant in made}) == 50


@pytest.mark.long
@pytest.mark.parametrize("step", range(6))
async def test_what_a_crash_leaves_is_finished_by_the_worker(server: Server, house: House, step: int) -> None:
    kind = "sqlite" if isinstance(server, SqliteServer) else "postgres"
    run_act(house.portal.settings, "create", GIVEN, STEPS[kind][step])
    later = datetime.now(UTC) + LEASE
    house.portal.tenants._seen.clear()
    await work_orders(house.portal.workshop(), later)
    (tenant,) = await tenants(house)
    assert tenant.status is TenantStatus.ACTIVE
    await check_served(house)
    async with house.portal.tenants.scope(tenant).read() as reader:
        assert (
            await reader.scalar(select(func.count()).select_from(TenantTable.metadata.tables["account"])) == 1
        )


@pytest.mark.long
async def test_the_steps_that_are_killed_are_all_there_are(server: Server, house: House) -> None:
    kind = "sqlite" if isinstance(server, SqliteServer) else "postgres"
    assert run_act(house.portal.settings, "create", GIVEN) == STEPS[kind]


async def test_the_same_order_again_finishes_what_a_crash_left(server: Server, house: House) -> None:
    step = "template copied" if isinstance(server, SqliteServer) else "database copied"
    run_act(house.portal.settings, "create", GIVEN, step)
    now = datetime.now(UTC)
    with pytest.raises(SlugTaken):  # as long as the first one may still be at it
        await ordered(house, lease=True, now=now)
    tenant_id = await ordered(house, lease=True, now=now + LEASE)
    await finish_order(house.portal.workshop(), tenant_id, now + LEASE)
    (tenant,) = await tenants(house)
    assert tenant.status is TenantStatus.ACTIVE
    await check_served(house)


@pytest.mark.parametrize(
    ("changed", "refused"),
    [
        ({"slug": slug}, BadSlug)
        for slug in ("../acme", "%2e%2e", "a/b", "Acme", "acme\x00", "x" * 300, "console", "", "a", "é", "-a", "a-")
    ]
    + [
        ({"name": ""}, Missing),
        ({"name": "x" * 201}, TooLong),
        ({"name": "Acme\nBV"}, Malformed),
        ({"policy_key": "nobodys"}, UnknownAgreement),
        ({"tier": "GOLD"}, UnknownTierOfAgreement),
        ({"tier": None}, UnknownTierOfAgreement),
        ({"administrator_email": "anna"}, Malformed),
        ({"administrator_email": "anna@acme.example\r\nBcc: all@acme.example"}, Malformed),
        ({"administrator_name": "  "}, Missing),
    ],
)  # fmt: skip
@pytest.mark.parametrize("server", ["sqlite"], indirect=True)  # nothing gets as far as the database
async def test_an_order_that_cannot_be_carried_out_is_refused_before_anything_is_made(
    house: House, changed: dict[str, Any], refused: type[Refusal]
) -> None:
    with pytest.raises(refused):
        checked_order(house.portal.library, **(GIVEN | changed), now=NOW)
    assert await all_tenants(house.portal.catalog) == []


async def test_a_server_that_is_away_leaves_the_order_for_later(
    server: Server, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant_id = await ordered(house, lease=False, now=NOW)
    shop = house.portal.workshop()
    real = shop.engines._servers["main"]
    if isinstance(server, PostgresServer):
        away: Server = PostgresServer("main", "postgresql://postgres@127.0.0.1:9/postgres")
    else:
        blocked = house.portal.settings.data / "a-file"
        blocked.touch()
        away = SqliteServer("main", blocked / "below-a-file")
    monkeypatch.setitem(shop.engines._servers, "main", away)
    assert await work_orders(shop, NOW) == 0
    assert await work_orders(shop, NOW + timedelta(seconds=1)) == 0
    assert (await house.portal.tenants.fresh(tenant_id)).status is TenantStatus.PROVISIONING
    monkeypatch.setitem(shop.engines._servers, "main", real)
    assert await work_orders(shop, NOW + LATER) == 1
    await check_served(house)


async def test_an_order_that_is_taken_back_leaves_nothing(server: Server, house: House) -> None:
    tenant_id = await ordered(house, lease=True, now=NOW)
    home = (await house.portal.tenants.fresh(tenant_id)).placement
    await take_back(house.portal.workshop(), tenant_id, NOW)
    assert await all_tenants(house.portal.catalog) == []
    assert not await database_exists(server, home.database)
    await make(house)


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)  # a server's disk is not ours to fill
async def test_a_full_disk_leaves_nothing_behind_and_is_told_in_one_line(house: House) -> None:
    """The limit on the size of files stands for the disk: the template is larger than what may be written."""
    await make(house, slug="template-is-there")
    before = sorted(path.name for path in house.portal.settings.data.glob("databases/t_*"))
    arguments = ["create", "acme", "--name", "Acme", "--policy", "qixium", "--tier", "SUPPORT"]
    administrator = ["--admin-email", "anna@acme.example", "--admin-name", "Anna"]
    refused_for_room(house.portal.settings, 100_000, "tenant", *arguments, *administrator)
    assert sorted(path.name for path in house.portal.settings.data.glob("databases/t_*")) == before
    assert [tenant.slug for tenant in await all_tenants(house.portal.catalog)] == ["template-is-there"]


async def test_only_the_vendors_administrators_order_and_the_worker_finishes(house: House) -> None:
    boss = await house.operator(OperatorRole.ADMINISTRATOR, email="freya@vendor.example")
    other = await house.operator(OperatorRole.SUPPORT, OperatorRole.SAAS_TEAM)
    assert (await provision(house, other, INPUT))["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert await all_tenants(house.portal.catalog) == []
    payload = (await provision(house, boss, INPUT))["data"]["provisionTenant"]
    assert payload["errors"] == []
    assert payload["tenant"]["status"] == "PROVISIONING"
    assert await work_orders(house.portal.workshop(), datetime.now(UTC)) == 1
    (tenant,) = await tenants(house)
    assert (tenant.slug, tenant.status) == ("acme", TenantStatus.ACTIVE)
    await check_served(house)


async def test_a_retry_of_an_order_with_its_key_is_the_same_order(house: House) -> None:
    boss = await house.operator(OperatorRole.ADMINISTRATOR)
    given = INPUT | {"idempotencyKey": "k1"}
    answers = await asyncio.gather(*(provision(house, boss, given) for _ in range(10)))
    assert len({answer["data"]["provisionTenant"]["tenant"]["id"] for answer in answers}) == 1
    assert len(await all_tenants(house.portal.catalog)) == 1
    other = (await provision(house, boss, given | {"name": "Other"}))["data"]["provisionTenant"]
    assert [error["code"] for error in other["errors"]] == ["CONFLICT"]


async def provision(house: House, person: Person, given: dict[str, Any]) -> Any:
    client = await house.session(person)
    return await client.call(PROVISION, {"input": given})


async def test_what_is_wrong_with_an_order_is_told_field_by_field(house: House) -> None:
    boss = await house.operator(OperatorRole.ADMINISTRATOR)
    for changed, code, path in (
        ({"slug": "../acme"}, "INVALID", ["slug"]),
        ({"policyKey": "nobodys"}, "NOT_FOUND", ["policyKey"]),
        ({"tier": "GOLD"}, "INVALID", ["tier"]),
        ({"administratorEmail": "anna"}, "INVALID", ["administratorEmail"]),
    ):
        payload = (await provision(house, boss, INPUT | changed))["data"]["provisionTenant"]
        assert [(error["code"], error["path"]) for error in payload["errors"]] == [(code, path)]
    assert await all_tenants(house.portal.catalog) == []


@pytest.mark.parametrize("server", ["postgres"], indirect=True)  # a file has no roles
async def test_a_database_that_was_half_made_by_hand_is_completed(server: Server, house: House) -> None:
    """Somebody ran CREATE DATABASE and stopped: neither its role nor its identity is there."""
    assert isinstance(server, PostgresServer)
    await make(house, slug="template-is-there")
    tenant_id = await ordered(house, lease=True, now=NOW)
    home = (await house.portal.tenants.fresh(tenant_id)).placement
    async with administering(server) as connection:
        name = f"slaportal_template_tenant_{TENANT_HEAD}"
        await connection.exec_driver_sql(f'CREATE DATABASE "{home.database}" TEMPLATE "{name}"')
    await finish_order(house.portal.workshop(), tenant_id, NOW)
    assert (await house.portal.tenants.fresh(tenant_id)).status is TenantStatus.ACTIVE


async def test_a_tenant_that_is_not_there_yet_cannot_be_finished_twice(house: House) -> None:
    tenant = await make(house)
    await finish_order(house.portal.workshop(), tenant.id, NOW)
    with pytest.raises(SlugTaken):
        await ordered(house, lease=True, now=NOW)
