"""Copies all rows of a customer's database into an empty one at the same revision, SQLite or PostgreSQL."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from tenants.databases.connections import open_engine, snapshot_options
from tenants.databases.contents import count_rows
from tenants.databases.database import unavailable
from tenants.databases.errors import BrokenReference, TargetNotEmpty
from tenants.databases.layout import IDENTITY_TABLE, Layout, compare, layout_of
from tenants.databases.loading import Load
from tenants.databases.servers import Server, SqliteServer

FOREIGN_KEYS = text(
    "SELECT conrelid::regclass::text AS of, quote_ident(conname) AS name, pg_get_constraintdef(oid) AS definition "
    "FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace ORDER BY 1, 2"
)

Told = Callable[[str, int], None]
"""Is told a table, and how many of its rows are copied so far."""


def nobody_looks(_table: str, _rows: int) -> None:
    """Progress that nobody watches."""


@asynccontextmanager
async def snapshot_of(server: Server, database: str) -> AsyncIterator[AsyncConnection]:
    """Reads a database as it was at one moment, however long that takes; nobody who writes is held up.

    Raises `DatabaseUnavailable`.
    """
    engine = open_engine(server, database)
    options = snapshot_options(isinstance(server, SqliteServer))
    try:
        with unavailable():
            async with engine.execution_options(**options).begin() as connection:
                yield connection
    finally:
        await engine.dispose()


@asynccontextmanager
async def filling(server: Server, database: str) -> AsyncIterator[AsyncConnection]:
    """One transaction that writes: committed at the end of the block, rolled back by an exception.

    Raises `DatabaseUnavailable`.
    """
    engine = open_engine(server, database)
    try:
        with unavailable():
            async with engine.execution_options(writes=True).begin() as connection:
                yield connection
    finally:
        await engine.dispose()


async def copy_rows(source: AsyncConnection, target: AsyncConnection, told: Told) -> dict[str, int]:
    """The number of rows copied, by table: all but `tenant_identity`, which is for the caller to write.

    Both connections are inside a transaction (`snapshot_of`, `filling`), and the caller commits; after an error nothing
    may be committed. Raises `CopyMismatch` or `TargetNotEmpty` before anything is written, then `ValueRefused`,
    `BrokenReference` or `CopyFailed`, and `DatabaseUnavailable` where a connection to PostgreSQL is lost.
    """
    layout, target_layout = await layout_of(source), await layout_of(target)
    compare(layout, target_layout)
    await _refuse_rows(target, target_layout)
    load = Load(source, target, layout, target_layout, told)
    references = _references_of_file if target.dialect.name == "sqlite" else _references_of_server
    async with references(target):
        return {name: await load.table(name) for name in target_layout.tables if name != IDENTITY_TABLE}


async def _refuse_rows(target: AsyncConnection, layout: Layout) -> None:
    counted = await count_rows(target, layout)
    filled = [f"{name} has {count}" for name, count in counted.items() if count and name != IDENTITY_TABLE]
    if filled:
        raise TargetNotEmpty("copy into an empty database; this one has rows: " + ", ".join(filled))


@asynccontextmanager
async def _references_of_server(target: AsyncConnection) -> AsyncIterator[None]:
    """Checks them all at once at the end: looking each row's up while it is written takes half of the time."""
    rows = (await target.execute(FOREIGN_KEYS)).all()
    for row in rows:
        await target.exec_driver_sql(f"ALTER TABLE {row.of} DROP CONSTRAINT {row.name}")
    yield
    try:
        for row in rows:
            await target.exec_driver_sql(f"ALTER TABLE {row.of} ADD CONSTRAINT {row.name} {row.definition}")
    except IntegrityError as error:
        raise BrokenReference(f"a row of {row.of} refers to one that is not there") from error


@asynccontextmanager
async def _references_of_file(target: AsyncConnection) -> AsyncIterator[None]:
    await target.exec_driver_sql("PRAGMA defer_foreign_keys=ON")  # a row may refer to a later one
    yield
    found = (await target.exec_driver_sql("PRAGMA foreign_key_check")).mappings().first()
    if found:
        raise BrokenReference(
            f"a row of {found['table']} refers to one of {found['parent']} that is not there"
        )
