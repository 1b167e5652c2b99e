"""Ending what somebody came in by."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from auth.store import SessionEnd
from tenants.credentials import challenges, links, sessions
from tenants.credentials.tables import CredentialTables


async def end_presence(
    session: AsyncSession,
    tables: CredentialTables,
    subject_id: UUID,
    reason: SessionEnd,
    now: datetime,
    *,
    keep: UUID | None = None,
) -> int:
    """Ends the person's sessions but `keep`, challenges and mailed links; gives how many sessions.

    The caller holds the person's row, so no two of these wait for each other.
    """
    ended = await sessions.end_all(session, tables, subject_id, reason, now, keep=keep)
    await challenges.end_challenges(session, tables, subject_id, now)
    await links.end_links(session, tables, subject_id, now)
    return ended
