"""What crashes left is taken back, and what need not be kept any longer is removed."""

from datetime import datetime

import structlog

from tenants.acts import SYSTEM
from tenants.catalog.errors import UnknownTenant
from tenants.catalog.sides import Purpose, forget_unborn, give_up_side, left_sides, outlived_sides
from tenants.databases.errors import DatabaseUnavailable
from tenants.databases.servers import Placement
from tenants.upkeep.relocating import Yard, drop_side, thaw_source

_log = structlog.get_logger("upkeep")


async def reap(yard: Yard, now: datetime) -> int:
    """Gives how many databases and tenants were taken back or removed. What fails is tried again the next time."""
    done = 0
    for row in await left_sides(yard.catalog, now):
        try:
            tenant = await yard.tenants.fresh(row.tenant_id)
        except UnknownTenant:
            continue
        thawed = await thaw_source(yard, tenant)
        if not thawed and row.purpose == Purpose.MOVE:
            _log.warning("move_left", tenant=tenant.slug, error="its server does not answer")
            continue
        await give_up_side(yard.catalog, row.id, actor=SYSTEM, now=now)
        _log.warning("taken_back", tenant=tenant.slug, purpose=row.purpose)
        done += 1
    for row in await outlived_sides(yard.catalog, now):
        try:
            await drop_side(yard, row.id, Placement(row.server, row.database_name))
            done += 1
        except DatabaseUnavailable as error:
            _log.warning("not_removed", server=row.server, database=row.database_name, error=str(error))
    return done + await forget_unborn(yard.catalog, actor=SYSTEM, now=now)
