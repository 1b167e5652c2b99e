"""Customers come and go: the vendor's own acts on the catalog."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from auth.principals import Origin
from tenants.acts import INSIDE, Actor, Subject
from tenants.catalog.audit import record_event
from tenants.catalog.directory import TenantRecord, checked_slug, record_of
from tenants.catalog.errors import NoSuchTenant, SlugTaken, TenantInOtherState, UnknownTenant
from tenants.catalog.models import Tenant, TenantStatus
from tenants.databases.engines import Engines
from tenants.databases.provisioning import create_tenant_database
from tenants.databases.revisions import TENANT_HEAD
from tenants.databases.scopes import CatalogScope
from tenants.ids import new_id
from tenants.tables import table

BEING_RESTORED = "being restored"
"""Why a tenant is PROVISIONING that nobody ordered: without a database in preparation its row was left by a crash."""

_T = table(Tenant).c


async def create_tenant(
    engines: Engines, *, slug: str, name: str, policy_key: str, locale: str, actor: Actor, now: datetime
) -> TenantRecord:
    """A new customer with a database of its own, ACTIVE when this returns.

    The catalog row comes first, as PROVISIONING: what a crash leaves can be seen and finished.
    Raises `BadSlug`, `SlugTaken`.
    """
    catalog = CatalogScope(engines.catalog())
    tenant = new_tenant_row(
        checked_slug(slug), name, policy_key, locale, engines.catalog_placement.server, now
    )
    try:
        async with catalog.write() as session:
            session.add(tenant)
            await session.flush()
            subject = Subject("Tenant", tenant.id)
            await record_event(session, now=now, event="tenant_created", actor=actor, subject=subject)
    except IntegrityError as error:
        raise SlugTaken(path="slug", slug=slug) from error
    await create_tenant_database(engines.server(tenant.server), tenant.database_name, tenant.id, tenant.epoch)
    return await set_status(catalog, tenant.id, TenantStatus.ACTIVE, actor=actor, now=now)


def new_tenant_row(slug: str, name: str, policy_key: str, locale: str, server: str, now: datetime) -> Tenant:
    """A tenant that is yet to be made; its database has a generated name."""
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


async def add_restored_tenant(
    catalog: CatalogScope,
    *,
    tenant_id: UUID,
    slug: str,
    name: str,
    policy_key: str,
    locale: str,
    epoch: int,
    server: str,
    actor: Actor,
    now: datetime,
) -> TenantRecord:
    """A tenant that was deleted, PROVISIONING until its database is restored. Raises `SlugTaken`."""
    tenant = new_tenant_row(slug, name, policy_key, locale, server, now)
    tenant.id, tenant.epoch, tenant.failure = tenant_id, abs(epoch), BEING_RESTORED
    try:
        async with catalog.write() as session:
            session.add(tenant)
            await session.flush()
            subject = Subject("Tenant", tenant_id)
            detail = {"slug": slug}
            event = "tenant_restored"
            await record_event(session, now=now, event=event, actor=actor, subject=subject, detail=detail)
    except IntegrityError as error:
        raise SlugTaken(path="slug", slug=slug) from error
    async with catalog.read() as reader:
        (row,) = await reader.rows(select(table(Tenant)).where(_T.id == tenant_id))
    return record_of(row)


async def set_status(
    catalog: CatalogScope, tenant_id: UUID, status: TenantStatus, *, actor: Actor, now: datetime
) -> TenantRecord:
    """Moves the tenant to another state, on record. Raises `UnknownTenant`."""
    async with catalog.write() as session:
        await session.execute(update(Tenant).where(_T.id == tenant_id).values(status=status))
        row = (await session.execute(select(table(Tenant)).where(_T.id == tenant_id))).first()
        if row is None:
            raise UnknownTenant
        await record_status(session, tenant_id, status, actor=actor, now=now)
        return record_of(row)


async def change_status(
    session: AsyncSession,
    slug: str,
    before: Sequence[TenantStatus],
    after: TenantStatus,
    *,
    actor: Actor,
    now: datetime,
    origin: Origin = INSIDE,
    **columns: Any,
) -> UUID:
    """Moves the tenant from one of the states `before` to another, on record; of two calls at once one does.

    Gives the id. Raises `NoSuchTenant` and `TenantInOtherState`.
    """
    values = {"status": after, "marked_at": None, **columns}
    # One that is being removed has a reason beside its mark: it cannot come back.
    free = or_(_T.marked_at.is_(None), _T.failure.is_(None))
    same = (_T.slug == slug, _T.status.in_(before), free)
    moved = update(Tenant).where(*same).values(values).returning(_T.id)
    tenant_id: UUID | None = (await session.execute(moved)).scalar_one_or_none()
    if tenant_id is None:
        status = (await session.execute(select(_T.status).where(_T.slug == slug))).scalar_one_or_none()
        if status is None:
            raise NoSuchTenant(path="slug")
        raise TenantInOtherState(path="slug", status=status)
    await record_status(session, tenant_id, after, actor=actor, now=now, origin=origin)
    return tenant_id


async def record_status(
    session: AsyncSession,
    tenant_id: UUID,
    status: TenantStatus,
    *,
    actor: Actor,
    now: datetime,
    origin: Origin = INSIDE,
    **told: object,
) -> None:
    """Puts a change of state on the catalog's log."""
    await record_event(
        session,
        now=now,
        event="tenant_status_changed",
        actor=actor,
        subject=Subject("Tenant", tenant_id),
        detail={"status": status, **told},
        origin=origin,
    )
