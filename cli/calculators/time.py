"""Working time on a calendar that the line itself gives."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, ClassVar

import orjson

from cli.calculators.moments import day, day_of, moment, needed_moment, told
from cli.calculators.values import Answer, Line, check_names, decimal, items, required, shown, whole, wrong
from sla.calendar import WorkCalendar, instant_of, seconds_of
from sla.errors import CalendarNeverOpens, UnknownZone, WindowWrong
from sla.pauses import add_with_pauses, elapsed_with_pauses
from sla.vocabulary import Locale
from sla.week import week_of

MOST_CALENDARS = 64
MOST_WINDOWS = 24
MOST_HOLIDAYS = 20_000
MOST_DAYS = 100_000
FIELDS = frozenset(
    {
        "id",
        "calendar",
        "op",
        "start",
        "end",
        "duration_seconds",
        "duration_minutes",
        "pauses",
        "start_date",
        "days",
    }
)
CALENDAR = frozenset({"timezone", "hours", "holidays"})
DAY_OFF = {Locale.EN: "day off"}


class TimeCalculator:
    """`{id, calendar, op, start, duration_seconds | duration_minutes | end, pauses?}` -> `{id, end | seconds}`.

    Calendars are compiled once and kept: a file of lines usually has few.
    """

    columns: ClassVar[tuple[str, ...]] = ("id", "end", "seconds", "end_date", "error")
    fields: ClassVar[frozenset[str]] = FIELDS

    def __init__(self) -> None:
        self._calendars: dict[bytes, WorkCalendar] = {}

    def __call__(self, line: Line) -> Answer:
        calendar = self._calendar(required(line, "calendar"))
        operation = required(line, "op")
        if operation == "add_working_days":
            days = whole(required(line, "days"), "days", most=MOST_DAYS)
            return {"end_date": calendar.add_working_days(day(line, "start_date"), days).isoformat()}
        start = needed_moment(line, "start", calendar.zone)
        if operation == "between":
            end = needed_moment(line, "end", calendar.zone)
            return {"seconds": _between(calendar, start, end, _pauses(line, calendar.zone))}
        if operation == "add":
            seconds = _duration(line)
            return {"end": told(_add(calendar, start, seconds, _pauses(line, calendar.zone)), calendar.zone)}
        raise wrong("op", f"{shown(operation)} is none of add, between, add_working_days")

    def _calendar(self, given: Any) -> WorkCalendar:
        if not isinstance(given, dict):
            raise wrong("calendar", 'must be an object with "timezone" and "hours"')
        try:
            key = orjson.dumps(given, option=orjson.OPT_SORT_KEYS)
        except TypeError:
            raise wrong("calendar", "holds values that are nested too deep") from None
        if key not in self._calendars:
            if len(self._calendars) >= MOST_CALENDARS:
                self._calendars.clear()
            self._calendars[key] = calendar_of(given)
        return self._calendars[key]


def calendar_of(given: Mapping[str, Any]) -> WorkCalendar:
    """The calendar of a line; windows that overlap are merged and empty ones add nothing."""
    check_names(given, CALENDAR)
    zone = given.get("timezone")
    if not isinstance(zone, str):
        raise wrong("calendar.timezone", "must be a time zone such as Europe/Amsterdam")
    hours = given.get("hours")
    if not isinstance(hours, dict):
        raise wrong("calendar.hours", 'must be an object such as {"mon-fri": [["09:00", "17:00"]]}')
    days = items(given, "holidays")
    if len(days) > MOST_HOLIDAYS:
        raise wrong("calendar.holidays", f"holds more than {MOST_HOLIDAYS} days")
    closed = {
        day_of(each, f"calendar.holidays[{number}]"): DAY_OFF for number, each in enumerate(days, start=1)
    }
    try:
        week = week_of({name: _windows(windows) for name, windows in hours.items()})
        return WorkCalendar(zone, week, closed=closed)
    except UnknownZone:
        problem = f"{shown(zone)} is no time zone; write one such as Europe/Amsterdam"
        raise wrong("calendar.timezone", problem) from None
    except (WindowWrong, CalendarNeverOpens) as error:
        raise wrong("calendar.hours", str(error)) from None
    except (TypeError, ValueError):
        raise wrong("calendar.hours", 'windows are written as [["09:00", "17:00"]]') from None


def _windows(windows: Any) -> list[tuple[str, str]]:
    if not isinstance(windows, list) or not all(isinstance(window, list) for window in windows):
        raise TypeError(windows)
    if len(windows) > MOST_WINDOWS:
        raise wrong("calendar.hours", f"has more than {MOST_WINDOWS} windows on one day")
    found = [(start, end) for start, end in windows]
    if not all(isinstance(reading, str) for window in found for reading in window):
        raise TypeError(windows)
    return found


def _duration(line: Line) -> int:
    """Of the two fields either will do; both only where they agree."""
    seconds, minutes = line.get("duration_seconds"), line.get("duration_minutes")
    if seconds is None and minutes is None:
        raise wrong("duration_seconds", "is missing: give it, or duration_minutes")
    if seconds is None:
        return _of_minutes(minutes)
    found = whole(seconds, "duration_seconds")
    if minutes is not None and _of_minutes(minutes) != found:
        raise wrong("duration_minutes", "differs from duration_seconds: leave one of the two out")
    return found


def _of_minutes(minutes: Any) -> int:
    seconds = decimal(minutes, "duration_minutes") * 60
    return whole(int(seconds.quantize(Decimal(1), ROUND_HALF_UP)), "duration_minutes")


def _pauses(line: Line, zone: str) -> list[tuple[int, int]]:
    found = []
    for number, pause in enumerate(items(line, "pauses"), start=1):
        field = f"pauses[{number}]"
        if not isinstance(pause, list) or len(pause) != 2:
            raise wrong(field, "must be a list of a start and an end")
        begin, end = (moment(each, field, zone) for each in pause)
        if end < begin:
            raise wrong(field, "ends before it begins")
        found.append((seconds_of(begin), seconds_of(end)))
    return found


def _between(calendar: WorkCalendar, start: datetime, end: datetime, pauses: list[tuple[int, int]]) -> int:
    return elapsed_with_pauses(calendar, seconds_of(start), seconds_of(end), pauses)


def _add(calendar: WorkCalendar, start: datetime, seconds: int, pauses: list[tuple[int, int]]) -> datetime:
    if seconds == 0:
        return start
    return instant_of(add_with_pauses(calendar, seconds_of(start), seconds, pauses))
