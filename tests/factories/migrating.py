"""Migrates and is killed at a step, once: `python -m tests.factories.migrating STEP all|one MARKER`."""

import asyncio
import os
import signal
import sys
from collections import Counter
from functools import partial
from pathlib import Path

from api.settings import read_settings
from cli.migrate import bring_along
from tenants.catalog.migrating import Wanted
from tenants.catalog.migration_run import Orders
from tenants.databases.revisions import TENANT_HEAD

ONCE = frozenset({"catalog upgraded", "run begun"})
PARENT = (*sorted(ONCE), "customer claimed", "customer marked")
WORKER = ("upgrade begun", "schema changed", "schema committed", "access given")
_seen: Counter[str] = Counter()


def die_at(wanted: str, whole: bool, marker: Path, step: str) -> None:
    """Of what happens to each customer, at the second one in this process: the first has come through then."""
    _seen[step] += 1
    if step != wanted or _seen[step] < 2 - (step in ONCE) or marker.exists():
        return
    marker.touch()
    if whole:
        os.killpg(0, signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)


def main(wanted: str, whom: str, marker: str) -> int:
    """The exit code, if it lives: how many customers failed."""
    step = partial(die_at, wanted, whom == "all", Path(marker))
    orders = Orders(jobs=2)
    outcome, _ = asyncio.run(bring_along(read_settings(), Wanted(TENANT_HEAD), orders, step))
    return len(outcome.failed)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
