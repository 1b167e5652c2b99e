"""Reading one table of a policy file: every mistake names the file, the place and what to write instead."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from sla.errors import PolicyFileWrong
from sla.terms import decimal_from
from sla.vocabulary import Locale, Text

Choice = TypeVar("Choice", bound=StrEnum)


class Fields:
    """A table of the file; what is taken is struck off, and `close` refuses what nobody asked for."""

    def __init__(self, file: str, place: str, table: object) -> None:
        self._file = file
        self.place = place
        if not isinstance(table, Mapping):
            raise PolicyFileWrong(file, place, "must be a table with keys of its own")
        self._table: dict[str, object] = dict(table)

    def wrong(self, key: str, problem: str) -> PolicyFileWrong:
        return PolicyFileWrong(self._file, self._below(key), problem)

    def _below(self, key: str) -> str:
        return ".".join(part for part in (self.place, key) if part)

    def has(self, key: str) -> bool:
        return key in self._table

    def names(self) -> list[str]:
        return list(self._table)

    def raw(self, key: str) -> object:
        if key not in self._table:
            raise self.wrong(key, "is missing")
        return self._table.pop(key)

    def text(self, key: str) -> str:
        value = self.raw(key)
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(key, "must be a text in quotes")
        return value

    def maybe_text(self, key: str) -> str | None:
        return self.text(key) if self.has(key) else None

    def number(self, key: str, least: int, most: int) -> int:
        value = self.raw(key)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise self.wrong(key, f"must be a whole number from {least} to {most}")
        return value

    def maybe_number(self, key: str, least: int, most: int) -> int | None:
        return self.number(key, least, most) if self.has(key) else None

    def flag(self, key: str, *, otherwise: bool) -> bool:
        if not self.has(key):
            return otherwise
        value = self.raw(key)
        if not isinstance(value, bool):
            raise self.wrong(key, "must be true or false")
        return value

    def decimal(self, key: str) -> Decimal:
        try:
            return decimal_from(self.text(key))
        except ValueError as error:
            raise self.wrong(key, str(error)) from None

    def day(self, key: str) -> date:
        return self._day(key, self.raw(key))

    def days(self, key: str) -> tuple[date, ...]:
        value = self.raw(key)
        if not isinstance(value, list) or not value:
            raise self.wrong(key, "must be a list of dates, such as [2026-03-01, 2025-03-01]")
        return tuple(self._day(key, day) for day in value)

    def _day(self, key: str, value: object) -> date:
        if not isinstance(value, date) or isinstance(value, datetime):
            raise self.wrong(key, "must be a date without quotes, such as 2026-03-01")
        return value

    def choice(self, key: str, kind: type[Choice]) -> Choice:
        return self.choice_of(key, kind, self.text(key))

    def choice_of(self, key: str, kind: type[Choice], value: object) -> Choice:
        try:
            return kind(str(value))
        except ValueError:
            raise self.wrong(key, f"{value!r} is none of {', '.join(kind)}") from None

    def choices(self, key: str, kind: type[Choice]) -> frozenset[Choice]:
        return frozenset(self.choice_of(key, kind, value) for value in self.words(key))

    def words(self, key: str) -> tuple[str, ...]:
        """A list of texts; empty when the key is not there."""
        if not self.has(key):
            return ()
        value = self.raw(key)
        if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
            raise self.wrong(key, 'must be a list of texts, such as ["A", "B"]')
        return tuple(value)

    def among(self, key: str, known: Iterable[str]) -> frozenset[str]:
        """A list of keys that exist elsewhere in the file."""
        return frozenset(self.known(key, word, known) for word in self.words(key))

    def known(self, key: str, word: str, known: Iterable[str]) -> str:
        names = sorted(known)
        if word not in names:
            raise self.wrong(key, f"{word!r} is not defined; this file has {', '.join(names) or 'none'}")
        return word

    def texts(self, key: str) -> Text:
        return _texts(self.table(key))

    def maybe_texts(self, key: str) -> Text | None:
        return self.texts(key) if self.has(key) else None

    def rest_as_texts(self) -> Text:
        """What is left of this table, read as one text in several languages."""
        return _texts(self)

    def table(self, key: str) -> Fields:
        return Fields(self._file, self._below(key), self.raw(key))

    def maybe_table(self, key: str) -> Fields | None:
        return self.table(key) if self.has(key) else None

    def tables(self, key: str) -> Iterator[tuple[str, Fields]]:
        """The named tables below a key, in the order of the file."""
        if not self.has(key):
            return
        below = self.table(key)
        for name in below.names():
            yield name, below.table(name)

    def rows(self, key: str) -> Iterator[Fields]:
        """The `[[key]]` tables, in the order of the file."""
        value = self.raw(key) if self.has(key) else []
        if not isinstance(value, list):
            raise self.wrong(key, f"must be written as [[{key}]]")
        for number, row in enumerate(value, start=1):
            yield Fields(self._file, f"{self._below(key)}[{number}]", row)

    def mapping(self) -> Mapping[str, object]:
        """All that is left of the table; nothing is left after it."""
        left, self._table = self._table, {}
        return left

    def close(self) -> None:
        for key in self._table:
            raise self.wrong(key, "is not a key that is known here")


def _texts(table: Fields) -> Text:
    words = {locale: table.text(locale.lower()) for locale in Locale if table.has(locale.lower())}
    for locale in (Locale.NL, Locale.EN):
        if locale not in words:
            raise table.wrong(locale.lower(), "is missing: a text needs at least nl and en")
    table.close()
    return words
