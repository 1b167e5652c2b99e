"""Lists of tickets: conditions, orders, and pages that stand still while rows come and go."""

from dataclasses import dataclass
from typing import Any

import pytest

from sla.vocabulary import Environment, TicketStatus, TicketType
from tests.api.conftest import NewCustomer
from tests.factories.portal import Client, House
from tests.factories.tickets import History

PAGE = """query($filter: TicketFilter, $orderBy: TicketOrder, $search: String,
    $first: Int, $after: String, $last: Int, $before: String) {
  tickets(filter: $filter, orderBy: $orderBy, search: $search,
      first: $first, after: $after, last: $last, before: $before) {
    nodes { number } edges { cursor node { number } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""
BY_REGISTRATION = ["waiting", "answered", "closed", "test", "wish", "high", "twin", "bug", "new"]
COUNTED = (
    "query($filter: TicketFilter) { tickets(filter: $filter, first: 1) { nodes { number } totalCount } }"
)


@dataclass(frozen=True)
class Book:
    """The tickets of one customer by the name that the tests give them."""

    client: Client
    names: dict[str, str]

    async def page(self, **variables: Any) -> Any:
        return (await self.client.data(PAGE, variables))["tickets"]

    async def found(self, **variables: Any) -> set[str]:
        return {self.names[node["number"]] for node in (await self.page(**variables))["nodes"]}

    async def listed(self, **variables: Any) -> list[str]:
        return [self.names[node["number"]] for node in (await self.page(**variables))["nodes"]]


@pytest.fixture(scope="module")
async def book(shared_house: House, new_customer: NewCustomer) -> Book:
    """Nine tickets of March 2026; all due moments have passed long ago."""
    customer = await new_customer()
    past = await History.of(customer, await shared_house.operator())
    waiting = await past.register("2026-03-09 10:00", subject="Export 100% leeg")
    answered = await past.register("2026-03-10 09:00")
    closed = await past.register("2026-03-10 11:00", TicketType.QUESTION)
    test = await past.register("2026-03-11 09:00", environment=Environment.TEST)
    wish = await past.register("2026-03-11 10:00", TicketType.DEVELOPMENT_REQUEST)
    high = await past.register("2026-03-12 09:00", subject="Order_lijst leeg")
    twin = await past.register("2026-03-12 09:00", TicketType.BUG)
    bug = await past.register("2026-03-13 15:00", TicketType.BUG)
    new = await past.register("2026-03-16 09:00", TicketType.QUESTION)
    await waiting.answer("2026-03-09 11:00")
    await waiting.status("2026-03-09 11:30", TicketStatus.WAITING_FOR_CUSTOMER)
    await answered.answer("2026-03-10 10:00")
    await closed.close("2026-03-10 12:00")
    await high.priority("2026-03-12 09:30", "HIGH")
    await bug.answer("2026-03-13 16:00")
    await bug.status("2026-03-13 16:10", TicketStatus.WAITING_FOR_DEVELOPMENT)
    stories = (waiting, answered, closed, test, wish, high, twin, bug, new)
    numbers = {story.number: name for story, name in zip(stories, BY_REGISTRATION, strict=True)}
    return Book(await customer.client(), numbers)


@pytest.mark.parametrize(
    ("condition", "wanted"),
    [
        ({}, set(BY_REGISTRATION)),
        ({"status": ["CLOSED"]}, {"closed"}),
        ({"status": ["WAITING_FOR_CUSTOMER", "WAITING_FOR_DEVELOPMENT"]}, {"waiting", "bug"}),
        ({"type": ["BUG"]}, {"twin", "bug"}),
        ({"type": ["QUESTION", "DEVELOPMENT_REQUEST"]}, {"closed", "wish", "new"}),
        ({"priorityKey": ["HIGH"]}, {"high"}),
        ({"priorityKey": ["LOW", "HIGH"]}, {"test", "high"}),
        ({"priorityKey": ["there is no such key"]}, set()),
        ({"clockState": ["PAUSED"]}, {"waiting", "bug"}),
        ({"clockState": ["NOT_APPLICABLE"]}, {"wish"}),
        ({"clockState": ["MET"]}, {"waiting", "answered", "closed", "bug"}),
        ({"clockState": ["RUNNING"]}, {"answered", "test", "high", "twin", "new"}),
        ({"late": True}, {"answered", "test", "high", "twin", "new"}),
        ({"late": False}, {"waiting", "closed", "wish", "bug"}),
        ({"late": False, "type": ["BUG"]}, {"bug"}),
        ({"registeredFrom": "2026-03-12T09:00:00+01:00"}, {"high", "twin", "bug", "new"}),
        ({"registeredUntil": "2026-03-10T08:00:00Z"}, {"waiting"}),
        ({"registeredFrom": "0001-01-01T00:00:00Z", "registeredUntil": "9999-12-31T23:59:59Z"},
         set(BY_REGISTRATION)),
    ],
)  # fmt: skip
async def test_a_filter_finds_what_meets_all_of_its_conditions(
    book: Book, condition: dict[str, Any], wanted: set[str]
) -> None:
    assert await book.found(filter=condition) == wanted
    data = await book.client.data(COUNTED, {"filter": condition})
    assert data["tickets"]["totalCount"] == len(wanted)


@pytest.mark.parametrize(
    ("search", "wanted"),
    [
        ("leeg", {"waiting", "high"}),
        ("LEEG  order", {"high"}),
        ("100%", {"waiting"}),
        ("r_l", {"high"}),
        ("%", {"waiting"}),
        ("'; DROP TABLE ticket; --", set()),
        ("   ", set(BY_REGISTRATION)),
    ],
)
async def test_a_search_finds_every_word_and_takes_no_character_for_a_pattern(
    book: Book, search: str, wanted: set[str]
) -> None:
    assert await book.found(search=search) == wanted


async def test_the_newest_come_first_unless_another_order_is_asked_for(book: Book) -> None:
    listed = await book.listed()
    assert listed[:2] == ["new", "bug"]
    assert sorted(listed[2:4]) == ["high", "twin"]
    assert listed[4:] == ["wish", "test", "closed", "answered", "waiting"]


async def test_late_ones_come_first_by_next_due_moment_and_those_without_one_last(book: Book) -> None:
    listed = await book.listed(orderBy={"field": "NEXT_DUE_AT"})
    # answered: 16 h from Tue 10th 09:00; high: 2 h; twin: 4 h from Thu 12th 09:00; new: 4 h from Mon 16th
    assert listed[:5] == ["answered", "test", "high", "twin", "new"]
    assert set(listed[5:]) == {"waiting", "closed", "wish", "bug"}


ORDERS = [
    {"field": field, "direction": direction}
    for field in ("REGISTERED_AT", "NEXT_DUE_AT")
    for direction in ("ASC", "DESC")
]


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: "-".join(order.values()))
@pytest.mark.parametrize("size", [1, 2, 4])
async def test_pages_forwards_and_backwards_hold_each_ticket_once(
    book: Book, order: dict[str, str], size: int
) -> None:
    whole = await book.listed(orderBy=order)
    forwards: list[str] = []
    page: Any = {"pageInfo": {"hasNextPage": True, "endCursor": None}}
    while page["pageInfo"]["hasNextPage"]:
        page = await book.page(orderBy=order, first=size, after=page["pageInfo"]["endCursor"])
        assert page["pageInfo"]["hasPreviousPage"] is bool(forwards)
        forwards += [book.names[node["number"]] for node in page["nodes"]]
    backwards: list[str] = []
    page = {"pageInfo": {"hasPreviousPage": True, "startCursor": None}}
    while page["pageInfo"]["hasPreviousPage"]:
        page = await book.page(orderBy=order, last=size, before=page["pageInfo"]["startCursor"])
        assert page["pageInfo"]["hasNextPage"] is bool(backwards)
        backwards = [book.names[node["number"]] for node in page["nodes"]] + backwards
    assert forwards == backwards == whole


async def test_edges_carry_the_cursors_that_the_page_begins_and_ends_with(book: Book) -> None:
    page = await book.page(first=3)
    assert [edge["node"] for edge in page["edges"]] == page["nodes"]
    cursors = [edge["cursor"] for edge in page["edges"]]
    assert (page["pageInfo"]["startCursor"], page["pageInfo"]["endCursor"]) == (cursors[0], cursors[-1])
    middle = await book.page(first=1, after=cursors[0])
    assert middle["nodes"] == [page["nodes"][1]]
    between = await book.page(first=100, after=cursors[0], before=cursors[2])
    assert between["nodes"] == [page["nodes"][1]]
