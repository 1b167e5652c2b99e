"""Open time as sorted, disjoint UTC intervals with prefix sums: arithmetic by bisection, to the second."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from itertools import accumulate
from operator import sub

LONG_AGO = -(2**62)


class Segments:
    """Half-open intervals `[start, end)` in UTC seconds that answer for the instants `[first, last)`.

    An empty interval long ago goes before the first, so that every instant has one that began before it.
    `_done[i]` is the working time of the first i intervals and `_shift[i]` what turns an instant in the last
    of them into the working time before it; both are read at the index that bisection gives.
    """

    __slots__ = ("_done", "_ends", "_shift", "_starts", "first", "last")

    def __init__(self, starts: list[int], ends: list[int], first: int, last: int) -> None:
        """The starts and ends of intervals that are sorted and neither touch nor overlap (`joined`)."""
        self._starts, self._ends = [LONG_AGO, *starts], [LONG_AGO, *ends]
        self._done: list[int] = [0, *accumulate(map(sub, self._ends, self._starts))]
        self._shift: list[int] = [0, *map(sub, self._done, self._starts)]
        self.first, self.last = first, last

    def add(self, start: int, seconds: int) -> int | None:
        """The earliest instant at which `seconds` (> 0) of open time after `start` are used up.

        None where the table does not reach: when `start` or the answer lies outside it.
        """
        if start < self.first:
            return None
        i = bisect_right(self._starts, start)
        worked, done = start + self._shift[i], self._done
        wanted = (worked if worked < done[i] else done[i]) + seconds  # noqa: FURB136 # min() is a dear call
        if wanted > done[i]:
            i = bisect_left(done, wanted, i)
            if i == len(done):
                return None
        end = wanted - self._shift[i]
        return end if end <= self.last else None

    def elapsed(self, start: int, end: int) -> int | None:
        """Open seconds between the two; 0 when `end` is not after `start`, None where the table does not reach."""
        if end <= start:
            return 0
        if start < self.first or end > self.last:
            return None
        starts, done, shift = self._starts, self._done, self._shift
        i = bisect_right(starts, start)
        j = bisect_right(starts, end, i)
        before, until = start + shift[i], end + shift[j]
        if before > done[i]:  # noqa: PLR1730 # min() would cost as much as the bisection
            before = done[i]
        return (until if until < done[j] else done[j]) - before  # noqa: FURB136 # as above

    def next_open(self, at: int) -> int | None:
        """`at` itself when open, else the next opening; None when the table ends before that."""
        i = bisect_right(self._ends, at)
        return max(at, self._starts[i]) if i < len(self._starts) else None

    def is_open(self, at: int) -> bool:
        return at < self._ends[bisect_right(self._starts, at) - 1]

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
