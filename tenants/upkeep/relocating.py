"""What moving and restoring have in common: a database is prepared beside the serving one, then they are swapped."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from tenants.acts import Actor
from tenants.catalog.directory import TenantDirectory, TenantRecord
from tenants.catalog.errors import LeaseLost
from tenants.catalog.sides import (
    LEASE,
    Purpose,
    Side,
    forget_side,
    forget_unborn,
    give_up_side,
    knows_database,
    reclaim_side,
    renew_side,
)
from tenants.databases.engines import Engines
from tenants.databases.errors import DatabaseUnavailable
from tenants.databases.identity import freeze, thaw
from tenants.databases.provisioning import database_exists, drop_database
from tenants.databases.scopes import CatalogScope
from tenants.databases.servers import Placement


@dataclass(frozen=True, slots=True)
class Yard:
    """The parts that databases are moved with. The administrator's rights on the servers are needed.

    `scratch` is a folder for work files, `backups` that of the portal's own backups, `clock` tells the moment:
    what is done here takes longer than a moment.
    """

    engines: Engines
    catalog: CatalogScope
    tenants: TenantDirectory
    scratch: Path
    backups: Path
    clock: Callable[[], datetime]


@asynccontextmanager
async def preparing(yard: Yard, side: Side, actor: Actor) -> AsyncIterator[None]:
    """Keeps the lease while the block works; where the block fails, everything is as it was before."""
    renewing = asyncio.create_task(_renew(yard, side))
    try:
        yield
    except BaseException:
        await asyncio.shield(_take_back(yard, side, actor))
        raise
    finally:
        renewing.cancel()
        with suppress(asyncio.CancelledError, LeaseLost):  # without the lease the swap is refused
            await renewing


async def _renew(yard: Yard, side: Side) -> None:
    while True:
        await asyncio.sleep(LEASE.total_seconds() / 4)
        with suppress(DatabaseUnavailable):
            await renew_side(yard.catalog, side, yard.clock())


async def _take_back(yard: Yard, side: Side, actor: Actor) -> None:
    await yard.engines.tenant(side.tenant.id, side.placement).close()
    if not await reclaim_side(yard.catalog, side.id, yard.clock(), left=False):
        # Swapped although the answer was lost, or given up by somebody else: the source is not ours to thaw.
        if not await knows_database(yard.catalog, side.placement.database):
            await drop_database(yard.engines.server(side.placement.server), side.placement.database)
        return
    if await thaw_source(yard, side.tenant) or side.purpose is Purpose.RESTORE:
        await give_up_side(yard.catalog, side.id, actor=actor, now=yard.clock())
        with suppress(DatabaseUnavailable):  # the worker removes it later
            await drop_side(yard, side.id, side.placement)
            await forget_unborn(yard.catalog, actor=actor, now=yard.clock(), tenant_id=side.tenant.id)
    # Else the tenant stays MOVING, and the worker takes it back as soon as its server answers.


async def drop_side(yard: Yard, side_id: UUID, placement: Placement) -> None:
    """Removes a database that is of no use any more, then the note of it: what a crash leaves is found again.

    Raises `UnknownServer` and `DatabaseUnavailable`.
    """
    await drop_database(yard.engines.server(placement.server), placement.database)
    shutil.rmtree(work_folder(yard, side_id), ignore_errors=True)
    await forget_side(yard.catalog, side_id)


def work_folder(yard: Yard, side_id: UUID) -> Path:
    """Where files lie while a database is filled; removed with it at the latest."""
    return yard.scratch / side_id.hex


async def freeze_source(yard: Yard, tenant: TenantRecord) -> bool:
    """Whether the serving database could be frozen; one that is lost or somebody else's cannot, and takes no writes."""
    home = tenant.placement
    server = yard.engines.servers.get(home.server)
    if server is None:
        return False
    try:
        return await freeze(server, home.database, tenant.id, tenant.epoch)
    except DatabaseUnavailable:
        return False


async def thaw_source(yard: Yard, tenant: TenantRecord) -> bool:
    """Whether the serving database takes writes again; where it is lost, there is nothing to thaw."""
    home = tenant.placement
    server = yard.engines.servers.get(home.server)
    if server is None:
        return False
    try:
        if await database_exists(server, home.database):
            await thaw(server, home.database, tenant.id, tenant.epoch)
    except DatabaseUnavailable:
        return False
    return True
