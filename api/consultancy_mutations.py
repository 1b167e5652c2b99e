"""What is done with consultancy, and the list of requests."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import strawberry
from sqlalchemy.ext.asyncio import AsyncSession
from strawberry.types import Info

from api.access import Access, holds
from api.connections import Connection
from api.consultancy import ConsultancyRequest, request_page, requests_by_id
from api.context import Context
from api.enums import WorkKind
from api.fields import mutation, query
from api.ids import key_of
from api.loaders import loading_of, loading_over
from api.selection import selection_of
from api.user_errors import UserError
from auth.principals import AccountPrincipal
from tenants.acts import Act
from tenants.consultancy import service
from tenants.consultancy.models import ConsultancyRequest as RequestRow
from tenants.consultancy.quotes import Estimate
from tenants.databases.scopes import Reader


@strawberry.input
class RequestConsultancyInput:
    ticket_id: strawberry.ID | None = strawberry.UNSET
    subject: str
    description: str
    preferred_on: date | None = strawberry.UNSET
    idempotency_key: str | None = strawberry.UNSET


@strawberry.input(description="The tariff follows from contract, tier and kind of work; nobody types a rate.")
class QuoteConsultancyInput:
    request_id: strawberry.ID
    work_kind: WorkKind = WorkKind.STANDARD
    estimated_hours: Decimal
    preparation_hours: Decimal | None = strawberry.UNSET
    valid_until: datetime | None = strawberry.UNSET
    idempotency_key: str | None = strawberry.UNSET


@strawberry.input(
    description="`quoteDigest` is the digest of the quote that was shown: "
    "confirming anything else is a CONFLICT."
)
class ConfirmConsultancyInput:
    request_id: strawberry.ID
    quote_digest: str
    hour_card_id: strawberry.ID | None = strawberry.UNSET
    idempotency_key: str | None = strawberry.UNSET


@strawberry.input
class DeclineConsultancyInput:
    request_id: strawberry.ID
    reason: str | None = strawberry.UNSET
    idempotency_key: str | None = strawberry.UNSET


@strawberry.input
class RecordConsultancyWorkInput:
    request_id: strawberry.ID
    worked_on: date
    hours: Decimal
    description: str
    idempotency_key: str | None = strawberry.UNSET


@holds(Access.TENANT)
@strawberry.type
class RequestConsultancyPayload:
    request: ConsultancyRequest | None = None
    errors: list[UserError]


@holds(Access.TENANT)
@strawberry.type
class QuoteConsultancyPayload:
    request: ConsultancyRequest | None = None
    errors: list[UserError]


@holds(Access.TENANT)
@strawberry.type
class ConfirmConsultancyPayload:
    request: ConsultancyRequest | None = None
    errors: list[UserError]


@holds(Access.TENANT)
@strawberry.type
class DeclineConsultancyPayload:
    request: ConsultancyRequest | None = None
    errors: list[UserError]


@holds(Access.TENANT)
@strawberry.type
class RecordConsultancyWorkPayload:
    request: ConsultancyRequest | None = None
    errors: list[UserError]


@strawberry.type
class ConsultancyQueries:
    @query(Access.TENANT)
    async def consultancy_requests(
        self,
        info: Info[Context, None],
        first: int | None = strawberry.UNSET,
        after: str | None = strawberry.UNSET,
        last: int | None = strawberry.UNSET,
        before: str | None = strawberry.UNSET,
    ) -> Connection[ConsultancyRequest] | None:
        given = {"first": first, "after": after, "last": last, "before": before}
        return await request_page(await loading_of(info.context), selection_of(info), given)


@strawberry.type
class ConsultancyMutations:
    @mutation(Access.CONTACT_OR_SUPPORT)
    async def request_consultancy(
        self, info: Info[Context, None], input: RequestConsultancyInput
    ) -> RequestConsultancyPayload:
        ticket_id = key_of(input.ticket_id, "Ticket", "ticketId") if input.ticket_id else None

        async def work(session: AsyncSession, act: Act) -> RequestRow:
            return await service.request_consultancy(
                session,
                subject=input.subject,
                description=input.description,
                ticket_id=ticket_id,
                preferred_on=input.preferred_on or None,
                act=act,
            )

        return RequestConsultancyPayload(request=await _changed(info, input, work), errors=[])

    @mutation(Access.SUPPORT, description="Operators only.")
    async def quote_consultancy(
        self, info: Info[Context, None], input: QuoteConsultancyInput
    ) -> QuoteConsultancyPayload:
        key = _request_key(input.request_id)
        estimate = Estimate(
            hours=input.estimated_hours,
            work_kind=input.work_kind,
            preparation=input.preparation_hours or None,
            valid_until=input.valid_until or None,
        )

        async def work(session: AsyncSession, act: Act) -> RequestRow:
            return await service.quote_consultancy(session, info.context.portal.library, key, estimate, act)

        return QuoteConsultancyPayload(request=await _changed(info, input, work), errors=[])

    @mutation(Access.CONFIRM_CONSULTANCY)
    async def confirm_consultancy(
        self, info: Info[Context, None], input: ConfirmConsultancyInput
    ) -> ConfirmConsultancyPayload:
        key = _request_key(input.request_id)
        card = key_of(input.hour_card_id, "HourCard", "hourCardId") if input.hour_card_id else None

        async def work(session: AsyncSession, act: Act) -> RequestRow:
            library, digest = info.context.portal.library, input.quote_digest
            return await service.confirm_consultancy(session, library, key, digest, act, hour_card_id=card)

        return ConfirmConsultancyPayload(request=await _changed(info, input, work), errors=[])

    @mutation(Access.CONFIRM_CONSULTANCY)
    async def decline_consultancy(
        self, info: Info[Context, None], input: DeclineConsultancyInput
    ) -> DeclineConsultancyPayload:
        key = _request_key(input.request_id)

        async def work(session: AsyncSession, act: Act) -> RequestRow:
            return await service.decline_consultancy(session, key, act, reason=input.reason or None)

        return DeclineConsultancyPayload(request=await _changed(info, input, work), errors=[])

    @mutation(Access.CONSULTANT, description="Operators only.")
    async def record_consultancy_work(
        self, info: Info[Context, None], input: RecordConsultancyWorkInput
    ) -> RecordConsultancyWorkPayload:
        key = _request_key(input.request_id)

        async def work(session: AsyncSession, act: Act) -> RequestRow:
            return await service.record_consultancy_work(
                session,
                info.context.portal.library,
                key,
                worked_on=input.worked_on,
                hours=input.hours,
                description=input.description,
                act=act,
            )

        return RecordConsultancyWorkPayload(request=await _changed(info, input, work), errors=[])


def _request_key(text: str) -> UUID:
    return key_of(text, "ConsultancyRequest", "requestId")


def _act(context: Context) -> Act:
    account = context.principal if isinstance(context.principal, AccountPrincipal) else None
    return Act(
        actor=context.actor,
        now=context.now,
        origin=context.origin,
        contact_id=account.contact_id if account else None,
        fresh=context.has_fresh_factor(),
    )


async def _changed(
    info: Info[Context, None], given: Any, change: Callable[[AsyncSession, Act], Awaitable[RequestRow]]
) -> ConsultancyRequest:
    """Runs the change and reads the request as the payload asks for it, in the same transaction."""
    context = info.context
    selection = selection_of(info).below("request")

    async def work(session: AsyncSession) -> UUID:
        return (await change(session, _act(context))).id

    async def load(reader: Reader, request_id: UUID) -> ConsultancyRequest:
        loading = loading_over(context, reader)
        return (await requests_by_id(loading, [request_id], selection))[request_id]

    return await context.change(info.field_name, given, work, load)
