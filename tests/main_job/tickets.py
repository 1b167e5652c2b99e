"""Steps 3 and 4: a ticket with its clocks, and the vendor's work on it."""

import asyncio
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.factories.contents import audit_log
from tests.main_job.job import TICKET, Job, codes
from tests.sla.oracle import Minutes

HOLIDAYS = Path(__file__).resolve().parents[1] / "cases" / "holidays_nl_be.json"
OFFICE = {day: [(8 * 60 + 30, 16 * 60 + 30)] for day in range(5)}
LIST = f"""query($filter: TicketFilter, $orderBy: TicketOrder, $first: Int, $after: String) {{
  tickets(filter: $filter, orderBy: $orderBy, first: $first, after: $after) {{
    nodes {{ {TICKET} }} totalCount pageInfo {{ hasNextPage endCursor }} }} }}"""
QUEUE = """{ console { workQueue { nodes {
  tenantSlug ticketId number status priorityKey responseDueAt } } } }"""
QUEUE_SECONDS = 10
QUEUE_LOOKS = 50


async def register_a_ticket(job: Job) -> None:
    """Priority by the rules, both clocks on Dutch office hours, and an explanation that adds up."""
    given = {"type": "INCIDENT", "subject": "Koppeling staat stil", "description": "Sinds vanochtend."}
    made = await job.owner.do("registerTicket", {**given, "priorityKey": "HIGH"}, f"ticket {{ {TICKET} }}")
    assert codes(made) == []
    job.ticket = made["ticket"]
    # The wish is kept, the vendor decides: NORMAL until then.
    assert (job.ticket["status"], job.ticket["priority"]) == ("NEW", {"key": "NORMAL"})
    check_clock(job.ticket, "responseClock", 4)
    check_clock(job.ticket, "resolutionClock", 16)


def check_clock(ticket: dict[str, Any], name: str, hours: int) -> None:
    """The due moment, counted minute by minute; the steps follow one another and add up to the target."""
    clock, registered = ticket[name], datetime.fromisoformat(ticket["registeredAt"])
    assert (clock["state"], clock["target"]) == ("RUNNING", f"PT{hours}H")
    office = Minutes("Europe/Amsterdam", OFFICE, dutch_holidays(registered), _hour(registered), 30)
    due = office.add(registered, hours * 3600)
    assert datetime.fromisoformat(clock["dueAt"]) == due
    steps = clock["explanation"]
    assert steps[0]["from"] == ticket["registeredAt"]
    assert steps[-1]["to"] == clock["dueAt"]
    assert [step["to"] for step in steps[:-1]] == [step["from"] for step in steps[1:]]
    counted = [step for step in steps if step["counted"] != "PT0S"]
    assert {step["clause"]["key"] for step in counted} == {"QX-046"}
    spent = [_instant(step["to"]) - _instant(step["from"]) for step in counted]
    assert sum(spent, timedelta()) == timedelta(hours=hours)


def dutch_holidays(around: datetime) -> set[date]:
    """The public holidays of the year and the next one, from the worked cases; Good Friday is a working day."""
    years = json.loads(HOLIDAYS.read_text(encoding="utf-8"))["NL"]
    return {date.fromisoformat(day) for year in (around.year, around.year + 1) for day in years[str(year)]}


async def find_the_ticket(job: Job) -> None:
    """By number, by id, by filter and order, page by page."""
    number, key = job.ticket["number"], job.ticket["id"]
    more = {"type": "QUESTION", "subject": "Hoe werkt de export?", "description": "Graag uitleg."}
    await job.owner.do("registerTicket", more, "ticket { number }")
    found = await job.owner.data(
        f"query($number: String!, $id: ID!) {{ ticket(number: $number) {{ {TICKET} }} "
        f"node(id: $id) {{ ... on Ticket {{ {TICKET} }} }} }}",
        {"number": number, "id": key},
    )
    assert found["ticket"] == found["node"] == job.ticket
    wanted = {"status": ["NEW"], "type": ["INCIDENT"], "priorityKey": ["NORMAL"], "clockState": ["RUNNING"]}
    listed = (await job.owner.data(LIST, {"filter": wanted}))["tickets"]
    assert (listed["nodes"], listed["totalCount"]) == ([job.ticket], 1)
    order = {"field": "NEXT_DUE_AT", "direction": "ASC"}
    page = (await job.owner.data(LIST, {"orderBy": order, "first": 1}))["tickets"]
    assert (page["nodes"], page["pageInfo"]["hasNextPage"]) == ([job.ticket], True)
    after = page["pageInfo"]["endCursor"]
    rest = (await job.owner.data(LIST, {"orderBy": order, "first": 1, "after": after}))["tickets"]
    assert (len(rest["nodes"]), rest["pageInfo"]["hasNextPage"]) == (1, False)
    assert rest["nodes"] != page["nodes"]


async def take_work_from_the_queue(job: Job) -> None:
    """The operator signs in on the vendor's plane and enters the tenant, on that tenant's record."""
    console = await job.house.sign_in(job.operator)
    item = await queued(console, job)
    assert item == {
        "tenantSlug": "zonnedael",
        "ticketId": job.ticket["id"],
        "number": job.ticket["number"],
        "status": "NEW",
        "priorityKey": "NORMAL",
        "responseDueAt": job.ticket["responseClock"]["dueAt"],
    }
    assert await audit_log(job.customer.scope, "work_session_opened") == []
    console.tenant = "zonnedael"
    job.at_work = console
    found = await console.data("query($id: ID!) { node(id: $id) { ... on Ticket { subject } } }", {
        "id": item["ticketId"]
    })  # fmt: skip
    assert found["node"] == {"subject": "Koppeling staat stil"}
    (entered,) = await audit_log(job.customer.scope, "work_session_opened")
    assert (entered.actor_kind, entered.actor_id) == ("AGENT", job.operator.id)


async def queued(console: Any, job: Job) -> Any:
    """The ticket on the work queue, which lags behind a little."""
    for _ in range(QUEUE_LOOKS):
        nodes = (await console.data(QUEUE))["console"]["workQueue"]["nodes"]
        for item in nodes:
            if item["ticketId"] == job.ticket["id"]:
                return item
        await asyncio.sleep(QUEUE_SECONDS / QUEUE_LOOKS)
    raise AssertionError("the ticket did not reach the work queue")


async def work_on_the_ticket(job: Job) -> None:
    """An answer stops the response clock, asking pauses the other one, closing stops it."""
    given = {"ticketId": job.ticket["id"]}
    below = f"ticket {{ {TICKET} }}"
    note = {**given, "body": "Eerst het log nakijken.", "internal": True}
    noted = (await job.at_work.do("addComment", note, below))["ticket"]
    assert noted["responseClock"]["state"] == "RUNNING"
    answer = {**given, "body": "Welke versie gebruikt u?"}
    answered = (await job.at_work.do("addComment", answer, below))["ticket"]
    assert (answered["responseClock"]["state"], answered["resolutionClock"]["state"]) == ("MET", "RUNNING")
    asking = {**given, "status": "WAITING_FOR_CUSTOMER"}
    asked = (await job.at_work.do("changeTicketStatus", asking, below))["ticket"]["resolutionClock"]
    assert (asked["state"], asked["dueAt"]) == ("PAUSED", None)
    told = await job.owner.do("addComment", {**given, "body": "Versie 3."}, "ticket { status }")
    assert told["ticket"] == {"status": "WAITING_FOR_CUSTOMER"}
    resuming = {**given, "status": "IN_PROGRESS"}
    resumed = (await job.at_work.do("changeTicketStatus", resuming, below))["ticket"]["resolutionClock"]
    assert resumed["state"] == "RUNNING"
    assert _instant(resumed["dueAt"]) >= _instant(job.ticket["resolutionClock"]["dueAt"])
    closing = {**given, "message": "Versie 4 lost het op."}
    closed = (await job.at_work.do("closeTicket", closing, below))["ticket"]
    assert (closed["status"], closed["resolutionClock"]["state"]) == ("CLOSED", "MET")
    again = await job.at_work.do("closeTicket", closing, below)
    assert (again["ticket"], codes(again)) == (None, ["ILLEGAL_TRANSITION"])


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _hour(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(minute=0, second=0)
