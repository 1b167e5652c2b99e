"""Step 5: consultancy from the request to the bill."""

from typing import Any

from tests.main_job.job import REQUEST, Job, codes

BELOW = f"request {{ {REQUEST} }}"
CARDS = """{ organization { hourCards { balanceHours entries { nodes { kind hours balanceHours } } } }
  slaStatus { hoursLeft } }"""
ASKED = {"subject": "Inrichting", "description": "Graag hulp bij de nieuwe koppeling."}


async def ask_and_quote(job: Job, hours: str) -> dict[str, Any]:
    """A request of the contact with the operator's quote on the table."""
    asked = (await job.owner.do("requestConsultancy", ASKED, BELOW))["request"]
    assert (asked["status"], asked["quote"], asked["billed"]) == ("REQUESTED", None, None)
    given = {"requestId": asked["id"], "estimatedHours": hours}
    payload = await job.at_work.do("quoteConsultancy", given, BELOW)
    assert codes(payload) == []
    request: dict[str, Any] = payload["request"]
    assert request["status"] == "QUOTED"
    return request


async def work(job: Job, request: dict[str, Any], hours: str) -> Any:
    """The operator's hours of today, in the agreement's zone."""
    day = (await job.at_work.data("{ slaStatus { to } }"))["slaStatus"]["to"]
    given = {"requestId": request["id"], "workedOn": day, "hours": hours, "description": "Ingericht."}
    return await job.at_work.do("recordConsultancyWork", given, BELOW)


async def confirm(job: Job, request: dict[str, Any], **more: str) -> Any:
    given = {"requestId": request["id"], "quoteDigest": request["quote"]["digest"], **more}
    return await job.owner.do("confirmConsultancy", given, BELOW)


async def quote_and_confirm(job: Job) -> None:
    """Five hours are two blocks of four at the tier's rate; nothing is worked before the customer's yes."""
    request = await ask_and_quote(job, "5")
    quote = request["quote"]
    assert (quote["blockHours"], quote["blocks"], quote["billableHours"]) == (4, 2, "8")
    assert (quote["hourlyRate"], quote["total"]) == (
        {"amount": "250.00"},
        {"amount": "2000.00", "currency": "EUR"},
    )
    assert quote["clause"] == {"key": "QX-098"}
    assert codes(await work(job, request, "1")) == ["NOT_CONFIRMED"]
    other = {"requestId": request["id"], "quoteDigest": "0" * 64}
    assert codes(await job.owner.do("confirmConsultancy", other, BELOW)) == ["CONFLICT"]
    confirmed = (await confirm(job, request))["request"]
    assert confirmed["status"] == "CONFIRMED"
    assert confirmed["confirmation"] == {"by": {"email": job.customer.owner.email}}
    worked = (await work(job, request, "4.5"))["request"]
    assert (worked["workedHours"], worked["billedHours"]) == ("4.5", "8")
    assert worked["billed"] == {"amount": "2000.00", "currency": "EUR"}
    assert codes(await work(job, request, "4")) == ["NOT_CONFIRMED"]


async def pay_with_the_hour_card(job: Job) -> None:
    """Whole blocks come off the card at the confirmation, and nothing remains to be invoiced."""
    assert (await job.owner.data(CARDS))["slaStatus"] == {"hoursLeft": "12"}
    request = await ask_and_quote(job, "6")
    confirmed = await confirm(job, request, hourCardId=job.card_id)
    assert codes(confirmed) == []
    worked = (await work(job, request, "3"))["request"]
    assert (worked["billedHours"], worked["billed"]["amount"]) == ("4", "0.00")
    found = await job.owner.data(CARDS)
    assert found["slaStatus"] == {"hoursLeft": "4"}
    (card,) = found["organization"]["hourCards"]
    assert card["balanceHours"] == "4"
    assert card["entries"]["nodes"] == [
        {"kind": "PURCHASE", "hours": "12", "balanceHours": "12"},
        {"kind": "RESERVATION", "hours": "-8", "balanceHours": "4"},
    ]
    more = await ask_and_quote(job, "8")
    assert codes(await confirm(job, more, hourCardId=job.card_id)) == ["INSUFFICIENT_HOURS"]
    assert (await job.owner.data(CARDS))["slaStatus"] == {"hoursLeft": "4"}
