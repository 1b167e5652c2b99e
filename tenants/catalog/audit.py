"""Writes the audit log in the transaction of the act, on the vendor's plane."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from auth.principals import Origin
from tenants.acts import INSIDE, Actor, Change, Subject, entry_values
from tenants.catalog.models import CatalogAuditEntry
from tenants.chains.sealing import BATCH, seal_batch
from tenants.databases.scopes import CatalogScope
from tenants.tables import table

CATALOG_LOG = table(CatalogAuditEntry)


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
    session.add(CatalogAuditEntry.model_validate(values))


async def seal_catalog_entries(catalog: CatalogScope, now: datetime) -> int:
    """Seals all of the vendor's entries that wait, batch by batch, and says how many there were."""
    sealed = batch = await seal_batch(catalog, CATALOG_LOG, now)
    while batch == BATCH:
        batch = await seal_batch(catalog, CATALOG_LOG, now)
        sealed += batch
    return sealed
