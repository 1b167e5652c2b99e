"""Exports a customer in a process that dies: `python -m tests.factories.exporting SLUG FOLDER STEP`.

It kills itself when the export tells its progress for the STEP-th time.
"""

import asyncio
import os
import signal
import sys
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from api.settings import read_settings
from cli.portal import portal_of
from tenants.acts import SYSTEM
from tenants.leaving.export import export_tenant


def present() -> datetime:
    return datetime.now(UTC)


async def main(slug: str, folder: Path, step: int) -> None:
    steps = count(1)

    def show(_done: int, _total: int) -> None:
        if next(steps) == step:
            os.kill(os.getpid(), signal.SIGKILL)

    async with portal_of(read_settings()) as portal:
        tenant = await portal.tenants.by_slug(slug, present())
        await export_tenant(portal.engines, tenant, folder, actor=SYSTEM, clock=present, show=show)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])))
