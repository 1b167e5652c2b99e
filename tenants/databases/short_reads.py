"""Short reads of an SQLite file, on the event loop itself (docs/decisions/0005)."""

import sqlite3
from collections.abc import Mapping, Sequence
from time import monotonic
from typing import Any

from sqlalchemy import Connection, Engine, Row
from sqlalchemy.exc import OperationalError
from sqlalchemy.sql.expression import Executable

SHORT_SECONDS = 0.02
"""How long a statement may keep the event loop before it is given up and run in a thread."""

LOOK_EVERY = 20_000
"""Steps of SQLite's machine between two looks at the time: well below a millisecond."""

NOT_NOW = frozenset({sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})


class ShortReads:
    """One connection that every reader of a database shares: a statement ends before another one starts.

    It can change nothing (`PRAGMA query_only`), waits for no lock, and holds no snapshot between statements.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Connection | None = None
        self._until = 0.0

    def rows(self, statement: Executable, values: Mapping[str, Any] | None) -> Sequence[Row[Any]] | None:
        """The rows; None where that takes longer than `SHORT_SECONDS` or somebody holds a lock."""
        try:
            connection = self._connection or self._connect()
            self._until = monotonic() + SHORT_SECONDS
            return connection.execute(statement, values).all()
        except OperationalError as error:
            if getattr(error.orig, "sqlite_errorcode", 0) & 0xFF in NOT_NOW:
                return None
            raise

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        self._engine.dispose()

    def _connect(self) -> Connection:
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        raw: Any = connection.connection.driver_connection
        raw.set_progress_handler(self._is_late, LOOK_EVERY)
        self._connection = connection
        return connection

    def _is_late(self) -> bool:
        return monotonic() > self._until
