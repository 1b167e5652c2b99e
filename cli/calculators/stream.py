"""Lines of JSON in, lines of JSON out: one answer a line, in the same order, whatever stands in it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import date
from typing import BinaryIO, ClassVar, Protocol

import orjson

from cli.calculators.values import INVALID, NOT_FOUND, Answer, Line, LineRefused, check_names, shown, wrong
from sla.errors import DeadlineNeverComes, Refused, TermMissing
from sla.vocabulary import Locale, RefusalCode, say

CHUNK = 1 << 16
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
EXACT = 2**53
FIELDS = {"estimatedHours": "hours", "preparationHours": "preparation_hours", "priorityKey": "priority"}
"""Fields of a line by the names that the API has for them."""


class Calculator(Protocol):
    """Answers one line. `columns` are what a table on a terminal shows, `fields` what a line may hold."""

    columns: ClassVar[tuple[str, ...]]
    fields: ClassVar[frozenset[str]]

    def __call__(self, line: Line) -> Answer: ...


def answer_lines(calculator: Calculator, given: BinaryIO, out: BinaryIO, locale: Locale = Locale.EN) -> None:
    """Answers what has come in as soon as it has: a program may write a line and wait for its answer."""
    number = 0
    for lines in _complete(given):
        answers = []
        for number, line in enumerate(lines, start=number + 1):  # noqa: B020 # it goes on where it was
            if line.strip():
                answers.append(written(answer(calculator, line, number, locale)))
        if answers:
            out.write(b"".join(answers))
            out.flush()


def _complete(given: BinaryIO) -> Iterator[list[bytes]]:
    """The lines that have come in, as they come; the last one also without its end."""
    begun: list[bytes] = []
    while chunk := getattr(given, "read1", given.read)(CHUNK):
        first, *others = chunk.split(b"\n")
        begun.append(first)
        if others:
            yield [b"".join(begun), *others[:-1]]
            begun = [others[-1]]
    yield [b"".join(begun)]


def answers_to(calculator: Calculator, lines: Iterable[bytes], locale: Locale) -> Iterator[Answer]:
    """The answers one by one."""
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield answer(calculator, line, number, locale)


def answer(calculator: Calculator, line: bytes, number: int, locale: Locale = Locale.EN) -> Answer:
    """The answer to one line, with the id that it gives or else its number; an error instead of an abort."""
    told: Answer = {"id": number}
    try:
        given = parsed(line, number)
        told["id"] = _id(given, line, number)
        check_names(given, calculator.fields)
        told.update(calculator(given))
    except UNANSWERED as error:
        told["error"] = refusal_of(error, locale).error()
    return told


def parsed(line: bytes, number: int) -> Line:
    """The object that the line holds; raises LineRefused."""
    try:
        given = orjson.loads(line.removeprefix(BYTE_ORDER_MARK))
    except orjson.JSONDecodeError as error:
        raise LineRefused(INVALID, f"line {number} is no JSON: {error}") from None
    if not isinstance(given, dict):
        raise LineRefused(INVALID, f"line {number} must be an object")
    return given


UNANSWERED = (
    LineRefused,
    Refused,
    TermMissing,
    DeadlineNeverComes,
    # What a line can still hold that no reader has foreseen, such as values nested a thousand deep
    ArithmeticError,
    RecursionError,
    TypeError,
    ValueError,
)


def refusal_of(error: Exception, locale: Locale) -> LineRefused:
    """What is answered for a line that could not be reckoned."""
    if isinstance(error, LineRefused):
        return error
    if isinstance(error, Refused):
        message = say(error.texts, locale)
        if error.code is RefusalCode.INVALID and error.path:
            message = f"{'.'.join(FIELDS.get(step, step) for step in error.path)}: {message}"
        return LineRefused(error.code, message, error.clause)
    if isinstance(error, TermMissing):
        return LineRefused(NOT_FOUND, f"this agreement has no such term: {error}")
    if isinstance(error, DeadlineNeverComes | OverflowError):
        return LineRefused(INVALID, f"lies outside the years that can be reckoned: {error}")
    return LineRefused(INVALID, f"cannot be reckoned: {shown(str(error))}")


def written(told: Answer) -> bytes:
    """The answer as a line; ids beyond 64 bits too."""
    try:
        return orjson.dumps(told) + b"\n"
    except TypeError:
        return json.dumps(told, default=_moment, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def _moment(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _id(given: Line, line: bytes, number: int) -> object:
    """The id as it was given: a text or a number, however large."""
    key = given.get("id")
    if key is None:
        return number
    if isinstance(key, list | dict):
        raise wrong("id", "must be a text or a number")
    if isinstance(key, float) and abs(key) >= EXACT:
        return json.loads(line.removeprefix(BYTE_ORDER_MARK))["id"]
    return key
