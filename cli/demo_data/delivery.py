"""The outbox after a history was made: of each ticket only the newest state is news."""

from datetime import datetime

from sqlalchemy import and_, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from tenants.outbox.models import OutboxMessage
from tenants.tables import table

_O = table(OutboxMessage).c


async def settle_outbox(session: AsyncSession, now: datetime) -> None:
    """Marks what a newer revision has overtaken as delivered; the worker delivers the rest."""
    newest = select(_O.subject_id, func.max(_O.revision).label("revision")).group_by(_O.subject_id).subquery()
    same = and_(_O.subject_id == newest.c.subject_id, _O.revision < newest.c.revision)
    overtaken = select(_O.id).join(newest, same)
    await session.execute(update(OutboxMessage).where(_O.id.in_(overtaken)).values(delivered_at=now))
