"""How every change of a consultancy request is written: under its lock, figures on the audit log."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from sla.policy import Library
from sla.vocabulary import TicketType
from tenants.acts import Act, Subject
from tenants.audit.service import record_event
from tenants.consultancy.billing import Bill, Confirmed, bill_of
from tenants.consultancy.errors import UnknownRequest
from tenants.consultancy.models import (
    ConsultancyConfirmation,
    ConsultancyQuote,
    ConsultancyRequest,
    ConsultancyStatus,
    ConsultancyWork,
)
from tenants.databases.scopes import reader_of
from tenants.tables import table
from tenants.tickets.service import type_of_ticket

_Q = table(ConsultancyQuote).c
_C = table(ConsultancyConfirmation).c
_W = table(ConsultancyWork).c


@dataclass(frozen=True, slots=True)
class ConfirmedQuote:
    """A confirmation: when, of which quote, and what it comes to."""

    quote_id: UUID
    at: datetime
    priced: Confirmed


async def request_for_change(session: AsyncSession, request_id: UUID) -> ConsultancyRequest:
    """The request, locked until the transaction ends. Raises `UnknownRequest`."""
    request = await session.get(ConsultancyRequest, request_id, with_for_update=True, populate_existing=True)
    if request is None:
        raise UnknownRequest(path="requestId")
    return request


async def quote_on_table(session: AsyncSession, request: ConsultancyRequest) -> ConsultancyQuote | None:
    """The quote that is to be answered or was the last to be."""
    return await session.get(ConsultancyQuote, request.quote_id) if request.quote_id else None


async def confirmed_quotes(session: AsyncSession, request_id: UUID) -> Sequence[ConfirmedQuote]:
    """What was confirmed, in that order."""
    columns = (_C.quote_id, _C.confirmed_at, _C.hour_card_id, _Q.billable_minutes, _Q.block_hours)
    statement = select(*columns, _Q.hourly_rate_cents).join(table(ConsultancyQuote), _Q.id == _C.quote_id)
    ordered = statement.where(_C.request_id == request_id).order_by(_C.confirmed_at, _C.id)
    return [
        ConfirmedQuote(
            row.quote_id,
            row.confirmed_at,
            Confirmed(
                row.billable_minutes, row.block_hours, row.hourly_rate_cents, row.hour_card_id is not None
            ),
        )
        for row in await session.execute(ordered)
    ]


async def settle(session: AsyncSession, library: Library, request: ConsultancyRequest) -> None:
    """Brings the request's sums in line with what was confirmed and worked in this transaction.

    A bug, or a question that took less than the agreement's 30 minutes, is never billed (QX-025, QX-081).
    """
    await session.flush()
    confirmed = [found.priced for found in await confirmed_quotes(session, request.id)]
    worked = select(func.coalesce(func.sum(_W.minutes), 0)).where(_W.request_id == request.id)
    request.worked_minutes = int((await session.execute(worked)).scalar_one())
    request.confirmed_minutes = sum(quote.minutes for quote in confirmed)
    free = await _is_free(session, library, request)
    bill = Bill(0, 0) if free else bill_of(confirmed, request.worked_minutes)
    request.billed_minutes = bill.minutes
    request.billed_cents = bill.cents
    await session.flush()


async def _is_free(session: AsyncSession, library: Library, request: ConsultancyRequest) -> bool:
    if request.ticket_id is None:
        return False
    kind = await type_of_ticket(await reader_of(session), request.ticket_id)
    if kind is not TicketType.QUESTION:
        return kind is TicketType.BUG
    quote = await quote_on_table(session, request)
    if quote is None:
        return True
    terms = library.get(quote.policy_key, quote.policy_version).consultancy
    return request.worked_minutes < terms.free_question_minutes


def without_quote(confirmed_minutes: int, worked_minutes: int) -> ConsultancyStatus | None:
    """The status by what was confirmed and worked, with no quote waiting; None without any confirmation."""
    if not confirmed_minutes:
        return None
    return ConsultancyStatus.IN_PROGRESS if worked_minutes else ConsultancyStatus.CONFIRMED


def status_at(
    stored: str, valid_until: datetime | None, confirmed_minutes: int, worked_minutes: int, now: datetime
) -> ConsultancyStatus:
    """The status at `now`: a quote that nobody answered in time falls away by itself.

    What was confirmed before stands; without any confirmation the request is EXPIRED until a new quote.
    """
    status = ConsultancyStatus(stored)
    if status is not ConsultancyStatus.QUOTED or valid_until is None or now <= valid_until:
        return status
    return without_quote(confirmed_minutes, worked_minutes) or ConsultancyStatus.EXPIRED


def figures(request: ConsultancyRequest) -> dict[str, object]:
    """What an audit entry tells of a request: numbers and states, no customer's words."""
    return {
        "status": str(request.status),
        "confirmed_minutes": request.confirmed_minutes,
        "worked_minutes": request.worked_minutes,
        "billed_minutes": request.billed_minutes,
        "billed_cents": request.billed_cents,
    }


async def record(
    session: AsyncSession,
    request: ConsultancyRequest,
    act: Act,
    event: str,
    before: dict[str, object],
    quote: ConsultancyQuote | None = None,
    **more: object,
) -> None:
    """Tells the audit log who changed what, from which figures to which."""
    detail: dict[str, object] = {"before": before, "after": figures(request), **more}
    if quote is not None:
        detail |= {
            "quote": quote.digest,
            "billable_minutes": quote.billable_minutes,
            "total_cents": quote.total_cents,
        }
    subject = Subject("ConsultancyRequest", request.id)
    await record_event(
        session, now=act.now, event=event, actor=act.actor, subject=subject, detail=detail, origin=act.origin
    )
