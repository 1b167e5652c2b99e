"""Reads of consultancy and hour cards: Core statements with the columns that were asked for."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from tenants.consultancy.models import (
    ConsultancyConfirmation,
    ConsultancyQuote,
    ConsultancyRequest,
    HourCard,
    HourCardEntry,
)
from tenants.databases.scopes import Reader
from tenants.tables import table

REQUEST = table(ConsultancyRequest)
QUOTE = table(ConsultancyQuote)
CONFIRMATION = table(ConsultancyConfirmation)
CARD = table(HourCard)
ENTRY = table(HourCardEntry)
NEWEST_FIRST = (REQUEST.c.requested_at, REQUEST.c.id)
QUOTE_PREFIX = "quote_"


def _quote_columns() -> list[ColumnElement[Any]]:
    return [column.label(f"{QUOTE_PREFIX}{column.name}") for column in QUOTE.c if column.name != "id"]


def requests(names: Iterable[str], *, quotes: bool) -> Select[Any]:
    """These columns of every request; with `quotes` those of the quote on the table too (prefixed)."""
    columns: list[ColumnElement[Any]] = [REQUEST.c[name] for name in sorted(set(names) | {"id"})]
    if not quotes:
        return select(*columns)
    joined = REQUEST.outerjoin(QUOTE, QUOTE.c.id == REQUEST.c.quote_id)
    return select(*columns, *_quote_columns()).select_from(joined)


def request_count() -> Select[Any]:
    return select(func.count()).select_from(REQUEST)


async def requests_of_person(reader: Reader, contacts: Iterable[UUID]) -> list[dict[str, object]]:
    """What a person asked for as one of `contacts`, in words."""
    told = (REQUEST.c[name] for name in ("id", "requested_at", "status", "subject", "description"))
    asked = select(*told).where(REQUEST.c.requester_id.in_(list(contacts)))
    rows = await reader.rows(asked.order_by(REQUEST.c.requested_at, REQUEST.c.id))
    return [dict(row._mapping) for row in rows]  # noqa: SLF001  # the documented way to a row's names


def newest_of_tickets(ticket_ids: Iterable[UUID]) -> ColumnElement[bool]:
    """The condition that a request is the newest one of its ticket, for these tickets."""
    order = (REQUEST.c.requested_at.desc(), REQUEST.c.id.desc())
    place = func.row_number().over(partition_by=REQUEST.c.ticket_id, order_by=order).label("place")
    ranked = select(REQUEST.c.id, place).where(REQUEST.c.ticket_id.in_(list(ticket_ids))).subquery()
    return REQUEST.c.id.in_(select(ranked.c.id).where(ranked.c.place == 1))


def last_confirmations(request_ids: Iterable[UUID]) -> Select[Any]:
    """The newest confirmation of each of these requests, with its quote (prefixed)."""
    order = (CONFIRMATION.c.confirmed_at.desc(), CONFIRMATION.c.id.desc())
    place = func.row_number().over(partition_by=CONFIRMATION.c.request_id, order_by=order).label("place")
    of_these = CONFIRMATION.c.request_id.in_(list(request_ids))
    ranked = select(CONFIRMATION.c.id, place).where(of_these).subquery()
    columns = (CONFIRMATION.c.request_id, CONFIRMATION.c.account_id, CONFIRMATION.c.confirmed_at)
    joined = CONFIRMATION.join(QUOTE, QUOTE.c.id == CONFIRMATION.c.quote_id)
    newest = CONFIRMATION.c.id.in_(select(ranked.c.id).where(ranked.c.place == 1))
    return select(*columns, *_quote_columns()).select_from(joined).where(newest)


def cards(ids: Iterable[UUID] | None = None) -> Select[Any]:
    """Every card, or those of these ids, with its balance: the sum of the ledger."""
    balance = func.coalesce(func.sum(ENTRY.c.minutes), 0).label("balance_minutes")
    joined = CARD.outerjoin(ENTRY, ENTRY.c.card_id == CARD.c.id)
    statement = select(*CARD.c, balance).select_from(joined).group_by(*CARD.c)
    if ids is not None:
        statement = statement.where(CARD.c.id.in_(list(ids)))
    return statement.order_by(CARD.c.created_at, CARD.c.id)


def first_entries(
    card_ids: Iterable[UUID], *, size: int, after: int | None, before: int | None, backwards: bool
) -> Select[Any]:
    """At most `size` + 1 lines of each card's ledger between two sequences, by one statement.

    They are the first ones, or the last ones when `backwards`; None leaves a bound out.
    """
    order = ENTRY.c.sequence.desc() if backwards else ENTRY.c.sequence.asc()
    inner = select(ENTRY).where(ENTRY.c.card_id.in_(list(card_ids)))
    if after is not None:
        inner = inner.where(ENTRY.c.sequence > after)
    if before is not None:
        inner = inner.where(ENTRY.c.sequence < before)
    place = func.row_number().over(partition_by=ENTRY.c.card_id, order_by=order).label("place")
    numbered = inner.add_columns(place).subquery()
    return (
        select(numbered).where(numbered.c.place <= size + 1).order_by(numbered.c.card_id, numbered.c.sequence)
    )


def entry_counts(card_ids: Iterable[UUID]) -> Select[Any]:
    counted = select(ENTRY.c.card_id, func.count().label("total"))
    return counted.where(ENTRY.c.card_id.in_(list(card_ids))).group_by(ENTRY.c.card_id)


async def minutes_left(reader: Reader, today: date) -> int:
    """What the cards that have not expired by `today` hold together, in minutes."""
    good = or_(CARD.c.expires_on.is_(None), CARD.c.expires_on >= today)
    total = select(func.coalesce(func.sum(ENTRY.c.minutes), 0)).join(
        CARD, and_(CARD.c.id == ENTRY.c.card_id, good)
    )
    return int(await reader.scalar(total))
