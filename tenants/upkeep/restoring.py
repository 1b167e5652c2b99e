"""Restoring one customer from a backup: into a new database, which is checked and then swapped in."""

import asyncio
import shutil
from datetime import datetime
from functools import partial
from pathlib import Path

from tenants.accounts.service import end_every_session
from tenants.acts import Actor, Subject
from tenants.audit.service import record_event
from tenants.catalog.directory import TenantRecord, checked_slug
from tenants.catalog.errors import UnknownTenant
from tenants.catalog.models import TenantStatus
from tenants.catalog.service import add_restored_tenant
from tenants.catalog.sides import Purpose, Side, begin_side, swap
from tenants.databases.backups import AT_REST, Manifest, clone_file, read_backup
from tenants.databases.copying import Told, copy_rows, filling, snapshot_of
from tenants.databases.migrations import ensure_current, known_revisions
from tenants.databases.provisioning import Step, create_tenant_database, unwatched
from tenants.databases.scopes import TenantScope
from tenants.databases.servers import SqliteServer
from tenants.jobs.service import fill_queue
from tenants.upkeep.errors import WrongBackup
from tenants.upkeep.relocating import Yard, freeze_source, preparing, work_folder

RESTORABLE = (
    TenantStatus.ACTIVE,
    TenantStatus.SUSPENDED,
    TenantStatus.FAILED,
    TenantStatus.PROVISIONING,
)


async def check_backup(yard: Yard, slug: str, path: Path) -> tuple[Manifest, TenantRecord | None]:
    """What is in the backup, and the tenant that it is restored for; None where that was deleted.

    Raises `BackupUnreadable`, and `WrongBackup` where it is another tenant's or of a newer version.
    """
    manifest = await asyncio.to_thread(read_backup, path)
    if manifest.revision not in known_revisions("tenant"):
        raise WrongBackup(f"{path.name} is at revision {manifest.revision}, which this version does not know")
    try:
        tenant = await yard.tenants.fresh_by_slug(slug)
    except UnknownTenant:
        if manifest.slug != checked_slug(slug):
            raise WrongBackup(f"{path.name} is a backup of {manifest.slug}, not of {slug}") from None
        return manifest, None
    if tenant.id != manifest.tenant_id:
        raise WrongBackup(f"{path.name} is a backup of {manifest.slug} ({manifest.tenant_id}), not of {slug}")
    return manifest, tenant


async def restore_tenant(
    yard: Yard, slug: str, path: Path, *, actor: Actor, told: Told, step: Step = unwatched
) -> tuple[Manifest, TenantRecord]:
    """What the backup holds, and the tenant as it is served again.

    What served until now is kept for seven days, and takes no writes. A tenant that was deleted is there again.
    Sessions of the backup have ended: who was let in since may not be now.
    Raises as `check_backup`, and `TenantInOtherState`, `BeingChanged`, `DatabaseUnavailable`, `UpgradeFailed`,
    `CopyFailed` or `LeaseLost`; in each case nothing has changed.
    """
    manifest, tenant = await check_backup(yard, slug, path)
    if tenant is None:
        tenant = await _tenant_again(yard, manifest, actor)
    server = yard.engines.catalog_placement.server
    if tenant.placement.server in yard.engines.servers:
        server = tenant.placement.server
    side = await begin_side(yard.catalog, tenant, server, Purpose.RESTORE, RESTORABLE, yard.clock())
    step("noted")
    async with preparing(yard, side, actor):
        await _fill(yard, side, path, told)
        step("filled")
        await _settle_in(yard, side, manifest, actor, yard.clock())
        step("checked")
        await freeze_source(yard, tenant)
        step("frozen")
        await _put_in_place(yard, side, actor, yard.clock())
    step("swapped")
    return manifest, await yard.tenants.fresh(tenant.id)


async def _put_in_place(yard: Yard, side: Side, actor: Actor, now: datetime) -> None:
    """The swap, and with it the vendor's work queue: a ticket's revision there may be newer than the backup's."""
    database = yard.engines.tenant(side.tenant.id, side.placement)
    async with TenantScope(database, side.tenant.id, side.epoch).read() as reader:
        queue = partial(fill_queue, reader=reader, tenant_id=side.tenant.id, now=now)
        await swap(yard.catalog, side, actor=actor, now=now, beside=queue)


async def _tenant_again(yard: Yard, manifest: Manifest, actor: Actor) -> TenantRecord:
    """A tenant whose row was deleted, as its own database tells of it."""
    if not manifest.slug or not manifest.name or not manifest.policy_key:
        raise WrongBackup("the backup was taken before the customer was founded: make it anew instead")
    return await add_restored_tenant(
        yard.catalog,
        tenant_id=manifest.tenant_id,
        slug=checked_slug(manifest.slug),
        name=manifest.name,
        policy_key=manifest.policy_key,
        locale=manifest.locale or "EN",
        epoch=manifest.epoch,
        server=yard.engines.catalog_placement.server,
        actor=actor,
        now=yard.clock(),
    )


async def _fill(yard: Yard, side: Side, path: Path, told: Told) -> None:
    """The backup, brought to today's schema, in the prepared database."""
    server, database = yard.engines.server(side.placement.server), side.placement.database
    identity = (side.tenant.id, side.epoch)
    if isinstance(server, SqliteServer):
        await asyncio.to_thread(clone_file, path, server.path(database), identity, AT_REST)
        await ensure_current(server, database, "tenant")
        return
    folder = work_folder(yard, side.id)
    try:
        copy = SqliteServer("restoring", folder)
        await asyncio.to_thread(clone_file, path, copy.path(database), identity, AT_REST)
        await ensure_current(copy, database, "tenant")
        await create_tenant_database(server, database, *identity)
        async with snapshot_of(copy, database) as source, filling(server, database) as target:
            await copy_rows(source, target, told)
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


async def _settle_in(yard: Yard, side: Side, manifest: Manifest, actor: Actor, now: datetime) -> None:
    """Opens the prepared database as it will be opened: identity and revision are compared on connecting."""
    database = yard.engines.tenant(side.tenant.id, side.placement)
    async with TenantScope(database, side.tenant.id, side.epoch).write() as session:
        await end_every_session(session, now)
        taken = manifest.taken_at.isoformat() if manifest.taken_at else None
        await record_event(
            session,
            now=now,
            event="database_restored",
            actor=actor,
            subject=Subject("Tenant", side.tenant.id),
            detail={"backup_taken_at": taken, "sha256": manifest.sha256},
        )
