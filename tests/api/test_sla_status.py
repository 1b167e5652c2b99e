"""How the agreement is being kept over a period, against figures that were counted by hand."""

from typing import Any

import pytest

from sla.vocabulary import TicketStatus, TicketType
from tenants.acts import SYSTEM
from tenants.consultancy.service import create_card
from tests.api.conftest import NewCustomer
from tests.factories.portal import Client, House
from tests.factories.tickets import History, local

STATUS = """query($from: Date, $to: Date) { slaStatus(from: $from, to: $to) { from to hoursLeft
  clocks { kind state late tickets } response { decided inTime percent }
  resolution { decided inTime percent } availability { month } } }"""


@pytest.fixture(scope="module")
async def client(shared_house: House, new_customer: NewCustomer) -> Client:
    """March 2026: three answered in time and one late; one solved in time, one late; one asks the customer."""
    customer = await new_customer()
    past = await History.of(customer, await shared_house.operator())
    good = await past.register("2026-03-10 09:00")
    await good.answer("2026-03-10 13:00")  # at the deadline: met
    await good.close("2026-03-11 09:00")
    late = await past.register("2026-03-10 09:00")
    await late.answer("2026-03-10 13:01")
    await late.close("2026-03-12 09:01")
    waiting = await past.register("2026-03-16 09:00")
    await waiting.answer("2026-03-16 10:00")
    await waiting.status("2026-03-16 10:00", TicketStatus.WAITING_FOR_CUSTOMER)
    await past.register("2026-03-17 09:00", TicketType.DEVELOPMENT_REQUEST)
    april = await past.register("2026-03-31 16:00")
    await april.answer("2026-04-01 09:00")
    await april.close("2026-04-01 10:00")
    async with customer.scope.write() as session:
        for expires_on in (None, local("2026-04-01 09:00").date()):
            await create_card(
                session,
                block_hours=4,
                blocks=2,
                expires_on=expires_on,
                actor=SYSTEM,
                now=local("2026-03-10 09:00"),
            )
    return await customer.client()


async def status(client: Client, first: str | None = None, last: str | None = None) -> Any:
    return (await client.data(STATUS, {"from": first, "to": last}))["slaStatus"]


async def test_a_month_tells_how_many_were_decided_and_in_time(client: Client) -> None:
    march = await status(client, "2026-03-01", "2026-03-31")
    assert (march["from"], march["to"]) == ("2026-03-01", "2026-03-31")
    assert march["response"] == {"decided": 3, "inTime": 2, "percent": "66.7"}
    assert march["resolution"] == {"decided": 2, "inTime": 1, "percent": "50.0"}


async def test_a_clock_counts_on_the_day_on_which_it_was_decided(client: Client) -> None:
    april = await status(client, "2026-04-01", "2026-04-30")
    assert april["response"] == {"decided": 1, "inTime": 1, "percent": "100.0"}
    assert april["resolution"] == {"decided": 1, "inTime": 1, "percent": "100.0"}
    eleventh = await status(client, "2026-03-11", "2026-03-11")
    assert eleventh["response"] == {"decided": 0, "inTime": 0, "percent": None}
    assert eleventh["resolution"] == {"decided": 1, "inTime": 1, "percent": "100.0"}
    # The late one was breached on the 12th at 09:00, when its 16 hours were used up.
    twelfth = await status(client, "2026-03-12", "2026-03-12")
    assert twelfth["resolution"] == {"decided": 1, "inTime": 0, "percent": "0.0"}


async def test_tickets_are_counted_by_the_state_of_each_clock(client: Client) -> None:
    march = await status(client, "2026-03-01", "2026-03-31")
    counted = {(count["kind"], count["state"], count["late"]): count["tickets"] for count in march["clocks"]}
    assert counted == {
        ("RESPONSE", "MET", False): 3,
        ("RESPONSE", "MISSED", True): 1,
        ("RESPONSE", "NOT_APPLICABLE", False): 1,
        ("RESOLUTION", "MET", False): 2,
        ("RESOLUTION", "MISSED", True): 1,
        ("RESOLUTION", "PAUSED", False): 1,
        ("RESOLUTION", "NOT_APPLICABLE", False): 1,
    }
    may = await status(client, "2026-05-01", "2026-05-31")
    assert sorted(count["state"] for count in may["clocks"]) == [
        "MET", "NOT_APPLICABLE", "NOT_APPLICABLE", "PAUSED"
    ]  # fmt: skip


async def test_hours_left_are_those_of_cards_that_still_hold(client: Client) -> None:
    assert (await status(client))["hoursLeft"] == "8"


async def test_without_a_period_it_is_the_present_month_so_far(client: Client) -> None:
    found = await status(client)
    assert found["from"] == f"{found['to'][:8]}01"


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2026-04-01", "2026-03-31"),
        ("0001-01-01", "2026-03-31"),
        ("2026-03-01", "9999-12-31"),
        ("0001-01-01", "9999-12-31"),
    ],
)
async def test_a_period_that_is_none_is_refused(client: Client, first: str, last: str) -> None:
    answer = await client.call(STATUS, {"from": first, "to": last})
    assert answer["data"] == {"slaStatus": None}
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]


async def test_a_period_of_centuries_is_answered(client: Client) -> None:
    found = await status(client, "1970-01-01", "9998-12-31")
    assert found["response"] == {"decided": 4, "inTime": 3, "percent": "75.0"}
