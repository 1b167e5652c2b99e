"""An operator's work in a customer's data: on that customer's record before anything is read."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from auth.principals import OperatorPrincipal, Origin
from tenants.acts import Actor, ActorKind, Subject
from tenants.agents.models import Agent, WorkSession
from tenants.audit.service import record_event
from tenants.databases.scopes import Reader, TenantScope
from tenants.ids import new_id
from tenants.tables import table

LENGTH = timedelta(hours=8)
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
    agent = await session.get(Agent, operator.operator_id)
    if agent is None:
        session.add(Agent(id=operator.operator_id, name=operator.name))
    else:
        agent.name = operator.name
    await session.flush()
