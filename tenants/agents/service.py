"""An operator's work in a customer's data: on that customer's record before anything is read."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from auth.principals import OperatorPrincipal, Origin
from tenants.acts import Actor, ActorKind, Subject
from tenants.agents.models import Agent, WorkSession
from tenants.audit.service import record_event
from tenants.databases.scopes import Reader, TenantScope, reader_of
from tenants.ids import new_id
from tenants.tables import table

LENGTH = timedelta(hours=8)
_A = table(Agent).c
_W = table(WorkSession).c


async def ensure_work_session(
    scope: TenantScope, operator: OperatorPrincipal, *, now: datetime, origin: Origin
) -> None:
    """Opens a work session of 8 hours unless the operator's sign-in session has one here already."""
    async with scope.read() as reader:
        if await _open_session(reader, operator, now):
            return
    async with scope.record() as session:
        await _upsert_agent(session, operator)
        # That row is ours until the end: of requests that come together, the later ones find the first one's session.
        if await _open_session(await reader_of(session), operator, now):
            return
        work = WorkSession(
            id=new_id(now),
            agent_id=operator.operator_id,
            operator_session_id=operator.session_id,
            started_at=now,
            expires_at=now + LENGTH,
        )
        session.add(work)
        await record_event(
            session,
            now=now,
            event="work_session_opened",
            actor=Actor(ActorKind.AGENT, operator.operator_id),
            subject=Subject("WorkSession", work.id),
            detail={"expires_at": work.expires_at.isoformat()},
            origin=origin,
        )


async def _open_session(reader: Reader, operator: OperatorPrincipal, now: datetime) -> bool:
    statement = select(_W.id).where(_W.operator_session_id == operator.session_id, _W.expires_at > now)
    found: UUID | None = await reader.scalar(statement.limit(1))
    return found is not None


async def _upsert_agent(session: AsyncSession, operator: OperatorPrincipal) -> None:
    insert = sqlite_insert if (await session.connection()).dialect.name == "sqlite" else postgresql_insert
    statement = insert(Agent).values(id=operator.operator_id, name=operator.name)
    await session.execute(
        statement.on_conflict_do_update(index_elements=[_A.id], set_={"name": operator.name})
    )
