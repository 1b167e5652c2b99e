"""One open database: short reads without a transaction, and writes one after another."""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any, NoReturn
from uuid import UUID

from sqlalchemy import Row, event, inspect
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession
from sqlalchemy.orm import Session
from sqlalchemy.sql.expression import Executable

from tenants.databases.connections import (
    WAIT_SECONDS,
    Compiled,
    Role,
    expect_identity,
    open_engine,
    open_for_reading,
    snapshot_options,
)
from tenants.databases.errors import DatabaseUnavailable, ForeignRow, ServerBusy
from tenants.databases.revisions import SERVED_REVISIONS
from tenants.databases.servers import Server, SqliteServer
from tenants.databases.short_reads import ShortReads

Rows = Callable[[Executable, Mapping[str, Any] | None], Awaitable[Sequence[Row[Any]]]]
"""Runs a statement with the values of its parameters, and gives its rows."""

SQLITE_OUTAGES = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_NOTADB,
    }
)
POSTGRES_OUTAGES = frozenset({
    "3D000",  # no database of that name
    "40P01",  # two waited for each other, and this one was chosen to give way: it may be tried again
    "42501",  # the role may not connect, or not do that: a fault of how it was made
    "55P03",  # waited for a row longer than lock_timeout
    "53100",  # disk full
    "53300",  # too many connections
})  # fmt: skip


class OneDatabaseSession(Session):
    """A session that writes the rows which it loaded or was first given, and no others."""

    def merge(self, instance: Any, *_args: Any, **_named: Any) -> NoReturn:
        raise ForeignRow(f"{type(instance).__name__} cannot be merged: load it where it is written")

    def merge_all(self, *_args: Any, **_named: Any) -> NoReturn:
        raise ForeignRow("rows cannot be merged: load them where they are written")

    def bulk_save_objects(self, *_args: Any, **_named: Any) -> NoReturn:
        raise ForeignRow("rows cannot be saved past the session: add them to it")


def _mark(session: Session, instance: object) -> None:
    """A row keeps the mark of the session that it was first in, also when it is made transient."""
    inspect(instance, raiseerr=True).info["session"] = session.hash_key


def _refuse_foreign(session: Session, instance: object) -> None:
    state = inspect(instance, raiseerr=True)
    is_new = state.key is None and "session" not in state.info
    if not is_new and state.info.get("session") != session.hash_key:
        raise ForeignRow(f"{type(instance).__name__} belongs to another session")
    _mark(session, instance)


event.listen(OneDatabaseSession, "before_attach", _refuse_foreign)
event.listen(OneDatabaseSession, "loaded_as_persistent", _mark)


class Snapshot:
    """Reads over one connection, all of them on what was committed when the first one ran."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def rows(self, statement: Executable) -> Sequence[Row[Any]]:
        return (await self._connection.execute(statement)).all()

    async def batches(self, statement: Executable, size: int) -> AsyncGenerator[Sequence[Row[Any]]]:
        """The rows, at most `size` of them in memory at once. To be closed by who stops early."""
        options = {"yield_per": size}
        async with self._connection.stream(statement, execution_options=options) as found:
            async for rows in found.partitions():
                yield rows


class Database:
    """One open database. How many of its connections may be open at once is up to `Admission`."""

    def __init__(
        self, engine: AsyncEngine, pool_size: int, wait: float, short_reads: ShortReads | None = None
    ) -> None:
        self.engine = engine
        self._wait = wait
        self._turns = asyncio.Semaphore(pool_size)
        self._short_reads = short_reads
        self.is_sqlite = engine.dialect.name == "sqlite"
        isolation = {} if self.is_sqlite else {"isolation_level": "AUTOCOMMIT"}
        self._reading = engine.execution_options(**isolation)
        self._writing = engine.execution_options(writes=True)
        self._frozen = engine.execution_options(**snapshot_options(self.is_sqlite))
        # Two writers on one event loop would block each other until the busy timeout.
        self._write_lock = asyncio.Lock()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Rows]:
        """What runs one statement after another, each on what is committed when it starts."""
        if self._short_reads is not None:
            yield self._read_sqlite
            return
        with unavailable():
            async with self._turn(), self._reading.connect() as connection:
                yield rows_over(connection)

    async def _read_sqlite(
        self, statement: Executable, values: Mapping[str, Any] | None
    ) -> Sequence[Row[Any]]:
        with unavailable():
            found = self._short_reads.rows(statement, values) if self._short_reads else None
            if found is not None:
                return found
            async with self._turn(), self._reading.connect() as connection:
                return (await connection.execute(statement, values)).all()

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Snapshot]:
        """Long reads of one moment. Writers go on; a file's log grows until the block ends."""
        with unavailable():
            async with self._turn(), self._frozen.connect() as connection, connection.begin():
                yield Snapshot(connection)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        if not self.is_sqlite:
            async with self._transaction() as session:
                yield session
            return
        async with self._write_lock, self._transaction() as session:
            yield session

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[AsyncSession]:
        with unavailable():
            async with (
                self._turn(),
                self._writing.connect() as connection,
                connection.begin(),
                AsyncSession(
                    connection, sync_session_class=OneDatabaseSession, expire_on_commit=False
                ) as session,
            ):
                yield session
                await session.flush()

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """Whoever waited longest comes next: the pool alone would let newcomers pass. Raises `ServerBusy`."""
        try:
            async with asyncio.timeout(self._wait):
                await self._turns.acquire()
        except TimeoutError as error:
            raise ServerBusy("all connections of this process to the database are in use") from error
        try:
            yield
        finally:
            self._turns.release()

    async def close(self) -> None:
        if self._short_reads:
            self._short_reads.close()
        await self.engine.dispose()


def open_database(
    server: Server,
    database: str,
    tenant_id: UUID | None = None,
    *,
    pool_size: int,
    wait: float = WAIT_SECONDS,
    shared: Compiled | None = None,
) -> Database:
    """A customer's database, or the catalog where no tenant is named. Nothing is connected yet."""
    role = Role.TENANT if tenant_id else Role.PORTAL
    engine = open_engine(server, database, role, pool_size=pool_size, shared=shared)
    reading = open_for_reading(server, database, shared) if isinstance(server, SqliteServer) else None
    if tenant_id:
        for each in (engine.sync_engine, reading):
            if each:
                expect_identity(each, tenant_id, SERVED_REVISIONS)
    return Database(engine, pool_size, wait, ShortReads(reading) if reading else None)


def rows_over(connection: AsyncConnection) -> Rows:
    """Reads over a connection that is open already."""

    async def rows(statement: Executable, values: Mapping[str, Any] | None) -> Sequence[Row[Any]]:
        with unavailable():
            return (await connection.execute(statement, values)).all()

    return rows


@contextmanager
def unavailable() -> Iterator[None]:
    """Turns the drivers' words for 'not reachable' and 'locked' into one error."""
    try:
        yield
    except PoolTimeout as error:
        raise ServerBusy(str(error)) from error
    except (OSError, sqlite3.Error) as error:
        raise DatabaseUnavailable(str(error)) from error
    except DBAPIError as error:
        if _is_outage(error):
            raise DatabaseUnavailable(str(error.orig)) from error
        raise


def _is_outage(error: DBAPIError) -> bool:
    """Whether the database is at fault and not the statement."""
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        return code & 0xFF in SQLITE_OUTAGES
    if getattr(error.orig, "sqlstate", None) in POSTGRES_OUTAGES:
        return True
    lost = error.connection_invalidated or error.statement is None  # or never made
    return lost or isinstance(error, OperationalError)
