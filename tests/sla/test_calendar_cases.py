"""The worked cases of other people's products, to the second."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from sla.calendar import WorkCalendar
from sla.holidays import LiberationDay, belgian, dutch
from sla.pauses import add_with_pauses, elapsed_with_pauses
from sla.vocabulary import Locale
from sla.week import week_of

CASES = Path(__file__).resolve().parents[1] / "cases"


def read(name: str) -> Any:
    return json.loads((CASES / name).read_text(encoding="utf-8"))


def calendar(case: dict[str, Any]) -> WorkCalendar:
    told = case["calendar"]
    closed = {date.fromisoformat(day): {Locale.EN: "day off"} for day in told["holidays"]}
    return WorkCalendar(told["timezone"], week_of(told["hours"]), closed=closed)


def seconds(case: dict[str, Any]) -> int:
    told: int | None = case.get("duration_seconds")
    return round(case["duration_minutes"] * 60) if told is None else told


def pauses(case: dict[str, Any]) -> list[tuple[int, int]]:
    return [(second(begin), second(until)) for begin, until in case["pauses"]]


def second(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


@pytest.mark.parametrize("case", read("business_time.json"), ids=lambda case: case["id"])
def test_business_time_is_that_of_the_worked_cases(case: dict[str, Any]) -> None:
    hours = calendar(case)
    start, end = datetime.fromisoformat(case["start"]), datetime.fromisoformat(case["end"])
    if case["op"] == "add":
        assert hours.add(start, seconds(case)) == end
    else:
        assert hours.elapsed(start, end) == seconds(case)


@pytest.mark.parametrize("case", read("pauses.json"), ids=lambda case: case["id"])
def test_pauses_take_out_working_time_only(case: dict[str, Any]) -> None:
    start, end = second(case["start"]), second(case["end"])
    if case["op"] == "add":
        assert add_with_pauses(calendar(case), start, seconds(case), pauses(case)) == end
    else:
        assert elapsed_with_pauses(calendar(case), start, end, pauses(case)) == seconds(case)


@pytest.mark.parametrize("case", read("working_days.json"), ids=lambda case: case["start_date"])
def test_working_days_are_those_of_the_worked_cases(case: dict[str, Any]) -> None:
    end = calendar(case).add_working_days(date.fromisoformat(case["start_date"]), case["days"])
    assert end == date.fromisoformat(case["end_date"])


HOLIDAYS = read("holidays_nl_be.json")


@pytest.mark.clause("OB-045")
@pytest.mark.parametrize("year", HOLIDAYS["NL"])
def test_dutch_holidays_are_those_of_the_list(year: str) -> None:
    days = {day.isoformat(): names[Locale.NL] for day, names in dutch().in_year(int(year)).items()}
    assert days == HOLIDAYS["NL"][year]


@pytest.mark.clause("OX-031")
@pytest.mark.parametrize("year", HOLIDAYS["BE"])
def test_belgian_holidays_are_the_ten_legal_ones(year: str) -> None:
    days = {day.isoformat(): names[Locale.NL] for day, names in belgian().in_year(int(year)).items()}
    assert days == HOLIDAYS["BE"][year]


def test_good_friday_and_a_yearly_or_missing_fifth_of_may_are_variants() -> None:
    good_friday, fifth = date(2026, 4, 3), date(2026, 5, 5)
    assert good_friday not in dutch().in_year(2026)
    assert good_friday in dutch(good_friday=True).in_year(2026)
    assert fifth not in dutch().in_year(2026)
    assert fifth in dutch(liberation_day=LiberationDay.YEARLY).in_year(2026)
    assert date(2030, 5, 5) not in dutch(liberation_day=LiberationDay.NEVER).in_year(2030)


def test_every_holiday_has_a_name_in_each_language() -> None:
    for names in (*dutch(good_friday=True).in_year(2030).values(), *belgian().in_year(2030).values()):
        assert set(names) == set(Locale)
        assert all(names.values())
