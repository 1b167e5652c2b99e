"""Mails that have not gone out, as an operator sees them: without addresses and words, which stay sealed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Table, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from tenants.credentials.claims import changed
from tenants.databases.scopes import Reader, leaves_work


async def unsent(reader: Reader, mails: Table, *, failed: bool) -> Sequence[Row[Any]]:
    """Those that wait and those that were given up; only the latter with `failed`. Oldest first."""
    columns = [
        mails.c[name] for name in ("id", "kind", "created_at", "due_at", "tries", "failed_at", "failure")
    ]
    found = select(*columns).where(mails.c.content.is_not(None), mails.c.sent_at.is_(None))
    if failed:
        found = found.where(mails.c.failed_at.is_not(None))
    return await reader.rows(found.order_by(mails.c.id))


async def retry(session: AsyncSession, mails: Table, now: datetime) -> int:
    """Lets those whose last try failed go out now, given up or not; gives how many. Those in work are left alone."""
    left = (mails.c.content.is_not(None), mails.c.sent_at.is_(None), mails.c.failure.is_not(None))
    anew = {"failed_at": None, "failure": None, "tries": 0, "due_at": now}
    leaves_work(session, now)
    return await changed(session, update(mails).where(*left).values(anew))


async def drop(session: AsyncSession, mails: Table) -> int:
    """Wipes those that were given up: they cannot be sent any more. Gives how many."""
    dead = (mails.c.failed_at.is_not(None), mails.c.content.is_not(None))
    return await changed(session, update(mails).where(*dead).values(content=None))
