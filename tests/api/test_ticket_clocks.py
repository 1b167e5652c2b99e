"""Both clocks of a ticket as the API tells them, against moments that were worked out by hand."""

from typing import Any

import pytest

from sla.vocabulary import Environment, TicketStatus, TicketType
from tests.api.conftest import NewCustomer
from tests.factories.portal import House
from tests.factories.tickets import History, Story

CLOCK = """state target dueAt startedAt stoppedAt breachedAt elapsed remaining
  explanation { from to counted reason clause { key } }"""
TICKET = f"""query($number: String!) {{ ticket(number: $number) {{ status priority {{ key }} coveredBySupport
  firstRespondedAt closedAt autoCloseAt responseClock {{ {CLOCK} }} resolutionClock {{ {CLOCK} }} }} }}"""
PREVIEW = f"""query($input: SlaPreviewInput!) {{ slaPreview(input: $input) {{ priority {{ key rank }}
  responseClock {{ {CLOCK} }} resolutionClock {{ {CLOCK} }} }} }}"""


@pytest.fixture(scope="module")
async def past(shared_house: House, new_customer: NewCustomer) -> History:
    return await History.of(await new_customer(), await shared_house.operator())


async def ticket_of(story: Story) -> Any:
    client = await story.history.customer.client()
    return (await client.data(TICKET, {"number": story.number}))["ticket"]


def steps(clock: Any) -> list[tuple[str, str, str, str]]:
    return [
        (step["from"], step["to"], step["counted"], step["clause"]["key"]) for step in clock["explanation"]
    ]


@pytest.mark.clause("QX-048")
@pytest.mark.clause("QX-059")
async def test_a_high_ticket_of_good_friday_afternoon_is_due_on_tuesday_after_easter(past: History) -> None:
    given = {"policyKey": "qixium", "tier": "SUPPORT", "type": "INCIDENT", "priorityKey": "HIGH"}
    given["registeredAt"] = "2026-04-03T16:00:00+02:00"
    client = await past.customer.client()
    preview = (await client.data(PREVIEW, {"input": given}))["slaPreview"]
    assert preview["priority"] == {"key": "HIGH", "rank": 2}
    clock = preview["responseClock"]
    assert (clock["target"], clock["dueAt"]) == ("PT2H", "2026-04-07T08:00:00+00:00")
    assert steps(clock) == [
        ("2026-04-03T14:00:00+00:00", "2026-04-03T14:30:00+00:00", "PT30M", "QX-048"),
        ("2026-04-03T14:30:00+00:00", "2026-04-03T22:00:00+00:00", "PT0S", "QX-059"),
        ("2026-04-03T22:00:00+00:00", "2026-04-05T22:00:00+00:00", "PT0S", "QX-059"),
        ("2026-04-05T22:00:00+00:00", "2026-04-06T22:00:00+00:00", "PT0S", "QX-059"),
        ("2026-04-06T22:00:00+00:00", "2026-04-07T06:30:00+00:00", "PT0S", "QX-059"),
        ("2026-04-07T06:30:00+00:00", "2026-04-07T08:00:00+00:00", "PT1H30M", "QX-048"),
    ]
    reasons = [step["reason"] for step in clock["explanation"]]
    assert reasons[2:4] == ["Does not count: weekend.", "Does not count: Easter Monday."]
    assert preview["resolutionClock"]["dueAt"] == "2026-04-07T14:00:00+00:00"


async def test_a_preview_registers_nothing(past: History) -> None:
    client = await past.customer.client()
    before = await client.data("{ tickets { totalCount } }")
    given = {"policyKey": "qixium", "tier": "QAAS", "type": "BUG", "registeredAt": "2026-03-10T09:00:00Z"}
    await client.data(PREVIEW, {"input": given})
    assert await client.data("{ tickets { totalCount } }") == before


@pytest.mark.clause("QX-046")
@pytest.mark.clause("QX-061")
async def test_both_clocks_start_at_registration_with_the_default_priority(past: History) -> None:
    ticket = await ticket_of(await past.register("2026-03-10 09:00"))
    assert (ticket["priority"], ticket["coveredBySupport"]) == ({"key": "NORMAL"}, True)
    response, resolution = ticket["responseClock"], ticket["resolutionClock"]
    assert response["startedAt"] == resolution["startedAt"] == "2026-03-10T08:00:00+00:00"
    assert (response["target"], response["dueAt"]) == ("PT4H", "2026-03-10T12:00:00+00:00")
    assert (resolution["target"], resolution["dueAt"]) == ("PT16H", "2026-03-12T08:00:00+00:00")
    # Nobody answered until today: late, but not stopped.
    assert (response["state"], response["stoppedAt"]) == ("RUNNING", None)
    assert response["breachedAt"] == response["dueAt"]
    assert response["remaining"].startswith("-PT")


@pytest.mark.clause("QX-062")
async def test_the_response_clock_stops_at_the_first_public_answer_and_at_nothing_else(past: History) -> None:
    story = await past.register("2026-03-10 09:00")
    await story.answer("2026-03-10 09:30", internal=True)
    await story.status("2026-03-10 09:45", TicketStatus.IN_PROGRESS)
    await story.answer("2026-03-10 12:59")
    await story.answer("2026-03-10 14:00")
    ticket = await ticket_of(story)
    response = ticket["responseClock"]
    assert ticket["firstRespondedAt"] == response["stoppedAt"] == "2026-03-10T11:59:00+00:00"
    assert (response["state"], response["breachedAt"]) == ("MET", None)
    assert (response["elapsed"], response["remaining"]) == ("PT3H59M", "PT1M")
    assert steps(response) == [
        ("2026-03-10T08:00:00+00:00", "2026-03-10T08:45:00+00:00", "PT45M", "QX-046"),
        ("2026-03-10T08:45:00+00:00", "2026-03-10T11:59:00+00:00", "PT3H14M", "QX-046"),
    ]


async def test_an_answer_after_the_due_moment_misses_it(past: History) -> None:
    story = await past.register("2026-03-10 09:00")
    await story.answer("2026-03-10 13:01")
    response = (await ticket_of(story))["responseClock"]
    assert (response["state"], response["breachedAt"]) == ("MISSED", "2026-03-10T12:00:00+00:00")
    assert (response["elapsed"], response["remaining"]) == ("PT4H1M", "-PT1M")


@pytest.mark.clause("QX-064")
@pytest.mark.clause("QX-033")
async def test_the_resolution_clock_pauses_while_the_customer_is_asked_and_goes_on_after(
    past: History,
) -> None:
    story = await past.register("2026-03-10 09:00")
    await story.status("2026-03-10 10:00", TicketStatus.IN_PROGRESS)
    await story.answer("2026-03-10 14:00")
    await story.status("2026-03-10 14:00", TicketStatus.WAITING_FOR_CUSTOMER)
    paused = await ticket_of(story)
    assert (paused["resolutionClock"]["state"], paused["resolutionClock"]["dueAt"]) == ("PAUSED", None)
    assert (paused["resolutionClock"]["elapsed"], paused["resolutionClock"]["remaining"]) == ("PT5H", "PT11H")
    assert paused["autoCloseAt"] == "2026-03-24T23:00:00+00:00"
    await story.status("2026-03-12 10:00", TicketStatus.IN_PROGRESS)
    resolution = (await ticket_of(story))["resolutionClock"]
    assert (resolution["state"], resolution["dueAt"]) == ("RUNNING", "2026-03-13T12:00:00+00:00")
    waited = ("2026-03-10T13:00:00+00:00", "2026-03-12T09:00:00+00:00", "PT0S", "QX-064")
    assert waited in steps(resolution)


@pytest.mark.clause("QX-034")
async def test_closing_makes_both_verdicts_final(past: History) -> None:
    story = await past.register("2026-03-10 09:00")
    await story.close("2026-03-10 12:00")
    ticket = await ticket_of(story)
    assert (ticket["status"], ticket["closedAt"]) == ("CLOSED", "2026-03-10T11:00:00+00:00")
    for name, due in (("response", "2026-03-10T12:00:00+00:00"), ("resolution", "2026-03-12T08:00:00+00:00")):
        clock = ticket[f"{name}Clock"]
        assert (clock["state"], clock["stoppedAt"], clock["dueAt"]) == ("MET", ticket["closedAt"], due)
        assert clock["elapsed"] == "PT3H"


@pytest.mark.clause("QX-057")
async def test_a_ticket_outside_production_gets_the_lowest_priority(past: History) -> None:
    ticket = await ticket_of(await past.register("2026-03-10 09:00", environment=Environment.TEST))
    assert ticket["priority"] == {"key": "LOW"}
    assert ticket["responseClock"]["dueAt"] == "2026-03-11T08:00:00+00:00"


@pytest.mark.clause("QX-079")
async def test_a_request_outside_support_has_no_clocks_and_says_why(past: History) -> None:
    ticket = await ticket_of(await past.register("2026-03-10 09:00", TicketType.DEVELOPMENT_REQUEST))
    assert (ticket["priority"], ticket["coveredBySupport"]) == (None, False)
    for clock in (ticket["responseClock"], ticket["resolutionClock"]):
        assert (clock["state"], clock["target"], clock["dueAt"]) == ("NOT_APPLICABLE", None, None)
        (step,) = clock["explanation"]
        assert (step["counted"], step["clause"]) == ("PT0S", {"key": "QX-079"})
        assert step["reason"].startswith("Not applicable")


async def test_a_higher_priority_counts_again_from_registration(past: History) -> None:
    story = await past.register("2026-03-10 09:00")
    await story.priority("2026-03-10 11:30", "HIGH")
    response = (await ticket_of(story))["responseClock"]
    assert (response["target"], response["dueAt"]) == ("PT2H", "2026-03-10T10:00:00+00:00")
    assert response["breachedAt"] == "2026-03-10T10:30:00+00:00"  # the instant of the change
