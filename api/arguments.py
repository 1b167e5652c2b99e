"""Arguments that the schema's types let pass and nothing could work with."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TypeVar

from api.http_errors import BadUserInput
from tenants.refusals import Malformed

T = TypeVar("T")

LIST_LIMIT = 100


def instant(value: datetime | None, path: str) -> datetime | None:
    """The moment in UTC; None for an absent one. Raises `Malformed` without an offset or beyond the calendar."""
    if not isinstance(value, datetime):
        return None
    if value.tzinfo is None:
        raise Malformed(path=path)
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise Malformed(path=path) from None


def choices(values: Sequence[T] | None, path: str) -> list[T] | None:
    """Each value once; None where nothing is asked for. Raises `BadUserInput` for more than 100 different ones."""
    found = list(dict.fromkeys(values or ()))
    if len(found) > LIST_LIMIT:
        raise BadUserInput(f"Give at most {LIST_LIMIT} values for {path}.")
    return found or None
