"""New databases: made from a template that the real migrations filled once."""

import asyncio
import os
import shutil
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import create_async_engine

from tenants.databases.engines import open_engine
from tenants.databases.migrations import History, head, upgrade
from tenants.databases.servers import PostgresServer, Server, SqliteServer

_ONE_AT_A_TIME = asyncio.Lock()


async def create_database(server: Server, database: str, history: History) -> None:
    """An empty database at the head of its history. Does nothing where it already exists."""
    if isinstance(server, SqliteServer):
        template = await _sqlite_template(server, history)
        await asyncio.to_thread(_copy_durably, template, server.path(database), None)
    else:
        async with _ONE_AT_A_TIME:
            template_name = await _postgres_template(server, history)
            await _create_from_template(server, database, template_name)


async def create_tenant_database(server: Server, database: str, tenant_id: UUID, epoch: int) -> None:
    """A tenant's database with its identity in it: complete, or not there."""
    if isinstance(server, SqliteServer):
        template = await _sqlite_template(server, "tenant")
        await asyncio.to_thread(_copy_durably, template, server.path(database), (tenant_id, epoch))
        return
    await create_database(server, database, "tenant")
    engine = open_engine(server, database)
    statement = text(
        "INSERT INTO tenant_identity (tenant_id, epoch) VALUES (:tenant_id, :epoch) ON CONFLICT DO NOTHING"
    )
    try:
        async with engine.begin() as connection:
            await connection.execute(statement, {"tenant_id": tenant_id, "epoch": epoch})
    finally:
        await engine.dispose()


async def drop_database(server: Server, database: str) -> None:
    if isinstance(server, SqliteServer):
        await asyncio.to_thread(_remove_files, server.path(database))
        return
    await _administer(server, f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')


def _remove_files(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)


async def database_exists(server: Server, database: str) -> bool:
    if isinstance(server, SqliteServer):
        return server.path(database).exists()
    return bool(await _ask(server, "SELECT 1 FROM pg_database WHERE datname = :name", database))


async def _sqlite_template(server: SqliteServer, history: History) -> Path:
    name = f"template-{history}-{head(history)}"
    path = server.path(name)
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = f"{name}-{os.getpid()}.draft"
    with closing(sqlite3.connect(server.path(draft))) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
    await upgrade(server, draft, history)
    with closing(sqlite3.connect(server.path(draft))) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA journal_mode=DELETE")
    server.path(draft).replace(path)
    return path


def _copy_durably(template: Path, target: Path, identity: tuple[UUID, int] | None) -> None:
    if target.exists():
        return
    draft = target.with_suffix(f".{os.getpid()}.draft")
    shutil.copyfile(template, draft)
    with closing(sqlite3.connect(draft, isolation_level=None)) as connection:
        if identity:
            tenant_id, epoch = identity
            connection.execute(
                "INSERT INTO tenant_identity (tenant_id, epoch) VALUES (?, ?)", (tenant_id.hex, epoch)
            )
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    draft.chmod(0o600)
    with draft.open("rb") as handle:
        os.fsync(handle.fileno())
    draft.replace(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


async def _postgres_template(server: PostgresServer, history: History) -> str:
    name = f"slaportal_template_{history}_{head(history)}"
    if await _ask(server, "SELECT 1 FROM pg_database WHERE datname = :name AND datistemplate", name):
        return name
    await _administer(server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    await _administer(server, f'CREATE DATABASE "{name}" TEMPLATE template0')
    await upgrade(server, name, history)
    await _administer(server, f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false IS_TEMPLATE true')
    return name


async def _create_from_template(server: PostgresServer, database: str, template: str) -> None:
    if await _ask(server, "SELECT 1 FROM pg_database WHERE datname = :name", database):
        return
    with suppress(DatabaseExists):
        await _administer(server, f'CREATE DATABASE "{database}" TEMPLATE "{template}" STRATEGY WAL_LOG')
    # Access rights are not copied from the template.
    await _administer(server, f'REVOKE CONNECT ON DATABASE "{database}" FROM PUBLIC')


class DatabaseExists(RuntimeError):
    """Another process made the same database a moment earlier."""


async def _administer(server: PostgresServer, statement: str) -> None:
    engine = create_async_engine(server.administration, isolation_level="AUTOCOMMIT", pool_size=1)
    try:
        async with engine.connect() as connection:
            await connection.exec_driver_sql(statement)
    except ProgrammingError as error:
        if "already exists" in str(error.orig):
            raise DatabaseExists(statement) from error
        raise
    finally:
        await engine.dispose()


async def _ask(server: PostgresServer, statement: str, name: str) -> object:
    engine = create_async_engine(server.administration, isolation_level="AUTOCOMMIT", pool_size=1)
    try:
        async with engine.connect() as connection:
            found: object = (await connection.execute(text(statement), {"name": name})).scalar()
            return found
    finally:
        await engine.dispose()
