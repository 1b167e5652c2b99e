"""Messages for outside this database: written in the transaction of the change, taken out by the worker."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from tenants.databases.scopes import leaves_work
from tenants.ids import new_id
from tenants.outbox.models import OutboxMessage
from tenants.tables import table

TICKET_CHANGED = "ticket_changed"
_O = table(OutboxMessage)


def announce(
    session: AsyncSession,
    *,
    topic: str,
    subject_id: UUID,
    revision: int,
    payload: Mapping[str, object],
    now: datetime,
) -> None:
    """Adds one message; the worker delivers it after the transaction has committed."""
    session.add(
        OutboxMessage(
            id=new_id(now),
            topic=topic,
            subject_id=subject_id,
            revision=revision,
            payload=dict(payload),
            created_at=now,
        )
    )
    leaves_work(session, now)


async def take_undelivered(session: AsyncSession, limit: int) -> Sequence[Row[Any]]:
    """The oldest undelivered messages, locked against other takers; order per ticket is its revision."""
    statement = select(_O).where(_O.c.delivered_at.is_(None)).order_by(_O.c.id).limit(limit)
    return (await session.execute(statement.with_for_update(skip_locked=True))).all()


async def mark_delivered(session: AsyncSession, ids: Sequence[UUID], now: datetime) -> None:
    await session.execute(update(OutboxMessage).where(_O.c.id.in_(list(ids))).values(delivered_at=now))
