"""Mails that have not gone out, as an operator sees them: without addresses and words, which stay sealed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Table, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from tenants.credentials.claims import changed
from tenants.databases.scopes import Reader, leaves_work
from tenants.mails.service import is_given_up


async def unsent(reader: Reader, mails: Table, *, failed: bool) -> Sequence[Row[Any]]:
    """Those that wait and those that were given up; only the latter with `failed`. Oldest first."""
    columns = [
        mails.c[name] for name in ("id", "kind", "created_at", "due_at", "tries", "failed_at", "failure")
    ]
    wanted = is_given_up(mails) if failed else _not_out(mails)
    found = select(*columns).where(*wanted)
    return await reader.rows(found.order_by(mails.c.id))


async def retry(session: AsyncSession, mails: Table, now: datetime) -> int:
    """Lets those whose last try failed go out now, given up or not; gives how many. Those in work are left alone."""
    left = (*_not_out(mails), mails.c.failure.is_not(None))
    anew = {"failed_at": None, "failure": None, "tries": 0, "due_at": now}
    leaves_work(session, now)
    return await changed(session, update(mails).where(*left).values(anew))


async def drop(session: AsyncSession, mails: Table) -> int:
    """Wipes those that were given up: they cannot be sent any more. Gives how many."""
    return await changed(session, update(mails).where(*is_given_up(mails)).values(content=None))


def _not_out(mails: Table) -> tuple[ColumnElement[bool], ...]:
    """The condition that a mail waits or was given up: when one leaves or is withdrawn its content goes."""
    return mails.c.content.is_not(None), mails.c.sent_at.is_(None)
