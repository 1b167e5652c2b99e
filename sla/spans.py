"""A stretch of time told as a calendar sees it: open, or closed and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from sla.calendar import WorkCalendar
from sla.vocabulary import Text
from sla.zones import first_second, local_date

SATURDAY = 5


class Hours(StrEnum):
    """What a calendar says of a stretch."""

    OPEN = "OPEN"
    OUTSIDE = "OUTSIDE"
    WEEKEND = "WEEKEND"
    DAY_OFF = "DAY_OFF"


@dataclass(frozen=True, slots=True)
class Span:
    """UTC seconds `[start, end)`; `name` is that of the holiday on a day off."""

    start: int
    end: int
    hours: Hours
    name: Text | None = None


def spans(calendar: WorkCalendar, start: int, end: int) -> list[Span]:
    """Every second of `[start, end)` once, in order: open time day by day, closed time joined."""
    joined: list[Span] = []
    for span in _day_by_day(calendar, start, end):
        last = joined[-1] if joined else None
        if last and span.hours is not Hours.OPEN and (span.hours, span.name) == (last.hours, last.name):
            joined[-1] = Span(last.start, span.end, span.hours, span.name)
        else:
            joined.append(span)
    return joined


def _day_by_day(calendar: WorkCalendar, start: int, end: int) -> Iterator[Span]:
    segments = calendar.segments(start, end)
    day, at = local_date(calendar.zone, start), start
    while at < end:
        midnight = min(end, first_second(calendar.zone, day.toordinal() + 1))
        hours, name = _closed_because(calendar, day)
        for opening, closing in segments.within(at, midnight):
            if at < opening:
                yield Span(at, opening, hours, name)
            yield Span(opening, closing, Hours.OPEN)
            at = closing
        if at < midnight:
            yield Span(at, midnight, hours, name)
        at, day = midnight, day + timedelta(days=1)


def _closed_because(calendar: WorkCalendar, day: date) -> tuple[Hours, Text | None]:
    if not calendar.week[day.weekday()]:
        return (Hours.WEEKEND if day.weekday() >= SATURDAY else Hours.OUTSIDE), None
    name = calendar.reason_closed(day)
    return (Hours.OUTSIDE, None) if name is None else (Hours.DAY_OFF, name)
