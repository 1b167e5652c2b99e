"""An operator's work in a customer's data: on that customer's record before anything is read.

A work session belongs to one sign-in of the operator: it ends with that, after 8 hours, or when it is closed. Where the
contract asks for a reason, there is none without.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from auth.principals import OperatorPrincipal, Origin
from tenants.acts import Actor, ActorKind, Subject
from tenants.agents.errors import NotAtWork, WorkReasonMissing
from tenants.agents.models import Agent, WorkSession
from tenants.audit.service import record_event
from tenants.contracts.service import asks_work_reason
from tenants.databases.scopes import Reader, TenantScope, reader_of
from tenants.ids import new_id
from tenants.refusals import optional_text
from tenants.tables import table

LENGTH = timedelta(hours=8)
REASON_LIMIT = 500
_A = table(Agent).c
_W = table(WorkSession).c


@dataclass(frozen=True, slots=True)
class Open:
    """The open work session of an operator's sign-in, if there is one, and whether the contract asks for a reason."""

    id: UUID | None
    reason: str | None
    reason_asked: bool

    @property
    def at_work(self) -> bool:
        return self.id is not None and (self.reason is not None or not self.reason_asked)


async def enter(scope: TenantScope, operator: OperatorPrincipal, *, now: datetime, origin: Origin) -> bool:
    """Whether the operator is at work here: False where the contract asks for a reason that was not told.

    Where it asks for none, a work session of 8 hours is opened unless there is one already.
    """
    async with scope.read() as reader:
        found = await _open(reader, operator, now)
    if found.at_work:
        return True
    if found.reason_asked:
        return False
    async with scope.record() as session:
        found = await _locked(session, operator, now)
        if found.reason_asked:
            return False
        if found.id is None:
            await _begin(session, operator, None, now, origin)
    return True


async def open_work_session(
    session: AsyncSession, operator: OperatorPrincipal, reason: str | None, *, now: datetime, origin: Origin
) -> UUID:
    """The id of the operator's work session with that reason; the same one again while it lasts.

    Another reason begins another session in its place. Raises `WorkReasonMissing`, `TooLong`, `Malformed`.
    """
    told = optional_text(reason, "reason", REASON_LIMIT)
    found = await _locked(session, operator, now)
    if told is None and found.reason_asked:
        raise WorkReasonMissing(path="reason")
    if found.id is not None:
        if told in {None, found.reason}:
            return found.id
        await _end(session, operator, found.id, now, origin)
    return await _begin(session, operator, told, now, origin)


async def close_work_session(
    session: AsyncSession, operator: OperatorPrincipal, *, now: datetime, origin: Origin
) -> UUID:
    """Ends the operator's work here, and gives the id of what ended. Raises `NotAtWork`."""
    found = await _locked(session, operator, now)
    if found.id is None:
        raise NotAtWork
    await _end(session, operator, found.id, now, origin)
    return found.id


async def _open(reader: Reader, operator: OperatorPrincipal, now: datetime) -> Open:
    """By one statement: every request of an operator runs it."""
    lasting = and_(_W.operator_session_id == operator.session_id, _W.expires_at > now)
    newest = select(_W.id).where(lasting).order_by(_W.started_at.desc(), _W.id.desc()).limit(1)
    reason = newest.with_only_columns(_W.reason).scalar_subquery()
    key, asked = newest.scalar_subquery().label("key"), asks_work_reason(now).label("asked")
    (row,) = await reader.rows(select(key, reason.label("reason"), asked))
    return Open(row.key, row.reason, bool(row.asked))


async def _locked(session: AsyncSession, operator: OperatorPrincipal, now: datetime) -> Open:
    """What is open, until the transaction ends: of requests that come together, the later ones find the first one's."""
    insert = sqlite_insert if (await session.connection()).dialect.name == "sqlite" else postgresql_insert
    statement = insert(Agent).values(id=operator.operator_id, name=operator.name)
    await session.execute(
        statement.on_conflict_do_update(index_elements=[_A.id], set_={"name": operator.name})
    )
    return await _open(await reader_of(session), operator, now)


async def _begin(
    session: AsyncSession, operator: OperatorPrincipal, reason: str | None, now: datetime, origin: Origin
) -> UUID:
    work = WorkSession(
        id=new_id(now),
        agent_id=operator.operator_id,
        operator_session_id=operator.session_id,
        started_at=now,
        expires_at=now + LENGTH,
        reason=reason,
    )
    session.add(work)
    told: dict[str, object] = {"reason": reason} if reason else {}
    detail = {"expires_at": work.expires_at.isoformat(), **told}
    await _record(session, "work_session_opened", operator, work.id, detail, now, origin)
    return work.id


async def _end(
    session: AsyncSession, operator: OperatorPrincipal, key: UUID, now: datetime, origin: Origin
) -> None:
    await session.execute(update(WorkSession).where(_W.id == key).values(expires_at=now))
    await _record(session, "work_session_closed", operator, key, {}, now, origin)


async def _record(
    session: AsyncSession,
    event: str,
    operator: OperatorPrincipal,
    key: UUID,
    detail: dict[str, object],
    now: datetime,
    origin: Origin,
) -> None:
    await record_event(
        session,
        now=now,
        event=event,
        actor=Actor(ActorKind.AGENT, operator.operator_id),
        subject=Subject("WorkSession", key),
        detail=detail,
        origin=origin,
    )
