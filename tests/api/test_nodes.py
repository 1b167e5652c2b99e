"""Any object by its global id, and nothing for anything else."""

import base64
from typing import Any
from uuid import UUID, uuid4

import pytest
from graphql import GraphQLInterfaceType

from api.ids import encode_id
from api.schema import make_schema
from auth.permissions import OperatorRole
from tests.api.conftest import NewCustomer
from tests.factories.everything import ids_of_everything
from tests.factories.portal import Client, House
from tests.factories.tickets import History

NODE = """query($id: ID!) { node(id: $id) { __typename id ... on Ticket { status requester { name } }
  ... on Contact { name } ... on Account { name } ... on Agent { name } ... on Organization { slug }
  ... on Contract { reference policy { key } } ... on HourCard { balanceHours }
  ... on AuditEntry { actorKind }
  ... on TimelineEntry { kind by { ... on Account { name } } }
  ... on ConsultancyRequest { progress: status ticket { id } } } }"""
NOWHERE = UUID("01a20067-3478-79b5-86b7-e09755a42d15")
NODES = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"
FOUND: dict[str, dict[str, Any]] = {
    "Ticket": {"status": "NEW", "requester": {"name": "Anna de Vries"}},
    "Contact": {"name": "Carla Claes"},
    "Account": {"name": "Anna de Vries"},
    "Agent": {"name": "Jan Jansen"},
    "Contract": {"policy": {"key": "qixium"}},
    "HourCard": {"balanceHours": "8"},
    "ConsultancyRequest": {"progress": "QUOTED"},
    "Organization": {},
    "AuditEntry": {},
    "TimelineEntry": {"kind": "REGISTERED", "by": {"name": "Anna de Vries"}},
}
NOT_MADE_YET = {"Integration"}
"""Types of which nothing exists, so that no id is handed out."""


@pytest.fixture(scope="module")
async def everything(shared_house: House, new_customer: NewCustomer) -> tuple[Client, dict[str, str]]:
    """A customer with one of each, seen by its owner, and their ids by type."""
    customer = await new_customer()
    ids = await ids_of_everything(customer, await shared_house.operator())
    return await customer.client(), ids


@pytest.mark.parametrize("type_name", FOUND)
async def test_a_node_is_found_by_its_id_with_what_is_asked_of_its_type(
    everything: tuple[Client, dict[str, str]], type_name: str
) -> None:
    client, ids = everything
    node = (await client.data(NODE, {"id": ids[type_name]}))["node"]
    assert (node["__typename"], node["id"]) == (type_name, ids[type_name])
    assert {name: node[name] for name in FOUND[type_name]} == FOUND[type_name]
    assert node.get("ticket", {"id": ids["Ticket"]}) == {"id": ids["Ticket"]}


async def test_a_policy_of_the_own_contract_is_a_node_and_another_is_not(
    everything: tuple[Client, dict[str, str]], new_customer: NewCustomer
) -> None:
    client, _ = everything
    asked = "{ organization { contract { policy { id } } } }"
    own = (await client.data(asked))["organization"]["contract"]["policy"]["id"]
    assert (await client.data(NODE, {"id": own}))["node"] == {"__typename": "Policy", "id": own}
    other = await (await new_customer("oxygis", "STANDARD")).client()
    assert (await other.data(NODE, {"id": own}))["node"] is None


async def test_nodes_come_in_the_order_of_their_ids_with_null_for_what_is_not_there(
    everything: tuple[Client, dict[str, str]],
) -> None:
    client, ids = everything
    asked = [ids["Ticket"], encode_id("Ticket", NOWHERE), ids["HourCard"], "nonsense", ids["Ticket"]]
    nodes = (await client.data(NODES, {"ids": asked}))["nodes"]
    assert [node and node["__typename"] for node in nodes] == ["Ticket", None, "HourCard", None, "Ticket"]


async def test_more_than_a_hundred_ids_at_once_are_refused(
    everything: tuple[Client, dict[str, str]],
) -> None:
    client, ids = everything
    assert len((await client.data(NODES, {"ids": [ids["Ticket"]] * 100}))["nodes"]) == 100
    answer = await client.call(NODES, {"ids": [ids["Ticket"]] * 101})
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]


def _raw(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


KEY = NOWHERE.bytes


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "1",
        "nonsense",
        "é" * 20,
        "A" * 50_000,
        "../../etc/passwd",
        str(NOWHERE),
        _raw(b"Ticket"),
        _raw(b"Ticket:"),
        _raw(b":" + KEY),
        _raw(b"Ticket:" + KEY + b"\n"),
        _raw(b"ticket:" + KEY),
        _raw(b"Nothing:" + KEY),
        _raw(b"TenantIdentity:" + KEY),
        _raw(b"T\xffcket:" + KEY),
        encode_id("Ticket", NOWHERE) + "=",
        encode_id("Ticket", NOWHERE) + "\n",
    ],
)
async def test_what_is_no_id_finds_nothing(everything: tuple[Client, dict[str, str]], text: str) -> None:
    client, _ = everything
    assert await client.call(NODE, {"id": text}) == {"data": {"node": None}}


async def test_each_type_of_node_can_be_opened_by_an_id_that_was_handed_out(
    shared_house: House, new_customer: NewCustomer
) -> None:
    customer = await new_customer()
    operator = await shared_house.operator(*OperatorRole, email="olga@vendor.example")
    ids = await ids_of_everything(customer, operator)
    client = await shared_house.session(operator, customer.record.slug)
    told = await client.data("""{ viewer { ... on Operator { id } } policies { id }
      console { tenants { nodes { id } } workQueue { nodes { id } } auditLog { nodes { id } } } }""")
    ids |= {"Operator": told["viewer"]["id"], "Policy": told["policies"][0]["id"]}
    ids["ConsoleAuditEntry"] = told["console"]["auditLog"]["nodes"][0]["id"]
    assert {"id": ids["Tenant"]} in told["console"]["tenants"]["nodes"]
    assert {"id": ids["WorkQueueItem"]} in told["console"]["workQueue"]["nodes"]
    found = (await client.data(NODES, {"ids": list(ids.values())}))["nodes"]
    assert found == [{"__typename": name, "id": key} for name, key in ids.items()]
    schema = make_schema()._schema
    interface = schema.type_map["Node"]
    assert isinstance(interface, GraphQLInterfaceType)
    nodes = {kind.name for kind in schema.get_possible_types(interface)}
    assert nodes - NOT_MADE_YET == ids.keys()


async def test_an_internal_note_is_a_node_for_the_vendor_and_nothing_for_the_customer(
    shared_house: House, new_customer: NewCustomer
) -> None:
    customer = await new_customer()
    operator = await shared_house.operator(email="otto@vendor.example")
    story = await (await History.of(customer, operator)).register("2026-03-10 09:00")
    await story.answer("2026-03-10 09:10", "Eerst het log nakijken.", internal=True)
    theirs = await shared_house.session(operator, customer.record.slug)
    asked = "query($number: String!) { ticket(number: $number) { timeline(last: 1) { nodes { id } } } }"
    told = await theirs.data(asked, {"number": story.number})
    (note,) = told["ticket"]["timeline"]["nodes"]
    opened = "query($id: ID!) { node(id: $id) { ... on TimelineEntry { body internal } } }"
    assert await theirs.data(opened, note) == {"node": {"body": "Eerst het log nakijken.", "internal": True}}
    assert await (await customer.client()).data(opened, note) == {"node": None}


@pytest.mark.parametrize("type_name", ["Tenant", "WorkQueueItem", "Operator"])
async def test_what_lies_on_the_vendors_plane_is_no_node_for_a_customer(
    everything: tuple[Client, dict[str, str]], shared_house: House, type_name: str
) -> None:
    client, ids = everything
    if type_name == "Operator":
        email = f"{uuid4().hex}@vendor.example"
        ids = {**ids, "Operator": encode_id("Operator", (await shared_house.operator(email=email)).id)}
    answer: Any = await client.call(NODE, {"id": ids[type_name]})
    assert answer == {"data": {"node": None}}


async def test_what_the_catalog_tells_of_another_tenant_is_no_node_at_work_in_this_one(
    everything: tuple[Client, dict[str, str]], shared_house: House, new_customer: NewCustomer
) -> None:
    _, ids = everything
    operator = await shared_house.operator(email="piet@vendor.example")
    elsewhere = await shared_house.session(operator, (await new_customer()).record.slug)
    asked = [ids["Tenant"], ids["WorkQueueItem"]]
    assert (await elsewhere.data(NODES, {"ids": asked}))["nodes"] == [None, None]
