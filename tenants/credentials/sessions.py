"""Sessions and their chains of refresh tokens."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, and_, case, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from auth.principals import Origin
from auth.rules import Lifetimes
from auth.store import Holder, NewSession, Rotation, SessionEnd
from tenants.credentials.claims import changed, claim
from tenants.credentials.tables import CredentialTables
from tenants.ids import new_id


async def open_session(
    session: AsyncSession,
    tables: CredentialTables,
    subject_id: UUID,
    new: NewSession,
    origin: Origin,
    now: datetime,
) -> Holder:
    """Lost when the person may no longer come in, or has another password by now."""
    person = tables.person
    allowed = and_(person.c.id == subject_id, tables.may_come_in)
    if new.password_hash is not None:
        allowed = and_(allowed, person.c.password_hash == new.password_hash)
    await claim(session, update(person).where(allowed).values(last_sign_in_at=now))
    grants = select(person.c[tables.models.grants]).where(person.c.id == subject_id)
    end_ = now + new.lifetimes.longest((await session.execute(grants)).scalar_one())
    session_id = new_id(now)
    moments = {"created_at": now, "authenticated_at": now, "last_seen_at": now, "expires_at": end_}
    values = {"id": session_id, "subject_id": subject_id, **moments, **seen_from(origin)}
    await session.execute(insert(tables.session).values(values))
    await _add_token(session, tables, session_id, new.refresh_hash, now)
    parameters = {"session": session_id, "subject": subject_id, "now": now}
    return Holder(*(await session.execute(tables.holder, parameters)).one())


async def known_origin(
    session: AsyncSession, tables: CredentialTables, subject_id: UUID, origin: Origin
) -> bool:
    """Whether an earlier session of the person came from there with that program, or there was none at all."""
    own, seen = tables.session.c, seen_from(origin)
    same = and_(*(own[name].is_not_distinct_from(value) for name, value in seen.items()))
    statement = select(func.count(), func.sum(case((same, 1), else_=0))).where(own.subject_id == subject_id)
    sessions, alike = (await session.execute(statement)).one()
    return not sessions or bool(alike)


async def rotate(
    session: AsyncSession,
    tables: CredentialTables,
    hashes: tuple[str, str],
    lifetimes: Lifetimes,
    now: datetime,
) -> tuple[Rotation, Row[Any] | None]:
    """Uses up the first of `hashes` for the second. Lost when the session ends at the same moment."""
    token_hash, new_hash = hashes
    row = await _chain(session, tables, token_hash)
    if row is None:
        return Rotation.UNKNOWN, None
    # The absolute lifetime once more, by the rights of now: they may have grown since the sign-in.
    ends = min(
        row.expires_at, row.created_at + lifetimes.longest(row.grants), row.last_seen_at + lifetimes.idle
    )
    if row.ended_at is not None or ends <= now or not row.allowed:
        return Rotation.ENDED, row
    token = tables.refresh_token
    unused = and_(token.c.token_hash == token_hash, token.c.used_at.is_(None))
    if await changed(session, update(token).where(unused).values(used_at=now)) != 1:
        await end(session, tables, row.id, row.session_id, SessionEnd.TOKEN_REUSED, now)
        return Rotation.REUSED, row
    own = tables.session
    open_ = and_(own.c.id == row.session_id, own.c.ended_at.is_(None))
    await claim(session, update(own).where(open_).values(last_seen_at=now))
    await _add_token(session, tables, row.session_id, new_hash, now)
    return Rotation.ROTATED, row


async def end(
    session: AsyncSession,
    tables: CredentialTables,
    subject_id: UUID,
    session_id: UUID,
    reason: SessionEnd,
    now: datetime,
) -> bool:
    """Whether the person had that session, and it was open until now."""
    own = tables.session
    open_ = and_(own.c.id == session_id, own.c.subject_id == subject_id, own.c.ended_at.is_(None))
    return await changed(session, update(own).where(open_).values(ended_at=now, end_reason=reason.value)) == 1


async def freshen(
    session: AsyncSession, tables: CredentialTables, subject_id: UUID, session_id: UUID, now: datetime
) -> None:
    """The factor was shown now. Lost when the session ended meanwhile."""
    own = tables.session
    open_ = and_(own.c.id == session_id, own.c.subject_id == subject_id, own.c.ended_at.is_(None))
    await claim(session, update(own).where(open_).values(authenticated_at=now))


def open_ones(tables: CredentialTables, subject_id: UUID, idle: timedelta, now: datetime) -> Select[Any]:
    """The columns of `auth.store.OpenSession` of the person's sessions that hold, the last opened first."""
    own = tables.session.c
    columns = (own.id, own.created_at, own.last_seen_at, own.expires_at, own.address, own.user_agent)
    held = (own.ended_at.is_(None), own.expires_at > now, own.last_seen_at > now - idle)
    return select(*columns).where(own.subject_id == subject_id, *held).order_by(own.id.desc())


async def end_all(
    session: AsyncSession,
    tables: CredentialTables,
    subject_id: UUID,
    reason: SessionEnd,
    now: datetime,
    *,
    keep: UUID | None = None,
) -> int:
    """Ends every session of the person but `keep`, and gives how many."""
    own = tables.session
    others = and_(own.c.subject_id == subject_id, own.c.ended_at.is_(None))
    if keep is not None:
        others = and_(others, own.c.id != keep)
    return await changed(session, update(own).where(others).values(ended_at=now, end_reason=reason.value))


async def _chain(session: AsyncSession, tables: CredentialTables, token_hash: str) -> Row[Any] | None:
    own, token, person = tables.session, tables.refresh_token, tables.person
    state = (
        own.c.created_at,
        own.c.ended_at,
        own.c.expires_at,
        own.c.last_seen_at,
        tables.may_come_in.label("allowed"),
    )
    statement = (
        select(*tables.holder_columns(), *state)
        .join(own, own.c.subject_id == person.c.id)
        .join(token, token.c.session_id == own.c.id)
        .where(token.c.token_hash == token_hash)
        .with_for_update(of=own)  # the session before its tokens, as everywhere
    )
    row: Row[Any] | None = (await session.execute(statement)).first()  # type: ignore[assignment]
    return row


def seen_from(origin: Origin) -> dict[str, str | None]:
    """Where the sign-in came from, as text that every database takes and every mail may show."""
    return {
        "address": _printable(origin.address) or None,
        "user_agent": _printable(origin.user_agent) or None,
    }


def _printable(text: str) -> str:
    return "".join(character for character in text if character.isprintable())


async def _add_token(
    session: AsyncSession, tables: CredentialTables, session_id: UUID, token_hash: str, now: datetime
) -> None:
    values = {"id": new_id(now), "session_id": session_id, "token_hash": token_hash, "issued_at": now}
    await session.execute(insert(tables.refresh_token).values(values))
