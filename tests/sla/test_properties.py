"""Working time against a minute oracle, and the laws that it must keep."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sla.pauses import add_with_pauses, elapsed_with_pauses
from sla.zones import DAY
from tests.sla.comparing import PLACES, SPAN, calendar_of, compare

EXAMPLES, PAIRS = 60, 260
LEAST_COMPARED = 50_000

places = st.sampled_from(PLACES)
minutes = st.one_of(st.sampled_from([0, 60, 90, 120, 150, 180, 1380, 1439]), st.integers(0, 1439))
windows = st.lists(st.tuples(minutes, minutes).filter(lambda w: w[0] != w[1]), min_size=1, max_size=3)
weeks = st.dictionaries(st.integers(0, 6), windows, min_size=1)


def test_working_time_is_that_of_a_minute_by_minute_count() -> None:
    compared = 0

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(
        place=places,
        week=weeks,
        free=st.sets(st.integers(-3, 3), max_size=2),
        seed=st.integers(0, 2**32),
    )
    def check(
        place: tuple[str, str], week: dict[int, list[tuple[int, int]]], free: set[int], seed: int
    ) -> None:
        nonlocal compared
        compared += compare(place, week, free, seed, PAIRS)

    check()
    assert compared >= LEAST_COMPARED


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


seconds_in_span = st.integers(0, SPAN)
pauses = st.lists(st.tuples(seconds_in_span, st.integers(0, 90_000)), max_size=5)


@settings(max_examples=60, deadline=None)
@given(place=places, week=weeks, start=seconds_in_span, seconds=st.integers(0, 200_000), cuts=pauses)
def test_what_is_added_around_pauses_has_elapsed_outside_them(
    place: tuple[str, str],
    week: dict[int, list[tuple[int, int]]],
    start: int,
    seconds: int,
    cuts: list[tuple[int, int]],
) -> None:
    zone, day = place
    calendar = calendar_of(zone, week, set())
    noon = int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp())
    told = [(noon + begin, noon + begin + length) for begin, length in cuts]
    end = add_with_pauses(calendar, noon + start, seconds, told)
    assert elapsed_with_pauses(calendar, noon + start, end, told) == seconds
    if seconds:
        assert elapsed_with_pauses(calendar, noon + start, end - 1, told) == seconds - 1
        assert end > noon + start
    assert add_with_pauses(calendar, noon + start, seconds, []) == calendar.add_at(noon + start, seconds)
