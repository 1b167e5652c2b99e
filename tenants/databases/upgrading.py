"""Customers' databases brought to the head in processes of their own: Alembic is not thread-safe."""

import asyncio
import os
import signal
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from threading import Thread
from uuid import UUID

from tenants.databases.administration import administering, grant_tables
from tenants.databases.connections import expect_identity, open_engine
from tenants.databases.errors import DatabaseUnavailable, UpgradeFailed, WrongDatabase
from tenants.databases.migrations import ensure_current, failing, known_revisions, upgrade
from tenants.databases.provisioning import CATALOG_RIGHTS, Step, database_exists, give_access, unwatched
from tenants.databases.servers import PostgresServer, Server


async def upgrade_catalog(server: Server, database: str) -> bool:
    """Brings the catalog to its head, with the portal's rights on what is new; whether it had to.

    Raises `UpgradeFailed`.
    """
    changed = await ensure_current(server, database, "catalog")
    if isinstance(server, PostgresServer) and server.portal_role:
        async with administering(server, database) as connection:
            await grant_tables(connection, server.portal_role, CATALOG_RIGHTS)
    return changed


@dataclass(frozen=True, slots=True)
class Upgrade:
    """One customer's database that is to be brought to the head; another process can be told so."""

    server: Server
    database: str
    tenant_id: UUID
    step: Step = unwatched


class UpgradeProcess:
    """One process that upgrades one database at a time. When it dies, that upgrade fails and a new one is made.

    A pool of several would not tell whose upgrade killed it, and would give up the others'.
    """

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None

    async def run(self, wanted: Upgrade) -> None:
        """Raises `UpgradeFailed`."""
        if self._pool is None:
            self._pool = ProcessPoolExecutor(1, get_context("spawn"), _live_with_the_parent)
        try:
            await asyncio.get_running_loop().run_in_executor(self._pool, run_upgrade, wanted)
        except BrokenProcessPool as error:
            self.close()
            raise UpgradeFailed(
                "the process that worked on it was killed (is there enough memory?)"
            ) from error

    def close(self) -> None:
        """Waits for the upgrade that runs, if any."""
        pool, self._pool = self._pool, None
        if pool:
            pool.shutdown()


def run_upgrade(wanted: Upgrade) -> None:
    """What such a process does. Raises `UpgradeFailed`, which any process can read, and nothing else."""
    try:
        asyncio.run(_upgrade(wanted))
    except UpgradeFailed:
        raise
    except (DatabaseUnavailable, WrongDatabase) as error:
        raise UpgradeFailed(str(error)) from error
    except Exception as error:  # a revision may raise whatever it likes
        raise UpgradeFailed(f"{type(error).__name__}: {error}") from error


async def _upgrade(wanted: Upgrade) -> None:
    """Can be repeated: what a crash left undone is done the next time."""
    server, database, step = wanted.server, wanted.database, wanted.step
    step("upgrade begun")
    with failing():
        if not await database_exists(server, database):
            raise UpgradeFailed("its database is missing")
        await _check(wanted)
        await upgrade(server, database, "tenant", before_commit=lambda: step("schema changed"))
        step("schema committed")
        await give_access(server, database)
    step("access given")


async def _check(wanted: Upgrade) -> None:
    """Whether it is this customer's and of a revision that is known here."""
    engine = open_engine(wanted.server, wanted.database)
    expect_identity(engine.sync_engine, wanted.tenant_id, known_revisions("tenant"))
    try:
        async with engine.connect():
            pass
    finally:
        await engine.dispose()


def _live_with_the_parent() -> None:
    """Ctrl-C reaches every process of a terminal: the parent decides. Without it there is nobody to work for."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_the_parent, daemon=True).start()


def _end_with_the_parent() -> None:
    parent = parent_process()
    if parent:
        parent.join()
    os._exit(1)  # what is not committed is rolled back
