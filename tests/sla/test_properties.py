"""Working time against a minute oracle, and the laws that it must keep."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sla.calendar import WorkCalendar
from sla.vocabulary import Locale
from sla.week import week_of
from sla.zones import DAY
from tests.sla.oracle import Minutes

DAYS = 6
SPAN = DAYS * DAY
NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

# Each zone with days around which its clocks change: at night, at midnight, by half an hour.
CHANGES = {
    "Europe/Amsterdam": ("2026-03-29", "2026-10-25", "2026-06-10"),
    "America/New_York": ("2026-03-08", "2026-11-01"),
    "America/Santiago": ("2026-04-05", "2026-09-06"),
    "Australia/Lord_Howe": ("2026-04-05", "2026-10-04"),
    "Asia/Tehran": ("2015-03-22", "2015-09-22"),
    "Africa/Cairo": ("2026-04-24", "2026-10-30"),
}

places = st.sampled_from([(zone, day) for zone, days in CHANGES.items() for day in days])
minutes = st.one_of(st.sampled_from([0, 60, 90, 120, 150, 180, 1380, 1439]), st.integers(0, 1439))
windows = st.lists(st.tuples(minutes, minutes).filter(lambda w: w[0] != w[1]), min_size=1, max_size=3)
weeks = st.dictionaries(st.integers(0, 6), windows, min_size=4)
moments = st.lists(st.tuples(st.integers(0, SPAN - 60), st.integers(0, SPAN - 60)), min_size=40, max_size=40)


def text(minute: int) -> str:
    # 23:59 as an end means 24:00, so the oracle's 23:59 is written with its seconds
    return f"{minute // 60:02}:{minute % 60:02}" + (":00" if minute == 1439 else "")


def calendar_of(zone: str, week: dict[int, list[tuple[int, int]]], closed: set[date]) -> WorkCalendar:
    hours = {NAMES[day]: [(text(start), text(end)) for start, end in spans] for day, spans in week.items()}
    return WorkCalendar(zone, week_of(hours), closed={day: {Locale.EN: "day off"} for day in closed})


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(place=places, week=weeks, free=st.sets(st.integers(-3, 3), max_size=2), pairs=moments)
def test_working_time_is_that_of_a_minute_by_minute_count(
    place: tuple[str, str],
    week: dict[int, list[tuple[int, int]]],
    free: set[int],
    pairs: list[tuple[int, int]],
) -> None:
    zone, day = place
    middle = date.fromisoformat(day)
    closed = {middle + timedelta(days=offset) for offset in free}
    first = datetime.combine(middle, datetime.min.time(), UTC) - timedelta(days=DAYS // 2)
    oracle = Minutes(zone, week, closed, first, DAYS)
    calendar = calendar_of(zone, week, closed)
    for begin, length in pairs:
        start, end = first + timedelta(seconds=begin), first + timedelta(seconds=length)
        assert calendar.elapsed(start, end) == oracle.elapsed(start, end)
        expected = oracle.add(start, length // 3)
        if expected is not None:
            assert calendar.add(start, length // 3) == expected
        assert calendar.is_open(start) == oracle.open[begin // 60]


@settings(max_examples=80, deadline=None)
@given(
    place=places,
    week=weeks,
    begin=st.integers(-SPAN * 50, SPAN * 50),
    seconds=st.integers(0, 300_000),
    more=st.integers(0, 100_000),
)
def test_what_is_added_has_elapsed_and_more_is_never_earlier(
    place: tuple[str, str], week: dict[int, list[tuple[int, int]]], begin: int, seconds: int, more: int
) -> None:
    zone, day = place
    calendar = calendar_of(zone, week, set())
    start = datetime.fromisoformat(day).replace(tzinfo=UTC) + timedelta(seconds=begin)
    end = calendar.add(start, seconds)
    later = calendar.add(start, seconds + more)
    assert calendar.elapsed(start, end) == seconds
    assert start <= end <= later
    assert calendar.elapsed(start, end) + calendar.elapsed(end, later) == calendar.elapsed(start, later)
    if seconds:
        assert calendar.elapsed(start, end - timedelta(seconds=1)) == seconds - 1


@settings(max_examples=50, deadline=None)
@given(place=places, week=weeks, begin=st.integers(-SPAN * 50, SPAN * 50), days=st.integers(1, 40))
def test_the_nth_working_day_has_n_working_days_up_to_it(
    place: tuple[str, str], week: dict[int, list[tuple[int, int]]], begin: int, days: int
) -> None:
    zone, day = place
    calendar = calendar_of(zone, week, set())
    start = date.fromisoformat(day) + timedelta(days=begin // DAY)
    end = calendar.add_working_days(start, days)
    passed = [start + timedelta(days=i) for i in range(1, (end - start).days + 1)]
    assert sum(calendar.is_working_day(each) for each in passed) == days
    assert calendar.is_working_day(end)
