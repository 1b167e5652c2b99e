"""Time zones as stretches of constant offset, so that calendars can be laid out with integers alone."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sla.errors import UnknownZone

DAY = 86_400
STRIDE = 2 * DAY
OF_A_MACHINE = frozenset({"localtime", "posixrules", "Factory"})
"""Files among the zones that are no zones: what they say differs from machine to machine."""
EPOCH_ORDINAL = date(1970, 1, 1).toordinal()


@lru_cache(maxsize=256)
def zone_named(name: str) -> ZoneInfo:
    """The IANA zone; raises UnknownZone."""
    if name in OF_A_MACHINE:
        raise UnknownZone(name)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UnknownZone(name) from error


@lru_cache(maxsize=256)
def offsets(name: str, first: int, last: int) -> tuple[tuple[int, int, int], ...]:
    """(from, until, seconds east of UTC) over the UTC seconds [first, last), in order and without holes.

    Changes are found by looking every other day and halving: no zone has gone there and back in that time.
    """
    zone = zone_named(name)
    stretches: list[tuple[int, int, int]] = []
    begin, at, offset = first, first, _offset(zone, first)
    while at < last:
        ahead = min(at + STRIDE, last)
        new = _offset(zone, ahead)
        if new != offset:
            change = _change(zone, at, ahead, offset)
            stretches.append((begin, change, offset))
            begin, at, offset = change, change, _offset(zone, change)
        else:
            at = ahead
    stretches.append((begin, last, offset))
    return tuple(stretches)


def _offset(zone: ZoneInfo, at: int) -> int:
    offset = datetime.fromtimestamp(at, zone).utcoffset()
    return 0 if offset is None else int(offset.total_seconds())


def _change(zone: ZoneInfo, before: int, after: int, offset: int) -> int:
    """The first second of (before, after] with another offset."""
    while after - before > 1:
        middle = (before + after) // 2
        if _offset(zone, middle) == offset:
            before = middle
        else:
            after = middle
    return after


@lru_cache(maxsize=4096)
def first_second(name: str, ordinal: int, second: int = 0) -> int:
    """The first UTC second whose local reading is `second` seconds after that day's midnight, or later.

    A reading that the spring gap skips is answered with the end of the gap, one that the autumn fold
    repeats with its first pass.
    """
    zone = zone_named(name)
    reading = datetime.fromordinal(ordinal) + timedelta(seconds=second)
    at = int(reading.replace(tzinfo=zone).timestamp())
    if datetime.fromtimestamp(at, zone).replace(tzinfo=None) == reading:
        return at
    before = int(reading.replace(tzinfo=zone, fold=1).timestamp())
    return _change(zone, before, at, _offset(zone, before))


def local_date(name: str, at: int) -> date:
    return datetime.fromtimestamp(at, zone_named(name)).date()
