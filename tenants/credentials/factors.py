"""Authenticators and recovery codes: used up by compare-and-set, replaced all at once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, delete, exists, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from auth.store import Challenge, Factor, MfaMethod
from tenants.credentials.claims import Lost, claim
from tenants.credentials.links import locked_person
from tenants.credentials.tables import CredentialTables
from tenants.ids import new_id


async def use_challenge(
    session: AsyncSession, tables: CredentialTables, challenge: Challenge, now: datetime
) -> None:
    """Lost when it was used or is too old."""
    own = tables.challenge
    open_ = and_(own.c.id == challenge.id, own.c.used_at.is_(None), own.c.expires_at > now)
    await claim(session, update(own).where(open_).values(used_at=now))


async def use_step(session: AsyncSession, tables: CredentialTables, factor: Factor, step: int) -> None:
    """Lost when the step, or one after it, was used before (RFC 6238, 5.2)."""
    own = tables.factor
    unused = and_(own.c.id == factor.id, own.c.confirmed_at.is_not(None), own.c.last_step < step)
    await claim(session, update(own).where(unused).values(last_step=step))


async def use_recovery_code(
    session: AsyncSession, tables: CredentialTables, subject_id: UUID, code_hash: str, now: datetime
) -> None:
    """Lost when the person has no such code, or it was used before."""
    own = tables.recovery_code
    unused = and_(own.c.subject_id == subject_id, own.c.code_hash == code_hash, own.c.used_at.is_(None))
    await claim(session, update(own).where(unused).values(used_at=now))


async def put_pending(
    session: AsyncSession, tables: CredentialTables, subject_id: UUID, factor: Factor, now: datetime
) -> None:
    own = tables.factor
    await session.execute(delete(own).where(own.c.subject_id == subject_id, own.c.confirmed_at.is_(None)))
    values = {
        "id": factor.id,
        "subject_id": subject_id,
        "kind": MfaMethod.TOTP.value,
        "secret": factor.sealed_secret,
        "last_step": factor.last_step,
        "created_at": now,
    }
    await session.execute(insert(own).values(values))


async def confirm(
    session: AsyncSession,
    tables: CredentialTables,
    subject_id: UUID,
    factor: Factor,
    step: int,
    *,
    first: bool,
    now: datetime,
) -> None:
    """Makes the pending factor the only one. Lost when it is gone, or when a `first` one is not the first."""
    await locked_person(session, tables, subject_id)
    own = tables.factor
    if first and await has_confirmed(session, tables, subject_id):
        raise Lost
    pending = and_(own.c.id == factor.id, own.c.subject_id == subject_id, own.c.confirmed_at.is_(None))
    await claim(session, update(own).where(pending).values(confirmed_at=now, last_step=step))
    await session.execute(delete(own).where(own.c.subject_id == subject_id, own.c.id != factor.id))


async def has_confirmed(session: AsyncSession, tables: CredentialTables, subject_id: UUID) -> bool:
    own = tables.factor.c
    confirmed = select(own.id).where(own.subject_id == subject_id, own.confirmed_at.is_not(None))
    return (await session.execute(confirmed)).first() is not None


async def replace_recovery_codes(
    session: AsyncSession,
    tables: CredentialTables,
    subject_id: UUID,
    code_hashes: Sequence[str],
    now: datetime,
) -> None:
    own = tables.recovery_code
    await session.execute(delete(own).where(own.c.subject_id == subject_id))
    rows = [
        {"id": new_id(now), "subject_id": subject_id, "code_hash": code_hash, "created_at": now}
        for code_hash in code_hashes
    ]
    await session.execute(insert(own), rows)


def factors_of(tables: CredentialTables, subject_id: UUID) -> Select[Any]:
    """The person's authenticators, the newest first."""
    own = tables.factor.c
    columns = (own.id, own.secret, own.last_step, own.confirmed_at)
    return select(*columns).where(own.subject_id == subject_id).order_by(own.created_at.desc(), own.id.desc())


def factor_of(row: Row[Any]) -> Factor:
    return Factor(row.id, row.secret, row.last_step)


def methods(tables: CredentialTables) -> list[ColumnElement[bool]]:
    """Two columns beside a person: whether an authenticator is confirmed, whether a recovery code is left."""
    person, factor, code = tables.person.c, tables.factor.c, tables.recovery_code.c
    confirmed = exists().where(factor.subject_id == person.id, factor.confirmed_at.is_not(None))
    left = exists().where(code.subject_id == person.id, code.used_at.is_(None))
    return [confirmed.label("totp"), left.label("recovery")]
