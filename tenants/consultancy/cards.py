"""Hour cards: prepaid hours, drawn through an append-only ledger that is never below zero."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from auth.principals import Origin
from tenants.acts import INSIDE, Actor, Subject
from tenants.audit.service import record_event
from tenants.consultancy.billing import hours_text
from tenants.consultancy.errors import HourCardExpired, HoursOutOfRange, InsufficientHours, UnknownHourCard
from tenants.consultancy.models import HourCard, HourCardEntry
from tenants.ids import new_id
from tenants.organization.service import next_card_number
from tenants.refusals import Malformed
from tenants.tables import table

BLOCK_SIZES = (4, 8)
LARGEST_CARD_HOURS = 2_000

_E = table(HourCardEntry).c


class EntryKind(StrEnum):
    PURCHASE = "PURCHASE"
    RESERVATION = "RESERVATION"


async def create_card(
    session: AsyncSession,
    *,
    block_hours: int,
    blocks: int,
    expires_on: date | None,
    actor: Actor,
    now: datetime,
    origin: Origin = INSIDE,
) -> HourCard:
    """A card of so many prepaid blocks of 4 or 8 hours, good until the end of `expires_on` (S4-006).

    Raises `Malformed` for another block size and `HoursOutOfRange` (more than 0, at most 2,000 hours).
    """
    _check_size(block_hours, blocks)
    card = HourCard(
        id=new_id(now),
        number=await next_card_number(session),
        block_hours=block_hours,
        purchased_minutes=blocks * block_hours * 60,
        expires_on=expires_on,
        created_at=now,
    )
    session.add(card)
    await session.flush()
    await _enter(session, card.id, EntryKind.PURCHASE, card.purchased_minutes, None, now)
    detail = {"number": card.number, "minutes": card.purchased_minutes, "block_hours": block_hours}
    subject = Subject("HourCard", card.id)
    await record_event(
        session,
        now=now,
        event="hour_card_purchased",
        actor=actor,
        subject=subject,
        detail=detail,
        origin=origin,
    )
    return card


async def reserve(
    session: AsyncSession, card_id: UUID, minutes: int, *, request_id: UUID, today: date, now: datetime
) -> int:
    """Takes the minutes off the card for a request; gives the balance that is left, in minutes.

    `today` is the day in the agreement's zone. Raises `UnknownHourCard`, `HourCardExpired` or
    `InsufficientHours`.
    """
    card = await session.get(HourCard, card_id, with_for_update=True, populate_existing=True)
    if card is None:
        raise UnknownHourCard(path="hourCardId")
    if card.expires_on is not None and card.expires_on < today:
        raise HourCardExpired(path="hourCardId", expires_on=card.expires_on.isoformat())
    return await _enter(session, card_id, EntryKind.RESERVATION, -minutes, request_id, now)


def _check_size(block_hours: int, blocks: int) -> None:
    if block_hours not in BLOCK_SIZES:
        raise Malformed(path="blockHours")
    if not 0 < blocks * block_hours <= LARGEST_CARD_HOURS:
        raise HoursOutOfRange(path="blocks", limit=LARGEST_CARD_HOURS)


async def _enter(
    session: AsyncSession,
    card_id: UUID,
    kind: EntryKind,
    minutes: int,
    request_id: UUID | None,
    now: datetime,
) -> int:
    """Adds a line to the ledger of a card that this transaction has locked, and gives the new balance."""
    ledger = select(func.count(), func.coalesce(func.sum(_E.minutes), 0)).where(_E.card_id == card_id)
    lines, balance = (await session.execute(ledger)).one()
    if balance + minutes < 0:
        raise InsufficientHours(path="hourCardId", left=hours_text(balance), needed=hours_text(-minutes))
    entry = HourCardEntry(
        id=new_id(now),
        card_id=card_id,
        sequence=lines + 1,
        at=now,
        kind=kind.value,
        minutes=minutes,
        balance_minutes=balance + minutes,
        request_id=request_id,
    )
    session.add(entry)
    await session.flush()
    return entry.balance_minutes
