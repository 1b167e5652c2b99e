"""What crashes left is taken back, and what need not be kept any longer is removed."""

from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import Row

from tenants.acts import SYSTEM
from tenants.catalog.sides import (
    Purpose,
    forget_unborn,
    give_up_side,
    left_sides,
    outlived_sides,
    reclaim_side,
)
from tenants.databases.errors import DatabaseUnavailable, UnknownServer
from tenants.databases.servers import Placement
from tenants.upkeep.relocating import Yard, drop_side, thaw_source

_log = structlog.get_logger("upkeep")


async def reap(yard: Yard, now: datetime) -> int:
    """Gives how many databases and tenants were taken back or removed. What fails is tried again the next time."""
    done = 0
    for row in await left_sides(yard.catalog, now):
        try:
            done += await _take_back(yard, row, now)
        except Exception:  # noqa: BLE001  # whatever one tenant brings, the others are taken back
            _log.exception("not_taken_back", tenant=str(row.tenant_id))
    for row in await outlived_sides(yard.catalog, now):
        try:
            await drop_side(yard, row.id, Placement(row.server, row.database_name))
            done += 1
        except (DatabaseUnavailable, UnknownServer) as error:
            _log.warning("not_removed", server=row.server, database=row.database_name, error=str(error))
    return done + await forget_unborn(yard.catalog, actor=SYSTEM, now=now)


async def _take_back(yard: Yard, row: Row[Any], now: datetime) -> bool:
    """Whether the tenant is served as before."""
    if not await reclaim_side(yard.catalog, row.id, now, left=True):
        return False
    tenant = await yard.tenants.fresh(row.tenant_id)
    thawed = await thaw_source(yard, tenant)
    if not thawed and row.purpose == Purpose.MOVE:
        _log.warning("move_left", tenant=tenant.slug, error="its server does not answer")
        return False
    await give_up_side(yard.catalog, row.id, actor=SYSTEM, now=now)
    _log.warning("taken_back", tenant=tenant.slug, purpose=row.purpose)
    return True
