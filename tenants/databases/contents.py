"""What is in a database, row by row, alike on SQLite and PostgreSQL."""

import hashlib
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any

import orjson
from sqlalchemy import JSON, ColumnElement, String, cast, column, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from tenants.databases.errors import CopyFailed
from tenants.databases.layout import Layout, layout_of

BATCH = 500
"""Rows in memory at once."""

DIGESTS = 2**256


async def rows_per_table(connection: AsyncConnection) -> dict[str, int]:
    """Every table of the schema, the identity's too."""
    return await count_rows(connection, await layout_of(connection))


async def count_rows(connection: AsyncConnection, layout: Layout) -> dict[str, int]:
    return {
        name: await connection.scalar(select(func.count()).select_from(layout.clause(name))) or 0
        for name in layout.tables
    }


async def digest(connection: AsyncConnection) -> dict[str, str]:
    """The sum of the rows' SHA-256 by table, in hexadecimal: whatever their order, and the order of the columns.

    Equal rows give equal sums on both kinds of database. It finds what went wrong, not what somebody made to fit.
    """
    layout = await layout_of(connection)
    return {name: await _sum(connection, layout, name) for name in layout.tables}


async def _sum(connection: AsyncConnection, layout: Layout, name: str) -> str:
    total = 0
    columns = sorted(layout.tables[name])
    async for batch in batches(connection, layout, name, columns):
        for row in batch:
            hashed = hashlib.sha256(orjson.dumps(tuple(row), default=str)).digest()
            total = (total + int.from_bytes(hashed)) % DIGESTS
    return f"{total:064x}"


async def batches(
    connection: AsyncConnection,
    layout: Layout,
    name: str,
    columns: Iterable[str],
    *,
    as_kept: bool = False,
) -> AsyncIterator[Sequence[Sequence[Any]]]:
    """All rows of a table, at most `BATCH` at a time, as the columns' Python values; JSON as its text.

    `as_kept` gives the database's own values, whatever they stand for.

    Raises `CopyFailed` where the source holds something that is not of its column's type: SQLite allows that.
    """
    clause = layout.clause(name)
    known = clause.c
    is_json = {each for each, its in layout.tables[name].items() if its.kind is JSON}
    wanted: list[ColumnElement[Any]] = [
        cast(known[each], String) if each in is_json else known[each] for each in columns
    ]
    if as_kept:
        wanted = [column(each) for each in columns]
    try:
        async with connection.stream(
            select(*wanted).select_from(clause).execution_options(yield_per=BATCH)
        ) as result:
            async for rows in result.partitions():
                yield rows
    except (TypeError, ValueError) as error:
        raise CopyFailed(f"table {name} holds a value that is not of its column's type: {error}") from error
