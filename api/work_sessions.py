"""The vendor's work in a customer's data: begun by an operator, on that customer's record."""

from datetime import datetime
from uuid import UUID

import strawberry
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from strawberry.types import Info

from api.access import Access, holds
from api.context import Context
from api.fields import mutation
from api.people import Agent, agents_by_id
from api.user_errors import UserError
from tenants.agents.models import WorkSession as WorkSessionRow
from tenants.agents.service import close_work_session, open_work_session
from tenants.databases.scopes import Reader, reader_of
from tenants.tables import table

_W = table(WorkSessionRow)


@strawberry.input
class OpenWorkSessionInput:
    reason: str | None = strawberry.field(
        default=strawberry.UNSET, description="Why, in words that the customer reads on its audit log."
    )


@strawberry.input
class CloseWorkSessionInput:
    idempotency_key: str | None = strawberry.UNSET


@holds(Access.TENANT)
@strawberry.type(
    description="An operator's work in the tenant: 8 hours at most, and never longer than the sign-in it belongs to."
)
class WorkSession:
    agent: Agent
    reason: str | None
    started_at: datetime
    expires_at: datetime


@holds(Access.TENANT)
@strawberry.type
class OpenWorkSessionPayload:
    work_session: WorkSession | None = None
    errors: list[UserError]


@holds(Access.TENANT)
@strawberry.type
class CloseWorkSessionPayload:
    work_session: WorkSession | None = None
    errors: list[UserError]


@strawberry.type
class WorkSessionMutations:
    @mutation(
        Access.ENTERING,
        description="Opens the operator's work in the tenant of this request, with a reason where the contract asks "
        "for one. Called again with the same reason it answers with the same session.",
    )
    async def open_work_session(
        self, info: Info[Context, None], input: OpenWorkSessionInput
    ) -> OpenWorkSessionPayload:
        context = info.context
        await context.release()
        async with context.entered_scope.write() as session:
            key = await open_work_session(
                session, context.operator, input.reason or None, now=context.now, origin=context.origin
            )
            opened = await _work_session(await reader_of(session), key)
        context.reason_missing = False
        return OpenWorkSessionPayload(work_session=opened, errors=[])

    @mutation(Access.OPERATOR_IN_TENANT, description="Ends the operator's work in the tenant.")
    async def close_work_session(
        self, info: Info[Context, None], input: CloseWorkSessionInput
    ) -> CloseWorkSessionPayload:
        context = info.context

        async def work(session: AsyncSession) -> UUID:
            return await close_work_session(session, context.operator, now=context.now, origin=context.origin)

        closed = await context.change(info.field_name, input, work, _work_session)
        context.work_ended = True  # also for what else this request asks for
        return CloseWorkSessionPayload(work_session=closed, errors=[])


async def _work_session(reader: Reader, key: UUID) -> WorkSession:
    (row,) = await reader.rows(select(_W).where(_W.c.id == key))
    return WorkSession(
        agent=(await agents_by_id(reader, [row.agent_id]))[row.agent_id],
        reason=row.reason,
        started_at=row.started_at,
        expires_at=row.expires_at,
    )
