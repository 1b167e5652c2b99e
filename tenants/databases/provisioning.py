"""New databases: made from a template that the real migrations filled once."""

import asyncio
import fcntl
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from tenants.databases.administration import (
    TENANT_RIGHTS,
    administering,
    ask,
    close_everybodys_databases,
    do_once,
    grant_tables,
    make_database,
    make_role,
    remove,
)
from tenants.databases.database import unavailable
from tenants.databases.migrations import History, head, upgrade
from tenants.databases.servers import PostgresServer, Server, SqliteServer

Step = Callable[[str], None]
"""Is told what was just done; a test kills the process there."""

CATALOG_RIGHTS = (
    'GRANT USAGE ON SCHEMA public TO "{role}"',
    'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO "{role}"',
)
IDENTIFY = text(
    "INSERT INTO tenant_identity (tenant_id, epoch) VALUES (:tenant_id, :epoch) ON CONFLICT DO NOTHING"
)


def unwatched(_step: str) -> None:
    """Nobody asks what was done."""


async def create_database(server: Server, database: str, history: History) -> None:
    """An empty database at the head of its history. Does nothing where it already exists."""
    with unavailable():
        if isinstance(server, SqliteServer):
            template = await _sqlite_template(server, history)
            await asyncio.to_thread(_copy_durably, template, server.path(database), None, unwatched)
            return
        async with administering(server) as connection:
            source = await _postgres_template(connection, server, history)
            role = server.portal_role if history == "catalog" else None
            await make_database(connection, database, source, portal_role=role)
        if server.portal_role:
            async with administering(server, database) as connection:
                await grant_tables(connection, server.portal_role, CATALOG_RIGHTS)


async def create_tenant_database(
    server: Server, database: str, tenant_id: UUID, epoch: int, step: Step = unwatched
) -> None:
    """A tenant's database with its identity in it: complete, or not there.

    Raises `DatabaseUnavailable` where the server is away or the disk is full.
    """
    with unavailable():
        if isinstance(server, SqliteServer):
            template = await _sqlite_template(server, "tenant")
            identity = (tenant_id, epoch)
            await asyncio.to_thread(_copy_durably, template, server.path(database), identity, step)
            return
        async with administering(server) as connection:
            source = await _postgres_template(connection, server, "tenant")
            await make_database(connection, database, source)
            step("database copied")
            await make_role(connection, server, database)
        async with administering(server, database) as connection:
            await grant_tables(connection, database, TENANT_RIGHTS)
            step("role made")
            await connection.execute(IDENTIFY, {"tenant_id": tenant_id, "epoch": epoch})
        step("identity written")


async def give_access(server: Server, database: str) -> None:
    """Gives the role of a tenant's database its rights on what is in it now; a file needs none."""
    if isinstance(server, SqliteServer):
        return
    async with administering(server) as connection:
        await make_role(connection, server, database)
    async with administering(server, database) as connection:
        await grant_tables(connection, database, TENANT_RIGHTS)


async def drop_database(server: Server, database: str) -> None:
    """Removes it, whoever uses it. Does nothing where it does not exist."""
    with unavailable():
        if isinstance(server, SqliteServer):
            await asyncio.to_thread(_remove_with_drafts, server.path(database))
        else:
            await remove(server, database)


async def database_exists(server: Server, database: str) -> bool:
    """Raises `DatabaseUnavailable` where the server is away."""
    if isinstance(server, SqliteServer):
        return server.path(database).exists()
    with unavailable():
        return bool(await ask(server, "SELECT 1 FROM pg_database WHERE datname = :name", {"name": database}))


def _remove_with_drafts(path: Path) -> None:
    """A draft is what somebody who was killed left of a file that was to get this name."""
    for each in path.parent.glob(f"{path.stem}.*.draft*"):
        each.unlink(missing_ok=True)
    remove_files(path)


def remove_files(path: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)


async def _sqlite_template(server: SqliteServer, history: History) -> Path:
    name = f"template-{history}-{head(history)}"
    path = server.path(name)
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with path.with_suffix(".lock").open("w") as lock:
        # Whoever comes second waits for the first one, and finds its template.
        await asyncio.to_thread(fcntl.flock, lock, fcntl.LOCK_EX)
        if not path.exists():
            await _make_template(server, name, history)
    return path


async def create_file(templates: SqliteServer, server: SqliteServer, database: str, *, revision: str) -> None:
    """An empty customer's database at a revision, as a file; `templates` is where its template is kept."""
    path = server.path(database)
    if revision == head("tenant"):
        template = await _sqlite_template(templates, "tenant")
        await asyncio.to_thread(shutil.copyfile, template, path)
    else:
        path.touch()
        await upgrade(server, database, "tenant", revision)
    path.chmod(0o600)


async def _make_template(server: SqliteServer, name: str, history: History) -> None:
    draft = f"{name}.draft"
    path = server.path(draft)
    remove_files(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
    await upgrade(server, draft, history)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA journal_mode=DELETE")
    path.replace(server.path(name))


def _copy_durably(template: Path, target: Path, identity: tuple[UUID, int] | None, step: Step) -> None:
    if target.exists():
        return
    draft = target.with_suffix(f".{os.getpid()}.draft")
    try:
        shutil.copyfile(template, draft)
        draft.chmod(0o600)
        step("template copied")
        _fill(draft, identity)
        step("identity written")
        with draft.open("rb") as handle:
            os.fsync(handle.fileno())
        draft.replace(target)
    finally:
        remove_files(draft)
    sync_folder(target.parent)
    step("file in place")


def _fill(draft: Path, identity: tuple[UUID, int] | None) -> None:
    with closing(sqlite3.connect(draft, isolation_level=None)) as connection:
        for pragma in (
            "synchronous=OFF",
            "journal_mode=OFF",
        ):  # the file is synced as a whole, or thrown away
            connection.execute(f"PRAGMA {pragma}")
        if identity:
            tenant_id, epoch = identity
            connection.execute(
                "INSERT INTO tenant_identity (tenant_id, epoch) VALUES (?, ?)", (tenant_id.hex, epoch)
            )
        connection.execute("PRAGMA journal_mode=WAL")


def sync_folder(folder: Path) -> None:
    """Makes a renamed file's new name durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


async def _postgres_template(connection: AsyncConnection, server: PostgresServer, history: History) -> str:
    """The template's name. It becomes a template last: one that is found is complete."""
    name = f"slaportal_template_{history}_{head(history)}"
    known = text("SELECT datistemplate FROM pg_database WHERE datname = :name")
    if (await connection.execute(known, {"name": name})).scalar():
        return name
    async with administering(server) as holder:
        # Whoever comes second waits for the first one, and finds its template.
        await holder.execute(text("SELECT pg_advisory_lock(hashtext(:name))"), {"name": name})
        if await do_once(holder, f'CREATE DATABASE "{name}" TEMPLATE template0'):
            await close_everybodys_databases(holder)
        if not (await holder.execute(known, {"name": name})).scalar():
            await upgrade(server, name, history)
            await holder.exec_driver_sql(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false IS_TEMPLATE true')
    return name
