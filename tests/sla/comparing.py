"""The engine against the minute oracle: one calendar, a few days around a change of the clock, many instants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random

from sla.calendar import WorkCalendar
from sla.vocabulary import Locale
from sla.week import week_of
from sla.zones import DAY
from tests.sla.oracle import Minutes

DAYS = 6
SPAN = DAYS * DAY
NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
NEAR = (-60, -1, 0, 1, 59, 60)
ROUND = (0, 60, 90, 120, 150, 180, 480, 540, 1020, 1380, 1439)

# Each zone with days around which its clocks change: at night, at midnight, by half an hour; and plain days.
CHANGES = {
    "Europe/Amsterdam": ("2026-03-29", "2026-10-25", "2026-06-10"),
    "America/New_York": ("2026-03-08", "2026-11-01"),
    "America/Santiago": ("2026-04-05", "2026-09-06"),
    "Australia/Lord_Howe": ("2026-04-05", "2026-10-04"),
    "Asia/Tehran": ("2015-03-22", "2015-09-22"),
    "Africa/Cairo": ("2026-04-24", "2026-10-30"),
    "Asia/Kathmandu": ("2026-02-28",),
    "Pacific/Apia": ("2012-04-01", "2012-09-30"),
}
PLACES = tuple((zone, day) for zone, days in CHANGES.items() for day in days)

Week = Mapping[int, Sequence[tuple[int, int]]]


def text(minute: int) -> str:
    # 23:59 as an end means 24:00, so the oracle's 23:59 is written with its seconds
    return f"{minute // 60:02}:{minute % 60:02}" + (":00" if minute == 1439 else "")


def calendar_of(zone: str, week: Week, closed: set[date]) -> WorkCalendar:
    hours = {NAMES[day]: [(text(start), text(end)) for start, end in spans] for day, spans in week.items()}
    return WorkCalendar(zone, week_of(hours), closed={day: {Locale.EN: "day off"} for day in closed})


def compare(place: tuple[str, str], week: Week, closed_days: set[int], seed: int, pairs: int) -> int:
    """How many answers were compared; an AssertionError at the first that differs."""
    zone, day = place
    middle = date.fromisoformat(day)
    closed = {middle + timedelta(days=offset) for offset in closed_days}
    first = datetime.combine(middle, datetime.min.time(), UTC) - timedelta(days=DAYS // 2)
    oracle, calendar = Minutes(zone, week, closed, first, DAYS), calendar_of(zone, week, closed)
    chance, edges = Random(seed), oracle.edges()
    compared = 0
    for _ in range(pairs):
        begin, other = (_instant(chance, edges) for _ in range(2))
        start, end = first + timedelta(seconds=begin), first + timedelta(seconds=other)
        seconds = chance.choice((0, 1, 60, other // 3, oracle.elapsed(start, end)))
        told = (
            (calendar.elapsed(start, end), oracle.elapsed(start, end)),
            (calendar.is_open(start), oracle.open[begin // 60]),
            (calendar.add(start, seconds), oracle.add(start, seconds)),
            (calendar.next_open(start), oracle.next_open(start)),
        )
        for ours, expected in told:
            if expected is not None:
                assert ours == expected, (zone, week, closed, start, end, seconds)
                compared += 1
    return compared


def _instant(chance: Random, edges: Sequence[int]) -> int:
    """A second of the span: often right beside an opening or a closing."""
    if edges and chance.random() < 0.6:
        return min(max(0, chance.choice(edges) + chance.choice(NEAR)), SPAN - 61)
    return chance.randrange(SPAN - 60)


def some_week(chance: Random) -> dict[int, list[tuple[int, int]]]:
    """Up to three windows a day, overlapping ones and ones over midnight among them; never no window at all."""
    week = {}
    for day in range(7):
        windows = []
        for _ in range(chance.choice((0, 1, 1, 2, 3))):
            start, end = (_reading(chance) for _ in range(2))
            if start != end:
                windows.append((start, end))
        if windows:
            week[day] = windows
    return week or {chance.randrange(7): [(540, 1020)]}


def _reading(chance: Random) -> int:
    return chance.choice(ROUND) if chance.random() < 0.5 else chance.randrange(1440)
