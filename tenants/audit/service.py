"""Writes the audit log in the transaction of the act itself."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from auth.principals import Origin
from tenants.acts import INSIDE, Actor, Change, Subject, entry_values
from tenants.audit.models import AuditEntry
from tenants.chains.sealing import BATCH, seal_batch
from tenants.databases.scopes import Reader, TenantScope, leaves_work
from tenants.tables import table

AUDIT_LOG = table(AuditEntry)
SEALED_AT_ONCE = BATCH
"""Entries that one visit of the worker seals; where there are more, it comes again."""


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


async def seal_new_entries(scope: TenantScope, now: datetime) -> int:
    """Seals one batch of a customer's entries and says how many it held."""
    return await seal_batch(scope, AUDIT_LOG, now, SEALED_AT_ONCE)


async def entries_of_person(reader: Reader, account_id: UUID) -> list[dict[str, object]]:
    """What is on record by an account and about it, oldest first; the acts of others without their address."""
    log = AUDIT_LOG.c
    about = and_(log.subject_type == "Account", log.subject_id == account_id)
    theirs = select(AUDIT_LOG).where(or_(log.actor_id == account_id, about)).order_by(log.at, log.id)
    return [
        {
            "id": row.id,
            "at": row.at,
            "event": row.event,
            "detail": row.detail,
            "before": row.before,
            "after": row.after,
            "address": row.address if row.actor_id == account_id else None,
        }
        for row in await reader.rows(theirs)
    ]
