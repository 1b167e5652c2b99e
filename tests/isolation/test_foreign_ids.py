"""An id of another tenant is answered like one that never was: the same bytes, and nothing changed."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from graphql import GraphQLID, GraphQLInputObjectType, GraphQLNonNull, GraphQLSchema, get_named_type

from api.ids import encode_id
from api.schema import make_schema
from tests.factories.contents import contents
from tests.factories.portal import ERRORS, Client
from tests.isolation.conftest import Neighbours, bearer, post

NODE = "query($id: ID!) { node(id: $id) { __typename id } }"
NODES = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"
DAY = datetime.now(UTC).date().isoformat()

# Mutation, the field that takes an id, the type of the id, the rest of the input, who asks.
TICKET, REQUEST = "Ticket", "ConsultancyRequest"
PERSON = {"name": "X", "email": "x@x.example", "phone": "030 123 45 67"}
ASKED: list[tuple[str, str, str, dict[str, Any], str]] = [
    ("addComment", "ticketId", TICKET, {"body": "?"}, "contact"),
    ("addComment", "ticketId", TICKET, {"body": "?"}, "operator"),
    ("closeTicket", "ticketId", TICKET, {"message": "?"}, "contact"),
    ("closeTicket", "ticketId", TICKET, {"message": "?"}, "operator"),
    ("changeTicketStatus", "ticketId", TICKET, {"status": "IN_PROGRESS"}, "operator"),
    ("classifyTicket", "ticketId", TICKET, {"priorityKey": "HIGH", "reason": "?"}, "operator"),
    ("reopenTicket", "ticketId", TICKET, {"reason": "?"}, "operator"),
    ("requestConsultancy", "ticketId", TICKET, {"subject": "?", "description": "?"}, "contact"),
    ("requestConsultancy", "ticketId", TICKET, {"subject": "?", "description": "?"}, "operator"),
    ("quoteConsultancy", "requestId", REQUEST, {"estimatedHours": "1"}, "operator"),
    ("confirmConsultancy", "requestId", REQUEST, {"quoteDigest": "0"}, "contact"),
    ("confirmConsultancy", "hourCardId", "HourCard", {"requestId": "own", "quoteDigest": "own"}, "contact"),
    ("declineConsultancy", "requestId", REQUEST, {"reason": "?"}, "contact"),
    ("recordConsultancyWork", "requestId", REQUEST, {"workedOn": DAY, "hours": "1", "description": "?"}, "operator"),
    ("registerTicket", "contactId", "Contact", {"type": "BUG", "subject": "?", "description": "?"}, "contact"),
    ("registerTicket", "contactId", "Contact", {"type": "BUG", "subject": "?", "description": "?"}, "operator"),
    ("removeContact", "contactId", "Contact", {}, "contact"),
    ("removeContact", "contactId", "Contact", {}, "operator"),
    ("eraseAccount", "accountId", "Account", {}, "contact"),
    ("eraseAccount", "accountId", "Account", {}, "operator"),
    ("exportAccount", "accountId", "Account", {}, "contact"),
    ("exportAccount", "accountId", "Account", {}, "operator"),
    ("endSession", "sessionId", "SignInSession", {}, "contact"),
    ("endSession", "sessionId", "SignInSession", {}, "operator"),
    ("inviteAccount", "contactId", "Contact", {"email": "x@alfa.example", "name": "X", "permissions": []}, "contact"),
    ("replaceContact", "contactId", "Contact", PERSON, "contact"),
    ("replaceContact", "contactId", "Contact", PERSON, "operator"),
    ("changeContact", "contactId", "Contact", {"name": "X"}, "contact"),
    ("changeContact", "contactId", "Contact", {"name": "X"}, "operator"),
    ("deactivateAccount", "accountId", "Account", {}, "contact"),
    ("deactivateAccount", "accountId", "Account", {}, "operator"),
    ("reactivateAccount", "accountId", "Account", {}, "contact"),
    ("reactivateAccount", "accountId", "Account", {}, "operator"),
    ("changeAccountPermissions", "accountId", "Account", {"permissions": []}, "contact"),
    ("changeAccountPermissions", "accountId", "Account", {"permissions": []}, "operator"),
    ("resetAccountMfa", "accountId", "Account", {"identityCheck": "?"}, "contact"),
    ("resetAccountMfa", "accountId", "Account", {"identityCheck": "?"}, "operator"),
    ("renewInvitation", "accountId", "Account", {}, "contact"),
    ("renewInvitation", "accountId", "Account", {}, "operator"),
    ("changeAccountContact", "accountId", "Account", {}, "contact"),
    ("changeAccountContact", "accountId", "Account", {}, "operator"),
    ("changeAccountContact", "contactId", "Contact", {"accountId": "ownAccount"}, "contact"),
]  # fmt: skip


def keys_in(value: object) -> Iterator[UUID]:
    """Every UUID in a row, also within JSON."""
    if isinstance(value, UUID):
        yield UUID(int=value.int)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from keys_in(item)
    elif isinstance(value, dict):
        yield from keys_in(list(value.values()))


async def test_two_tenants_share_no_id_but_those_of_the_vendors_people(neighbours: Neighbours) -> None:
    found = []
    for customer in (neighbours.a, neighbours.b):
        rows = await contents(customer.scope, frozenset())
        found.append(set(keys_in(list(rows.values()))))
    assert min(len(keys) for keys in found) > 20
    assert found[0] & found[1] == {neighbours.operator.id}


def id_arguments(schema: GraphQLSchema) -> set[tuple[str, str]]:
    """Every place of a mutation where a client gives an id."""
    mutations = schema.mutation_type
    assert mutations
    found = set()
    for name, field in mutations.fields.items():
        given = field.args["input"].type
        assert isinstance(given, GraphQLNonNull)
        kind = given.of_type
        assert isinstance(kind, GraphQLInputObjectType)
        found |= {
            (name, key) for key, value in kind.fields.items() if get_named_type(value.type) is GraphQLID
        }
    return found


def test_no_place_that_takes_an_id_is_forgotten_here() -> None:
    asked = {(mutation, field) for mutation, field, *_ in ASKED}
    found = id_arguments(make_schema()._schema)
    # Operators are the vendor's own, in no tenant: no id of theirs is foreign.
    assert {(mutation, field) for mutation, field in found if field != "operatorId"} == asked


@pytest.mark.clause("OX-012")
async def test_nodes_of_another_tenant_are_answered_like_random_ids(neighbours: Neighbours) -> None:
    asking = [await neighbours.a.client()]
    asking.append(await neighbours.house.session(neighbours.operator, "alfa"))
    for client in asking:
        place = [("Portal-Tenant", client.tenant)] if client.tenant else []
        for type_name, foreign in neighbours.ids_b.items():
            if type_name == "Agent":  # the operator works in both tenants, under one id
                continue
            random = encode_id(type_name, uuid4())
            for document, name in ((NODE, "id"), (NODES, "ids")):
                answers = [
                    await post(
                        neighbours.house,
                        document,
                        {name: key if name == "id" else [key]},
                        bearer(client),
                        *place,
                    )
                    for key in (foreign, random)
                ]
                assert answers[0].content == answers[1].content
                assert answers[0].status_code == answers[1].status_code == 200
                assert list(answers[0].json()["data"].values()) in ([None], [[None]])


async def client_of(neighbours: Neighbours, who: str) -> Client:
    if who == "operator":
        return await neighbours.house.session(neighbours.operator, "alfa")
    return await neighbours.a.client()


async def own_quote(neighbours: Neighbours) -> dict[str, str]:
    """Request and digest of the quote that lies on A's own table."""
    client = await neighbours.a.client()
    asked = "query($id: ID!) { node(id: $id) { ... on ConsultancyRequest { quote { digest } } } }"
    request = neighbours.ids_a[REQUEST]
    found = await client.data(asked, {"id": request})
    return {"requestId": request, "quoteDigest": found["node"]["quote"]["digest"]}


async def their_session(neighbours: Neighbours) -> str:
    """The id of a session that is open in B."""
    own = await (await neighbours.b.client()).data("{ sessions { id } }")
    key: str = own["sessions"][0]["id"]
    return key


@pytest.mark.parametrize(("mutation", "field", "type_name", "rest", "who"), ASKED)
@pytest.mark.clause("OX-012")
async def test_an_id_of_another_tenant_in_an_input_is_answered_like_a_random_one(
    neighbours: Neighbours, mutation: str, field: str, type_name: str, rest: dict[str, Any], who: str
) -> None:
    client = await client_of(neighbours, who)
    place = [("Portal-Tenant", client.tenant)] if client.tenant else []
    if "own" in rest.values():
        rest = rest | await own_quote(neighbours)
    rest = {
        name: neighbours.ids_a["Account"] if value == "ownAccount" else value for name, value in rest.items()
    }
    kind = mutation[0].upper() + mutation[1:]
    document = f"mutation($input: {kind}Input!) {{ {mutation}(input: $input) {{ {ERRORS} }} }}"
    theirs = neighbours.ids_b.get(type_name) or await their_session(neighbours)
    before = await neighbours.state()
    foreign, random, other_type = [
        await post(neighbours.house, document, {"input": {**rest, field: key}}, bearer(client), *place)
        for key in (
            theirs,
            encode_id(type_name, uuid4()),
            neighbours.ids_b["Organization"],
        )
    ]
    assert await neighbours.state() == before
    assert foreign.content == random.content
    assert foreign.status_code == random.status_code == other_type.status_code == 200
    for answer in (random, other_type):
        (payload,) = answer.json()["data"].values()
        (error,) = payload["errors"]
        own_name_only = (mutation, who) == ("registerTicket", "contact")
        assert error["code"] == (
            "FORBIDDEN_BY_CONTRACT" if own_name_only and answer is random else "NOT_FOUND"
        )
        assert error["path"] == [field]


@pytest.mark.clause("QX-042")
async def test_a_number_of_another_tenant_finds_the_own_ticket_or_nothing(neighbours: Neighbours) -> None:
    theirs = await neighbours.b.client()
    given = {"type": "BUG", "subject": "Geheim", "description": "?"}
    numbers = [
        (await theirs.do("registerTicket", given, "ticket { number }"))["ticket"]["number"] for _ in range(3)
    ]
    mine = await neighbours.a.client()
    found = await mine.data("query($number: String!) { ticket(number: $number) { subject } }", {
        "number": numbers[-1]
    })  # fmt: skip
    assert found == {"ticket": None}
    listed = await mine.data('{ tickets(search: "Geheim") { nodes { number } totalCount } }')
    assert listed == {"tickets": {"nodes": [], "totalCount": 0}}
