"""The vendor's plane: the open work of all tenants, without a customer's word."""

from typing import Any

import pytest

from auth.permissions import OperatorRole
from sla.vocabulary import TicketStatus, TicketType
from tenants.acts import SYSTEM
from tenants.catalog.models import TenantStatus
from tenants.catalog.service import set_status
from tests.api.conftest import NewCustomer
from tests.factories.portal import Client, Customer, House, Person
from tests.factories.tickets import History, local

QUEUE = """query($filter: WorkQueueFilter, $first: Int, $after: String) { console { workQueue(
    filter: $filter, first: $first, after: $after) { totalCount pageInfo { hasNextPage endCursor }
  nodes { tenantSlug ticketId number type status priorityKey late nextDueAt registeredAt
    responseState responseDueAt resolutionState resolutionDueAt } } } }"""
TENANTS = """query($search: String, $first: Int, $after: String) { console {
  tenants(search: $search, first: $first, after: $after) {
    nodes { slug status policyKey } totalCount pageInfo { hasNextPage endCursor } } } }"""


@pytest.fixture(scope="module")
async def operator(shared_house: House) -> Person:
    return await shared_house.operator(OperatorRole.SUPPORT)


@pytest.fixture(scope="module")
async def console(shared_house: House, operator: Person) -> Client:
    return await shared_house.session(operator)


@pytest.fixture(scope="module")
async def customers(new_customer: NewCustomer, operator: Person) -> tuple[Customer, Customer]:
    """Two customers with two open tickets each, and a closed one of the first."""
    first, second = await new_customer(), await new_customer("oxygis", "STANDARD")
    past = await History.of(first, operator)
    await past.register("2026-03-10 09:00", subject="Geheim recept")
    waiting = await past.register("2026-03-09 09:00", TicketType.BUG)
    await waiting.answer("2026-03-09 10:00")
    await waiting.status("2026-03-09 10:00", TicketStatus.WAITING_FOR_CUSTOMER)
    closed = await past.register("2026-03-11 09:00")
    await closed.close("2026-03-11 10:00")
    other = await History.of(second, operator)
    await other.register("2026-03-10 08:00", TicketType.QUESTION)
    await other.register("2026-03-11 08:00", TicketType.QUESTION)
    assert await first.deliver()
    assert await second.deliver()
    return first, second


async def queue(console: Client, **variables: Any) -> Any:
    return (await console.data(QUEUE, variables))["console"]["workQueue"]


async def test_the_queue_holds_the_open_tickets_of_every_tenant_and_no_words_of_theirs(
    console: Client, customers: tuple[Customer, Customer]
) -> None:
    found = await queue(console)
    first, second = (customer.record.slug for customer in customers)
    assert [item["tenantSlug"] for item in found["nodes"]].count(first) == 2
    assert [item["tenantSlug"] for item in found["nodes"]].count(second) == 2
    assert found["totalCount"] == 4
    assert "Geheim" not in str(found)


async def test_the_earliest_due_moment_comes_first_and_what_waits_comes_last(
    console: Client, customers: tuple[Customer, Customer]
) -> None:
    nodes = (await queue(console))["nodes"]
    dues = [item["nextDueAt"] for item in nodes]
    first = nodes[0]
    assert first["tenantSlug"] == customers[0].record.slug
    assert (first["status"], first["priorityKey"], first["late"]) == ("NEW", "NORMAL", True)
    assert first["nextDueAt"] == first["responseDueAt"] == local("2026-03-10 13:00").isoformat()
    assert first["resolutionDueAt"] == local("2026-03-12 09:00").isoformat()
    assert dues[1:] == [None, None, None]
    waiting = next(item for item in nodes if item["status"] == "WAITING_FOR_CUSTOMER")
    assert (waiting["responseState"], waiting["resolutionState"], waiting["late"]) == ("MET", "PAUSED", False)


async def test_the_queue_can_be_narrowed(console: Client, customers: tuple[Customer, Customer]) -> None:
    first, second = (customer.record.slug for customer in customers)
    assert (await queue(console, filter={"tenantSlug": [second]}))["totalCount"] == 2
    assert (await queue(console, filter={"status": ["WAITING_FOR_CUSTOMER"]}))["totalCount"] == 1
    assert (await queue(console, filter={"priorityKey": ["NORMAL"]}))["totalCount"] == 2
    assert (await queue(console, filter={"late": True}))["totalCount"] == 1
    assert (await queue(console, filter={"late": False, "tenantSlug": [first]}))["totalCount"] == 1
    assert (await queue(console, filter={"tenantSlug": ["nobody"]}))["nodes"] == []
    answer = await console.call(QUEUE, {"filter": {"tenantSlug": [f"t{number}" for number in range(101)]}})
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]


async def test_pages_of_the_queue_hold_each_ticket_once(
    console: Client, customers: tuple[Customer, Customer]
) -> None:
    assert customers
    whole = [item["ticketId"] for item in (await queue(console))["nodes"]]
    found: list[str] = []
    page: Any = {"pageInfo": {"hasNextPage": True, "endCursor": None}}
    while page["pageInfo"]["hasNextPage"]:
        page = await queue(console, first=1, after=page["pageInfo"]["endCursor"])
        found += [item["ticketId"] for item in page["nodes"]]
    assert found == whole


async def test_a_ticket_of_the_queue_opens_in_its_tenant(
    shared_house: House, operator: Person, customers: tuple[Customer, Customer], console: Client
) -> None:
    item = (await queue(console, filter={"late": True}))["nodes"][0]
    client = await shared_house.session(operator, customers[0].record.slug)
    found = await client.data("query($id: ID!) { node(id: $id) { ... on Ticket { number subject } } }", {
        "id": item["ticketId"]
    })  # fmt: skip
    assert found["node"] == {"number": item["number"], "subject": "Geheim recept"}


async def test_the_work_of_a_suspended_tenant_is_not_on_the_queue(
    shared_house: House, console: Client, new_customer: NewCustomer, operator: Person
) -> None:
    customer = await new_customer()
    await (await History.of(customer, operator)).register("2026-03-10 09:00")
    await customer.deliver()
    mine = {"tenantSlug": [customer.record.slug]}
    assert (await queue(console, filter=mine))["totalCount"] == 1
    catalog, tenant_id = shared_house.portal.catalog, customer.record.id
    for status, seen in ((TenantStatus.SUSPENDED, 0), (TenantStatus.ACTIVE, 1)):
        now = local("2026-03-10 12:00")
        await set_status(catalog, tenant_id, status, actor=SYSTEM, now=now)
        assert (await queue(console, filter=mine))["totalCount"] == seen


async def test_tenants_are_found_by_part_of_their_name_and_paged(
    console: Client, customers: tuple[Customer, Customer]
) -> None:
    slug = customers[1].record.slug
    found = (await console.data(TENANTS, {"search": slug[3:]}))["console"]["tenants"]
    assert found["nodes"] == [{"slug": slug, "status": "ACTIVE", "policyKey": "oxygis"}]
    page = (await console.data(TENANTS, {"first": 1}))["console"]["tenants"]
    assert page["totalCount"] >= 2
    assert page["pageInfo"]["hasNextPage"] is True
    after = page["pageInfo"]["endCursor"]
    rest = (await console.data(TENANTS, {"first": 100, "after": after}))["console"]["tenants"]
    assert len(rest["nodes"]) == page["totalCount"] - 1
    assert page["nodes"][0] not in rest["nodes"]


async def test_one_tenant_is_found_by_its_slug(
    console: Client, customers: tuple[Customer, Customer], operator: Person
) -> None:
    asked = "query($slug: String!) { console { tenant(slug: $slug) { slug name } operators { email } } }"
    data = await console.data(asked, {"slug": customers[0].record.slug})
    assert data["console"]["tenant"] == {
        "slug": customers[0].record.slug,
        "name": customers[0].record.name,
    }
    assert {"email": operator.email} in data["console"]["operators"]
    assert (await console.data(asked, {"slug": "no-such"}))["console"]["tenant"] is None
