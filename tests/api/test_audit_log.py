"""Who answers for a customer's accounts reads what was done there, by whom and when."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from auth.permissions import OperatorRole, Permission
from tenants.accounts.models import Account
from tenants.tables import table
from tests.api.conftest import NewCustomer
from tests.factories.portal import Client, Customer, House

ENTRY = """at event actorKind subjectType subjectId detail before after address requestId sequence seal sealedAt
  actor { __typename ... on Account { id name } ... on Agent { name } ... on System { name } }"""
LOG = f"""query($first: Int, $after: String, $last: Int, $before: String, $filter: AuditLogFilter) {{
  organization {{ slug auditLog(first: $first, after: $after, last: $last, before: $before, filter: $filter) {{
    totalCount nodes {{ id {ENTRY} }} pageInfo {{ hasNextPage endCursor startCursor }} }} }} }}"""
CONSOLE = """query($filter: AuditLogFilter) { console { operators { name } auditLog(filter: $filter) {
  totalCount nodes { event actorKind actor { __typename ... on Operator { name } } subjectType } } } }"""


@pytest.fixture
async def customer(new_customer: NewCustomer) -> Customer:
    return await new_customer()


async def log(client: Client, **given: Any) -> list[dict[str, Any]]:
    found = await client.data(LOG, given)
    nodes: list[dict[str, Any]] = found["organization"]["auditLog"]["nodes"]
    return nodes


@pytest.mark.clause("OX-017")
async def test_rights_that_an_administrator_grants_are_read_with_actor_and_instant(
    customer: Customer,
) -> None:
    client, rights = await customer.client(), ["READ", "REGISTER_TICKETS"]
    invited = await client.do(
        "inviteAccount",
        {"email": "bea@x.example", "name": "Bea Bos", "permissions": rights},
        "account { id }",
    )
    named = await client.do(
        "nameContact",
        {"name": "Carla Claes", "email": "c@x.example", "phone": "030 123 45 67"},
        "contact { id }",
    )
    viewer = (await client.data("{ viewer { ... on Account { id name } } }"))["viewer"]
    about = {"filter": {"subjectId": invited["account"]["id"], "event": ["user_created"]}}
    (granted,) = await log(client, **about)
    assert json.loads(granted["detail"])["permissions"] == rights
    (contact,) = await log(client, filter={"subjectId": named["contact"]["id"]})
    assert contact["event"] == "contact_named"
    for entry in (granted, contact):
        assert entry["actor"] == {"__typename": "Account", **viewer}
        assert abs(datetime.fromisoformat(entry["at"]) - datetime.now(UTC)) < timedelta(minutes=1)
        assert entry["requestId"]


async def test_who_manages_no_accounts_reads_everything_but_the_record(customer: Customer) -> None:
    person = await customer.contact("Bea Bos", (Permission.READ, Permission.REGISTER_TICKETS))
    answer = await (await customer.house.session(person)).call(LOG, {})
    assert answer["data"]["organization"] == {"slug": customer.record.slug, "auditLog": None}
    (error,) = answer["errors"]
    assert (error["extensions"]["code"], error["path"]) == ("FORBIDDEN", ["organization", "auditLog"])


async def test_the_right_alone_is_not_enough_without_being_a_named_contact(customer: Customer) -> None:
    person = await customer.contact("Bea Bos")
    client = await customer.client()
    contacts = (await client.data("{ organization { contacts { id name } } }"))["organization"]["contacts"]
    (key,) = [each["id"] for each in contacts if each["name"] == "Bea Bos"]
    own = await customer.house.session(person)
    assert await log(own)
    await client.do("removeContact", {"contactId": key}, "contact { id }")
    assert (await own.call(LOG, {}))["data"]["organization"]["auditLog"] is None


async def test_an_operator_at_work_is_on_the_record_that_the_customer_reads(
    shared_house: House, customer: Customer
) -> None:
    operator = await shared_house.operator(email=f"{customer.record.slug}@vendor.example")
    at_work = await shared_house.session(operator, customer.record.slug)
    for client in (at_work, await customer.client()):
        (opened,) = await log(client, filter={"event": ["work_session_opened"]})
        assert opened["actor"] == {"__typename": "Agent", "name": "Jan Jansen"}
        assert (opened["actorKind"], opened["subjectType"]) == ("AGENT", "WorkSession")


async def test_the_record_is_read_page_by_page_newest_first(customer: Customer) -> None:
    client = await customer.client()
    for number in range(3):
        given = {"email": f"p{number}@x.example", "name": "P", "permissions": []}
        await client.do("inviteAccount", given, "account { id }")
    everything = await log(client, first=100)
    assert [entry["at"] for entry in everything] == sorted((e["at"] for e in everything), reverse=True)
    found, after = [], None
    while True:
        page = (await client.data(LOG, {"first": 2, "after": after}))["organization"]["auditLog"]
        assert page["totalCount"] == len(everything)
        found += page["nodes"]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert found == everything
    last = (await client.data(LOG, {"last": 2}))["organization"]["auditLog"]
    assert last["nodes"] == everything[-2:]


async def test_moments_bound_the_record(customer: Customer) -> None:
    client = await customer.client()
    newest, *rest = await log(client)
    assert newest not in await log(client, filter={"until": newest["at"]})
    assert newest in await log(client, filter={"from": newest["at"]})
    assert rest
    assert await log(client, filter={"event": ["'; --", "É"]}) == []
    assert await log(client, filter={"subjectId": "nonsense"}) == []
    assert (await client.call(LOG, {"filter": {"from": "2026-01-01T00:00:00"}}))["errors"]


async def test_an_actor_is_called_by_the_name_that_the_account_has_now(customer: Customer) -> None:
    client = await customer.client()
    await client.do(
        "inviteAccount", {"email": "p@x.example", "name": "P", "permissions": []}, "account { id }"
    )
    async with customer.scope.write() as session:
        renamed = update(Account).where(table(Account).c.id == customer.owner.id)
        await session.execute(renamed.values(name="Somebody else"))
    (entry,) = await log(client, first=1, filter={"event": ["user_created"]})
    assert entry["actor"]["name"] == "Somebody else"


async def test_the_vendors_administrators_read_the_vendors_own_record(shared_house: House) -> None:
    boss = await shared_house.operator(OperatorRole.ADMINISTRATOR, email="baas@vendor.example")
    await shared_house.sign_in(boss)
    client = await shared_house.session(boss)
    wanted = {"filter": {"event": ["authn_login_success"]}}
    console = (await client.data(CONSOLE, wanted))["console"]
    assert console["auditLog"]["totalCount"] >= 1
    entry = console["auditLog"]["nodes"][0]
    assert entry["actor"] == {"__typename": "Operator", "name": "Jan Jansen"}


async def test_other_operators_read_the_console_without_it(shared_house: House) -> None:
    operator = await shared_house.operator(OperatorRole.SAAS_TEAM, email="saas@vendor.example")
    answer = await (await shared_house.session(operator)).call(CONSOLE, {})
    assert answer["data"]["console"]["auditLog"] is None
    assert answer["data"]["console"]["operators"]
    (error,) = answer["errors"]
    assert (error["extensions"]["code"], error["path"]) == ("FORBIDDEN", ["console", "auditLog"])
