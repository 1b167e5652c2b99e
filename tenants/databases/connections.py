"""Engines are made here and nowhere else, each with its database baked in."""

import sqlite3
from collections.abc import Callable
from enum import Enum, auto
from typing import Any
from uuid import UUID

from sqlalchemy import URL, Connection, Dialect, Engine, create_engine, event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool, StaticPool
from sqlalchemy.util import LRUCache

from tenants.databases.errors import UnsupportedRevision, WrongDatabase
from tenants.databases.servers import PostgresServer, Server, SqliteServer

WAIT_SECONDS = 2.0
"""How long a request waits for a connection before it is told to come back later."""

SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=5000",
    "PRAGMA trusted_schema=OFF",
)
COMPILED_STATEMENTS = 1_000
IDENTITY = "SELECT i.tenant_id, v.version_num FROM tenant_identity AS i, alembic_version AS v"
NO_TABLE = frozenset({sqlite3.SQLITE_ERROR, "42P01"})


class Role(Enum):
    """As whom PostgreSQL is asked; a file of SQLite knows no roles."""

    ADMINISTRATOR = auto()
    PORTAL = auto()
    TENANT = auto()


class Compiled:
    """What the engines of one server share: its dialect, once it has met the server, and the compiled statements.

    An engine of its own would ask the server the same questions and compile each statement again.
    """

    def __init__(self) -> None:
        self.statements: LRUCache[Any, Any] = LRUCache(COMPILED_STATEMENTS)
        self._dialects: dict[str, Dialect] = {}

    def known(self, url: URL) -> Dialect | None:
        return self._dialects.get(url.drivername)

    def share(self, engine: Engine) -> None:
        """Lets the engine use the common statements, and others use its dialect after its first connection."""
        engine.update_execution_options(compiled_cache=self.statements)
        name = engine.url.drivername
        event.listen(engine, "connect", lambda *_: self._dialects.setdefault(name, engine.dialect))


def open_engine(
    server: Server,
    database: str,
    role: Role = Role.ADMINISTRATOR,
    *,
    pool_size: int = 1,
    shared: Compiled | None = None,
) -> AsyncEngine:
    """An engine for one database. SQLite files are opened `mode=rw`: a missing tenant is never created."""
    limits: dict[str, Any] = {"pool_size": pool_size, "max_overflow": 0, "timeout": WAIT_SECONDS}
    if isinstance(server, SqliteServer):
        engine = _pooled(server.url(database), {}, limits, shared)
        event.listen(engine.sync_engine, "connect", _or_close(_prepare_sqlite))
        event.listen(engine.sync_engine, "begin", _begin_sqlite)
        return engine
    patience = {} if role is Role.ADMINISTRATOR else {"server_settings": {"lock_timeout": "5s"}}
    return _pooled(_postgres_url(server, database, role), {"timeout": 5, **patience}, limits, shared)


def _postgres_url(server: PostgresServer, database: str, role: Role) -> URL:
    match role:
        case Role.ADMINISTRATOR:
            return server.administrator_url(database)
        case Role.PORTAL:
            return server.url(database)
        case Role.TENANT:
            return server.tenant_url(database)


def _pooled(
    url: URL, arguments: dict[str, Any], limits: dict[str, Any], shared: Compiled | None
) -> AsyncEngine:
    dialect = shared.known(url) if shared else None
    if dialect is None:
        limits["pool_timeout"] = limits.pop("timeout")
        engine = create_async_engine(
            url,
            poolclass=AsyncAdaptedQueuePool,
            connect_args=arguments,
            hide_parameters=True,  # an error's text goes to the log
            **limits,
        )
    else:
        engine = AsyncEngine(_engine_of(url, arguments, dialect, limits))
    if shared:
        shared.share(engine.sync_engine)
    return engine


def _engine_of(url: URL, arguments: dict[str, Any], dialect: Dialect, limits: dict[str, Any]) -> Engine:
    """What `create_async_engine` does, with a dialect that knows its server already."""
    given, named = dialect.create_connect_args(url)
    named.update(arguments)
    pool = AsyncAdaptedQueuePool(
        lambda _record=None: dialect.connect(*given, **named), dialect=dialect, **limits
    )
    greet = dialect.on_connect_url(url)
    if greet is not None:
        event.listen(pool, "connect", lambda connection, _record: greet(connection))
    return Engine(pool, dialect, url, hide_parameters=True)


def open_for_reading(server: SqliteServer, database: str, shared: Compiled | None = None) -> Engine:
    """An engine of one connection for the event loop's thread: it changes nothing and waits for nobody."""
    url = server.url(database).set(drivername="sqlite+pysqlite")
    dialect = shared.known(url) if shared else None
    if dialect is None:
        engine = create_engine(url, poolclass=StaticPool, connect_args={"timeout": 0}, hide_parameters=True)
    else:
        given, named = dialect.create_connect_args(url)
        named["timeout"] = 0
        pool = StaticPool(lambda _record=None: dialect.connect(*given, **named), dialect=dialect)
        engine = Engine(pool, dialect, url, hide_parameters=True)
    event.listen(engine, "connect", _or_close(_prepare_for_reading))
    if shared:
        shared.share(engine)
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


def snapshot_options(server_is_file: bool) -> dict[str, Any]:
    """Execution options of an engine whose transactions read what was committed when they began."""
    if server_is_file:
        return {"snapshot": True}
    return {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


def _begin_sqlite(connection: Connection) -> None:
    """Writers take the lock at once; a snapshot begins with its first read; other reads need no transaction."""
    options = connection.get_execution_options()
    if options.get("writes"):
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    elif options.get("snapshot"):
        connection.exec_driver_sql("BEGIN")


def expect_identity(engine: Engine, tenant_id: UUID, revisions: frozenset[str]) -> None:
    """Compares each new connection with whose database it must be, and of which revisions.

    A connection then raises `WrongDatabase` or `UnsupportedRevision`.
    """

    def compare(connection: Any, _record: object) -> None:
        rows = _identity_rows(connection, tenant_id)
        if [UUID(str(row[0])) for row in rows] != [tenant_id]:
            raise WrongDatabase(f"this is not the database of tenant {tenant_id}")
        if rows[0][1] not in revisions:
            raise UnsupportedRevision(f"the database of tenant {tenant_id} is at revision {rows[0][1]}")

    event.listen(engine, "connect", _or_close(compare))


def lacks_table(error: object) -> bool:
    """Whether a driver's error says that a table is not there."""
    return (
        getattr(error, "sqlite_errorcode", None) in NO_TABLE or getattr(error, "sqlstate", None) in NO_TABLE
    )


def _identity_rows(connection: Any, tenant_id: UUID) -> list[Any]:
    cursor = connection.cursor()
    try:
        cursor.execute(IDENTITY)
        rows: list[Any] = cursor.fetchall()
    except Exception as error:
        if lacks_table(error):
            raise WrongDatabase(f"there is no tenant {tenant_id} in this database") from error
        raise
    finally:
        cursor.close()
    return rows
