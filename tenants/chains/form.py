r"""The exact bytes of a row of an audit log, and its seal: a chain that anybody can work out again.

A seal is the SHA-256, in lower-case hex, over the seal before it (64 characters of ASCII; of the first row 64 zeros)
followed by the row as JSON: the columns of `COLUMNS`, keys sorted, no space between the parts, everything outside
printable ASCII as `\\uXXXX`, instants in UTC with six digits of a second and `Z`, ids in lower case with hyphens, and
null for what is not there. These are the bytes of Python's `json.dumps(row, sort_keys=True, separators=(",", ":"))`.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

COLUMNS = (
    "sequence",
    "sealed_at",
    "id",
    "at",
    "event",
    "actor_kind",
    "actor_id",
    "subject_type",
    "subject_id",
    "detail",
    "before",
    "after",
    "address",
    "request_id",
)
"""All columns but the seal itself: `docs/operations.md` shows them to outsiders, so none may change its form."""
MOMENTS = frozenset({"at", "sealed_at"})
IDS = frozenset({"id", "actor_id", "subject_id"})
FIRST = "0" * 64
"""What stands before the first seal."""


def told(row: Mapping[Any, Any]) -> dict[str, object]:
    """The columns of a row as JSON has them; the same from SQLite and PostgreSQL."""
    return {name: _plain(name, row[name]) for name in COLUMNS}


def canonical(values: Mapping[str, object]) -> bytes:
    """The bytes that are sealed, of what `told` gives or of what was read back from an export."""
    return json.dumps(values, sort_keys=True, separators=(",", ":")).encode("ascii")


def seal_of(previous: str, values: Mapping[str, object]) -> str:
    """The seal of a row that comes after the seal `previous`."""
    return sha256(previous.encode("ascii", "replace") + canonical(values)).hexdigest()


def _plain(name: str, value: Any) -> object:
    if value is None:
        return None
    if name in MOMENTS:
        return _moment(value)
    return str(value) if name in IDS else value


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
