"""Customers come and go: the vendor's own acts on the catalog."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from tenants.acts import Actor, Subject
from tenants.catalog.audit import record_event
from tenants.catalog.directory import TenantRecord, checked_slug, record_of
from tenants.catalog.errors import SlugTaken, UnknownTenant
from tenants.catalog.models import Tenant, TenantStatus
from tenants.databases.engines import Engines
from tenants.databases.provisioning import create_tenant_database
from tenants.databases.revisions import TENANT_HEAD
from tenants.databases.scopes import CatalogScope
from tenants.ids import new_id
from tenants.tables import table

_T = table(Tenant).c


async def create_tenant(
    engines: Engines, *, slug: str, name: str, policy_key: str, locale: str, actor: Actor, now: datetime
) -> TenantRecord:
    """A new customer with a database of its own, ACTIVE when this returns.

    The catalog row comes first, as PROVISIONING: what a crash leaves can be seen and finished.
    Raises `BadSlug`, `SlugTaken`.
    """
    catalog = CatalogScope(engines.catalog())
    tenant = _new_row(checked_slug(slug), name, policy_key, locale, engines.catalog_placement.server, now)
    try:
        async with catalog.write() as session:
            session.add(tenant)
            await session.flush()
            subject = Subject("Tenant", tenant.id)
            await record_event(session, now=now, event="tenant_created", actor=actor, subject=subject)
    except IntegrityError as error:
        raise SlugTaken(slug) from error
    await create_tenant_database(engines.server(tenant.server), tenant.database_name, tenant.id, tenant.epoch)
    return await set_status(catalog, tenant.id, TenantStatus.ACTIVE, actor=actor, now=now)


def _new_row(slug: str, name: str, policy_key: str, locale: str, server: str, now: datetime) -> Tenant:
    tenant_id = new_id(now)
    return Tenant(
        id=tenant_id,
        slug=slug,
        name=name,
        status=TenantStatus.PROVISIONING,
        epoch=1,
        server=server,
        database_name=f"t_{tenant_id.hex}",
        policy_key=policy_key,
        locale=locale,
        created_at=now,
        revision=TENANT_HEAD,  # its template's
    )


async def set_status(
    catalog: CatalogScope, tenant_id: UUID, status: TenantStatus, *, actor: Actor, now: datetime
) -> TenantRecord:
    """Moves the tenant to another state, on record. Raises `UnknownTenant`."""
    async with catalog.write() as session:
        await session.execute(update(Tenant).where(_T.id == tenant_id).values(status=status))
        row = (await session.execute(select(table(Tenant)).where(_T.id == tenant_id))).first()
        if row is None:
            raise UnknownTenant
        subject = Subject("Tenant", tenant_id)
        detail = {"status": status}
        event = "tenant_status_changed"
        await record_event(session, now=now, event=event, actor=actor, subject=subject, detail=detail)
        return record_of(row)
