"""Lines of JSON in, lines of JSON out: one answer a line, in the same order, whatever stands in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, ClassVar, Protocol

import orjson

from cli.calculators.values import INVALID, NOT_FOUND, Answer, Line, LineRefused
from sla.errors import DeadlineNeverComes, Refused, TermMissing
from sla.vocabulary import Locale, say

CHUNK = 1 << 16


class Calculator(Protocol):
    """Answers one line. `columns` are what a table on a terminal shows."""

    columns: ClassVar[tuple[str, ...]]

    def __call__(self, line: Line) -> Answer: ...


def answer_lines(calculator: Calculator, given: BinaryIO, out: BinaryIO, locale: Locale = Locale.EN) -> None:
    """Answers what has come in as soon as it has: a program may write a line and wait for its answer."""
    number, rest = 0, b""
    while chunk := _available(given):
        lines = (rest + chunk).split(b"\n")
        rest = lines.pop()
        answers = []
        for line in lines:
            number += 1
            if line.strip():
                answers.append(orjson.dumps(answer(calculator, line, number, locale)))
        if answers:
            out.write(b"\n".join([*answers, b""]))
            out.flush()
    if rest.strip():
        out.write(orjson.dumps(answer(calculator, rest, number + 1, locale)) + b"\n")
        out.flush()


def answer(calculator: Calculator, line: bytes, number: int, locale: Locale = Locale.EN) -> Answer:
    """The answer to one line, with the id that it gives or else its number; an error instead of an abort."""
    try:
        given = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        return {"id": number, "error": {"code": INVALID, "message": f"line {number} is no JSON: {error}"}}
    if not isinstance(given, dict):
        return {"id": number, "error": {"code": INVALID, "message": f"line {number} must be an object"}}
    key = given.get("id")
    told: Answer = {"id": number if key is None else key}
    try:
        told.update(calculator(given))
    except LineRefused as refused:
        told["error"] = refused.error()
    except Refused as refused:
        told["error"] = LineRefused(refused.code, say(refused.texts, locale), refused.clause).error()
    except TermMissing as missing:
        told["error"] = LineRefused(NOT_FOUND, f"this agreement has no such term: {missing}").error()
    except (DeadlineNeverComes, OverflowError) as late:
        told["error"] = LineRefused(INVALID, f"lies outside the years that can be reckoned: {late}").error()
    return told


def answers_to(calculator: Calculator, lines: Iterator[bytes], locale: Locale) -> Iterator[Answer]:
    """The answers for a table."""
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield answer(calculator, line, number, locale)


def _available(given: BinaryIO) -> bytes:
    """What can be read now; waits only for the first of it."""
    read: bytes = getattr(given, "read1", given.read)(CHUNK)
    return read
