"""Sessions and their chains of refresh tokens."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from auth.store import Holder, NewSession, Rotation, SessionEnd
from tenants.credentials.claims import changed, claim
from tenants.credentials.tables import CredentialTables
from tenants.ids import new_id


async def open_session(
    session: AsyncSession, tables: CredentialTables, subject_id: UUID, new: NewSession, now: datetime
) -> Holder:
    """Lost when the person may no longer come in."""
    person = tables.person
    allowed = and_(person.c.id == subject_id, tables.may_come_in)
    await claim(session, update(person).where(allowed).values(last_sign_in_at=now))
    session_id = new_id(now)
    moments = {"created_at": now, "authenticated_at": now, "last_seen_at": now, "expires_at": new.expires_at}
    await session.execute(insert(tables.session).values(id=session_id, subject_id=subject_id, **moments))
    await _add_token(session, tables, session_id, new.refresh_hash, now)
    parameters = {"session": session_id, "subject": subject_id, "now": now}
    return Holder(*(await session.execute(tables.holder, parameters)).one())


async def rotate(
    session: AsyncSession,
    tables: CredentialTables,
    hashes: tuple[str, str],
    idle: timedelta,
    now: datetime,
) -> tuple[Rotation, Row[Any] | None]:
    """Uses up the first of `hashes` for the second. Lost when the session ends at the same moment."""
    token_hash, new_hash = hashes
    row = await _chain(session, tables, token_hash)
    if row is None:
        return Rotation.UNKNOWN, None
    if row.ended_at is not None or row.expires_at <= now or row.last_seen_at + idle <= now or not row.allowed:
        return Rotation.ENDED, row
    token = tables.refresh_token
    unused = and_(token.c.token_hash == token_hash, token.c.used_at.is_(None))
    if await changed(session, update(token).where(unused).values(used_at=now)) != 1:
        await end(session, tables, row.session_id, SessionEnd.TOKEN_REUSED, now)
        return Rotation.REUSED, row
    own = tables.session
    open_ = and_(own.c.id == row.session_id, own.c.ended_at.is_(None))
    await claim(session, update(own).where(open_).values(last_seen_at=now))
    await _add_token(session, tables, row.session_id, new_hash, now)
    return Rotation.ROTATED, row


async def end(
    session: AsyncSession, tables: CredentialTables, session_id: UUID, reason: SessionEnd, now: datetime
) -> bool:
    """Whether it was open until now."""
    own = tables.session
    open_ = and_(own.c.id == session_id, own.c.ended_at.is_(None))
    return await changed(session, update(own).where(open_).values(ended_at=now, end_reason=reason.value)) == 1


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
    state = (own.c.ended_at, own.c.expires_at, own.c.last_seen_at, tables.may_come_in.label("allowed"))
    statement = (
        select(*tables.holder_columns(), *state)
        .join(own, own.c.subject_id == person.c.id)
        .join(token, token.c.session_id == own.c.id)
        .where(token.c.token_hash == token_hash)
    )
    row: Row[Any] | None = (await session.execute(statement)).first()  # type: ignore[assignment]
    return row


async def _add_token(
    session: AsyncSession, tables: CredentialTables, session_id: UUID, token_hash: str, now: datetime
) -> None:
    values = {"id": new_id(now), "session_id": session_id, "token_hash": token_hash, "issued_at": now}
    await session.execute(insert(tables.refresh_token).values(values))
