"""What the agreements ask of tickets beyond the plain way from registration to closing."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from auth.permissions import Permission
from tests.factories.portal import Client, Customer, House

CLOCKS = "ticket { status firstRespondedAt autoCloseAt responseClock { state stoppedAt } resolutionClock { state } }"
REPORT = {"type": "INCIDENT", "subject": "Kapot", "description": "Er gebeurt niets."}


async def both(
    house: House, policy: str = "qixium", tier: str = "SUPPORT"
) -> tuple[Customer, Client, Client]:
    """A customer, its contact and an operator at work there."""
    customer = await house.tenant("alfa", policy, tier)
    contact = await house.sign_in(customer.owner)
    return customer, contact, await house.sign_in(await house.operator(), "alfa")


async def reported(client: Client, **more: Any) -> str:
    made = await client.do("registerTicket", REPORT | more, "ticket { id }")
    assert made["errors"] == []
    ticket_id: str = made["ticket"]["id"]
    return ticket_id


def code(payload: Any) -> str:
    return str(payload["errors"][0]["code"])


@pytest.mark.clause("QX-035")
async def test_a_comment_on_a_closed_ticket_is_no_response_and_a_later_one_is(house: House) -> None:
    _, contact, operator = await both(house)
    ticket = {"ticketId": await reported(contact)}
    await contact.do("closeTicket", ticket, CLOCKS)
    await operator.do("addComment", ticket | {"body": "ok"}, CLOCKS)
    opened = await operator.do("reopenTicket", ticket | {"reason": "toch niet opgelost"}, CLOCKS)
    assert opened["ticket"]["firstRespondedAt"] is None
    assert opened["ticket"]["responseClock"]["state"] == "RUNNING"
    assert code(await operator.do("closeTicket", ticket, CLOCKS)) == "INVALID"
    answered = await operator.do("addComment", ticket | {"body": "antwoord"}, CLOCKS)
    assert answered["ticket"]["responseClock"]["state"] == "MET"
    assert answered["ticket"]["firstRespondedAt"] is not None


@pytest.mark.clause("QX-030")
async def test_a_waiting_ticket_is_not_closed_in_silence_before_the_term_nor_after_a_reaction(
    house: House,
) -> None:
    _, contact, operator = await both(house)
    ticket = {"ticketId": await reported(contact)}
    await operator.do("addComment", ticket | {"body": "Graag uw reactie"}, CLOCKS)
    waiting = await operator.do("changeTicketStatus", ticket | {"status": "WAITING_FOR_CUSTOMER"}, CLOCKS)
    assert waiting["ticket"]["autoCloseAt"] is not None
    refused = await operator.do("closeTicket", ticket, CLOCKS)
    assert (code(refused), refused["errors"][0]["clause"]["key"]) == ("TOO_EARLY", "QX-030")
    moved = await operator.do("changeTicketStatus", ticket | {"status": "CLOSED"}, CLOCKS)
    assert code(moved) == "TOO_EARLY"
    reacted = await contact.do("addComment", ticket | {"body": "Nog steeds"}, CLOCKS)
    assert reacted["ticket"]["autoCloseAt"] is None
    told = await operator.do("closeTicket", ticket | {"message": "Opgelost"}, CLOCKS)
    assert told["ticket"]["status"] == "CLOSED"


@pytest.mark.clause("QX-033")
async def test_the_vendor_closes_along_the_status_flow_only(house: House) -> None:
    _, contact, operator = await both(house)
    ticket = {"ticketId": await reported(contact)}
    await operator.do("changeTicketStatus", ticket | {"status": "WAITING_FOR_DEVELOPMENT"}, CLOCKS)
    assert (
        code(await operator.do("closeTicket", ticket | {"message": "Klaar"}, CLOCKS)) == "ILLEGAL_TRANSITION"
    )


@pytest.mark.clause("QX-056")
async def test_a_door_for_outages_lets_in_nothing_else(house: House) -> None:
    customer, _, operator = await both(house)
    own = await operator.data("{ organization { contacts { id } } }")
    given = REPORT | {
        "contactId": own["organization"]["contacts"][0]["id"],
        "channel": "PHONE",
        "priorityKey": "OUTAGE",
    }
    accepted = await operator.do("registerTicket", given, "ticket { priority { key } channel }")
    assert accepted["ticket"] == {"priority": {"key": "OUTAGE"}, "channel": "PHONE"}
    for other in ({"type": "CONSULTANCY_REQUEST"}, {"component": "CUSTOM"}, {"priorityKey": "HIGH"}):
        assert (
            code(await operator.do("registerTicket", given | other, "ticket { id }")) == "CHANNEL_NOT_COVERED"
        )
    assert customer.owner.contact_id is not None


@pytest.mark.clause("QX-001")
async def test_nothing_is_registered_before_the_policy_version_holds(house: House) -> None:
    customer = await house.tenant("alfa", "open2bizz", "STANDARD", starts_on=date(2020, 1, 1))
    contact = await house.sign_in(customer.owner)
    version = house.portal.library.get("open2bizz").version
    assert version > date(2020, 1, 1)
    assert await reported(contact)  # today the version holds
    operator = await house.sign_in(await house.operator(), "alfa")
    early = await operator.data(
        '{ slaPreview(input: {policyKey: "open2bizz", type: INCIDENT, registeredAt: "2020-01-01T09:00:00Z"})'
        " { responseClock { state } } }"
    )
    assert early["slaPreview"]["responseClock"]["state"] == "RUNNING"  # a calculator takes any date


async def test_an_arrival_is_for_calls_and_mails_and_is_shown(house: House) -> None:
    _, contact, operator = await both(house, "open2bizz", "STANDARD")
    own = await operator.data("{ organization { contacts { id } } }")
    arrived = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)
    given = REPORT | {
        "contactId": own["organization"]["contacts"][0]["id"],
        "receivedAt": arrived.isoformat(),
    }
    reason = {"receivedReason": "mail bleef liggen"}
    assert (
        code(await operator.do("registerTicket", given | reason, "ticket { id }")) == "INVALID"
    )  # the portal
    assert (
        code(await operator.do("registerTicket", given | {"channel": "EMAIL"}, "ticket { id }")) == "INVALID"
    )
    assert (
        code(await contact.do("registerTicket", REPORT | reason, "ticket { id }")) == "FORBIDDEN_BY_CONTRACT"
    )
    below = "ticket { registeredAt timeline { nodes { receivedAt reason } } }"
    made = await operator.do("registerTicket", given | reason | {"channel": "EMAIL"}, below)
    assert datetime.fromisoformat(made["ticket"]["registeredAt"]) == arrived
    shown = made["ticket"]["timeline"]["nodes"][0]
    assert datetime.fromisoformat(shown["receivedAt"]) == arrived
    assert shown["reason"] == "mail bleef liggen"


@pytest.mark.clause("QX-058")
async def test_a_raise_outside_production_takes_a_reason_of_its_own(house: House) -> None:
    _, _, operator = await both(house)
    own = await operator.data("{ organization { contacts { id } } }")
    given = REPORT | {
        "contactId": own["organization"]["contacts"][0]["id"],
        "environment": "TEST",
        "priorityKey": "HIGH",
    }
    refused = await operator.do("registerTicket", given, "ticket { id }")
    assert (code(refused), refused["errors"][0]["path"]) == ("INVALID", ["reason"])
    made = await operator.do(
        "registerTicket", given | {"reason": "belde erover"}, "ticket { priority { key } }"
    )
    assert made["ticket"]["priority"]["key"] == "HIGH"


@pytest.mark.clause("QX-039")
async def test_a_wish_is_kept_and_shown_and_moves_nothing(house: House) -> None:
    _, contact, operator = await both(house)
    below = "ticket { id priority { key } priorityWish { key } }"
    made = await contact.do("registerTicket", REPORT | {"priorityKey": "HIGH"}, below)
    assert made["ticket"]["priority"]["key"] == "NORMAL"
    assert made["ticket"]["priorityWish"]["key"] == "HIGH"
    ticket = {"ticketId": made["ticket"]["id"]}
    wrong = ticket | {"type": "DEVELOPMENT_REQUEST", "priorityKey": "HIGH"}
    assert code(await operator.do("classifyTicket", wrong, below)) == "INVALID"


@pytest.mark.clause("OB-030")
async def test_a_handling_time_that_has_not_begun_is_marked_as_projected(house: House) -> None:
    _, contact, operator = await both(house, "open2bizz", "STANDARD")
    below = "ticket { id resolutionClock { state dueAt startedAt projected } }"
    made = await contact.do("registerTicket", REPORT, below)
    clock = made["ticket"]["resolutionClock"]
    assert (clock["projected"], clock["startedAt"], clock["dueAt"] is not None) == (True, None, True)
    answered = await operator.do("addComment", {"ticketId": made["ticket"]["id"], "body": "Bezig"}, below)
    assert answered["ticket"]["resolutionClock"]["projected"] is False


async def test_the_last_administrator_stays(house: House) -> None:
    customer, contact, _ = await both(house)
    own = await contact.data("{ organization { contacts { id } } }")
    removal = {"contactId": own["organization"]["contacts"][0]["id"]}
    assert code(await contact.do("removeContact", removal, "contact { id }")) == "CONFLICT"
    await customer.contact("Bram Bakker", (Permission.READ, Permission.MANAGE_ACCOUNTS))
    gone = await contact.do("removeContact", removal, "contact { active }")
    assert gone["contact"] == {"active": False}


async def test_a_name_of_two_lines_is_refused(house: House) -> None:
    _, contact, _ = await both(house)
    given = {"name": "A\r\nBcc: x@example.org", "email": "a@example.org", "phone": "+31 30 123 45 67"}
    refused = await contact.do("nameContact", given, "contact { id }")
    assert (code(refused), refused["errors"][0]["path"]) == ("INVALID", ["name"])
