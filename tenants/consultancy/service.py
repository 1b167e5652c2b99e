"""Consultancy: asked for, quoted, confirmed, worked. Nothing is billable without a confirmation (QX-096)."""

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from auth.errors import StepUpRequired
from sla.policy import Library, Policy
from sla.vocabulary import TicketType
from tenants.acts import Act, ActorKind
from tenants.consultancy.billing import hours_text
from tenants.consultancy.cards import create_card, reserve
from tenants.consultancy.changes import (
    confirmed_quotes,
    figures,
    quote_on_table,
    record,
    request_for_change,
    settle,
    without_quote,
)
from tenants.consultancy.errors import (
    NeverBillable,
    NotConfirmed,
    NothingQuoted,
    NotOpenForQuotes,
    QuoteChanged,
    QuoteExpired,
    WorkInTheFuture,
)
from tenants.consultancy.models import (
    ConsultancyConfirmation,
    ConsultancyQuote,
    ConsultancyRequest,
    ConsultancyStatus,
    ConsultancyWork,
)
from tenants.consultancy.queries import requests_of_person
from tenants.consultancy.quotes import Estimate, checked_minutes, new_quote, still_holds
from tenants.contacts.errors import NotANamedContact
from tenants.contacts.service import active_contact
from tenants.contracts.service import Agreement, agreement_in_force
from tenants.databases.scopes import reader_of
from tenants.ids import new_id
from tenants.refusals import checked_line, checked_text
from tenants.tables import table
from tenants.tickets.errors import UnknownTicket
from tenants.tickets.service import type_of_ticket

__all__ = [
    "ConsultancyRequest",
    "Estimate",
    "confirm_consultancy",
    "create_card",
    "decline_consultancy",
    "quote_consultancy",
    "quote_on_table",
    "record_consultancy_work",
    "request_consultancy",
    "requests_of_person",
    "settle_requests_of",
]

SUBJECT_LIMIT = 200
TEXT_LIMIT = 20_000
REASON_LIMIT = 500
NOT_OPEN = frozenset({ConsultancyStatus.DECLINED, ConsultancyStatus.CANCELLED, ConsultancyStatus.BILLED})


async def request_consultancy(
    session: AsyncSession,
    *,
    subject: str,
    description: str,
    act: Act,
    ticket_id: UUID | None = None,
    preferred_on: date | None = None,
) -> ConsultancyRequest:
    """A request by a named contact or by an operator.

    Raises `UnknownTicket`, `ContactRemoved`, `Missing`, `TooLong`.
    """
    if act.contact_id is not None:
        await active_contact(session, act.contact_id)
    request = ConsultancyRequest(
        id=new_id(act.now),
        ticket_id=ticket_id,
        requester_id=act.contact_id,
        subject=checked_line(subject, "subject", SUBJECT_LIMIT),
        description=checked_text(description, "description", TEXT_LIMIT),
        preferred_on=preferred_on,
        status=ConsultancyStatus.REQUESTED,
        requested_at=act.now,
    )
    if ticket_id is not None and await type_of_ticket(await reader_of(session), ticket_id) is None:
        raise UnknownTicket(path="ticketId")
    session.add(request)
    await session.flush()
    await record(session, request, act, "consultancy_requested", {})
    return request


async def quote_consultancy(
    session: AsyncSession, library: Library, request_id: UUID, estimate: Estimate, act: Act
) -> ConsultancyRequest:
    """Puts a quote on the table, in the place of the one that lay there; earlier ones are kept.

    Raises `UnknownRequest`, `NotOpenForQuotes`, `NeverBillable`, `HoursOutOfRange`, `ValidityOutOfRange`, and
    `sla.errors.Refused` where neither agreement nor contract has a tariff.
    """
    request = await request_for_change(session, request_id)
    before = figures(request)
    if request.status in NOT_OPEN:
        raise NotOpenForQuotes(path="requestId", status=request.status)
    agreement = await agreement_in_force(await reader_of(session), library, act.now)
    await _check_billable(session, request, agreement.policy)
    quote = new_quote(agreement, request.id, estimate, agent_id=_agent(act), now=act.now)
    session.add(quote)
    request.quote_id = quote.id
    request.status = ConsultancyStatus.QUOTED
    await session.flush()
    await record(session, request, act, "consultancy_quoted", before, quote)
    return request


async def confirm_consultancy(
    session: AsyncSession,
    library: Library,
    request_id: UUID,
    quote_digest: str,
    act: Act,
    *,
    hour_card_id: UUID | None = None,
) -> ConsultancyRequest:
    """The customer's word for exactly what was shown (QX-096), paid from the hour card where one is given.

    Raises `UnknownRequest`, `NotANamedContact`, `NothingQuoted`, `QuoteChanged` (also where the contract asks
    another price by now, QX-101), `QuoteExpired`, `NeverBillable`, what `cards.reserve` raises, and
    `StepUpRequired` above the contract's amount without a fresh factor.
    """
    request = await request_for_change(session, request_id)
    before = figures(request)
    account_id = await _entitled(session, act)
    quote, agreement = await _answered_quote(session, library, request, quote_digest, act.now)
    _check_factor(agreement, quote, act)
    if hour_card_id is not None:
        today, minutes = _day(act.now, agreement.policy), quote.billable_minutes
        await reserve(session, hour_card_id, minutes, request_id=request.id, today=today, now=act.now)
    confirmation = ConsultancyConfirmation(
        id=new_id(act.now),
        request_id=request.id,
        quote_id=quote.id,
        account_id=account_id,
        hour_card_id=hour_card_id,
        confirmed_at=act.now,
    )
    session.add(confirmation)
    request.status = ConsultancyStatus.IN_PROGRESS if request.worked_minutes else ConsultancyStatus.CONFIRMED
    await settle(session, library, request)
    await record(session, request, act, "consultancy_confirmed", before, quote, card=_text(hour_card_id))
    return request


async def decline_consultancy(
    session: AsyncSession, request_id: UUID, act: Act, *, reason: str | None = None
) -> ConsultancyRequest:
    """The customer's no to the quote on the table. What was confirmed before stands.

    Raises `UnknownRequest`, `NotANamedContact`, `NothingQuoted`.
    """
    request = await request_for_change(session, request_id)
    before = figures(request)
    await _entitled(session, act)
    quote = await quote_on_table(session, request)
    if quote is None:
        raise NothingQuoted(path="requestId")
    if request.status != ConsultancyStatus.QUOTED:
        raise NothingQuoted(path="requestId")
    if reason is not None and reason.strip():
        request.decline_reason = checked_text(reason, "reason", REASON_LIMIT)
    earlier = without_quote(request.confirmed_minutes, request.worked_minutes)
    request.status = earlier or ConsultancyStatus.DECLINED
    if earlier is not None:
        request.quote_id = (await confirmed_quotes(session, request.id))[-1].quote_id
    await session.flush()
    await record(session, request, act, "consultancy_declined", before, quote)
    return request


async def record_consultancy_work(
    session: AsyncSession,
    library: Library,
    request_id: UUID,
    *,
    worked_on: date,
    hours: Decimal,
    description: str,
    act: Act,
) -> ConsultancyRequest:
    """Hours worked within what was confirmed; billed in whole blocks of the total, rounded up once (S4-006).

    Raises `UnknownRequest`, `HoursOutOfRange`, `NotConfirmed` (beyond or before a confirmation),
    `WorkInTheFuture`, `NeverBillable`.
    """
    request = await request_for_change(session, request_id)
    before = figures(request)
    minutes = checked_minutes(hours, "hours")
    told = checked_text(description, "description", TEXT_LIMIT)
    policy = await _policy_of(session, library, request, act.now)
    await _check_billable(session, request, policy)
    if worked_on > _day(act.now, policy):
        raise WorkInTheFuture(path="workedOn")
    await _check_confirmed(session, request, policy, minutes, worked_on)
    session.add(
        ConsultancyWork(
            id=new_id(act.now),
            request_id=request.id,
            worked_on=worked_on,
            minutes=minutes,
            description=told,
            agent_id=_agent(act),
            recorded_at=act.now,
        )
    )
    if request.status != ConsultancyStatus.QUOTED:  # a further quote still waits for its answer
        request.status = ConsultancyStatus.IN_PROGRESS
    await settle(session, library, request)
    await record(session, request, act, "consultancy_work_recorded", before, minutes=minutes)
    return request


async def _answered_quote(
    session: AsyncSession, library: Library, request: ConsultancyRequest, digest: str, now: datetime
) -> tuple[ConsultancyQuote, Agreement]:
    """The quote on the table, if it is the one that was shown and still holds, and the agreement of today."""
    quote = await quote_on_table(session, request)
    if quote is None:
        raise NothingQuoted(path="requestId")
    if quote.digest != digest:
        raise QuoteChanged(path="quoteDigest")
    if request.status != ConsultancyStatus.QUOTED:
        raise NothingQuoted(path="requestId")
    if now > quote.valid_until:
        raise QuoteExpired(path="quoteDigest", valid_until=quote.valid_until.isoformat(" ", "minutes"))
    agreement = await agreement_in_force(await reader_of(session), library, now)
    await _check_billable(session, request, agreement.policy)
    if not still_holds(agreement, quote):
        raise QuoteChanged(path="quoteDigest")
    return quote, agreement


def _check_factor(agreement: Agreement, quote: ConsultancyQuote, act: Act) -> None:
    """Large sums take more than an open session: a confirmation binds the customer (ASVS 5.0, 7.5.3)."""
    limit = agreement.step_up_above_cents
    if limit is not None and quote.total_cents > limit and not act.fresh:
        raise StepUpRequired


async def _entitled(session: AsyncSession, act: Act) -> UUID:
    """The account that answers for the customer; it belongs to a contact that the contract names."""
    if act.actor.kind is not ActorKind.ACCOUNT or act.actor.id is None or act.contact_id is None:
        raise NotANamedContact
    await active_contact(session, act.contact_id)
    return act.actor.id


async def settle_requests_of(session: AsyncSession, library: Library, ticket_id: UUID) -> None:
    """Bills the ticket's requests anew, since its type decides what may be billed."""
    owned = select(table(ConsultancyRequest).c.id).where(table(ConsultancyRequest).c.ticket_id == ticket_id)
    for request_id in (await session.execute(owned)).scalars().all():
        await settle(session, library, await request_for_change(session, request_id))


def _agent(act: Act) -> UUID:
    if act.actor.kind is not ActorKind.AGENT or act.actor.id is None:
        raise ValueError("only an agent of the vendor quotes and works")
    return act.actor.id


async def _check_billable(session: AsyncSession, request: ConsultancyRequest, policy: Policy) -> None:
    """A bug is repaired free of charge, whatever was agreed about it (QX-025)."""
    if request.ticket_id is None:
        return
    if await type_of_ticket(await reader_of(session), request.ticket_id) is TicketType.BUG:
        raise NeverBillable(path="requestId", clause=policy.consultancy.bug_clause)


async def _check_confirmed(
    session: AsyncSession, request: ConsultancyRequest, policy: Policy, minutes: int, worked_on: date
) -> None:
    """Work lies within the confirmed hours, and not before the day of the first confirmation.

    A date names no zone: near midnight both the agreement's day and that of UTC, which clients read, will do.
    """
    clause = policy.consultancy.confirmation_clause
    confirmed = await confirmed_quotes(session, request.id)
    open_minutes = 0 if request.status in NOT_OPEN else request.confirmed_minutes
    if request.worked_minutes + minutes > open_minutes:
        raise NotConfirmed(path="hours", confirmed=hours_text(open_minutes), clause=clause)
    first = confirmed[0].at
    if worked_on < min(_day(first, policy), first.astimezone(UTC).date()):
        raise NotConfirmed(path="workedOn", confirmed="0", clause=clause)


async def _policy_of(
    session: AsyncSession, library: Library, request: ConsultancyRequest, now: datetime
) -> Policy:
    """The policy of the quote; work may be recorded after the contract has ended."""
    quote = await quote_on_table(session, request)
    if quote is not None:
        return library.get(quote.policy_key, quote.policy_version)
    return (await agreement_in_force(await reader_of(session), library, now)).policy


def _day(at: datetime, policy: Policy) -> date:
    """The calendar day in the agreement's zone."""
    return at.astimezone(ZoneInfo(policy.zone)).date()


def _text(key: UUID | None) -> str | None:
    return str(key) if key else None
