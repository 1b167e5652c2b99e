"""Ending what somebody came in by, and forgetting it when it is long over."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from auth.store import SessionEnd
from tenants.credentials import challenges, links, sessions
from tenants.credentials.tables import CredentialTables
from tenants.mails.service import withdraw_links

FORGOTTEN_AFTER = timedelta(days=90)
"""So long addresses and devices are kept of sessions that are over; the record of a sign-in stays."""


async def end_presence(
    session: AsyncSession,
    tables: CredentialTables,
    subject_id: UUID,
    reason: SessionEnd,
    now: datetime,
    *,
    keep: UUID | None = None,
) -> int:
    """Ends sessions but `keep`, challenges, and links with the mails that wait with one; gives how many sessions.

    The caller holds the person's row, so no two of these wait for each other.
    """
    ended = await sessions.end_all(session, tables, subject_id, reason, now, keep=keep)
    await challenges.end_challenges(session, tables, subject_id, now)
    await links.end_links(session, tables, subject_id, now)
    await withdraw_links(session, subject_id, now, tables.models.mails)
    return ended


async def forget_presence(
    session: AsyncSession, tables: CredentialTables, subject_id: UUID, now: datetime
) -> None:
    """Takes sessions, challenges and links away that ran out long ago. The caller holds the person's row."""
    own, before = tables.session, now - FORGOTTEN_AFTER
    over = select(own.c.id).where(own.c.subject_id == subject_id, own.c.expires_at < before)
    await session.execute(delete(tables.refresh_token).where(tables.refresh_token.c.session_id.in_(over)))
    for each in (own, tables.challenge, tables.mailed_token):
        await session.execute(delete(each).where(each.c.subject_id == subject_id, each.c.expires_at < before))
