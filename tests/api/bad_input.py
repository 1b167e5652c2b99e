"""What people and clients get wrong in the inputs of mutations, and what they are told."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from api.ids import encode_id

NOWHERE = UUID("01a20067-3478-79b5-86b7-e09755a42d15")


def random_id(type_name: str) -> str:
    return encode_id(type_name, NOWHERE)


STRANGER = random_id("Contact")
LONG = "x" * 100_000
TICKET = {"type": "INCIDENT", "subject": "Koppeling", "description": "Staat stil."}
ASKED = {"subject": "Inrichting", "description": "Graag hulp."}
PERSON = {"name": "Dirk Dop", "email": "dirk@x.example", "phone": "030 123 45 67"}
GUEST = {"email": "guest@x.example", "name": "Gast", "permissions": ["READ"]}
TODAY = datetime.now(UTC)


def ago(**parts: float) -> str:
    """A moment that lies so far back; negative parts lie ahead."""
    return (TODAY - timedelta(**parts)).isoformat()


@dataclass(frozen=True)
class Bad:
    """An input with one mistake in it: `{Type}` stands for the customer's own id of that type."""

    mutation: str
    given: dict[str, Any]
    code: str
    path: str | None
    limit: int | None = None


def names(cases: list[Bad]) -> list[str]:
    """The same names in every process that collects the tests: moments differ."""
    return [f"{number}-{bad.mutation}-{bad.path}" for number, bad in enumerate(cases)]


OWN = {"accountId": "{Account}"}
MINE, ASKED_FOR, AT = "{Ticket}", "{ConsultancyRequest}", "receivedAt"
BY_CONTACT = [
    Bad("registerTicket", {**TICKET, "subject": ""}, "INVALID", "subject"),
    Bad("registerTicket", {**TICKET, "subject": " \n\t "}, "INVALID", "subject"),
    Bad("registerTicket", {**TICKET, "subject": "x" * 201}, "INVALID", "subject", 200),
    Bad("registerTicket", {**TICKET, "description": ""}, "INVALID", "description"),
    Bad("registerTicket", {**TICKET, "description": LONG}, "INVALID", "description", 20_000),
    Bad("registerTicket", {**TICKET, "component": "x" * 61}, "INVALID", "component", 60),
    Bad("registerTicket", {**TICKET, "component": "ORB"}, "OUT_OF_SCOPE", "component"),
    Bad("registerTicket", {**TICKET, "type": "CHANGE_REQUEST"}, "OUT_OF_SCOPE", "type"),
    Bad("registerTicket", {**TICKET, "priorityKey": LONG}, "INVALID", "priorityKey"),
    Bad("registerTicket", {**TICKET, "priorityKey": "URGENT"}, "INVALID", "priorityKey"),
    Bad("registerTicket", {**TICKET, "channel": "PHONE"}, "FORBIDDEN_BY_CONTRACT", "channel"),
    Bad("registerTicket", {**TICKET, AT: ago(hours=1)}, "FORBIDDEN_BY_CONTRACT", AT),
    Bad("registerTicket", {**TICKET, "contactId": "{Contact}"}, "FORBIDDEN_BY_CONTRACT", "contactId"),
    Bad("registerTicket", {**TICKET, "contactId": "nonsense"}, "NOT_FOUND", "contactId"),
    Bad("registerTicket", {**TICKET, "idempotencyKey": " "}, "INVALID", "idempotencyKey"),
    Bad("registerTicket", {**TICKET, "idempotencyKey": "x" * 201}, "INVALID", "idempotencyKey", 200),
    Bad("addComment", {"ticketId": random_id("Ticket"), "body": "?"}, "NOT_FOUND", "ticketId"),
    Bad("addComment", {"ticketId": random_id("Contact"), "body": "?"}, "NOT_FOUND", "ticketId"),
    Bad("addComment", {"ticketId": "T-1", "body": "?"}, "NOT_FOUND", "ticketId"),
    Bad("addComment", {"ticketId": MINE, "body": " "}, "INVALID", "body"),
    Bad("addComment", {"ticketId": MINE, "body": LONG}, "INVALID", "body", 20_000),
    Bad("addComment", {"ticketId": MINE, "body": "?", "internal": True}, "FORBIDDEN_BY_CONTRACT", "internal"),
    Bad("closeTicket", {"ticketId": MINE, "message": LONG}, "INVALID", "message", 20_000),
    Bad("closeTicket", {"ticketId": MINE, "reason": "x" * 501}, "INVALID", "reason", 500),
    Bad("requestConsultancy", {**ASKED, "subject": ""}, "INVALID", "subject"),
    Bad("requestConsultancy", {**ASKED, "description": LONG}, "INVALID", "description", 20_000),
    Bad("requestConsultancy", {**ASKED, "ticketId": random_id("Ticket")}, "NOT_FOUND", "ticketId"),
    Bad("confirmConsultancy", {"requestId": ASKED_FOR, "quoteDigest": ""}, "CONFLICT", "quoteDigest"),
    Bad("confirmConsultancy", {"requestId": ASKED_FOR, "quoteDigest": LONG}, "CONFLICT", "quoteDigest"),
    Bad("confirmConsultancy", {"requestId": random_id("Ticket"), "quoteDigest": "0"}, "NOT_FOUND", "requestId"),
    Bad("confirmConsultancy", {"requestId": "{large}", "quoteDigest": "{replaced}"}, "CONFLICT", "quoteDigest"),
    Bad("confirmConsultancy", {"requestId": "{large}", "quoteDigest": "{digest}", "hourCardId": "{HourCard}"},
        "INSUFFICIENT_HOURS", "hourCardId"),
    Bad("declineConsultancy", {"requestId": ASKED_FOR, "reason": "x" * 501}, "INVALID", "reason", 500),
    Bad("nameContact", {**PERSON, "name": ""}, "INVALID", "name"),
    Bad("nameContact", {**PERSON, "name": "x" * 201}, "INVALID", "name", 200),
    Bad("nameContact", {**PERSON, "email": "dirk"}, "INVALID", "email"),
    Bad("nameContact", {**PERSON, "email": "dirk@x.example\r\nBcc: all@x.example"}, "INVALID", "email"),
    Bad("nameContact", {**PERSON, "email": "x" * 255}, "INVALID", "email", 254),
    Bad("nameContact", {**PERSON, "phone": "call me"}, "INVALID", "phone"),
    Bad("nameContact", {**PERSON, "phone": "0" * 41}, "INVALID", "phone", 40),
    Bad("nameContact", {**PERSON, "mobile": "-"}, "INVALID", "mobile"),
    Bad("removeContact", {"contactId": random_id("Contact")}, "NOT_FOUND", "contactId"),
    Bad("replaceContact", {**PERSON, "contactId": random_id("Contact")}, "NOT_FOUND", "contactId"),
    Bad("replaceContact", {**PERSON, "contactId": "{Contact}", "phone": ""}, "INVALID", "phone"),
    Bad("replaceContact", {**PERSON, "contactId": "{Contact}", "email": "dirk"}, "INVALID", "email"),
    Bad("changeContact", {"contactId": random_id("Contact")}, "NOT_FOUND", "contactId"),
    Bad("changeContact", {"contactId": "{Contact}", "name": " "}, "INVALID", "name"),
    Bad("changeContact", {"contactId": "{Contact}", "phone": "call me"}, "INVALID", "phone"),
    Bad("changeContact", {"contactId": "{Contact}", "mobile": "-"}, "INVALID", "mobile"),
    Bad("deactivateAccount", {"accountId": random_id("Account")}, "NOT_FOUND", "accountId"),
    Bad("deactivateAccount", {**OWN, "reason": "x" * 501}, "INVALID", "reason", 500),
    Bad("reactivateAccount", OWN, "CONFLICT", "accountId"),
    Bad("renewInvitation", OWN, "CONFLICT", "accountId"),
    Bad("resetAccountMfa", {**OWN, "identityCheck": " "}, "INVALID", "identityCheck"),
    Bad("resetAccountMfa", {**OWN, "identityCheck": "x" * 501}, "INVALID", "identityCheck", 500),
    Bad("changeAccountContact", {"accountId": random_id("Account")}, "NOT_FOUND", "accountId"),
    Bad("changeAccountContact", {"accountId": "{Account}", "contactId": STRANGER}, "NOT_FOUND", "contactId"),
    Bad("inviteAccount", {**GUEST, "email": "{email}"}, "CONFLICT", "email"),
    Bad("inviteAccount", {**GUEST, "email": "guest"}, "INVALID", "email"),
    Bad("inviteAccount", {**GUEST, "name": " "}, "INVALID", "name"),
    Bad("inviteAccount", {**GUEST, "contactId": random_id("Contact")}, "NOT_FOUND", "contactId"),
]  # fmt: skip

FOR = {**TICKET, "contactId": "{Contact}"}
QUOTE = {"requestId": ASKED_FOR, "estimatedHours": "3"}
WORK = {
    "requestId": ASKED_FOR,
    "workedOn": TODAY.date().isoformat(),
    "hours": "1",
    "description": "?",
}
BY_OPERATOR = [
    Bad("registerTicket", TICKET, "INVALID", "contactId"),
    Bad("registerTicket", {**FOR, "contactId": random_id("Contact")}, "NOT_FOUND", "contactId"),
    Bad("registerTicket", {**FOR, "priorityKey": "URGENT"}, "INVALID", "priorityKey"),
    Bad("registerTicket", {**FOR, "channel": "EMAIL"}, "CHANNEL_NOT_COVERED", "channel"),
    Bad("registerTicket", {**FOR, AT: ago(hours=-1), "receivedReason": "gebeld"}, "INVALID", AT, 7),
    Bad("registerTicket", {**FOR, AT: ago(days=8), "receivedReason": "gebeld"}, "INVALID", AT, 7),
    Bad("registerTicket", {**FOR, AT: "0001-01-01T00:00:00Z", "receivedReason": "x"}, "INVALID", AT, 7),
    Bad("registerTicket", {**FOR, AT: "9999-12-31T23:59:59Z", "receivedReason": "x"}, "INVALID", AT, 7),
    Bad("registerTicket", {**FOR, AT: "2026-03-10T09:00:00", "receivedReason": "x"}, "INVALID", AT),
    Bad("registerTicket", {**FOR, AT: "0001-01-01T00:00:00+14:00", "receivedReason": "x"}, "INVALID", AT),
    Bad("registerTicket", {**FOR, AT: ago(hours=1)}, "INVALID", "receivedReason"),
    Bad("registerTicket", {**FOR, AT: ago(hours=1), "receivedReason": LONG}, "INVALID", "receivedReason", 500),
    Bad("changeTicketStatus", {"ticketId": MINE, "status": "NEW"}, "ILLEGAL_TRANSITION", "status"),
    Bad("changeTicketStatus", {"ticketId": MINE, "status": "CLOSED"}, "INVALID", "status"),
    Bad("changeTicketStatus", {"ticketId": "{waiting}", "status": "CLOSED"}, "ILLEGAL_TRANSITION", "status"),
    Bad("changeTicketStatus", {"ticketId": "{closed}", "status": "IN_PROGRESS"}, "ILLEGAL_TRANSITION", "status"),
    Bad("changeTicketStatus", {"ticketId": MINE, "status": "IN_PROGRESS", "reason": LONG}, "INVALID", "reason", 500),
    Bad("changeTicketStatus", {"ticketId": MINE, "status": "WAITING_FOR_DEVELOPMENT", "developmentReference": LONG},
        "INVALID", "developmentReference", 60),
    Bad("classifyTicket", {"ticketId": MINE, "priorityKey": "URGENT"}, "INVALID", "priorityKey"),
    Bad("classifyTicket", {"ticketId": MINE, "priorityKey": LONG}, "INVALID", "priorityKey"),
    Bad("classifyTicket", {"ticketId": "{question}", "priorityKey": "OUTAGE"}, "INVALID", "priorityKey"),
    Bad("classifyTicket", {"ticketId": MINE, "type": "CHANGE_REQUEST"}, "OUT_OF_SCOPE", "type"),
    Bad("classifyTicket", {"ticketId": "{closed}", "priorityKey": "LOW"}, "ILLEGAL_TRANSITION", "ticketId"),
    Bad("closeTicket", {"ticketId": MINE}, "INVALID", "message"),
    Bad("closeTicket", {"ticketId": "{closed}", "message": "?"}, "ILLEGAL_TRANSITION", "ticketId"),
    Bad("reopenTicket", {"ticketId": MINE, "reason": "?"}, "ILLEGAL_TRANSITION", "ticketId"),
    Bad("reopenTicket", {"ticketId": "{closed}", "reason": " "}, "INVALID", "reason"),
    *(Bad("quoteConsultancy", {**QUOTE, "estimatedHours": hours}, "INVALID", "estimatedHours", 2_000)
      for hours in ("-1", "0", "-0.0", "2000.5", "1E+30", "0.001", "NaN", "Infinity", "9" * 500)),
    Bad("quoteConsultancy", {**QUOTE, "preparationHours": "-1"}, "INVALID", "preparationHours", 2_000),
    Bad("quoteConsultancy", {**QUOTE, "validUntil": ago(days=1)}, "INVALID", "validUntil", 365),
    Bad("quoteConsultancy", {**QUOTE, "validUntil": "9999-12-31T23:59:59Z"}, "INVALID", "validUntil", 365),
    Bad("quoteConsultancy", {**QUOTE, "validUntil": "2027-01-01T00:00:00"}, "INVALID", "validUntil"),
    *(Bad("recordConsultancyWork", {**WORK, "hours": hours}, "INVALID", "hours", 2_000)
      for hours in ("-1", "0", "2001", "NaN")),
    Bad("recordConsultancyWork", WORK, "NOT_CONFIRMED", "hours"),
    Bad("recordConsultancyWork", {**WORK, "workedOn": "9999-12-31"}, "INVALID", "workedOn"),
    Bad("recordConsultancyWork", {**WORK, "description": " "}, "INVALID", "description"),
]  # fmt: skip
