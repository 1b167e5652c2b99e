"""Laying out the opening hours of some years as UTC segments."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import date

from sla.segments import Segments
from sla.week import Week
from sla.zones import DAY, EPOCH_ORDINAL, offsets


@dataclass(frozen=True, slots=True)
class Table:
    """The open time of whole local years; `first` and `last` bound the instants it can answer for."""

    years: tuple[int, int]
    first: int
    last: int
    segments: Segments
    working_days: list[int]


def lay_out(zone: str, week: Week, closed: Container[int], years: tuple[int, int]) -> Table:
    """The table of the years (both included).

    `closed` holds the ordinals of days whose windows fall away; a window belongs to the day it starts on.
    """
    begin, end = date(years[0], 1, 1).toordinal(), date(years[1], 12, 31).toordinal()
    # A day more on each side: windows over midnight, and zones up to 14 hours away from UTC.
    days = [day for day in range(begin - 2, end + 3) if week[(day - 1) % 7] and day not in closed]
    local = [
        ((day - EPOCH_ORDINAL) * DAY + start, (day - EPOCH_ORDINAL) * DAY + stop)
        for day in days
        for start, stop in week[(day - 1) % 7]
    ]
    first, last = (begin - EPOCH_ORDINAL) * DAY, (end + 1 - EPOCH_ORDINAL) * DAY
    reach = offsets(zone, first - 2 * DAY, last + 2 * DAY)
    return Table(years, first, last, Segments(_to_utc(_disjoint(local), reach)), days)


def _disjoint(local: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in local:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def _to_utc(
    local: list[tuple[int, int]], stretches: tuple[tuple[int, int, int], ...]
) -> Iterator[tuple[int, int]]:
    """An instant is open when its local reading lies in a window, whichever pass of the reading it is."""
    ends = [end for _, end in local]
    for begin, until, offset in stretches:
        low, high = begin + offset, until + offset
        for i in range(bisect_left(ends, low + 1), len(local)):
            start, end = local[i]
            if start >= high:
                break
            yield max(start, low) - offset, min(end, high) - offset
