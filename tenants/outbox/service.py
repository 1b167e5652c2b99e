"""Messages for outside this database, written in the transaction of the change."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from tenants.ids import new_id
from tenants.outbox.models import OutboxMessage


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
