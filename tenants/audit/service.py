"""Writes the audit log in the transaction of the act itself."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from auth.principals import Origin
from tenants.acts import INSIDE, Actor, Change, Subject, entry_values
from tenants.audit.models import AuditEntry
from tenants.databases.scopes import leaves_work


async def record_event(
    session: AsyncSession,
    *,
    now: datetime,
    event: str,
    actor: Actor,
    subject: Subject | None = None,
    detail: Mapping[str, object] | None = None,
    origin: Origin = INSIDE,
    change: Change | None = None,
) -> None:
    """Adds one entry, which the worker seals within seconds; no secret may be in `detail` or `change`.

    `event` is a name of the OWASP logging vocabulary.
    """
    values = entry_values(now, event, actor, subject, detail, origin, change)
    session.add(AuditEntry.model_validate(values))
    leaves_work(session, now)
