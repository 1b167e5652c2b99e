"""Working time with stretches taken out of it, whatever the calendar says of them. All in UTC seconds."""

from __future__ import annotations

from collections.abc import Iterable

from sla.calendar import WorkCalendar
from sla.segments import joined


def add_with_pauses(
    calendar: WorkCalendar, start: int, seconds: int, pauses: Iterable[tuple[int, int]]
) -> int:
    """The earliest instant at which `seconds` (>= 0) of working time outside the pauses are used up.

    Pauses may come in any order, touch and overlap. Zero added to any instant is that instant.
    """
    at, left = start, seconds
    if left <= 0:
        return calendar.add_at(at, left)
    for begin, end in zip(*joined(sorted(pauses)), strict=True):
        if end <= at:
            continue
        if begin > at:
            due = calendar.add_at(at, left)
            if due <= begin:
                return due
            left -= calendar.elapsed_at(at, begin)
        at = end
    return calendar.add_at(at, left)


def elapsed_with_pauses(
    calendar: WorkCalendar, start: int, end: int, pauses: Iterable[tuple[int, int]]
) -> int:
    """Working time between the two outside the pauses; 0 when `end` is not after `start`."""
    paused = (
        calendar.elapsed_at(max(start, begin), min(end, until))
        for begin, until in zip(*joined(sorted(pauses)), strict=True)
    )
    return calendar.elapsed_at(start, end) - sum(paused)
