"""Backups are kept hourly for 7 days, daily for 30 and weekly for a year, and the newest one always."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tenants.upkeep.retention import kept

NOW = datetime(2026, 11, 18, 14, 20, 30, tzinfo=UTC)
YEAR = timedelta(days=365)
MOMENTS = st.lists(
    st.timedeltas(min_value=timedelta(), max_value=timedelta(days=500)).map(lambda age: NOW - age),
    max_size=60,
)


def hour(moment: datetime) -> tuple[object, ...]:
    return (moment.date(), moment.hour)


def day(moment: datetime) -> tuple[object, ...]:
    return (moment.date(),)


def week(moment: datetime) -> tuple[object, ...]:
    return moment.isocalendar()[:2]


@given(MOMENTS)
def test_the_newest_always_stays_and_nothing_is_invented(moments: list[datetime]) -> None:
    stay = kept(moments, NOW)
    assert stay <= set(moments)
    if moments:
        assert max(moments) in stay


@given(MOMENTS)
def test_each_hour_of_seven_days_each_day_of_thirty_and_each_week_of_a_year_keeps_one(
    moments: list[datetime],
) -> None:
    stay = kept(moments, NOW)
    for limit, period in ((timedelta(days=7), hour), (timedelta(days=30), day), (YEAR, week)):
        kept_in = {period(moment) for moment in stay}
        assert {period(moment) for moment in moments if NOW - moment <= limit} <= kept_in


@given(MOMENTS)
def test_what_is_older_than_a_year_goes_unless_it_is_the_newest(moments: list[datetime]) -> None:
    stay = kept(moments, NOW)
    assert {moment for moment in stay if NOW - moment > YEAR} <= set(sorted(moments)[-1:])


@given(MOMENTS)
def test_of_the_last_two_hours_all_stay(moments: list[datetime]) -> None:
    stay = kept(moments, NOW)
    assert {moment for moment in moments if NOW - moment <= timedelta(hours=2)} <= stay


@given(MOMENTS, st.timedeltas(min_value=timedelta(), max_value=timedelta(days=40)))
def test_thinning_twice_removes_no_more_than_once(moments: list[datetime], later: timedelta) -> None:
    """Otherwise what is kept would depend on how often the worker looked."""
    once = kept(moments, NOW)
    assert kept(once, NOW) == once
    assert kept(once, NOW + later) == kept(moments, NOW + later) & once or later > timedelta()


def test_a_year_of_backups_every_four_minutes_leaves_about_two_hundred_and_fifty() -> None:
    """Thinned after each backup, as the worker does it, of an hour in the middle of each day."""
    stay: set[datetime] = set()
    moment, end = NOW - timedelta(days=400), NOW
    while moment <= end:
        stay = kept(stay | {moment}, moment)
        # Close together lately, where the tiers differ; four a day before that.
        moment += timedelta(minutes=4) if end - moment < timedelta(days=9) else timedelta(hours=6)
    ages = sorted(end - each for each in stay)
    assert sum(age <= timedelta(hours=2) for age in ages) in {30, 31}
    assert sum(age <= timedelta(days=7) for age in ages) in range(30 + 166, 31 + 169)
    assert sum(timedelta(days=7) < age <= timedelta(days=30) for age in ages) in {23, 24}
    assert sum(timedelta(days=30) < age for age in ages) in range(46, 51)
    for days in range(7):  # every point of the last seven days has a backup of its hour
        point = end - timedelta(days=days, hours=1)
        assert any(hour(each) == hour(point) for each in stay)
