"""What lies in the outbox, and taking it out."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from tenants.outbox.models import OutboxMessage
from tenants.tables import table

_O = table(OutboxMessage)


async def take_undelivered(session: AsyncSession, limit: int) -> Sequence[Row[Any]]:
    """The oldest undelivered messages, locked against other takers; order per ticket is its revision."""
    statement = select(_O).where(_O.c.delivered_at.is_(None)).order_by(_O.c.id).limit(limit)
    return (await session.execute(statement.with_for_update(skip_locked=True))).all()


async def mark_delivered(session: AsyncSession, ids: Sequence[UUID], now: datetime) -> None:
    await session.execute(update(OutboxMessage).where(_O.c.id.in_(list(ids))).values(delivered_at=now))
