"""An audit log as a file that somebody without the portal can read and verify.

JSON lines: each line is a row in its canonical form with its `seal` among the columns. CSV: the columns for people, a
text that a spreadsheet would take for a formula with an apostrophe in front, and last `sealed_text`, the exact bytes
that are sealed.
"""

import csv
import errno
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any, BinaryIO

from tenants.chains.form import COLUMNS, canonical
from tenants.chains.verifying import Check, Head, Verified

SEALED_TEXT = "sealed_text"
CSV_COLUMNS = (*COLUMNS, "seal", SEALED_TEXT)
FORMULAS = ("=", "+", "-", "@", "\t", "\r")
"""With these a spreadsheet takes a text for a formula, and may run it."""


class NoLog(Exception):
    """The file is no exported audit log, or cannot be read."""


def json_line(values: Mapping[str, object], seal: str) -> bytes:
    return canonical({**values, "seal": seal}) + b"\n"


def csv_line(values: Mapping[str, object], seal: str) -> bytes:
    return _record([*_cells(values), _cell(seal), canonical(values).decode("ascii")])


def csv_header() -> bytes:
    return _record(list(CSV_COLUMNS))


@contextmanager
def whole_file(target: Path) -> Iterator[BinaryIO]:
    """A file for its owner only, there as a whole or not at all. Raises `FileExistsError` and `OSError`."""
    if target.exists():
        raise FileExistsError(errno.EEXIST, "there is a file already", str(target))
    part = target.with_name(f"{target.name}.part-{secrets.token_hex(4)}")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.link(part, target)  # refuses a name that was taken meanwhile
    finally:
        part.unlink(missing_ok=True)


def verify_file(path: Path, kept: Head | None = None) -> Verified:
    """Works the chain of an exported file out again. Raises `NoLog`."""
    check = Check(kept)
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = _csv_rows(file) if path.suffix.lower() == ".csv" else _json_rows(file)
            for row in rows:
                if row is None:
                    check.unreadable()
                else:
                    check.take(*row)
                if check.over:
                    break
    except (OSError, UnicodeError) as error:
        raise NoLog(f"{path} cannot be read: {error}") from error
    return check.done()


Sealed = tuple[dict[str, Any], str]


def _json_rows(lines: Any) -> Iterator[Sealed | None]:
    for line in lines:
        try:
            values = json.loads(line)
            seal = str(values.pop("seal"))
            # To the byte: a key too many or twice would be read by people, and is in no seal.
            whole = json_line(_checked(values), seal).decode("ascii").rstrip("\n") == line.rstrip("\n")
            yield (values, seal) if whole else None
        except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
            yield None


def _csv_rows(lines: Any) -> Iterator[Sealed | None]:
    """Cells that say something else than what is sealed beside them make a row that cannot be believed."""
    try:
        for number, cells in enumerate(csv.reader(lines)):
            if number == 0:
                if tuple(cells) != CSV_COLUMNS:
                    raise NoLog("the file has other columns than an exported audit log")
                continue
            try:
                values = _checked(json.loads(cells[-1]))
                yield (values, cells[-2]) if _cells(values) == cells[:-2] else None
            except (IndexError, KeyError, TypeError, ValueError, RecursionError):
                yield None
    except csv.Error:
        yield None


def _checked(values: dict[str, Any]) -> dict[str, Any]:
    if set(values) != set(COLUMNS) or type(values["sequence"]) is not int:
        raise ValueError("no row of an audit log")
    return values


def _cells(values: Mapping[str, object]) -> list[str]:
    return [_cell(values[name]) for name in COLUMNS]


def _cell(value: object) -> str:
    if value is None:
        return ""
    text = json.dumps(value, sort_keys=True) if isinstance(value, (dict, list)) else str(value)
    return f"'{text}" if text.startswith(FORMULAS) else text


def _record(cells: list[str]) -> bytes:
    text = StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue().encode()
