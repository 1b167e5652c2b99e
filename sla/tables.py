"""Laying out the opening hours of some years as UTC segments."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Container
from dataclasses import dataclass
from datetime import date

from sla.segments import Segments, joined
from sla.week import Week
from sla.zones import DAY, EPOCH_ORDINAL, offsets


@dataclass(frozen=True, slots=True)
class Table:
    """The open time and the working days (ordinals) of whole local years, both included."""

    years: tuple[int, int]
    segments: Segments
    working_days: list[int]


NOTHING = Table((0, 0), Segments([], [], 1, 0), [])
"""The table of a calendar that nobody has asked yet: it reaches nowhere."""


def lay_out(zone: str, week: Week, closed: Container[int], years: tuple[int, int]) -> Table:
    """The table of the years (both included).

    `closed` holds the ordinals of days whose windows fall away; a window belongs to the day it starts on.
    """
    begin, end = date(years[0], 1, 1).toordinal(), date(years[1], 12, 31).toordinal()
    # A day more on each side: windows over midnight, and zones up to 14 hours away from UTC.
    days = [day for day in range(begin - 2, end + 3) if week[(day - 1) % 7] and day not in closed]
    starts, ends = joined(
        ((day - EPOCH_ORDINAL) * DAY + start, (day - EPOCH_ORDINAL) * DAY + stop)
        for day in days
        for start, stop in week[(day - 1) % 7]
    )
    first, last = (begin - EPOCH_ORDINAL) * DAY, (end + 1 - EPOCH_ORDINAL) * DAY
    reach = offsets(zone, first - 2 * DAY, last + 2 * DAY)
    return Table(years, Segments(*_to_utc(starts, ends, reach), first, last), days)


def _to_utc(
    local_starts: list[int], local_ends: list[int], stretches: tuple[tuple[int, int, int], ...]
) -> tuple[list[int], list[int]]:
    """An instant is open when its local reading lies in a window, whichever pass of the reading it is."""
    starts: list[int] = []
    ends: list[int] = []
    for begin, until, offset in stretches:
        low, high = begin + offset, until + offset
        here = slice(bisect_right(local_ends, low), bisect_left(local_starts, high))
        opens = [start - offset for start in local_starts[here]]
        closes = [end - offset for end in local_ends[here]]
        if not opens:
            continue
        opens[0], closes[-1] = max(opens[0], begin), min(closes[-1], until)
        if ends and opens[0] == ends[-1]:
            ends[-1] = closes.pop(0)
            del opens[0]
        starts += opens
        ends += closes
    return starts, ends
