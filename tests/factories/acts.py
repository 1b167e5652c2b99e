"""Acts of upkeep that are killed at a step: `python -m tests.factories.acts ACT STEP ARGUMENTS`, SIGKILL at that step.

Without a step each one is told on standard output. The installation is that of the environment.
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from api.portal import Portal, open_portal
from api.settings import Settings, read_settings
from tenants.acts import SYSTEM
from tenants.databases.backups import BackupOrder, take_backup
from tenants.databases.copying import nobody_looks
from tenants.provisioning.orders import add_order, checked_order
from tenants.provisioning.service import finish_order
from tenants.upkeep.deleting import remove_tenant
from tenants.upkeep.moving import move_tenant
from tenants.upkeep.restoring import restore_tenant
from tests.factories.serving import ROOT, environment_of

Act = Callable[[Portal, dict[str, Any], Callable[[str], None]], Awaitable[None]]


def clock() -> datetime:
    return datetime.now(UTC)


async def create(portal: Portal, given: dict[str, Any], step: Callable[[str], None]) -> None:
    now = datetime.now(UTC)
    wanted = checked_order(portal.library, **given, now=now)
    async with portal.catalog.write() as session:
        tenant_id = await add_order(session, wanted, server="main", actor=SYSTEM, now=now, lease=True)
    step("ordered")
    await finish_order(portal.workshop(), tenant_id, now, step)


async def move(portal: Portal, given: dict[str, Any], step: Callable[[str], None]) -> None:
    tenant = await portal.tenants.fresh_by_slug(given["slug"])
    await move_tenant(portal.yard(clock), tenant, given["to"], actor=SYSTEM, told=nobody_looks, step=step)


async def delete(portal: Portal, given: dict[str, Any], step: Callable[[str], None]) -> None:
    tenant = await portal.tenants.fresh_by_slug(given["slug"])
    await remove_tenant(portal.yard(clock), tenant, actor=SYSTEM, step=step)


async def backup(portal: Portal, given: dict[str, Any], step: Callable[[str], None]) -> None:
    tenant = await portal.tenants.fresh_by_slug(given["slug"])
    home, yard = tenant.placement, portal.yard(clock)
    server = portal.engines.server(home.server)
    order = BackupOrder(server, home.database, tenant.id, Path(given["file"]), yard.scratch, clock())
    await take_backup(order, step=step)


async def restore(portal: Portal, given: dict[str, Any], step: Callable[[str], None]) -> None:
    file = Path(given["file"])
    yard = portal.yard(clock)
    await restore_tenant(yard, given["slug"], file, actor=SYSTEM, told=nobody_looks, step=step)


ACTS: dict[str, Act] = {
    "backup": backup,
    "create": create,
    "delete": delete,
    "move": move,
    "restore": restore,
}


def run_act(settings: Settings, act: str, given: dict[str, Any], step: str = "") -> list[str]:
    """The steps of an act that is carried out; with `step` it is killed there, and ends by SIGKILL or not at all."""
    done = subprocess.run(  # noqa: S603  # our own interpreter and module
        [sys.executable, "-m", "tests.factories.acts", act, step, json.dumps(given)],
        cwd=ROOT,
        env=environment_of(settings),
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == (-signal.SIGKILL if step else 0), done.stderr
    return done.stdout.splitlines()


def main(act: str, kill_at: str, given: str) -> None:
    def step(name: str) -> None:
        sys.stdout.write(f"{name}\n")
        sys.stdout.flush()
        if name == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    async def carry_out() -> None:
        portal = open_portal(read_settings())
        await ACTS[act](portal, json.loads(given), step)
        await portal.close()

    asyncio.run(carry_out())


if __name__ == "__main__":
    main(*sys.argv[1:])
