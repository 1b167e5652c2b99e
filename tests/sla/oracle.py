"""Working time counted minute by minute from local clock readings: slow, and independent of the engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
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
        for i, done in enumerate(self._before):
            if done >= wanted:
                return self.first + timedelta(minutes=i) - timedelta(seconds=done - wanted)
        return None

    def _worked(self, at: datetime) -> int:
        minute, second = divmod(int((at - self.first).total_seconds()), 60)
        return self._before[minute] + (second if second and self.open[minute] else 0)
