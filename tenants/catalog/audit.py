"""Writes the audit log in the transaction of the act, on the vendor's plane."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from auth.principals import Origin
from tenants.acts import INSIDE, Actor, Subject, entry_values
from tenants.catalog.models import CatalogAuditEntry


async def record_event(
    session: AsyncSession,
    *,
    now: datetime,
    event: str,
    actor: Actor,
    subject: Subject | None = None,
    detail: Mapping[str, object] | None = None,
    origin: Origin = INSIDE,
) -> None:
    """Adds one entry. `event` is a name of the OWASP logging vocabulary, `detail` never holds a secret."""
    session.add(CatalogAuditEntry.model_validate(entry_values(now, event, actor, subject, detail, origin)))
