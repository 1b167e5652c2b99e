"""What is done with tickets."""

from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry
from sqlalchemy.ext.asyncio import AsyncSession
from strawberry.types import Info

from api.access import Access, holds
from api.arguments import instant
from api.context import Context
from api.enums import Channel, Environment, OperatorRole, ProblemKind, TicketStatus, TicketType
from api.fields import mutation
from api.ids import key_of
from api.loaders import loading_over
from api.selection import selection_of
from api.tickets import Ticket, tickets_by_id
from api.user_errors import UserError
from auth.principals import AccountPrincipal
from sla.vocabulary import Origin
from tenants.acts import Act
from tenants.consultancy.service import settle_requests_of
from tenants.databases.scopes import Reader
from tenants.refusals import Missing
from tenants.tickets import lifecycle, service
from tenants.tickets.errors import NotYourContact, OnlyForOperators


@strawberry.input
class RegisterTicketInput:
    type: TicketType
    subject: str
    description: str
    environment: Environment | None = strawberry.UNSET
    channel: Channel | None = strawberry.field(default=strawberry.UNSET, description="Operators only.")
    component: str | None = strawberry.UNSET
    problem_kind: ProblemKind | None = strawberry.UNSET
    contact_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET,
        description="Operators and integrations: on whose behalf; mandatory for them.",
    )
    received_at: datetime | None = strawberry.field(
        default=strawberry.UNSET,
        description="Operators and monitoring: when it arrived, with `receivedReason`; at most 7 days back.",
    )
    received_reason: str | None = strawberry.UNSET
    reason: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="Operators only: why the priority is raised, where the agreement asks for a reason.",
    )
    urgency: int | None = strawberry.field(
        default=strawberry.UNSET, description="What the customer says; the vendor decides the priority."
    )
    impact: int | None = strawberry.UNSET
    priority_key: str | None = strawberry.UNSET
    idempotency_key: str | None = strawberry.UNSET


@strawberry.input
class AddCommentInput:
    ticket_id: strawberry.ID
    body: str
    internal: bool | None = False
    idempotency_key: str | None = strawberry.UNSET


@strawberry.input
class ChangeTicketStatusInput:
    ticket_id: strawberry.ID
    status: TicketStatus
    reason: str | None = strawberry.UNSET
    development_reference: str | None = strawberry.UNSET
    idempotency_key: str | None = strawberry.UNSET


@strawberry.input
class ClassifyTicketInput:
    ticket_id: strawberry.ID
    type: TicketType | None = strawberry.UNSET
    impact: int | None = strawberry.UNSET
    urgency: int | None = strawberry.UNSET
    priority_key: str | None = strawberry.UNSET
    reason: str | None = strawberry.UNSET
    idempotency_key: str | None = strawberry.UNSET


@strawberry.input
class CloseTicketInput:
    ticket_id: strawberry.ID
    message: str | None = strawberry.UNSET
    reason: str | None = strawberry.UNSET
    idempotency_key: str | None = strawberry.UNSET


@strawberry.input
class ReopenTicketInput:
    ticket_id: strawberry.ID
    reason: str
    idempotency_key: str | None = strawberry.UNSET


@holds(Access.TENANT)
@strawberry.type
class RegisterTicketPayload:
    ticket: Ticket | None = None
    errors: list[UserError]


@holds(Access.TENANT)
@strawberry.type
class AddCommentPayload:
    ticket: Ticket | None = None
    errors: list[UserError]


@holds(Access.TENANT)
@strawberry.type
class ChangeTicketStatusPayload:
    ticket: Ticket | None = None
    errors: list[UserError]


@holds(Access.TENANT)
@strawberry.type
class ClassifyTicketPayload:
    ticket: Ticket | None = None
    errors: list[UserError]


@holds(Access.TENANT)
@strawberry.type
class CloseTicketPayload:
    ticket: Ticket | None = None
    errors: list[UserError]


@holds(Access.TENANT)
@strawberry.type
class ReopenTicketPayload:
    ticket: Ticket | None = None
    errors: list[UserError]


WHO_ANSWER = (OperatorRole.SUPPORT, OperatorRole.CONSULTANT, OperatorRole.SUPPORT_MANAGER)
"""A public comment by the vendor is a response; the platform's own team comments internally."""


@strawberry.type
class TicketMutations:
    @mutation(Access.REGISTER_TICKETS)
    async def register_ticket(
        self, info: Info[Context, None], input: RegisterTicketInput
    ) -> RegisterTicketPayload:
        context = info.context
        new = _new_ticket(context, input)

        async def work(session: AsyncSession) -> UUID:
            return (await service.register_ticket(session, context.portal.library, new, act_of(context))).id

        return RegisterTicketPayload(ticket=await _changed(info, input, work), errors=[])

    @mutation(Access.CONTACT)
    async def add_comment(self, info: Info[Context, None], input: AddCommentInput) -> AddCommentPayload:
        context = info.context
        key = key_of(input.ticket_id, "Ticket", "ticketId")
        internal = bool(input.internal)
        if not internal:
            await context.require_role(*WHO_ANSWER, refused=info.field_name)

        async def work(session: AsyncSession) -> UUID:
            library, act = context.portal.library, act_of(context)
            return (await service.add_comment(session, library, key, input.body, act, internal=internal)).id

        return AddCommentPayload(ticket=await _changed(info, input, work), errors=[])

    @mutation(Access.SUPPORT, description="Operators only.")
    async def change_ticket_status(
        self, info: Info[Context, None], input: ChangeTicketStatusInput
    ) -> ChangeTicketStatusPayload:
        context = info.context
        key = key_of(input.ticket_id, "Ticket", "ticketId")

        async def work(session: AsyncSession) -> UUID:
            ticket = await lifecycle.change_status(
                session,
                context.portal.library,
                key,
                input.status,
                act_of(context),
                reason=input.reason or None,
                development_reference=input.development_reference or None,
            )
            return ticket.id

        return ChangeTicketStatusPayload(ticket=await _changed(info, input, work), errors=[])

    @mutation(
        Access.SUPPORT,
        description="Operators only: impact, urgency and priority are the vendor's to judge.",
    )
    async def classify_ticket(
        self, info: Info[Context, None], input: ClassifyTicketInput
    ) -> ClassifyTicketPayload:
        context = info.context
        key = key_of(input.ticket_id, "Ticket", "ticketId")
        judgement = lifecycle.Judgement(
            type=input.type or None,
            impact=_number(input.impact),
            urgency=_number(input.urgency),
            priority_key=input.priority_key or None,
            reason=input.reason or None,
        )

        async def work(session: AsyncSession) -> UUID:
            library, act = context.portal.library, act_of(context)
            ticket = await lifecycle.classify_ticket(session, library, key, judgement, act)
            await settle_requests_of(session, library, ticket.id)
            return ticket.id

        return ClassifyTicketPayload(ticket=await _changed(info, input, work), errors=[])

    @mutation(
        Access.CONTACT_OR_SUPPORT,
        description="Operators; a customer may close a ticket of the own organisation as solved.",
    )
    async def close_ticket(self, info: Info[Context, None], input: CloseTicketInput) -> CloseTicketPayload:
        context = info.context
        key = key_of(input.ticket_id, "Ticket", "ticketId")

        async def work(session: AsyncSession) -> UUID:
            library, act = context.portal.library, act_of(context)
            told = {"message": input.message or None, "reason": input.reason or None}
            return (await lifecycle.close_ticket(session, library, key, act, **told)).id

        return CloseTicketPayload(ticket=await _changed(info, input, work), errors=[])

    @mutation(
        Access.SUPPORT,
        description="Operators only: a customer's comment on a closed ticket is a reopen request.",
    )
    async def reopen_ticket(self, info: Info[Context, None], input: ReopenTicketInput) -> ReopenTicketPayload:
        context = info.context
        key = key_of(input.ticket_id, "Ticket", "ticketId")

        async def work(session: AsyncSession) -> UUID:
            library, act = context.portal.library, act_of(context)
            return (await lifecycle.reopen_ticket(session, library, key, input.reason, act)).id

        return ReopenTicketPayload(ticket=await _changed(info, input, work), errors=[])


def act_of(context: Context) -> Act:
    """Who acts in this request, at its moment."""
    return Act(context.actor, context.now, context.origin)


async def _changed(info: Info[Context, None], given: Any, work: Any) -> Ticket:
    """Runs the change and reads the ticket as the payload asks for it, in the same transaction."""
    context = info.context
    selection = selection_of(info).below("ticket")

    async def load(reader: Reader, ticket_id: UUID) -> Ticket:
        return (await tickets_by_id(loading_over(context, reader), [ticket_id], selection))[ticket_id]

    return await context.change(info.field_name, given, work, load)


def _new_ticket(context: Context, given: RegisterTicketInput) -> service.NewTicket:
    by_account = isinstance(context.principal, AccountPrincipal)
    if by_account and (given.channel or given.reason):
        raise OnlyForOperators(path="channel" if given.channel else "reason")
    return service.NewTicket(
        subject=given.subject,
        description=given.description,
        type=given.type,
        origin=Origin.CUSTOMER if by_account else Origin.OPERATOR,
        contact_id=_contact(context, given),
        environment=given.environment or None,
        channel=given.channel or None,
        component=given.component or None,
        problem_kind=given.problem_kind or None,
        urgency=_number(given.urgency),
        impact=_number(given.impact),
        priority_key=given.priority_key or None,
        received_at=instant(given.received_at, "receivedAt"),
        received_reason=given.received_reason or None,
        reason=given.reason or None,
    )


def _contact(context: Context, given: RegisterTicketInput) -> UUID | None:
    """A customer registers in the own name; an operator names the contact it acts for."""
    asked = key_of(given.contact_id, "Contact", "contactId") if given.contact_id else None
    if isinstance(context.principal, AccountPrincipal):
        if asked is not None and asked != context.principal.contact_id:
            raise NotYourContact(path="contactId")
        return context.principal.contact_id
    if asked is None:
        raise Missing(path="contactId")
    return asked


def _number(value: int | None) -> int | None:
    return value if isinstance(value, int) else None
