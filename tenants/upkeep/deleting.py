"""A customer leaves: marked first, and removed by the second call, with everything that was its own."""

import asyncio
import shutil
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import delete, update

from tenants.acts import Actor, Subject
from tenants.catalog.audit import record_event
from tenants.catalog.directory import TenantRecord
from tenants.catalog.errors import TenantInOtherState
from tenants.catalog.models import Tenant, TenantStatus
from tenants.catalog.service import change_status
from tenants.catalog.sides import sides_of
from tenants.catalog.upkeep import (
    Backup,
    CatalogIdempotencyKey,
    MigrationItem,
    ProvisioningOrder,
    SideDatabase,
)
from tenants.catalog.work_queue import forget_tenant
from tenants.databases.provisioning import Step, database_exists, drop_database, unwatched
from tenants.databases.scopes import CatalogScope
from tenants.databases.servers import Placement
from tenants.tables import table
from tenants.upkeep.errors import NotGone
from tenants.upkeep.relocating import Yard

MARKABLE = (TenantStatus.ACTIVE, TenantStatus.SUSPENDED, TenantStatus.FAILED, TenantStatus.PROVISIONING)
BEING_REMOVED = "being removed"
NEVER_MADE = "was never finished"

_T = table(Tenant).c
_K = table(CatalogIdempotencyKey).c


async def mark_for_deletion(catalog: CatalogScope, slug: str, *, actor: Actor, now: datetime) -> None:
    """The customer is served to nobody; its data is still there, and `resume` takes the mark back.

    One that was never finished has nothing to go back to: its order ends here.

    Raises `NoSuchTenant` and `TenantInOtherState`.
    """
    async with catalog.write() as session:
        tenant_id = await change_status(
            session, slug, MARKABLE, TenantStatus.DELETED, actor=actor, now=now, marked_at=now
        )
        ordered = delete(ProvisioningOrder).where(table(ProvisioningOrder).c.tenant_id == tenant_id)
        if (await session.execute(ordered.returning(table(ProvisioningOrder).c.tenant_id))).first():
            await session.execute(update(Tenant).where(_T.id == tenant_id).values(failure=NEVER_MADE))


async def databases_of(yard: Yard, tenant: TenantRecord) -> list[Placement]:
    """Every database of the customer: the serving one and those beside it."""
    beside = [Placement(row.server, row.database_name) for row in await sides_of(yard.catalog, tenant.id)]
    return [tenant.placement, *beside]


async def remove_tenant(yard: Yard, tenant: TenantRecord, *, actor: Actor, step: Step = unwatched) -> None:
    """Removes a customer that is marked: databases, the portal's backups, and its rows in the catalog, in this order.

    What a crash leaves is removed by the same call. Raises `TenantInOtherState` where it is not marked (any more),
    `UnknownServer`, `DatabaseUnavailable` and `NotGone`.
    """
    async with yard.catalog.write() as session:
        marked = (_T.id == tenant.id, _T.status == TenantStatus.DELETED)
        # From here on the mark cannot be taken back.
        claimed = update(Tenant).where(*marked).values(failure=BEING_REMOVED).returning(_T.id)
        if (await session.execute(claimed)).first() is None:
            raise TenantInOtherState(path="slug", status=tenant.status)
    step("claimed")
    await yard.engines.tenant(tenant.id, tenant.placement).close()
    for place in await databases_of(yard, tenant):
        server = yard.engines.server(place.server)
        await drop_database(server, place.database)
        if await database_exists(server, place.database):
            raise NotGone(f"{place.database} on {place.server} is still there")
        step("database removed")
    await asyncio.to_thread(_remove_backups, backup_folder(yard.backups, tenant.id))
    step("backups removed")
    await forget_rows(yard.catalog, tenant, actor=actor, now=yard.clock())
    step("forgotten")


async def forget_rows(catalog: CatalogScope, tenant: TenantRecord, *, actor: Actor, now: datetime) -> None:
    """Takes all rows of the customer out of the catalog; that it was there stays, once, on the vendor's log."""
    async with catalog.write() as session:
        await forget_tenant(session, tenant.id)
        for kept in (SideDatabase, Backup, MigrationItem, ProvisioningOrder):
            await session.execute(delete(kept).where(table(kept).c.tenant_id == tenant.id))
        await session.execute(delete(CatalogIdempotencyKey).where(_K.result_id == tenant.id))
        if not (await session.execute(delete(Tenant).where(_T.id == tenant.id).returning(_T.id))).first():
            return
        subject, detail = Subject("Tenant", tenant.id), {"slug": tenant.slug}
        await record_event(
            session, now=now, event="tenant_deleted", actor=actor, subject=subject, detail=detail
        )


def _remove_backups(folder: Path) -> None:
    try:
        shutil.rmtree(folder)
    except FileNotFoundError:
        return
    except OSError as error:
        raise NotGone(f"the backups cannot be removed: {error}") from error


def backup_folder(backups: Path, tenant_id: UUID) -> Path:
    """Where the portal's own backups of a customer lie."""
    return backups / tenant_id.hex
