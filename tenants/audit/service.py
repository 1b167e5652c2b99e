"""Writes the audit log in the transaction of the act itself."""

from collections.abc import Iterable, Mapping
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


async def entries_of_person(
    reader: Reader, account_id: UUID, contacts: Iterable[UUID]
) -> list[dict[str, object]]:
    """What is on record by an account, about it and about the person's contacts, oldest first.

    The acts of others without their address.
    """
    log = AUDIT_LOG.c
    about = or_(
        and_(log.subject_type == "Account", log.subject_id == account_id),
        and_(log.subject_type == "Contact", log.subject_id.in_(list(contacts))),
    )
    theirs = select(AUDIT_LOG).where(or_(log.actor_id == account_id, about)).order_by(log.at, log.id)
    return [
        {
            "id": row.id,
            "at": row.at,
            "event": row.event,
            "subject_type": row.subject_type,
            "subject_id": row.subject_id,
            "detail": row.detail,
            "before": row.before,
            "after": row.after,
            "address": row.address if row.actor_id == account_id else None,
        }
        for row in await reader.rows(theirs)
    ]


async def links_on_record(reader: Reader, account_id: UUID) -> frozenset[UUID]:
    """The contacts that an account was ever linked to: a link that has ended is on record alone."""
    log = AUDIT_LOG.c
    about = and_(log.subject_type == "Account", log.subject_id == account_id)
    told = select(log.detail, log.before, log.after).where(about)
    found = [row.detail.get("contact") for row in await reader.rows(told.where(log.event == "user_created"))]
    for row in await reader.rows(told.where(log.event == "user_updated")):
        found += [(row.before or {}).get("contact"), (row.after or {}).get("contact")]
    for old, _, unlinked in await replacements_on_record(reader):
        found += [str(old)] if account_id in unlinked else []
    return frozenset(UUID(key) for key in found if key)


async def replacements_on_record(reader: Reader) -> list[tuple[UUID, UUID, frozenset[UUID]]]:
    """Of every replacement of a contact: the old one, the new one, and the accounts that lost the link."""
    log = AUDIT_LOG.c
    told = select(log.before, log.after, log.detail).where(log.event == "contact_replaced").order_by(log.id)
    return [
        (
            UUID(row.before["contact"]),
            UUID(row.after["contact"]),
            frozenset(UUID(key) for key in row.detail.get("unlinked", ())),
        )
        for row in await reader.rows(told)
    ]
