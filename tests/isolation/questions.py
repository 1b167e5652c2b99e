"""What one customer is asked about: with its own words, and with those of a neighbour that it must not know."""

from collections.abc import Sequence
from dataclasses import dataclass

from sla.vocabulary import Locale
from tests.isolation.walk import Questions


@dataclass(frozen=True, slots=True)
class Foreign:
    """What somebody learnt of a neighbour. In a world without that neighbour it means nothing."""

    slug: str
    number: str
    word: str
    cursor: str
    ids: Sequence[str]


def _pages(foreign: Foreign) -> tuple[str, ...]:
    after, before = f'(first: 5, after: "{foreign.cursor}")', f'(last: 5, before: "{foreign.cursor}")'
    return ("", "(first: 2)", "(last: 2)", after, before)


FILTER = """(first: 9, filter: { status: [NEW, IN_PROGRESS, CLOSED], type: [BUG, QUESTION, INCIDENT],
  priorityKey: ["HIGH", "LOW", "MEDIUM", "CRITICAL"], clockState: [RUNNING, MET, MISSED, PAUSED], late: true,
  registeredFrom: "2000-01-01T00:00:00Z", registeredUntil: "2100-01-01T00:00:00Z" },
  orderBy: { field: REGISTERED_AT, direction: DESC })"""
PREVIEW = """(input: { policyKey: "qixium", tier: "SUPPORT", type: INCIDENT, priorityKey: "HIGH",
  environment: PRODUCTION, registeredAt: "2026-03-10T09:00:00Z" })"""
PREVIEW_OF_ALL = """(input: { policyKey: "oxygis", tier: "SUPPORT", type: BUG, priorityKey: null, impact: 1, urgency: 1,
  environment: TEST, channel: PORTAL, component: "x", problemKind: TECHNICAL, addenda: ["x"],
  registeredAt: "2026-03-10T09:00:00Z" })"""


RECORD = """(filter: { event: ["user_created", "contact_named"], actorId: "QWNjb3VudDo", subjectId: "x",
  from: "2000-01-01T00:00:00Z", until: "2100-01-01T00:00:00Z" })"""


def questions(slug: str, number: str, foreign: Foreign) -> Questions:
    """By field. The vendor's own plane shows all customers by design: there the questions name one."""
    pages = _pages(foreign)
    theirs = f'(search: "{foreign.word}")'
    return {
        "Query.policy": ('(key: "qixium")', '(key: "qixium", version: "2026-03-01")', '(key: "oxygis")'),
        "Query.tickets": (*pages, theirs, '(search: "Koppeling")', FILTER),
        "Query.ticket": (f'(number: "{number}")', f'(number: "{foreign.number}")'),
        "Query.consultancyRequests": pages,
        "Query.slaStatus": ("", '(from: "2026-03-01", to: "2026-03-31")'),
        "Query.slaPreview": (PREVIEW, PREVIEW_OF_ALL),
        "Organization.accounts": pages,
        "Organization.auditLog": (
            *pages,
            RECORD,
            *(f'(filter: {{ subjectId: "{key}" }})' for key in foreign.ids[:3]),
        ),
        "Ticket.timeline": pages,
        "HourCard.entries": pages,
        "Clause.text": ("", *(f"(locale: {locale.name})" for locale in Locale)),
        "Console.tenant": (f'(slug: "{slug}")',),
        "Console.tenants": (
            f'(search: "{slug}")',
            f'(search: "{slug}", first: 1, after: "{foreign.cursor}")',
        ),
        "Console.auditLog": (*pages, RECORD),
        "Console.workQueue": (
            f'(filter: {{ tenantSlug: ["{slug}"] }})',
            f'(filter: {{ tenantSlug: ["{slug}"], status: [NEW], priorityKey: ["HIGH"], late: true }}, first: 3)',
            f'(filter: {{ tenantSlug: ["{slug}"] }}, first: 3, after: "{foreign.cursor}")',
        ),
    }
