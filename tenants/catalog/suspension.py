"""A suspended customer keeps its data and is served to nobody."""

from datetime import datetime

from tenants.acts import Actor
from tenants.catalog.directory import TenantRecord
from tenants.catalog.errors import TenantNotActive
from tenants.catalog.models import TenantStatus
from tenants.catalog.service import set_status
from tenants.databases.scopes import CatalogScope


async def suspend_tenant(
    catalog: CatalogScope, tenant: TenantRecord, *, actor: Actor, now: datetime
) -> TenantRecord:
    """Stops serving an ACTIVE customer; processes notice within a second. Raises `TenantNotActive`."""
    return await _move(catalog, tenant, TenantStatus.ACTIVE, TenantStatus.SUSPENDED, actor, now)


async def resume_tenant(
    catalog: CatalogScope, tenant: TenantRecord, *, actor: Actor, now: datetime
) -> TenantRecord:
    """Serves a SUSPENDED customer again. Raises `TenantNotActive` in any other state."""
    return await _move(catalog, tenant, TenantStatus.SUSPENDED, TenantStatus.ACTIVE, actor, now)


async def _move(
    catalog: CatalogScope,
    tenant: TenantRecord,
    before: TenantStatus,
    after: TenantStatus,
    actor: Actor,
    now: datetime,
) -> TenantRecord:
    if tenant.status is not before:
        raise TenantNotActive(tenant.slug, tenant.status)
    return await set_status(catalog, tenant.id, after, actor=actor, now=now)
