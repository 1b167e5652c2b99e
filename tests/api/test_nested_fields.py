"""A field below another is answered by its own arguments, however often and wherever it is asked for."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from tenants.acts import SYSTEM, Act, Actor, ActorKind
from tenants.consultancy import cards
from tenants.consultancy import service as consultancy
from tests.api.conftest import NewCustomer
from tests.factories.portal import Client, Customer, House
from tests.factories.tickets import History

KINDS = ["REGISTERED", "COMMENTED", "COMMENTED", "COMMENTED", "CLOSED"]
LEDGER = ["8", "-1", "-2", "-3"]


@dataclass(frozen=True, slots=True)
class Seen:
    """A customer with two accounts, a closed and an open ticket and an hour card; and who looks at it."""

    customer: Customer
    owner: Client
    operator: Client
    number: str


@pytest.fixture(scope="module")
async def seen(shared_house: House, new_customer: NewCustomer) -> Seen:
    customer, operator = await new_customer(), await shared_house.operator()
    past = await History.of(customer, operator)
    story = await past.register("2026-03-10 09:00")
    for minute in ("10", "20", "30"):
        await story.answer(f"2026-03-10 09:{minute}")
    await story.close("2026-03-10 10:00")
    await past.register("2026-03-11 09:00")
    await customer.reader()
    await fill_card(customer)
    assert await customer.deliver()
    return Seen(customer, await customer.client(), await shared_house.session(operator), story.number)


async def fill_card(customer: Customer) -> None:
    """Eight hours bought, of which one, two and three are reserved."""
    now = datetime.now(UTC)
    act = Act(
        actor=Actor(ActorKind.ACCOUNT, customer.owner.id), now=now, contact_id=customer.owner.contact_id
    )
    async with customer.scope.write() as session:
        request = await consultancy.request_consultancy(
            session, subject="Inrichting", description="Graag hulp.", ticket_id=None, act=act
        )
        card = await cards.create_card(
            session, block_hours=4, blocks=2, expires_on=None, actor=SYSTEM, now=now
        )
        for hours in (1, 2, 3):
            await cards.reserve(
                session, card.id, 60 * hours, request_id=request.id, today=now.date(), now=now
            )


def kinds(timeline: Any) -> list[str]:
    return [entry["kind"] for entry in timeline["nodes"]]


def hours(entries: Any) -> list[str]:
    return [entry["hours"] for entry in entries["nodes"]]


PARTS = """query($number: String!) {
  ticket(number: $number) { ...Count timeline { nodes { kind } } }
  organization {
    accounts { totalCount } accounts { nodes { name } }
    hourCards { entries { totalCount } } hourCards { entries { nodes { hours } } }
  }
}
fragment Count on Ticket { timeline { totalCount } }"""


async def test_a_field_asked_for_in_parts_is_answered_with_all_of_them(seen: Seen) -> None:
    found = await seen.owner.data(PARTS, {"number": seen.number})
    timeline, organization = found["ticket"]["timeline"], found["organization"]
    assert (timeline["totalCount"], kinds(timeline)) == (len(KINDS), KINDS)
    assert organization["accounts"] == {
        "totalCount": 2,
        "nodes": [{"name": "Anna de Vries"}, {"name": "Rik Lezer"}],
    }
    (card,) = organization["hourCards"]
    assert (card["entries"]["totalCount"], hours(card["entries"])) == (len(LEDGER), LEDGER)


async def test_lists_of_the_console_can_be_asked_for_in_parts(seen: Seen) -> None:
    found = await seen.operator.data("""{ console {
      tenants { totalCount } tenants { nodes { slug } }
      workQueue { totalCount } ... on Console { workQueue { nodes { tenantSlug } } } } }""")
    slug = seen.customer.record.slug
    assert found["console"] == {
        "tenants": {"totalCount": 1, "nodes": [{"slug": slug}]},
        "workQueue": {"totalCount": 1, "nodes": [{"tenantSlug": slug}]},
    }


async def test_one_key_in_two_selections_keeps_the_arguments_of_each(seen: Seen) -> None:
    found = await seen.owner.data("""{
      tickets(first: 1, orderBy: { field: REGISTERED_AT }) {
        nodes { timeline(first: 1) { nodes { kind } } }
        edges { node { timeline(first: 3) { nodes { kind } } } } }
      organization {
        a: hourCards { entries(first: 1) { nodes { hours } } }
        b: hourCards { entries(first: 3) { nodes { hours } } } } }""")
    page, organization = found["tickets"], found["organization"]
    assert kinds(page["nodes"][0]["timeline"]) == KINDS[:1]
    assert kinds(page["edges"][0]["node"]["timeline"]) == KINDS[:3]
    assert hours(organization["a"][0]["entries"]) == LEDGER[:1]
    assert hours(organization["b"][0]["entries"]) == LEDGER[:3]


async def test_one_key_for_two_fields_in_two_selections_gives_each_its_own(seen: Seen) -> None:
    found = await seen.owner.data("""{ tickets(first: 1, orderBy: { field: REGISTERED_AT }) {
      nodes { told: timeline(last: 1) { nodes { kind } } }
      edges { node { told: timeline(first: 1) { nodes { kind } totalCount } } } } }""")
    assert kinds(found["tickets"]["nodes"][0]["told"]) == KINDS[-1:]
    assert found["tickets"]["edges"][0]["node"]["told"] == {
        "nodes": [{"kind": KINDS[0]}],
        "totalCount": len(KINDS),
    }


BOUNDED = """query($number: String!, $first: Int, $last: Int, $after: String, $before: String,
    $afterLine: String, $beforeLine: String) {
  ticket(number: $number) { timeline(first: $first, last: $last, after: $after, before: $before) {
    nodes { kind } pageInfo { hasNextPage hasPreviousPage } } }
  organization { hourCards { entries(first: $first, last: $last, after: $afterLine, before: $beforeLine) {
    nodes { hours } pageInfo { hasNextPage hasPreviousPage } } } } }"""
CURSORS = """query($number: String!) {
  ticket(number: $number) { timeline { edges { cursor } } }
  organization { hourCards { entries { edges { cursor } } } } }"""


@pytest.mark.parametrize(
    ("page", "after", "before", "part", "more"),
    [
        ({"first": 10}, None, 2, slice(0, 2), (False, False)),
        ({"first": 1}, None, 2, slice(0, 1), (True, False)),
        ({"last": 10}, 0, None, slice(1, None), (False, False)),
        ({"first": 10}, 0, 3, slice(1, 3), (False, True)),
        ({"last": 1}, 0, 3, slice(2, 3), (True, True)),
        ({"last": 10}, 0, 3, slice(1, 3), (True, False)),
        ({"first": 10}, 2, 1, slice(0, 0), (False, True)),
    ],
)
async def test_a_page_lies_between_both_of_its_bounds(
    seen: Seen,
    page: dict[str, int],
    after: int | None,
    before: int | None,
    part: slice,
    more: tuple[bool, bool],
) -> None:
    found = await seen.owner.data(CURSORS, {"number": seen.number})
    events = [edge["cursor"] for edge in found["ticket"]["timeline"]["edges"]]
    lines = [edge["cursor"] for edge in found["organization"]["hourCards"][0]["entries"]["edges"]]
    bounds: dict[str, Any] = {"number": seen.number, **page}
    if after is not None:
        bounds |= {"after": events[after], "afterLine": lines[after]}
    if before is not None:
        bounds |= {"before": events[before], "beforeLine": lines[before]}
    found = await seen.owner.data(BOUNDED, bounds)
    timeline, entries = found["ticket"]["timeline"], found["organization"]["hourCards"][0]["entries"]
    assert kinds(timeline) == KINDS[part]
    assert hours(entries) == LEDGER[part]
    for shown in (timeline["pageInfo"], entries["pageInfo"]):
        assert (shown["hasNextPage"], shown["hasPreviousPage"]) == more


async def queued(seen: Seen, arguments: str, declared: str = "", **variables: Any) -> int:
    """How many tickets lie on the queue with these arguments."""
    document = f"query Q{declared} {{ console {{ workQueue{arguments} {{ totalCount nodes {{ id }} }} }} }}"
    found = (await seen.operator.data(document, variables))["console"]["workQueue"]
    assert found["totalCount"] == len(found["nodes"])
    return len(found["nodes"])


async def test_one_value_stands_for_a_list_of_one(seen: Seen) -> None:
    slug = seen.customer.record.slug
    assert await queued(seen, "(filter: { status: NEW })") == 1
    assert await queued(seen, "(filter: { status: WAITING_FOR_CUSTOMER })") == 0
    assert await queued(seen, f'(filter: {{ tenantSlug: "{slug}" }})') == 1
    one, states = "($slug: [String!])", "($status: [TicketStatus!])"
    assert await queued(seen, "(filter: { tenantSlug: $slug })", one, slug=slug) == 1
    assert await queued(seen, "(filter: { status: $status })", states, status="CLOSED") == 0


@pytest.mark.parametrize("given", [{}, {"late": None}])
async def test_a_variable_that_is_not_given_asks_for_nothing(seen: Seen, given: dict[str, None]) -> None:
    assert await queued(seen, "(filter: { late: true })") == 1
    assert await queued(seen, "(filter: { late: $late })", "($late: Boolean)", **given) == 1
    assert await queued(seen, "(filter: $filter)", "($filter: WorkQueueFilter)") == 1
    assert await queued(seen, "(filter: { late: $late })", "($late: Boolean = false)") == 0


async def test_a_nested_argument_that_cannot_be_used_is_the_callers_mistake(seen: Seen) -> None:
    asked = 'query($slug: String = "x") { console { tenant(slug: $slug) { slug } } }'
    assert (await seen.operator.data(asked))["console"] == {"tenant": None}
    answer = await seen.operator.call(asked, {"slug": None})
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]


async def test_skipped_parts_are_left_out(seen: Seen) -> None:
    asked = """query($number: String!, $count: Boolean!) { ticket(number: $number) {
      timeline(first: 1) { nodes { kind } }
      timeline(first: 1) @include(if: $count) { totalCount } } }"""
    for count, told in ((True, {"totalCount": len(KINDS)}), (False, {})):
        found = await seen.owner.data(asked, {"number": seen.number, "count": count})
        assert found["ticket"]["timeline"] == {"nodes": [{"kind": KINDS[0]}], **told}
