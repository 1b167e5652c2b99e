"""Open time as sorted, disjoint UTC intervals with prefix sums: arithmetic by bisection, to the second."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from itertools import accumulate
from operator import sub


class Segments:
    """Half-open intervals `[start, end)` in UTC seconds, with the working time that lies before each."""

    __slots__ = ("_before", "_ends", "_starts", "total")

    def __init__(self, starts: list[int], ends: list[int]) -> None:
        """The starts and ends of intervals that are sorted and neither touch nor overlap (`joined`)."""
        self._starts, self._ends = starts, ends
        self._before: list[int] = list(accumulate(map(sub, ends, starts), initial=0))
        self.total = self._before[-1]

    def __len__(self) -> int:
        return len(self._starts)

    def worked(self, at: int) -> int:
        """Seconds of open time before `at`, counted from the beginning of the table."""
        i = bisect_right(self._starts, at) - 1
        if i < 0:
            return 0
        done = self._before[i] + at - self._starts[i]
        return min(done, self._before[i + 1])

    def add(self, start: int, seconds: int) -> int | None:
        """The earliest instant at which `seconds` (>= 0) of open time after `start` are used up.

        None when the table ends before that.
        """
        if seconds == 0:
            return start
        wanted = self.worked(start) + seconds
        if wanted > self.total:
            return None
        i = bisect_left(self._before, wanted) - 1
        return self._starts[i] + wanted - self._before[i]

    def elapsed(self, start: int, end: int) -> int:
        """Open seconds between the two; 0 when `end` is not after `start`."""
        return self.worked(end) - self.worked(start) if end > start else 0

    def next_open(self, at: int) -> int | None:
        """`at` itself when open, else the next opening; None when the table ends before that."""
        i = bisect_right(self._ends, at)
        return max(at, self._starts[i]) if i < len(self._starts) else None

    def is_open(self, at: int) -> bool:
        i = bisect_right(self._starts, at) - 1
        return i >= 0 and at < self._ends[i]

    def within(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """The open stretches of `[start, end)`, cut to it."""
        for i in range(bisect_right(self._ends, start), bisect_left(self._starts, end)):
            yield max(start, self._starts[i]), min(end, self._ends[i])


def joined(intervals: Iterable[tuple[int, int]]) -> tuple[list[int], list[int]]:
    """The starts and the ends of sorted intervals; touching and overlapping ones become one, empty ones none."""
    starts: list[int] = []
    ends: list[int] = []
    last = None
    for start, end in intervals:
        if last is not None and start <= last:
            if end > last:
                ends[-1] = last = end
        elif start < end:
            starts.append(start)
            ends.append(end)
            last = end
    return starts, ends
