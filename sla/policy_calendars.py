"""The calendars of a policy file."""

from __future__ import annotations

import re
from datetime import date

from sla.calendar import WorkCalendar
from sla.errors import CalendarNeverOpens, UnknownZone, WindowWrong
from sla.fields import Fields
from sla.holidays import NO_HOLIDAYS, HolidaySet, LiberationDay, belgian, dutch
from sla.policy_rows import Names
from sla.terms import SupportHours
from sla.vocabulary import Text
from sla.week import Week, overlaps, week_of

MOST_WINDOWS = 24
_WINDOW = re.compile(r"(\d\d:\d\d)-(\d\d:\d\d)", re.ASCII)


def support_hours(row: Fields, name: str, zone: str, names: Names) -> SupportHours:
    """One `[calendars.name]`; its zone is the policy's unless it names another."""
    week = _week(row)
    holidays = _holidays(row)
    closed = _closed_days(row)
    try:
        calendar = WorkCalendar(row.maybe_text("zone") or zone, week, holidays, closed)
    except UnknownZone as error:
        raise row.wrong("zone", f"{error} is no time zone; write one such as Europe/Amsterdam") from error
    except CalendarNeverOpens as error:
        raise row.wrong("hours", "has no opening hour, so nothing could ever be due") from error
    hours = SupportHours(name, calendar, names.clause(row))
    row.close()
    return hours


def _week(row: Fields) -> Week:
    hours = row.table("hours")
    days: dict[str, list[tuple[str, str]]] = {}
    for day, value in hours.mapping().items():
        windows = [value] if isinstance(value, str) else value
        if not isinstance(windows, list):
            raise hours.wrong(day, 'must be written as "09:00-17:00"')
        if len(windows) > MOST_WINDOWS:
            raise hours.wrong(day, f"has more than {MOST_WINDOWS} windows")
        days[day] = [_window(hours, day, window) for window in windows]
    try:
        week = week_of(days)
    except WindowWrong as error:
        raise hours.wrong("", str(error)) from error
    if overlaps(week):
        raise hours.wrong("", "has windows that overlap: join them into one")
    return week


def _window(hours: Fields, day: str, window: object) -> tuple[str, str]:
    match = _WINDOW.fullmatch(window) if isinstance(window, str) else None
    if match is None:
        raise hours.wrong(day, f'{window!r} must be written as "09:00-17:00"')
    if match[1] == match[2]:
        raise hours.wrong(day, f"{window!r} is empty: leave it out, or write 00:00-24:00 for a whole day")
    return match[1], match[2]


def _holidays(row: Fields) -> HolidaySet:
    country = row.maybe_text("holidays")
    if country is None:
        return NO_HOLIDAYS
    if country == "BE":
        return belgian()
    if country != "NL":
        raise row.wrong("holidays", f"{country!r} is none of NL, BE")
    when = row.choice("liberation_day", LiberationDay) if row.has("liberation_day") else LiberationDay.LUSTRUM
    return dutch(good_friday=row.flag("good_friday", otherwise=False), liberation_day=when)


def _closed_days(row: Fields) -> dict[date, Text]:
    days = {}
    for line in row.rows("closed"):
        day = line.day("on")
        if day in days:
            raise line.wrong("on", f"{day.isoformat()} is closed already: leave one of the two out")
        days[day] = line.texts("name")
        line.close()
    return days
