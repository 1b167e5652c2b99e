"""Writes the rows of one table into another database: the fastest way that keeps every value."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from tenants.databases.contents import batches
from tenants.databases.database import POSTGRES_OUTAGES
from tenants.databases.errors import CopyFailed, DatabaseUnavailable, ValueRefused
from tenants.databases.layout import Layout

PIECES = 16
"""Pieces of a PostgreSQL stream, about 64 KB each, that wait to be written."""


@dataclass(frozen=True, slots=True)
class Load:
    """One copy of a database. Both connections have run a statement: asyncpg's own calls need the transaction begun."""

    source: AsyncConnection
    target: AsyncConnection
    layout: Layout
    target_layout: Layout
    told: Callable[[str, int], None]

    async def table(self, name: str) -> int:
        """The number of rows copied."""
        if self.target.dialect.name == "sqlite":
            return await self._insert(name)
        driver = await _driver(self.target)
        with _typed(name):
            if self.source.dialect.name == "postgresql":
                return await self._stream(name, driver)
            return await self._copy_in(name, driver)

    async def _insert(self, name: str) -> int:
        """Between two files values stay as they are kept; others are bound as SQLAlchemy would, row by row."""
        count = 0
        columns = list(self.layout.tables[name])
        as_kept = self.source.dialect.name == "sqlite"
        clause, dialect = self.target_layout.clause(name), self.target.dialect
        statement = str(insert(clause).compile(dialect=dialect))
        binds = [clause.c[each].type.dialect_impl(dialect).bind_processor(dialect) for each in columns]
        async for rows in batches(self.source, self.layout, name, columns, as_kept=as_kept):
            values = rows if as_kept else [_bound(binds, row) for row in rows]
            await self.target.exec_driver_sql(statement, [tuple(row) for row in values])
            count += len(rows)
            self.told(name, count)
        return count

    async def _copy_in(self, name: str, driver: Any) -> int:
        """One COPY for all rows of a table: references between them are checked at its end."""
        columns = list(self.layout.tables[name])
        try:
            answer = await driver.copy_records_to_table(name, records=self._rows(name), columns=columns)
        except (asyncpg.DataError, ValueError, TypeError, OverflowError) as error:
            await self._name_refused(name)
            raise CopyFailed(f"table {name} could not be copied: {error.args[0]}") from error
        return _rows_of(answer)

    async def _rows(self, name: str) -> AsyncIterator[Sequence[Any]]:
        count = 0
        async for rows in batches(self.source, self.layout, name, list(self.layout.tables[name])):
            for row in rows:
                yield row
            count += len(rows)
            self.told(name, count)

    async def _name_refused(self, name: str) -> None:
        """Reads the table again up to the value that PostgreSQL did not take."""
        known = self.target_layout.tables[name]
        async for rows in batches(self.source, self.layout, name, list(known)):
            for row in rows:
                for (column, its), value in zip(known.items(), row, strict=True):
                    if reason := its.refusal(value):
                        raise ValueRefused(f"PostgreSQL cannot hold a value of {name}.{column}: {reason}")

    async def _stream(self, name: str, driver: Any) -> int:
        """PostgreSQL's own binary rows, from one server to the other."""
        columns = list(self.layout.tables[name])
        pieces: asyncio.Queue[bytes | None] = asyncio.Queue(PIECES)
        reading = asyncio.create_task(self._read(name, columns, pieces))
        try:
            answer = await driver.copy_to_table(
                name, source=_until_read(pieces, reading), columns=columns, format="binary"
            )
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
        count = _rows_of(answer)
        self.told(name, count)
        return count

    async def _read(self, name: str, columns: list[str], pieces: asyncio.Queue[bytes | None]) -> None:
        driver = await _driver(self.source)
        try:
            await driver.copy_from_table(name, output=pieces.put, columns=columns, format="binary")
        except Exception:
            await pieces.put(None)
            raise
        await pieces.put(None)


def _bound(binds: Sequence[Callable[[Any], Any] | None], row: Sequence[Any]) -> list[Any]:
    return [bind(value) if bind else value for bind, value in zip(binds, row, strict=True)]


async def _until_read(
    pieces: asyncio.Queue[bytes | None], reading: asyncio.Task[None]
) -> AsyncIterator[bytes]:
    """What was read, and then the error that reading ended with, if any: half a table is never taken for whole."""
    while (piece := await pieces.get()) is not None:
        yield piece
    await reading


async def _driver(connection: AsyncConnection) -> Any:
    """The connection as asyncpg knows it."""
    return (await connection.get_raw_connection()).driver_connection


def _rows_of(answer: str) -> int:
    """What PostgreSQL says after a copy: `COPY 20000`."""
    return int(answer.rpartition(" ")[2])


@contextmanager
def _typed(name: str) -> Iterator[None]:
    """Turns the driver's errors, which SQLAlchemy does not see here, into this package's; values stay out of them."""
    try:
        yield
    except (OSError, asyncpg.InterfaceError, asyncpg.PostgresConnectionError) as error:
        raise DatabaseUnavailable(f"the connection was lost while {name} was copied: {error}") from error
    except asyncpg.PostgresError as error:
        if error.sqlstate in POSTGRES_OUTAGES:
            raise DatabaseUnavailable(error.args[0]) from error
        raise CopyFailed(f"table {name} could not be copied: {error.args[0]}") from error
