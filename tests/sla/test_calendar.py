from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from sla.calendar import WorkCalendar
from sla.errors import CalendarNeverOpens, DeadlineNeverComes, UnknownZone, WindowWrong
from sla.holidays import dutch
from sla.spans import Hours, spans
from sla.vocabulary import Locale, say
from sla.week import overlaps, week_of
from tests.sla.agreements import local

HOUR = 3600
OFFICE = WorkCalendar("Europe/Amsterdam", week_of({"mon-fri": [("08:30", "16:30")]}), dutch())
NIGHTS = WorkCalendar("Europe/Amsterdam", week_of({"mon-fri": [("20:00", "04:00")]}))
ALWAYS = WorkCalendar("Europe/Amsterdam", week_of({"mon-sun": [("00:00", "24:00")]}))


def test_a_used_up_day_ends_at_closing_time_and_not_at_the_next_opening() -> None:
    assert OFFICE.add(local("2026-03-13 08:30"), 8 * HOUR) == local("2026-03-13 16:30")


def test_zero_added_is_the_instant_itself_also_at_night_and_to_the_microsecond() -> None:
    night = local("2026-03-14 03:12") + timedelta(microseconds=7)
    assert OFFICE.add(night, 0) == night


def test_time_between_a_later_and_an_earlier_instant_is_zero() -> None:
    assert OFFICE.elapsed(local("2026-03-10 12:00"), local("2026-03-10 11:00")) == 0


def test_less_than_nothing_cannot_be_added() -> None:
    with pytest.raises(ValueError, match="negative"):
        OFFICE.add(local("2026-03-10 12:00"), -1)


def test_an_instant_needs_an_offset() -> None:
    with pytest.raises(ValueError, match="offset"):
        OFFICE.is_open(datetime(2026, 3, 10, 9))  # noqa: DTZ001 - a naive moment is what is refused


def test_a_window_over_midnight_belongs_to_the_day_that_it_starts_on() -> None:
    assert NIGHTS.is_open(local("2026-03-14 03:59"))
    assert not NIGHTS.is_open(local("2026-03-16 02:00"))
    assert NIGHTS.elapsed(local("2026-03-13 12:00"), local("2026-03-16 12:00")) == 8 * HOUR
    assert NIGHTS.day_seconds == 8 * HOUR


def test_the_hour_that_spring_skips_does_not_count() -> None:
    night = WorkCalendar("Europe/Amsterdam", week_of({"sun": [("01:30", "03:30")]}))
    assert night.elapsed(local("2026-03-29 00:00"), local("2026-03-29 12:00")) == HOUR


def test_the_hour_that_autumn_repeats_counts_twice() -> None:
    night = WorkCalendar("Europe/Amsterdam", week_of({"sun": [("02:00", "03:00")]}))
    assert night.elapsed(local("2026-10-25 00:00"), local("2026-10-25 12:00")) == 2 * HOUR
    assert night.is_open(local("2026-10-25 02:30", fold=1))


def test_day_and_night_is_one_unbroken_line() -> None:
    start = local("2026-03-28 12:00")
    assert ALWAYS.add(start, 24 * HOUR) == start.astimezone(UTC) + timedelta(hours=24)
    assert list(ALWAYS.segments(10**9, 10**9 + 10**6).within(10**9, 10**9 + 10**6)) == [
        (10**9, 10**9 + 10**6)
    ]


def test_one_minute_to_midnight_as_an_end_is_the_end_of_the_day() -> None:
    assert week_of({"sat": [("0:00".zfill(5), "23:59")]}) == week_of({"sat": [("00:00", "24:00")]})


def test_overlapping_windows_are_merged_and_empty_ones_add_nothing() -> None:
    mixed = week_of({"wed": [("00:00", "24:00"), ("08:00", "16:00"), ("09:00", "09:00")]})
    assert overlaps(mixed)
    calendar = WorkCalendar("UTC", mixed)
    assert calendar.elapsed(local("2026-03-09 00:00", "UTC"), local("2026-03-16 00:00", "UTC")) == 24 * HOUR


def test_windows_that_run_into_the_next_day_overlap_with_it() -> None:
    assert overlaps(week_of({"mon": [("20:00", "04:00")], "tue": [("03:00", "09:00")]}))
    assert overlaps(week_of({"sun": [("20:00", "04:00")], "mon": [("03:00", "09:00")]}))
    assert not overlaps(week_of({"mon-sun": [("20:00", "04:00"), ("04:00", "09:00")]}))


def test_a_calendar_without_an_opening_hour_is_refused() -> None:
    with pytest.raises(CalendarNeverOpens):
        WorkCalendar("Europe/Amsterdam", week_of({"mon": [("09:00", "09:00")]}))


@pytest.mark.parametrize("zone", ["Europe/Ede", "../etc", ""])
def test_an_unknown_zone_is_refused(zone: str) -> None:
    with pytest.raises(UnknownZone):
        WorkCalendar(zone, OFFICE.week)


@pytest.mark.parametrize("hours", [{"mon": [("9:00", "17:00")]}, {"maandag": []}, {"fri-mon": []}])
def test_a_window_must_be_written_as_hours_of_days(hours: dict[str, list[tuple[str, str]]]) -> None:
    with pytest.raises(WindowWrong):
        week_of(hours)


@pytest.mark.parametrize("start", ["1987-06-01 10:00", "2079-06-01 10:00"])
def test_a_table_extends_by_itself_to_years_it_was_not_made_for(start: str) -> None:
    fresh = WorkCalendar("Europe/Amsterdam", week_of({"mon-fri": [("09:00", "17:00")]}), dutch())
    begin = local(start)
    end = fresh.add(begin, 40 * HOUR)
    assert fresh.elapsed(begin, end) == 40 * HOUR
    assert begin + timedelta(days=4) < end < begin + timedelta(days=10)


def test_a_deadline_that_never_comes_is_refused_instead_of_searched_for() -> None:
    with pytest.raises(DeadlineNeverComes):
        OFFICE.add(local("2026-03-10 09:00"), 10**12)


def test_the_next_opening_is_now_when_it_is_open() -> None:
    open_now = local("2026-03-10 09:12")
    assert OFFICE.next_open(open_now) == open_now
    assert OFFICE.next_open(local("2026-03-13 16:30")) == local("2026-03-16 08:30")


@pytest.mark.parametrize(
    ("at", "opening"),
    [
        ("2026-03-10 06:00", "2026-03-10 08:30"),
        ("2026-03-10 08:30", "2026-03-10 08:30"),
        ("2026-03-10 10:00", "2026-03-11 08:30"),
        ("2026-04-03 10:00", "2026-04-07 08:30"),
    ],
)
def test_the_next_day_opening_is_the_first_opening_of_a_day_at_or_after(at: str, opening: str) -> None:
    assert OFFICE.next_day_opening(local(at)) == local(opening)


def test_a_term_ends_at_the_midnight_that_closes_its_last_day() -> None:
    assert OFFICE.end_of_working_days(local("2026-03-02 11:00"), 10) == local("2026-03-17 00:00")
    assert OFFICE.add_working_days(date(2026, 4, 3), 1) == date(2026, 4, 7)
    assert OFFICE.add_working_days(date(2026, 4, 4), 0) == date(2026, 4, 4)


def test_a_midnight_that_does_not_exist_is_the_end_of_the_gap() -> None:
    cairo = WorkCalendar("Africa/Cairo", week_of({"mon-sun": [("09:00", "17:00")]}))
    ends = cairo.end_of_working_days(local("2026-04-22 12:00", "Africa/Cairo"), 1)
    assert ends == local("2026-04-24 01:00", "Africa/Cairo")


def test_a_stretch_is_told_as_open_hours_evenings_weekends_and_named_holidays() -> None:
    start, end = (int(local(at).timestamp()) for at in ("2026-04-03 16:00", "2026-04-07 10:00"))
    told = spans(OFFICE, start, end)
    hours = [span.hours for span in told]
    assert hours == [Hours.OPEN, Hours.OUTSIDE, Hours.WEEKEND, Hours.DAY_OFF, Hours.OUTSIDE, Hours.OPEN]
    assert say(told[3].name or {}, Locale.NL) == "Tweede paasdag"
    assert [span.start for span in told[1:]] == [span.end for span in told[:-1]]
    assert (told[0].start, told[-1].end) == (start, end)
