"""Instants and days as people write them: with an offset, or as the local clock of the agreement reads."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from cli.calculators.values import Line, required, shown, wrong

EARLIEST_YEAR, LATEST_YEAR = 1850, 2390
AUTUMN = "*"
_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
MIDNIGHT = ("24:00", "24:00:00")


def moment(value: Any, field: str, zone: str) -> datetime:
    """The instant. A reading without an offset is local; `*` behind it marks the second pass of the autumn hour.

    Refuses a reading that the spring gap skips, and years that calendars are not laid out for.
    """
    if not isinstance(value, str):
        raise wrong(field, "must be a moment in quotes, such as 2026-03-10T09:00:00+01:00")
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return _carefully(value, field, zone)
    if at.tzinfo is None or not EARLIEST_YEAR <= at.year <= LATEST_YEAR:
        return _carefully(value, field, zone)
    return at


def _carefully(value: str, field: str, zone: str) -> datetime:
    text = value.strip()
    second_pass = text.endswith(AUTUMN)
    try:
        at = _parsed(text.removesuffix(AUTUMN))
    except (ValueError, OverflowError):
        example = "2026-03-10T09:00:00+01:00 or 2026-03-10 09:00"
        raise wrong(field, f"{shown(value)} is no moment; write it as {example}") from None
    if not EARLIEST_YEAR <= at.year <= LATEST_YEAR:
        raise wrong(field, f"must lie in the years {EARLIEST_YEAR} to {LATEST_YEAR}")
    if at.tzinfo is None:
        return _local(at, field, zone, second_pass=second_pass)
    if second_pass:
        raise wrong(field, "has an offset: the mark * is for local readings only")
    return at


def needed_moment(line: Line, field: str, zone: str) -> datetime:
    return moment(required(line, field), field, zone)


def maybe_moment(line: Line, field: str, zone: str) -> datetime | None:
    value = line.get(field)
    return None if value is None else moment(value, field, zone)


def day(line: Line, field: str) -> date:
    """A calendar day."""
    return day_of(required(line, field), field)


def day_of(value: Any, field: str) -> date:
    try:
        found = date.fromisoformat(value)
    except (TypeError, ValueError):
        raise wrong(field, f"{shown(value)} is no day; write it as 2026-03-10") from None
    if not EARLIEST_YEAR <= found.year <= LATEST_YEAR:
        raise wrong(field, f"must lie in the years {EARLIEST_YEAR} to {LATEST_YEAR}")
    return found


def month(line: Line, field: str) -> date:
    """The first day of a month that is written as 2026-03."""
    value = required(line, field)
    if not isinstance(value, str) or _MONTH.fullmatch(value) is None or value.startswith("0000"):
        raise wrong(field, f"{shown(value)} is no month; write it as 2026-03")
    return day_of(f"{value}-01", field)


def told(at: datetime | None, zone: str) -> datetime | None:
    """The instant as the local clock of the agreement reads, with its offset."""
    return None if at is None else at.astimezone(zone_of(zone))


@lru_cache(maxsize=64)
def zone_of(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _parsed(text: str) -> datetime:
    if "24:00" in text:
        day, _, rest = text.replace("T", " ").partition(" ")
        if rest in MIDNIGHT:
            return datetime.fromisoformat(day) + timedelta(days=1)
    return datetime.fromisoformat(text)


def _local(at: datetime, field: str, zone: str, *, second_pass: bool) -> datetime:
    first, second = (at.replace(tzinfo=zone_of(zone), fold=fold) for fold in (0, 1))
    twice = first.utcoffset() != second.utcoffset()
    if twice and first.astimezone(UTC).astimezone(zone_of(zone)).replace(tzinfo=None) != at:
        raise wrong(field, f"{at:%Y-%m-%d %H:%M} does not exist in {zone}: the clock skips it")
    if second_pass and not twice:
        raise wrong(field, f"{at:%Y-%m-%d %H:%M} comes only once in {zone}: leave the * out")
    return (second if second_pass else first).astimezone(UTC)
