"""How a row is written: exactly as JSON lines, and as CSV for who opens it in a spreadsheet (RFC 4180)."""

import csv
from collections.abc import Sequence
from datetime import date, datetime
from io import StringIO
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Row

Rows = Sequence[Row[Any]]

FORMULAS = ("=", "+", "-", "@", "\t", "\r")
"""With these a spreadsheet takes a text for a formula, and may run it."""

_LINE = orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE


def json_lines(columns: Sequence[str], rows: Rows) -> bytes:
    """One object a line: instants in UTC with Z, ids as text, null for what is not there."""
    return b"".join(orjson.dumps(dict(zip(columns, row, strict=True)), _id_text, _LINE) for row in rows)


def _id_text(value: object) -> str:
    """The driver of PostgreSQL has ids of a class of its own."""
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(type(value).__name__)


def csv_lines(rows: Rows) -> bytes:
    """One record a row; what is not there is empty."""
    text = StringIO()
    csv.writer(text).writerows([cell(value) for value in row] for row in rows)
    return text.getvalue().encode()


def csv_header(columns: Sequence[str]) -> bytes:
    return (",".join(columns) + "\r\n").encode()


def cell(value: object) -> str:
    """The text of one cell of CSV; one that would be a formula gets an apostrophe in front."""
    match value:
        case None:
            return ""
        case str():
            return f"'{value}" if value.startswith(FORMULAS) else value
        case bool():
            return "true" if value else "false"
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case dict() | list():
            return orjson.dumps(value, option=orjson.OPT_UTC_Z).decode()
        case _:
            return str(value)
