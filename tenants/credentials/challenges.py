"""Challenges and invitations: each opens one door, once."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from auth.store import Invitation, NewChallenge
from tenants.credentials.claims import Lost, changed, claim
from tenants.credentials.columns import AccountStatus
from tenants.credentials.tables import CredentialTables
from tenants.ids import new_id


async def add_challenge(
    session: AsyncSession, tables: CredentialTables, subject_id: UUID, new: NewChallenge, now: datetime
) -> None:
    """Lost when it is for a password that is the person's no more."""
    if new.password_hash is not None:
        person = tables.person.c
        same = select(person.id).where(person.id == subject_id, person.password_hash == new.password_hash)
        # Held until the commit: who changes the password waits, and ends this challenge with the others.
        if (await session.execute(same.with_for_update(key_share=True))).first() is None:
            raise Lost
    values = {
        "id": new_id(now),
        "subject_id": subject_id,
        "token_hash": new.token_hash,
        "purpose": new.purpose.value,
        "created_at": now,
        "expires_at": new.expires_at,
        "tries": 0,
    }
    await session.execute(insert(tables.challenge).values(values))


async def count_try(
    session: AsyncSession, tables: CredentialTables, challenge_id: UUID, limit: int, now: datetime
) -> bool:
    """False when the challenge has had `limit` tries, or is over."""
    own = tables.challenge
    open_ = and_(
        own.c.id == challenge_id, own.c.used_at.is_(None), own.c.expires_at > now, own.c.tries < limit
    )
    return await changed(session, update(own).where(open_).values(tries=own.c.tries + 1)) == 1


async def end_invitations(session: AsyncSession, tables: CredentialTables, subject_id: UUID) -> None:
    """Takes away every invitation that was not accepted."""
    own = tables.invitation
    await session.execute(delete(own).where(own.c.subject_id == subject_id, own.c.accepted_at.is_(None)))


async def end_challenges(
    session: AsyncSession, tables: CredentialTables, subject_id: UUID, now: datetime
) -> None:
    """Ends every open challenge of the person: a step-one token dies with a change of the password."""
    own = tables.challenge
    open_ = and_(own.c.subject_id == subject_id, own.c.used_at.is_(None))
    await session.execute(update(own).where(open_).values(used_at=now))


async def accept(
    session: AsyncSession, tables: CredentialTables, invitation: Invitation, password_hash: str, now: datetime
) -> None:
    """Uses the invitation up and sets the first password. Lost when it was used, or not needed any more."""
    own, person = tables.invitation, tables.person
    # The person first, as everywhere: so who ends invitations at that moment waits, or is waited for, and no more.
    invited = and_(person.c.id == invitation.person.id, person.c.status == AccountStatus.INVITED.value)
    values = {"status": AccountStatus.ACTIVE.value, "password_hash": password_hash}
    await claim(session, update(person).where(invited).values(values))
    open_ = and_(own.c.id == invitation.id, own.c.accepted_at.is_(None), own.c.expires_at > now)
    await claim(session, update(own).where(open_).values(accepted_at=now))
    await end_challenges(session, tables, invitation.person.id, now)
