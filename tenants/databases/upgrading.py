"""Customers' databases brought to the head in processes of their own: Alembic is not thread-safe."""

import asyncio
from dataclasses import dataclass
from uuid import UUID

from tenants.databases.administration import administering, grant_tables
from tenants.databases.connections import expect_identity, open_engine
from tenants.databases.errors import DatabaseUnavailable, ProcessKilled, UpgradeFailed, WrongDatabase
from tenants.databases.migrations import ensure_current, failing, known_revisions, upgrade
from tenants.databases.processes import WorkProcess
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


class UpgradeProcess(WorkProcess[Upgrade, None]):
    """One process that upgrades one database at a time."""

    def __init__(self) -> None:
        super().__init__(run_upgrade)

    async def run(self, given: Upgrade) -> None:
        """Raises `UpgradeFailed`."""
        try:
            await super().run(given)
        except ProcessKilled as error:
            raise UpgradeFailed(str(error)) from error


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
