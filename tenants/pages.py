"""Keyset pages: a stable order, no offsets, either direction (Relay's cursor connections)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, tuple_
from sqlalchemy.sql.elements import ColumnElement

from tenants.databases.scopes import Reader


@dataclass(frozen=True, slots=True)
class PageRequest:
    """`size` rows after or before a key; `backwards` takes the last ones (`last`, `before`)."""

    size: int
    after: tuple[Any, ...] | None = None
    before: tuple[Any, ...] | None = None
    backwards: bool = False


@dataclass(frozen=True, slots=True)
class PageRows:
    rows: Sequence[Row[Any]]
    has_next: bool
    has_previous: bool


async def read_page(
    reader: Reader,
    statement: Select[Any],
    key: Sequence[ColumnElement[Any]],
    page: PageRequest,
    *,
    descending: bool = False,
) -> PageRows:
    """One page of the statement, ordered by the key columns, which must be NOT NULL and unique together."""
    flip = descending != page.backwards
    if page.after is not None:
        statement = statement.where(_beyond(key, page.after, descending=descending))
    if page.before is not None:
        statement = statement.where(_beyond(key, page.before, descending=not descending))
    ordered = statement.order_by(*[column.desc() if flip else column.asc() for column in key])
    rows = list(await reader.rows(ordered.limit(page.size + 1)))
    more = len(rows) > page.size
    rows = rows[: page.size]
    if page.backwards:
        rows.reverse()
        return PageRows(rows, has_next=page.before is not None, has_previous=more)
    return PageRows(rows, has_next=more, has_previous=page.after is not None)


def _beyond(
    key: Sequence[ColumnElement[Any]], value: tuple[Any, ...], *, descending: bool
) -> ColumnElement[bool]:
    left = tuple_(*key)
    right = tuple_(*value, types=[column.type for column in key])
    return left < right if descending else left > right
