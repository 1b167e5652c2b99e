"""Reading the values of a line; what cannot be read is said with the field and how to write it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from difflib import get_close_matches
from enum import StrEnum
from functools import lru_cache
from reprlib import Repr
from typing import Any, TypeVar

from sla.policy import Clause

Line = Mapping[str, Any]
Answer = dict[str, Any]
Word = TypeVar("Word", bound=StrEnum)
Value = TypeVar("Value")

INVALID = "INVALID"
NOT_FOUND = "NOT_FOUND"
MOST_SECONDS = 10**12
MOST_NUMBER = 10**15
ALIKE = 0.8
_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,15})?([eE][+-]?[0-9]{1,2})?", re.ASCII)
_short = Repr()
_short.maxstring = _short.maxother = 60
_short.maxlevel = 3


class LineRefused(Exception):
    """The line has no answer: `code` is one of the API's error codes, `clause` the place in the agreement."""

    def __init__(self, code: str, message: str, clause: Clause | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.clause = clause

    def below(self, place: str) -> LineRefused:
        """The same of a row: `end: is missing` is `outages[4].end: is missing`."""
        return LineRefused(self.code, f"{place}.{self}", self.clause)

    def error(self) -> Answer:
        told = {"code": self.code, "message": str(self)}
        return told if self.clause is None else told | {"clause": self.clause.key}


def wrong(field: str, problem: str) -> LineRefused:
    """To be raised: the field cannot be read, and how to write it."""
    return LineRefused(INVALID, f"{field}: {problem}")


def shown(value: object) -> str:
    """A value as a message quotes it, however long or deep it is."""
    return _short.repr(value)


def check_names(line: Line, known: frozenset[str]) -> None:
    """Refuses a field that is almost one of the known ones: a misspelt name would go unnoticed.

    Other fields are let through: lines may carry what is of use to somebody else.
    """
    if line.keys() <= known:
        return
    for name in line.keys() - known:
        meant = _meant(name, known)
        if meant is not None and meant not in line and line[name] is not None:
            raise wrong(shown(name), f"is not known; {meant!r} is")


@lru_cache(maxsize=1024)
def _meant(name: str, known: frozenset[str]) -> str | None:
    written = name.lower()[:80]
    turned = [field for field in known if sorted(field) == sorted(written)]
    return next(iter(turned or get_close_matches(written, known, n=1, cutoff=ALIKE)), None)


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
    """False where the line has none."""
    value = line.get(field)
    if value is not None and not isinstance(value, bool):
        raise wrong(field, "must be true or false")
    return bool(value)


def needed_flag(line: Line, field: str) -> bool:
    required(line, field)
    return flag(line, field)


def whole(value: Any, field: str, *, least: int = 0, most: int = MOST_SECONDS) -> int:
    """A whole number; 4.0 is one."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value // 1:
        raise wrong(field, "must be a whole number")
    if not least <= value <= most:
        raise wrong(field, f"must be from {least} to {most}")
    return int(value)


def decimal(value: Any, field: str) -> Decimal:
    """A number as it is written, also in quotes.

    JSON numbers are read to 15 digits: what programs reckon as 0.1 + 0.2 is 0.3 and not a little more.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise wrong(field, "must be a number")
    text = f"{value:.15g}" if isinstance(value, float) else str(value)
    number = Decimal(text) if _NUMBER.fullmatch(text) else None
    if number is None or abs(number) >= MOST_NUMBER:
        raise wrong(field, "must be a number of at most 15 digits before and after the point")
    return number + 0 if number else Decimal(0)


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
        raise wrong(field, f"{shown(value)} is none of {', '.join(kind)}") from None


def items(line: Line, field: str) -> Sequence[Any]:
    """A list; empty where the line has none."""
    value = line.get(field)
    if value is None:
        return ()
    if not isinstance(value, list):
        raise wrong(field, "must be a list")
    return value


def rows(line: Line, field: str, known: frozenset[str], read: Callable[[Line], Value]) -> Iterator[Value]:
    """What each object of a list comes to; what is wrong in one is told with its number."""
    for number, row in enumerate(items(line, field), start=1):
        if not isinstance(row, dict):
            raise wrong(f"{field}[{number}]", "must be an object")
        try:
            check_names(row, known)
            yield read(row)
        except LineRefused as refused:
            raise refused.below(f"{field}[{number}]") from None


def words(line: Line, field: str) -> frozenset[str]:
    found = items(line, field)
    if not all(isinstance(each, str) for each in found):
        raise wrong(field, "must be a list of texts")
    return frozenset(found)


def number_out(value: Decimal) -> int | float:
    """A number for JSON: whole where it is whole."""
    return int(value) if value == value.to_integral_value() else float(value)
