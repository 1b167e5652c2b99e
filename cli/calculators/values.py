"""Reading the values of a line; what cannot be read is said with the field and how to write it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, TypeVar

from sla.policy import Clause

Line = Mapping[str, Any]
Answer = dict[str, Any]
Word = TypeVar("Word", bound=StrEnum)

INVALID = "INVALID"
NOT_FOUND = "NOT_FOUND"
MOST_SECONDS = 10**12


class LineRefused(Exception):
    """The line has no answer: `code` is one of the API's error codes, `clause` the place in the agreement."""

    def __init__(self, code: str, message: str, clause: Clause | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.clause = clause

    def error(self) -> Answer:
        told = {"code": self.code, "message": str(self)}
        return told if self.clause is None else told | {"clause": self.clause.key}


def wrong(field: str, problem: str) -> LineRefused:
    """To be raised: the field cannot be read, and how to write it."""
    return LineRefused(INVALID, f"{field}: {problem}")


def required(line: Line, field: str) -> Any:
    value = line.get(field)
    if value is None:
        raise wrong(field, "is missing")
    return value


def text(line: Line, field: str) -> str | None:
    value = line.get(field)
    if value is not None and not isinstance(value, str):
        raise wrong(field, "must be a text in quotes")
    return value


def flag(line: Line, field: str) -> bool:
    value = line.get(field)
    if value is not None and not isinstance(value, bool):
        raise wrong(field, "must be true or false")
    return bool(value)


def whole(value: Any, field: str, *, least: int = 0, most: int = MOST_SECONDS) -> int:
    """A whole number; 4.0 is one."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value // 1:
        raise wrong(field, "must be a whole number")
    if not least <= value <= most:
        raise wrong(field, f"must be from {least} to {most}")
    return int(value)


def decimal(value: Any, field: str) -> Decimal:
    """A number as it is written, also in quotes."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise wrong(field, "must be a number")
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise wrong(field, "must be a number")
    return number


def word(line: Line, field: str, kind: type[Word], aliases: Mapping[str, Word] | None = None) -> Word | None:
    """One of a closed set, whatever its case; None where the line has none."""
    value = text(line, field)
    if value is None:
        return None
    key = value.strip().upper().replace(" ", "_").replace("-", "_")
    if aliases and key in aliases:
        return aliases[key]
    try:
        return kind(key)
    except ValueError:
        raise wrong(field, f"{value!r} is none of {', '.join(kind)}") from None


def items(line: Line, field: str) -> Sequence[Any]:
    value = line.get(field)
    if value is None:
        return ()
    if not isinstance(value, list):
        raise wrong(field, "must be a list")
    return value


def rows(line: Line, field: str) -> Sequence[Line]:
    """A list of objects."""
    found = items(line, field)
    for number, each in enumerate(found, start=1):
        if not isinstance(each, dict):
            raise wrong(f"{field}[{number}]", "must be an object")
    return found


def words(line: Line, field: str) -> frozenset[str]:
    found = items(line, field)
    if not all(isinstance(each, str) for each in found):
        raise wrong(field, "must be a list of texts")
    return frozenset(found)


def number_out(value: Decimal) -> int | float:
    """A number for JSON: whole where it is whole."""
    return int(value) if value == value.to_integral_value() else float(value)
