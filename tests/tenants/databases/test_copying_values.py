"""Whatever a column can hold arrives exactly; what the target cannot hold is refused by name."""

import sqlite3
from contextlib import AsyncExitStack, closing
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    Uuid,
    insert,
    null,
    select,
    text,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel.sql.sqltypes import UTCDateTime

from tenants.agents.models import Agent
from tenants.databases.contents import digest
from tenants.databases.copying import copy_rows, filling, nobody_looks, snapshot_of
from tenants.databases.errors import BrokenReference, CopyFailed, CopyMismatch, ValueRefused
from tenants.databases.servers import Server, SqliteServer
from tenants.ids import new_id
from tenants.tables import table
from tests.conftest import NOW
from tests.tenants.databases.conftest import NewDatabase

NASTY = Table(
    "nasty",
    MetaData(),
    Column("id", Uuid, primary_key=True),
    Column("parent_id", Uuid, ForeignKey("nasty.id")),
    Column("words", Text),
    Column("short", String(20)),
    Column("small", Integer),
    Column("large", BigInteger),
    Column("truth", Boolean),
    Column("at", UTCDateTime),
    Column("day", Date),
    Column("data", JSON),
)
WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30)
LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
)
# A number that stands alone is left out: SQLite keeps the value of such a JSON text and not its spelling.
JSONS = (
    st.none() | st.booleans() | st.text() | st.lists(LEAVES, max_size=4) | st.dictionaries(st.text(), LEAVES)
)
MOMENTS = st.datetimes(
    datetime(1, 1, 3),  # noqa: DTZ001  # hypothesis adds the zone
    datetime(9999, 12, 29),  # noqa: DTZ001  # as above
    timezones=st.timezones() | st.just(UTC),
)
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "id": st.uuids(),
            "words": st.none()
            | WORDS
            | WORDS.map(lambda each: each * 5000)
            | st.just("🦒 café \u202e\ufeff\r\n'\"\\"),
            "short": st.none() | st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20),
            "small": st.none() | st.integers(-(2**31), 2**31 - 1),
            "large": st.none() | st.integers(-(2**63), 2**63 - 1),
            "truth": st.none() | st.booleans(),
            "at": st.none() | MOMENTS,
            "day": st.none() | st.dates(),
            "data": st.just(null()) | JSONS,
        }
    ),
    max_size=6,
    unique_by=lambda row: str(row["id"]),
)


@pytest.fixture
async def chain(sqlite: Server, postgres: Server, new_database: NewDatabase) -> list[tuple[Server, str]]:
    """Databases so that a copy from each to the next goes through all four directions."""
    return [
        (each, await new_database(each, new_id(NOW))) for each in (sqlite, postgres, postgres, sqlite, sqlite)
    ]


@given(rows=ROWS)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_every_value_arrives_exactly_in_every_direction(
    chain: list[tuple[Server, str]], rows: list[dict[str, Any]]
) -> None:
    parents = [None, *(row["id"] for row in rows)][::-1]  # the first refers to the last, and so on
    given = [{**row, "parent_id": parent} for row, parent in zip(rows, parents, strict=False)]
    async with AsyncExitStack() as stack:
        connections = [await stack.enter_async_context(filling(*place)) for place in chain]
        try:
            for connection in connections:
                await connection.run_sync(NASTY.create)
            await write(connections[0], given)
            for source, target in pairwise(connections):
                assert (await copy_rows(source, target, nobody_looks))["nasty"] == len(given)
            found = [await read(connection) for connection in connections]
            digests = [(await digest(connection))["nasty"] for connection in connections]
        finally:
            for connection in connections:
                await connection.rollback()
    assert found == [found[0]] * len(connections)
    assert digests == [digests[0]] * len(connections)
    assert [row[0] for row in found[0]] == sorted(row["id"] for row in given)


async def write(connection: AsyncConnection, rows: list[dict[str, Any]]) -> None:
    """Children before their parents: so on SQLite the check waits for the end."""
    await connection.execute(text("PRAGMA defer_foreign_keys=ON"))
    for row in rows:
        await connection.execute(insert(NASTY).values(row))


async def read(connection: AsyncConnection) -> list[tuple[Any, ...]]:
    """The rows, where SQL's NULL and JSON's differ."""
    is_null = NASTY.c.data.is_(null()).label("is_null")
    found = await connection.execute(select(*NASTY.c, is_null).order_by(NASTY.c.id))
    return [tuple(row) for row in found]


async def filled(server: Server, place: str, statement: str, *values: object) -> None:
    """Writes what the portal never would: past its types, and past the references."""
    assert isinstance(server, SqliteServer)
    with closing(sqlite3.connect(server.path(place))) as connection, connection:
        connection.execute(statement, values)


AGENT = "INSERT INTO agent (id, name) VALUES (?, ?)"
KEY = UUID(int=7).hex


@pytest.mark.parametrize(
    ("statement", "values", "told"),
    [
        (AGENT, (KEY, "Jan\0Jansen"), r"agent\.name: it contains the character U\+0000"),
        (AGENT, (KEY, "x" * 201), r"agent\.name: it is longer than 200 characters"),
        (AGENT, (KEY, b"\x00\x01"), r"agent\.name: it is of the type bytes"),
        (
            "INSERT INTO organization VALUES (?, 'a', 'A', 'EN', '2026-01-01 00:00:00.000000', 2147483648, 0)",
            (KEY,),
            r"organization\.last_ticket_number: it is outside -2147483648 to 2147483647",
        ),
    ],
)
async def test_what_postgresql_cannot_hold_is_refused_by_table_and_column(
    sqlite: Server,
    postgres: Server,
    new_database: NewDatabase,
    statement: str,
    values: tuple[object, ...],
    told: str,
) -> None:
    place, target_place = await new_database(sqlite, new_id(NOW)), await new_database(postgres, new_id(NOW))
    await filled(sqlite, place, statement, *values)
    await refuse((sqlite, place), (postgres, target_place), ValueRefused, told)


async def test_a_value_that_is_not_of_its_columns_type_is_refused_by_postgresql_and_the_digest(
    sqlite: Server, postgres: Server, new_database: NewDatabase
) -> None:
    place, target_place = await new_database(sqlite, new_id(NOW)), await new_database(postgres, new_id(NOW))
    await filled(sqlite, place, "INSERT INTO organization VALUES (?, 'a', 'A', 'EN', 'yesterday', 0, 0)", KEY)
    await refuse((sqlite, place), (postgres, target_place), CopyFailed, "table organization holds a value")
    async with snapshot_of(sqlite, place) as source:
        with pytest.raises(CopyFailed, match="table organization holds a value"):
            await digest(source)


@pytest.mark.parametrize("to", ["sqlite", "postgres"])
async def test_a_row_that_refers_to_nothing_is_refused(
    sqlite: Server, postgres: Server, new_database: NewDatabase, to: str
) -> None:
    target_server = {"sqlite": sqlite, "postgres": postgres}[to]
    place, target_place = (
        await new_database(sqlite, new_id(NOW)),
        await new_database(target_server, new_id(NOW)),
    )
    session = "INSERT INTO work_session VALUES (?, ?, ?, '2026-01-01 00:00:00', '2026-01-01 00:00:00', NULL)"
    await filled(sqlite, place, session, KEY, KEY, KEY)
    await refuse((sqlite, place), (target_server, target_place), BrokenReference, "work_session")


async def test_a_type_that_copying_does_not_know_is_refused(
    server: Server, target_server: Server, new_database: NewDatabase
) -> None:
    places = [(each, await new_database(each, new_id(NOW))) for each in (server, target_server)]
    unknown = Table("file", MetaData(), Column("id", Uuid, primary_key=True), Column("body", LargeBinary))
    for place in places:
        async with filling(*place) as connection:
            await connection.run_sync(unknown.create)
    await refuse(places[0], places[1], CopyMismatch, r"file\.body is of the type")


async def refuse(
    place: tuple[Server, str], target_place: tuple[Server, str], error: type[Exception], told: str
) -> None:
    """A copy raises the error, and the target is as it was."""

    async def copy() -> None:
        async with snapshot_of(*place) as source, filling(*target_place) as target:
            await copy_rows(source, target, nobody_looks)

    with pytest.raises(error, match=told) as refused:
        await copy()
    assert "Jansen" not in str(refused.value)
    async with snapshot_of(*target_place) as target:
        found = await target.scalar(select(table(Agent).c.id))
    assert found is None
