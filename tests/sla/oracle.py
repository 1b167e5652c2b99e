"""Working time counted minute by minute from local clock readings: slow, and independent of the engine."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate, pairwise
from zoneinfo import ZoneInfo

Windows = Mapping[int, Sequence[tuple[int, int]]]
"""Weekday (Monday 0) -> windows in minutes of the day; an end at or before the start lies on the next day."""


class Minutes:
    """The minutes of some days, each open or not."""

    def __init__(self, zone: str, windows: Windows, closed: set[date], first: datetime, days: int) -> None:
        self._zone = ZoneInfo(zone)
        self._windows = windows
        self._closed = closed
        self.first = first.astimezone(UTC)
        self.open = [self._is_open(self.first + timedelta(minutes=i)) for i in range(days * 24 * 60)]
        self._before = list(accumulate((60 * flag for flag in self.open), initial=0))

    def _is_open(self, at: datetime) -> bool:
        local = at.astimezone(self._zone)
        reading, today = local.hour * 60 + local.minute, local.date()
        yesterday = today - timedelta(days=1)
        return any(
            start <= reading < (end if end > start else 1440) for start, end in self._of(today)
        ) or any(end <= start and reading < end for start, end in self._of(yesterday))

    def _of(self, day: date) -> Sequence[tuple[int, int]]:
        return () if day in self._closed else self._windows.get(day.weekday(), ())

    def elapsed(self, start: datetime, end: datetime) -> int:
        """Open seconds between two instants of the days."""
        return max(0, self._worked(end) - self._worked(start))

    def add(self, start: datetime, seconds: int) -> datetime | None:
        """The first instant with so much working time behind it; None beyond the days."""
        if seconds == 0:
            return start
        wanted = self._worked(start) + seconds
        minute = bisect_left(self._before, wanted)
        if minute == len(self._before):
            return None
        return self.first + timedelta(minutes=minute) - timedelta(seconds=self._before[minute] - wanted)

    def next_open(self, at: datetime) -> datetime | None:
        """The instant itself when open, else the next opening; None beyond the days."""
        minute = int((at - self.first).total_seconds()) // 60
        if self.open[minute]:
            return at
        following = next((i for i in range(minute, len(self.open)) if self.open[i]), None)
        return None if following is None else self.first + timedelta(minutes=following)

    def edges(self) -> list[int]:
        """The seconds after the beginning at which it opens or closes."""
        return [60 * (i + 1) for i, (now, then) in enumerate(pairwise(self.open)) if now != then]

    def _worked(self, at: datetime) -> int:
        minute, second = divmod(int((at - self.first).total_seconds()), 60)
        return self._before[minute] + (second if second and self.open[minute] else 0)
