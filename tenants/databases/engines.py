"""One engine a database, made here and nowhere else, with the database baked in."""

import asyncio
import sqlite3
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, Row, create_engine, event
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool, QueuePool, StaticPool
from sqlalchemy.sql.expression import Executable

from tenants.databases.errors import DatabaseUnavailable, UnknownServer, WrongDatabase
from tenants.databases.servers import Placement, PostgresServer, Server, SqliteServer
from tenants.databases.short_reads import ShortReads

Rows = Callable[[Executable, Mapping[str, Any] | None], Awaitable[Sequence[Row[Any]]]]
"""Runs a statement with the values of its parameters, and gives its rows."""

POOL_SIZE = 4
POOL_WAIT_SECONDS = 5
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
POSTGRES_LOCKED = "55P03"  # lock_not_available: waited for a row longer than lock_timeout
SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=5000",
    "PRAGMA trusted_schema=OFF",
)


class Database:
    """One open database: short reads without a transaction, and writes one after another."""

    def __init__(self, engine: AsyncEngine, short_reads: ShortReads | None = None) -> None:
        self.engine = engine
        self._short_reads = short_reads
        self._readers = 0
        self.is_sqlite = engine.dialect.name == "sqlite"
        isolation = {} if self.is_sqlite else {"isolation_level": "AUTOCOMMIT"}
        self._reading = engine.execution_options(**isolation)
        self._writing = engine.execution_options(writes=True)
        # Two writers on one event loop would block each other until the busy timeout.
        self._write_lock = asyncio.Lock()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Rows]:
        """What runs one statement after another, each on what is committed when it starts."""
        if self._short_reads is None:
            with _unavailable():
                async with self._reading.connect() as connection:
                    yield rows_over(connection)
            return
        self._readers += 1
        try:
            yield self._read_sqlite
        finally:
            self._readers -= 1

    async def _read_sqlite(
        self, statement: Executable, values: Mapping[str, Any] | None
    ) -> Sequence[Row[Any]]:
        with _unavailable():
            found = self._short_reads.rows(statement, values) if self._short_reads else None
            if found is not None:
                return found
            async with self._reading.connect() as connection:
                return (await connection.execute(statement, values)).all()

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
        with _unavailable():
            async with (
                self._writing.connect() as connection,
                connection.begin(),
                AsyncSession(connection, expire_on_commit=False) as session,
            ):
                yield session
                await session.flush()

    @property
    def idle(self) -> bool:
        pool = self.engine.pool
        unused = isinstance(pool, QueuePool) and pool.checkedout() == 0
        return unused and not self._readers and not self._write_lock.locked()

    async def close(self) -> None:
        if self._short_reads:
            self._short_reads.close()
        await self.engine.dispose()


def rows_over(connection: AsyncConnection) -> Rows:
    """Reads over a connection that is open already."""

    async def rows(statement: Executable, values: Mapping[str, Any] | None) -> Sequence[Row[Any]]:
        with _unavailable():
            return (await connection.execute(statement, values)).all()

    return rows


@contextmanager
def _unavailable() -> Iterator[None]:
    """Turns the drivers' words for 'not reachable' and 'locked' into one error."""
    try:
        yield
    except (OSError, PoolTimeout) as error:
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
    if getattr(error.orig, "sqlstate", None) == POSTGRES_LOCKED:
        return True
    lost = error.connection_invalidated or error.statement is None  # or never made
    return lost or isinstance(error, OperationalError)


class Engines:
    """The open databases of this process; the least recently used idle ones are closed first."""

    def __init__(self, servers: Mapping[str, Server], catalog: Placement, *, capacity: int = 64) -> None:
        self._servers = dict(servers)
        self._catalog_placement = catalog
        self._catalog: Database | None = None
        self._capacity = capacity
        self._open: OrderedDict[tuple[UUID, Placement], Database] = OrderedDict()
        self._closing: set[asyncio.Task[None]] = set()

    @property
    def servers(self) -> Mapping[str, Server]:
        return self._servers

    @property
    def catalog_placement(self) -> Placement:
        return self._catalog_placement

    def server(self, name: str) -> Server:
        try:
            return self._servers[name]
        except KeyError:
            raise UnknownServer(f"no server {name!r} in the settings") from None

    def catalog(self) -> Database:
        if self._catalog is None:
            placement = self._catalog_placement
            self._catalog = _open(self.server(placement.server), placement.database)
        return self._catalog

    def tenant(self, tenant_id: UUID, placement: Placement) -> Database:
        """The database of one tenant. Each new connection to it is compared with `tenant_id` first."""
        key = (tenant_id, placement)
        found = self._open.get(key)
        if found is None:
            server = self.server(placement.server)
            found = self._open[key] = _open(server, placement.database, tenant_id)
            self._close_idle(keep=key)
        self._open.move_to_end(key)
        return found

    def _close_idle(self, keep: tuple[UUID, Placement]) -> None:
        surplus = max(0, len(self._open) - self._capacity)
        idle = [key for key, database in self._open.items() if database.idle and key != keep][:surplus]
        for key in idle:
            task = asyncio.create_task(self._open.pop(key).close())
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    async def close(self) -> None:
        databases = [*self._open.values(), *([self._catalog] if self._catalog else [])]
        self._open.clear()  # the catalog stays: scopes hold it, and what they open anew is closed the next time
        for database in databases:
            await database.close()
        await asyncio.gather(*self._closing)


def _open(server: Server, database: str, tenant_id: UUID | None = None) -> Database:
    engine = open_engine(server, database)
    reading = _open_for_reading(server, database) if isinstance(server, SqliteServer) else None
    if tenant_id:
        for each in (engine.sync_engine, reading):
            if each:
                _expect_identity(each, tenant_id)
    return Database(engine, ShortReads(reading) if reading else None)


def open_engine(server: Server, database: str) -> AsyncEngine:
    """An engine for one database. SQLite files are opened `mode=rw`: a missing tenant is never created."""
    if isinstance(server, PostgresServer):
        return create_async_engine(
            server.url(database),
            pool_size=POOL_SIZE,
            max_overflow=0,
            pool_timeout=POOL_WAIT_SECONDS,
            connect_args={"timeout": 5, "server_settings": {"lock_timeout": "5s"}},
            hide_parameters=True,  # an error's text goes to the log
        )
    engine = create_async_engine(
        server.url(database),
        poolclass=AsyncAdaptedQueuePool,
        pool_size=POOL_SIZE,
        max_overflow=0,
        pool_timeout=POOL_WAIT_SECONDS,
        hide_parameters=True,
    )
    event.listen(engine.sync_engine, "connect", _or_close(_prepare_sqlite))
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _open_for_reading(server: SqliteServer, database: str) -> Engine:
    """An engine of one connection for the event loop's thread: it changes nothing and waits for nobody."""
    url = server.url(database).set(drivername="sqlite+pysqlite")
    engine = create_engine(url, poolclass=StaticPool, connect_args={"timeout": 0}, hide_parameters=True)
    event.listen(engine, "connect", _or_close(_prepare_for_reading))
    return engine


def _or_close(prepare: Callable[[Any, object], None]) -> Callable[[Any, object], None]:
    """A connection that is refused while it is made is known to nobody else: it must be closed here."""

    def run(connection: Any, record: object) -> None:
        try:
            prepare(connection, record)
        except BaseException:
            connection.close()
            raise

    return run


def _prepare_for_reading(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    for pragma in (*SQLITE_PRAGMAS, "PRAGMA busy_timeout=0", "PRAGMA query_only=ON"):
        connection.execute(pragma)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we send BEGIN ourselves: only so is DDL transactional
    raw = connection.driver_connection._conn  # noqa: SLF001  # aiosqlite has no call for limits
    raw.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    cursor = connection.cursor()
    for pragma in SQLITE_PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    """Writers take the lock at once; reads need no transaction."""
    if connection.get_execution_options().get("writes"):
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _expect_identity(engine: Engine, tenant_id: UUID) -> None:
    def compare(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        cursor.execute("SELECT tenant_id FROM tenant_identity")
        rows = cursor.fetchall()
        cursor.close()
        if [UUID(str(row[0])) for row in rows] != [tenant_id]:
            raise WrongDatabase(f"this is not the database of tenant {tenant_id}")

    event.listen(engine, "connect", _or_close(compare))
