"""Which tables and columns a database really has: it may be of an older revision than the code."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CHAR,
    JSON,
    BigInteger,
    Boolean,
    Connection,
    Date,
    DateTime,
    Integer,
    String,
    TableClause,
    Uuid,
    column,
    inspect,
    table,
    text,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import TypeEngine
from sqlmodel.sql.sqltypes import UTCDateTime

from tenants.databases.errors import CopyMismatch

REVISION_TABLE = "alembic_version"
IDENTITY_TABLE = "tenant_identity"
PYTHON_TYPES: Mapping[type[TypeEngine[Any]], type] = {
    Uuid: UUID,
    UTCDateTime: datetime,
    Date: date,
    Boolean: bool,
    Integer: int,
    String: str,
    JSON: str,
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column as both kinds of database have it: `kind` is how its values are bound and read.

    `limit` is the most characters of a text, or what an integer stays below; None where there is none.
    """

    kind: type[TypeEngine[Any]]
    limit: int | None = None

    def refusal(self, value: object) -> str | None:
        """Why PostgreSQL does not take a value that SQLite holds, whose columns have no limits and few types."""
        if value is None:
            return None
        if not isinstance(value, PYTHON_TYPES[self.kind]):
            return f"it is of the type {type(value).__name__}"
        if isinstance(value, str) and "\0" in value:
            return "it contains the character U+0000"
        if isinstance(value, str) and self.limit is not None and len(value) > self.limit:
            return f"it is longer than {self.limit} characters"
        if isinstance(value, int) and self.limit is not None and not -self.limit <= value < self.limit:
            return f"it is outside {-self.limit} to {self.limit - 1}"
        return None


@dataclass(frozen=True, slots=True)
class Layout:
    """The tables of one database, each after those that it refers to, without Alembic's own."""

    revision: str
    tables: Mapping[str, Mapping[str, Column]]

    def clause(self, name: str) -> TableClause:
        """What statements are made of. JSON is written as the text that it is kept as, so none of it changes."""
        kinds = {
            each: String if known.kind is JSON else known.kind for each, known in self.tables[name].items()
        }
        return table(name, *(column(each, kind()) for each, kind in kinds.items()))


async def layout_of(connection: AsyncConnection) -> Layout:
    """Raises `CopyMismatch` where there is no schema, or one that cannot be copied table by table."""
    tables = await connection.run_sync(_tables)
    if tables.pop(REVISION_TABLE, None) is None:
        raise CopyMismatch("there is no schema in this database: make it with the migrations first")
    revision = await connection.scalar(text("SELECT version_num FROM alembic_version"))
    return Layout(str(revision), tables)


def _tables(connection: Connection) -> dict[str, dict[str, Column]]:
    inspector = inspect(connection)
    found = {name: columns for (_schema, name), columns in inspector.get_multi_columns().items()}
    *order, (_last, circular) = inspector.get_sorted_table_and_fkc_names()
    if circular:
        raise CopyMismatch(f"tables refer to each other in a circle: {circular}")
    return {
        name: {each["name"]: _known(f"{name}.{each['name']}", each["type"]) for each in found[name]}
        for name, _keys in order
        if name is not None
    }


def _known(name: str, reflected: TypeEngine[Any]) -> Column:
    """SQLite has fewer words for types than PostgreSQL: each stands for the one that SQLAlchemy writes so."""
    match reflected:
        case Uuid() | CHAR(length=32):
            return Column(Uuid)
        case DateTime():
            return Column(UTCDateTime)
        case Integer():
            return Column(Integer, 2**63 if isinstance(reflected, BigInteger) else 2**31)
        case String():
            return Column(String, reflected.length)
        case Boolean() | Date() | JSON():
            return Column(next(kind for kind in (Boolean, Date, JSON) if isinstance(reflected, kind)))
    raise CopyMismatch(f"column {name} is of the type {reflected!r}: copying does not know it yet")


def compare(source: Layout, target: Layout) -> None:
    """Raises `CopyMismatch` with every difference."""
    differences = list(_differences(source, target))
    if differences:
        raise CopyMismatch("the two databases differ: " + "; ".join(differences))


def _differences(source: Layout, target: Layout) -> Iterator[str]:
    if source.revision != target.revision:
        yield f"revision {source.revision} in the source, {target.revision} in the target"
    yield from _one_sided("table ", source.tables, target.tables)
    for name in source.tables.keys() & target.tables.keys():
        ours, theirs = source.tables[name], target.tables[name]
        yield from _one_sided(f"column {name}.", ours, theirs)
        for each in ours.keys() & theirs.keys():
            if ours[each].kind is not theirs[each].kind:
                kinds = ours[each].kind.__name__, theirs[each].kind.__name__
                yield f"column {name}.{each} is {kinds[0]} in the source, {kinds[1]} in the target"


def _one_sided(what: str, source: Mapping[str, Any], target: Mapping[str, Any]) -> Iterator[str]:
    for name in sorted(source.keys() ^ target.keys()):
        yield f"{what}{name} is only in the {'source' if name in source else 'target'}"
