"""Consultancy requests with quotes and confirmations, and the hour cards that pay for them."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

import strawberry
from sqlalchemy import ColumnElement, Row
from strawberry.types import Info

from api.access import Access, holds
from api.accounts import accounts_by_id
from api.connections import Connection, connection, declare_list, page_request
from api.enums import ConsultancyStatus, WorkKind
from api.ids import encode_id
from api.loading import Loading
from api.nodes import Node
from api.people import Account, Contact, contacts_by_id
from api.policies import Clause, clause_of
from api.scalars import Money, hours, money, partly
from api.selection import Results, Selected, Selection, result_of
from tenants.consultancy import queries
from tenants.consultancy.changes import status_at
from tenants.contracts.errors import NoContractInForce
from tenants.contracts.service import agreement_in_force
from tenants.pages import PageRequest, PageRows, read_page

if TYPE_CHECKING:
    from api.tickets import Ticket


@holds(Access.TENANT)
@strawberry.type
class ConsultancyQuote:
    digest: str
    work_kind: WorkKind
    estimated_hours: Decimal
    preparation_hours: Decimal
    block_hours: int = strawberry.field(description="0 where hours are charged as they are.")
    blocks: int
    billable_hours: Decimal
    hourly_rate: Money = strawberry.field(description="Without VAT.")
    total: Money = strawberry.field(description="Without VAT.")
    valid_until: datetime
    clause: Clause | None


@holds(Access.TENANT)
@strawberry.type(description="Who agreed to what, when: kept as it was shown.")
class Confirmation:
    by: Account
    at: datetime
    quote: ConsultancyQuote


@holds(Access.TENANT)
@strawberry.type
class ConsultancyRequest(Node):
    status: ConsultancyStatus
    subject: str
    description: str
    requester: Contact | None
    requested_at: datetime
    preferred_on: date | None
    ticket: Annotated["Ticket", strawberry.lazy("api.tickets")] | None
    quote: ConsultancyQuote | None = strawberry.field(description="The quote that lies on the table.")
    confirmation: Confirmation | None = strawberry.field(description="The last one.")
    decline_reason: str | None
    planned_on: date | None
    confirmed_hours: Decimal
    worked_hours: Decimal
    billed_hours: Decimal = strawberry.field(description="Whole blocks of what was worked.")
    billed: Money | None = strawberry.field(
        description="What remains to be invoiced, without VAT: 0.00 where the hour card pays; "
        "null before a confirmation."
    )


@strawberry.enum
class HourCardEntryKind(StrEnum):
    PURCHASE = "PURCHASE"
    RESERVATION = "RESERVATION"


@holds(Access.TENANT)
@strawberry.type(description="One line of a card's ledger, which only grows.")
class HourCardEntry:
    at: datetime
    kind: HourCardEntryKind
    hours: Decimal = strawberry.field(description="Negative where hours are taken off the card.")
    balance_hours: Decimal
    request: ConsultancyRequest | None


@holds(Access.TENANT)
@strawberry.type
class HourCard(Node):
    number: str
    block_hours: int
    purchased_hours: Decimal
    balance_hours: Decimal
    expires_on: date | None
    below: strawberry.Private[Results]

    @strawberry.field
    def entries(
        self,
        info: Info[Any, Any],
        first: int | None = strawberry.UNSET,
        after: str | None = strawberry.UNSET,
        last: int | None = strawberry.UNSET,
        before: str | None = strawberry.UNSET,
    ) -> Connection[HourCardEntry]:
        found: Connection[HourCardEntry] = result_of(self.below, info)
        return found


declare_list("ConsultancyRequest", Access.TENANT)
declare_list("HourCardEntry", Access.TENANT)

PLAIN = {
    "subject": "subject",
    "description": "description",
    "requestedAt": "requested_at",
    "preferredOn": "preferred_on",
    "plannedOn": "planned_on",
    "declineReason": "decline_reason",
}
HOURS = {"confirmedHours": "confirmed", "workedHours": "worked", "billedHours": "billed"}
OTHERS = {
    "status": ("status", "confirmed_minutes", "worked_minutes"),
    "billed": ("billed_cents",),
    "ticket": ("ticket_id",),
    "requester": ("requester_id",),
}
FROM_QUOTE = ("status", "billed", "quote")

Builder = tuple[str, Callable[[Row[Any]], Any]]


async def request_page(
    loading: Loading, selection: Selection, given: dict[str, Any]
) -> Connection[ConsultancyRequest]:
    """One page of all requests, the newest first."""
    cursors = loading.cursors("consultancyRequests")
    page = page_request(cursors, (datetime, UUID), **given)
    below = selection.below("nodes").joined(selection.below("edges", "node"))
    statement = queries.requests(_columns(below) | {"requested_at"}, quotes=below.asks(*FROM_QUOTE))
    found = await read_page(loading.reader, statement, queries.NEWEST_FIRST, page, descending=True)
    nodes = await _requests(found.rows, below, loading)
    total = await loading.reader.scalar(queries.request_count()) if selection.asks("totalCount") else None
    made = Connection[ConsultancyRequest]
    return connection(made, cursors, found, nodes, lambda row: (row.requested_at, row.id), total)


async def requests_by_id(
    loading: Loading, ids: Sequence[UUID], selection: Selection
) -> dict[UUID, ConsultancyRequest]:
    """The requests of these ids, by one statement and one for each thing asked below them."""
    if not ids:
        return {}
    rows = await _rows(loading, selection, queries.REQUEST.c.id.in_(set(ids)), ())
    return dict(zip([row.id for row in rows], await _requests(rows, selection, loading), strict=True))


async def load_requests_of_tickets(
    loading: Loading, ticket_ids: Sequence[UUID], selection: Selection
) -> dict[UUID, ConsultancyRequest]:
    """The newest request of each of these tickets that has any."""
    if not ticket_ids:
        return {}
    rows = await _rows(loading, selection, queries.newest_of_tickets(ticket_ids), ("ticket_id",))
    return dict(zip([row.ticket_id for row in rows], await _requests(rows, selection, loading), strict=True))


async def _rows(
    loading: Loading, selection: Selection, condition: ColumnElement[bool], more: Iterable[str]
) -> Sequence[Row[Any]]:
    statement = queries.requests(_columns(selection) | set(more), quotes=selection.asks(*FROM_QUOTE))
    return await loading.reader.rows(statement.where(condition))


def _columns(selection: Selection) -> set[str]:
    """The columns that the fields asked for are made of."""
    columns: set[str] = set()
    for field in selection.fields():
        if field.name in PLAIN:
            columns.add(PLAIN[field.name])
        elif field.name in HOURS:
            columns.add(f"{HOURS[field.name]}_minutes")
        columns |= set(OTHERS.get(field.name, ()))
    return columns


async def _requests(
    rows: Sequence[Row[Any]], selection: Selection, loading: Loading
) -> list[ConsultancyRequest]:
    """Requests of rows that hold `_columns`, with one more statement for each thing asked below them."""
    if not rows:
        return []
    builders = [*_row_builders(selection, loading), *await _fetched_builders(rows, selection, loading)]
    found = []
    for row in rows:
        values: dict[str, Any] = {"id": encode_id("ConsultancyRequest", row.id)}
        for attribute, build in builders:
            values[attribute] = build(row)
        found.append(partly(ConsultancyRequest, values))
    return found


def _row_builders(selection: Selection, loading: Loading) -> list[Builder]:
    builders: list[Builder] = []
    for name in {field.name for field in selection.fields()}:
        if name in PLAIN:
            builders.append((PLAIN[name], _column(PLAIN[name])))
        elif name in HOURS:
            builders.append((f"{HOURS[name]}_hours", _hours(f"{HOURS[name]}_minutes")))
    if selection.asks("status"):
        builders.append(("status", lambda row: _status(row, loading.now)))
    if selection.asks("billed"):
        builders.append(("billed", _billed))
    if selection.asks("quote"):
        builders.append(("quote", lambda row: _quote(row, loading) if row.quote_digest else None))
    return builders


async def _fetched_builders(
    rows: Sequence[Row[Any]], selection: Selection, loading: Loading
) -> list[Builder]:
    builders: list[Builder] = []
    if selection.asks("requester"):
        contacts = await contacts_by_id(
            loading.reader, [row.requester_id for row in rows if row.requester_id]
        )
        builders.append(("requester", lambda row: contacts.get(row.requester_id)))
    if selection.asks("ticket"):
        ids = [row.ticket_id for row in rows if row.ticket_id]
        tickets = await loading.load_tickets_by_id(loading, ids, selection.below("ticket"))
        builders.append(("ticket", lambda row: tickets.get(row.ticket_id)))
    if selection.asks("confirmation"):
        confirmations = await _confirmations(loading, [row.id for row in rows])
        builders.append(("confirmation", lambda row: confirmations.get(row.id)))
    return builders


def _column(name: str) -> Callable[[Row[Any]], Any]:
    return lambda row: getattr(row, name)


def _hours(name: str) -> Callable[[Row[Any]], Decimal]:
    return lambda row: hours(getattr(row, name))


def _status(row: Row[Any], now: datetime) -> ConsultancyStatus:
    found = status_at(row.status, row.quote_valid_until, row.confirmed_minutes, row.worked_minutes, now)
    return ConsultancyStatus(found.value)


def _billed(row: Row[Any]) -> Money | None:
    return None if row.billed_cents is None else money(row.billed_cents, row.quote_currency)


def _quote(row: Row[Any], loading: Loading) -> ConsultancyQuote:
    """The quote in the prefixed columns of a row."""
    policy = loading.library.get(row.quote_policy_key, row.quote_policy_version)
    key = row.quote_clause_key
    return ConsultancyQuote(
        digest=row.quote_digest,
        work_kind=WorkKind(row.quote_work_kind),
        estimated_hours=hours(row.quote_estimated_minutes),
        preparation_hours=hours(row.quote_preparation_minutes),
        block_hours=row.quote_block_hours,
        blocks=row.quote_blocks,
        billable_hours=hours(row.quote_billable_minutes),
        hourly_rate=money(row.quote_hourly_rate_cents, row.quote_currency),
        total=money(row.quote_total_cents, row.quote_currency),
        valid_until=row.quote_valid_until,
        clause=clause_of(policy.clause(key), loading.locale) if key else None,
    )


async def _confirmations(loading: Loading, request_ids: Sequence[UUID]) -> dict[UUID, Confirmation]:
    rows = await loading.reader.rows(queries.last_confirmations(request_ids))
    accounts = await accounts_by_id(loading, [row.account_id for row in rows])
    return {
        row.request_id: Confirmation(
            by=accounts[row.account_id], at=row.confirmed_at, quote=_quote(row, loading)
        )
        for row in rows
    }


async def load_cards(loading: Loading, selection: Selection) -> list[HourCard]:
    """Every hour card, the oldest first."""
    return list((await _cards(loading, None, selection)).values())


async def cards_by_id(loading: Loading, ids: Sequence[UUID], selection: Selection) -> dict[UUID, HourCard]:
    """The cards of these ids."""
    return await _cards(loading, ids, selection) if ids else {}


async def minutes_left(loading: Loading) -> int:
    """What the cards hold that are still good today, in the agreement's zone; in minutes."""
    try:
        agreement = await agreement_in_force(loading.reader, loading.library, loading.now)
    except NoContractInForce:
        return await queries.minutes_left(loading.reader, loading.now.astimezone(UTC).date())
    today = loading.now.astimezone(ZoneInfo(agreement.policy.zone)).date()
    return await queries.minutes_left(loading.reader, today)


async def _cards(loading: Loading, ids: Sequence[UUID] | None, selection: Selection) -> dict[UUID, HourCard]:
    rows = await loading.reader.rows(queries.cards(ids))
    below: dict[UUID, Results] = {row.id: {} for row in rows}
    for field in selection.named("entries") if rows else ():
        for card_id, found in (await _entries(loading, list(below), field)).items():
            below[card_id][field.result_key] = found
    return {
        row.id: HourCard(
            id=strawberry.ID(encode_id("HourCard", row.id)),
            number=row.number,
            block_hours=row.block_hours,
            purchased_hours=hours(row.purchased_minutes),
            balance_hours=hours(row.balance_minutes),
            expires_on=row.expires_on,
            below=below[row.id],
        )
        for row in rows
    }


async def _entries(
    loading: Loading, card_ids: Sequence[UUID], field: Selected
) -> dict[UUID, Connection[HourCardEntry]]:
    """The same page of each card's ledger, by one statement for all of them."""
    cursors = loading.cursors("entries")
    given = {name: field.arguments.get(name) for name in ("first", "after", "last", "before")}
    page = page_request(cursors, (int,), **given)
    statement = queries.first_entries(
        card_ids,
        size=page.size,
        after=page.after[0] if page.after else None,
        before=page.before[0] if page.before else None,
        backwards=page.backwards,
    )
    rows = await loading.reader.rows(statement)
    asked = field.below.below("nodes").joined(field.below.below("edges", "node"))
    wanted = [row.request_id for row in rows if row.request_id] if asked.asks("request") else []
    requests = await requests_by_id(loading, wanted, asked.below("request"))
    totals = await _totals(loading, card_ids) if field.below.asks("totalCount") else {}
    found: dict[UUID, Connection[HourCardEntry]] = {}
    for card_id in card_ids:
        own = [row for row in rows if row.card_id == card_id]
        shown = _part(own, page)
        nodes = [_entry(row, requests.get(row.request_id)) for row in shown.rows]
        found[card_id] = connection(
            Connection[HourCardEntry], cursors, shown, nodes, lambda row: (row.sequence,), totals.get(card_id)
        )
    return found


def _part(rows: list[Row[Any]], page: PageRequest) -> PageRows:
    """The page of one card's lines, of which one more than asked for was read."""
    more = len(rows) > page.size
    if page.backwards:
        return PageRows(rows[-page.size :], has_next=page.before is not None, has_previous=more)
    return PageRows(rows[: page.size], has_next=more, has_previous=page.after is not None)


async def _totals(loading: Loading, card_ids: Sequence[UUID]) -> dict[UUID, int]:
    return {row.card_id: row.total for row in await loading.reader.rows(queries.entry_counts(card_ids))}


def _entry(row: Row[Any], request: ConsultancyRequest | None) -> HourCardEntry:
    return HourCardEntry(
        at=row.at,
        kind=HourCardEntryKind(row.kind),
        hours=hours(row.minutes),
        balance_hours=hours(row.balance_minutes),
        request=request,
    )
