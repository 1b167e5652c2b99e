"""What happened to a ticket, as its reader may see it."""

from typing import Any

import pytest

from sla.vocabulary import TicketStatus
from tests.api.conftest import NewCustomer
from tests.factories.portal import Client, House
from tests.factories.tickets import History, Story

BY = "by { __typename ... on Account { name } ... on Agent { name } ... on System { name } }"
ENTRY = f"at kind body internal fromStatus toStatus priorityKey reason {BY}"
TIMELINE = f"""query($number: String!, $first: Int, $after: String, $last: Int, $before: String) {{
  ticket(number: $number) {{ timeline(first: $first, after: $after, last: $last, before: $before) {{
    nodes {{ {ENTRY} }} totalCount
    pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }} }}"""
ALIASED = """query($numbers: String!) { ticket(number: $numbers) {
  newest: timeline(last: 1) { nodes { kind } } oldest: timeline(first: 1) { nodes { kind } } } }"""


@pytest.fixture(scope="module")
async def story(shared_house: House, new_customer: NewCustomer) -> Story:
    """Registered, noted, answered, raised, waiting, resumed and closed in one day."""
    past = await History.of(await new_customer(), await shared_house.operator())
    story = await past.register("2026-03-10 09:00")
    await story.answer("2026-03-10 09:10", "Eerst het log nakijken.", internal=True)
    await story.answer("2026-03-10 09:20", "Welke versie gebruikt u?")
    await story.priority("2026-03-10 09:30", "HIGH")
    await story.status("2026-03-10 09:40", TicketStatus.WAITING_FOR_CUSTOMER)
    await story.status("2026-03-10 09:50", TicketStatus.IN_PROGRESS)
    await story.close("2026-03-10 10:00", "Versie 4 lost het op.")
    return story


@pytest.fixture(scope="module")
async def customer(story: Story) -> Client:
    return await story.history.customer.client()


@pytest.fixture(scope="module")
async def operator(story: Story) -> Client:
    customer = story.history.customer
    return await customer.house.session(story.history.agent, customer.record.slug)


async def timeline(client: Client, story: Story, **page: Any) -> Any:
    return (await client.data(TIMELINE, {"number": story.number, **page}))["ticket"]["timeline"]


KINDS = ["REGISTERED", "COMMENTED", "CLASSIFIED", "STATUS_CHANGED", "STATUS_CHANGED", "CLOSED"]


async def test_a_customer_sees_everything_but_internal_notes(story: Story, customer: Client) -> None:
    told = await timeline(customer, story)
    assert [entry["kind"] for entry in told["nodes"]] == KINDS
    assert told["totalCount"] == len(KINDS)
    assert not any(entry["internal"] for entry in told["nodes"])
    assert "Eerst het log nakijken." not in str(told)


async def test_an_operator_sees_internal_notes_marked_as_such(story: Story, operator: Client) -> None:
    told = await timeline(operator, story)
    assert told["totalCount"] == len(KINDS) + 1
    (note,) = [entry for entry in told["nodes"] if entry["internal"]]
    assert (note["kind"], note["body"]) == ("COMMENTED", "Eerst het log nakijken.")


async def test_an_entry_tells_who_did_what_and_why(story: Story, customer: Client) -> None:
    registered, answered, raised, waiting, *_, closed = (await timeline(customer, story))["nodes"]
    assert registered["by"] == {"__typename": "Account", "name": "Anna de Vries"}
    assert registered["at"] == "2026-03-10T08:00:00+00:00"
    assert answered["by"] == {"__typename": "Agent", "name": "Jan Jansen"}
    assert answered["body"] == "Welke versie gebruikt u?"
    assert (raised["priorityKey"], raised["reason"]) == ("HIGH", "afgesproken")
    assert (waiting["fromStatus"], waiting["toStatus"]) == ("NEW", "WAITING_FOR_CUSTOMER")
    assert (closed["fromStatus"], closed["toStatus"]) == ("IN_PROGRESS", "CLOSED")
    assert closed["body"] == "Versie 4 lost het op."


@pytest.mark.parametrize("size", [1, 2, 5])
async def test_pages_of_a_timeline_go_both_ways(story: Story, customer: Client, size: int) -> None:
    forwards: list[str] = []
    page: Any = {"pageInfo": {"hasNextPage": True, "endCursor": None}}
    while page["pageInfo"]["hasNextPage"]:
        page = await timeline(customer, story, first=size, after=page["pageInfo"]["endCursor"])
        assert page["pageInfo"]["hasPreviousPage"] is bool(forwards)
        forwards += [entry["kind"] for entry in page["nodes"]]
    backwards: list[str] = []
    page = {"pageInfo": {"hasPreviousPage": True, "startCursor": None}}
    while page["pageInfo"]["hasPreviousPage"]:
        page = await timeline(customer, story, last=size, before=page["pageInfo"]["startCursor"])
        backwards = [entry["kind"] for entry in page["nodes"]] + backwards
    assert forwards == backwards == KINDS


async def test_two_pages_of_one_timeline_can_be_asked_for_at_once(story: Story, customer: Client) -> None:
    found = (await customer.data(ALIASED, {"numbers": story.number}))["ticket"]
    assert found == {
        "newest": {"nodes": [{"kind": "CLOSED"}]},
        "oldest": {"nodes": [{"kind": "REGISTERED"}]},
    }


@pytest.mark.clause("QX-031")
async def test_a_comment_on_a_closed_ticket_asks_to_reopen_it_and_leaves_it_closed(
    story: Story, customer: Client, operator: Client
) -> None:
    below = f"ticket {{ status timeline(last: 1) {{ nodes {{ {ENTRY} }} }} }}"
    payload = await customer.do("addComment", {"ticketId": story.id, "body": "Het is er weer."}, below)
    assert payload["ticket"]["status"] == "CLOSED"
    assert payload["ticket"]["timeline"]["nodes"][0]["kind"] == "REOPEN_REQUESTED"
    payload = await operator.do("reopenTicket", {"ticketId": story.id, "reason": "Zelfde fout"}, below)
    assert payload["errors"] == []
    assert payload["ticket"]["status"] == "IN_PROGRESS"
    assert payload["ticket"]["timeline"]["nodes"][0]["reason"] == "Zelfde fout"
