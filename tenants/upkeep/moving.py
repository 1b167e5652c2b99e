"""Moving one customer to another server: ACTIVE, MOVING for as long as the copy takes, ACTIVE at a new epoch."""

import asyncio

from tenants.acts import Actor
from tenants.catalog.directory import TenantRecord
from tenants.catalog.errors import TenantInOtherState
from tenants.catalog.models import TenantStatus
from tenants.catalog.sides import Purpose, Side, begin_side, hold_still, swap
from tenants.databases.backups import clone_file
from tenants.databases.contents import rows_per_table
from tenants.databases.copying import Told, copy_rows, filling, snapshot_of
from tenants.databases.database import unavailable
from tenants.databases.errors import WrongDatabase
from tenants.databases.identity import freeze, revision_of
from tenants.databases.provisioning import Step, create_tenant_database, database_exists, unwatched
from tenants.databases.revisions import TENANT_HEAD
from tenants.databases.servers import Server, SqliteServer
from tenants.upkeep.errors import AlreadyThere, CopyDiffers, UpgradeFirst
from tenants.upkeep.relocating import Yard, preparing

MOVABLE = (TenantStatus.ACTIVE, TenantStatus.SUSPENDED)


async def check_movable(yard: Yard, tenant: TenantRecord, to: str) -> None:
    """Raises what would stand in the way of a move: see `move_tenant`."""
    source, target = yard.engines.server(tenant.placement.server), yard.engines.server(to)
    if to == tenant.placement.server:
        raise AlreadyThere(f"{tenant.slug} is on {to}")
    if tenant.status not in MOVABLE:
        raise TenantInOtherState(path="slug", status=tenant.status)
    await database_exists(target, tenant.placement.database)  # whether it answers
    revision = await revision_of(source, tenant.placement.database)
    if revision != TENANT_HEAD:
        raise UpgradeFirst(f"{tenant.slug} is at revision {revision}, this version at {TENANT_HEAD}")


async def move_tenant(
    yard: Yard, tenant: TenantRecord, to: str, *, actor: Actor, told: Told, step: Step = unwatched
) -> TenantRecord:
    """The tenant as it is served from the server `to`. Where it was is kept for seven days, and takes no writes.

    Raises `AlreadyThere`, `UnknownServer`, `TenantInOtherState`, `BeingChanged`, `UpgradeFirst`, `DatabaseUnavailable`,
    `WrongDatabase`, `CopyFailed`, `CopyDiffers` or `LeaseLost`; in each case the tenant is served as before.
    """
    await check_movable(yard, tenant, to)
    side = await begin_side(yard.catalog, tenant, to, Purpose.MOVE, MOVABLE, yard.clock())
    step("noted")
    async with preparing(yard, side, actor):
        source, target = yard.engines.server(tenant.placement.server), yard.engines.server(to)
        both_files = isinstance(source, SqliteServer) and isinstance(target, SqliteServer)
        if not both_files:  # before the tenant is held: this need not be waited for
            await create_tenant_database(target, side.placement.database, tenant.id, side.epoch)
        step("made")
        await hold_still(yard.catalog, side, actor=actor, now=yard.clock())
        step("held")
        if not await freeze(source, tenant.placement.database, tenant.id, tenant.epoch):
            raise WrongDatabase(f"{tenant.placement.database} is not {tenant.slug} at epoch {tenant.epoch}")
        step("frozen")
        await _copy(side, source, target, told)
        step("copied")
        await swap(yard.catalog, side, actor=actor, now=yard.clock())
    step("swapped")
    return await yard.tenants.fresh(tenant.id)


async def _copy(side: Side, source: Server, target: Server, told: Told) -> None:
    old, new = side.tenant.placement.database, side.placement.database
    if isinstance(source, SqliteServer) and isinstance(target, SqliteServer):
        identity = (side.tenant.id, side.epoch)
        await asyncio.to_thread(clone_file, source.path(old), target.path(new), identity)
        return
    with unavailable():
        async with snapshot_of(source, old) as reading, filling(target, new) as writing:
            await copy_rows(reading, writing, told)
            before, after = await rows_per_table(reading), await rows_per_table(writing)
            if before != after:
                differing = sorted(name for name in before if before[name] != after.get(name))
                raise CopyDiffers(f"after copying, these tables differ: {', '.join(differing)}")
