"""The opening windows of a week, as people write them and as seconds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import pairwise

from sla.errors import WindowWrong
from sla.zones import DAY

DAY_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

Window = tuple[int, int]
"""Seconds after the local midnight of the day that it starts on; the end may lie past 86,400."""

Week = tuple[tuple[Window, ...], ...]
"""Monday first."""

_READING = re.compile(r"([01]\d|2[0-4]):([0-5]\d)(?::([0-5]\d))?", re.ASCII)


def week_of(hours: Mapping[str, Iterable[tuple[str, str]]]) -> Week:
    """A week from day names ("mon" or "mon-fri") and windows ("09:00", "17:00").

    A window that ends before it starts runs into the next day, "23:59" as an end is the end of the day,
    and an empty window adds nothing. Raises WindowWrong.
    """
    days: list[list[Window]] = [[] for _ in DAY_NAMES]
    for name, windows in hours.items():
        parsed = [window for window in map(_window, windows) if window[0] < window[1]]
        for day in _days(name):
            days[day].extend(parsed)
    return tuple(tuple(sorted(day)) for day in days)


def _days(name: str) -> range:
    first, dash, last = name.partition("-")
    try:
        begin, end = DAY_NAMES.index(first), DAY_NAMES.index(last if dash else first)
    except ValueError:
        raise WindowWrong(f"{name!r} is no day: write mon, tue, wed, thu, fri, sat, sun or mon-fri") from None
    if end < begin:
        raise WindowWrong(f"{name!r} runs backwards")
    return range(begin, end + 1)


def _window(window: tuple[str, str]) -> Window:
    start, end = map(_reading, window)
    if window[1] == "23:59":
        end = DAY
    return (start, end + DAY) if end < start else (start, end)


def _reading(text: str) -> int:
    match = _READING.fullmatch(text)
    if match is None:
        raise WindowWrong(f"{text!r} is no time of the day: write HH:MM")
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    reading = hours * 3600 + minutes * 60 + seconds
    if reading > DAY:
        raise WindowWrong(f"{text!r} is after 24:00")
    return reading


def overlaps(week: Week) -> bool:
    """Whether two windows share time, over midnight too: policy files may not (calendars merge them)."""
    line = [
        (day * DAY + start, day * DAY + end) for day in range(8) for start, end in week[day % 7]
    ]  # the eighth day is Monday again, which Sunday's last window may run into
    return any(end > start for (_, end), (start, _) in pairwise(line))
