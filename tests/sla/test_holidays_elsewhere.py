"""Our rules for holidays against the `holidays` package, with every deliberate difference listed.

The rules stand in the project so that an upgrade can never move a deadline; this test only tells when the two
begin to differ in another way than is known.
"""

from __future__ import annotations

from datetime import date

import holidays
import pytest

from sla.holidays import HolidaySet, LiberationDay, belgian, dutch, easter
from sla.vocabulary import Locale

YEARS = range(2020, 2046)

# Days that the package lists and our calendars do not close on, and why.
DELIBERATE = {
    "NL": {
        "Goede vrijdag": "on the government's list, but private employers work; a setting of the calendar"
    },
    "BE": {
        "Pasen": "always a Sunday: not one of the ten legal holidays",
        "Pinksteren": "always a Sunday: not one of the ten legal holidays",
    },
}
OURS = {"NL": dutch(), "BE": belgian()}


def elsewhere(country: str, year: int) -> dict[date, str]:
    return dict(holidays.country_holidays(country, years=year, language="nl"))


@pytest.mark.clause("OB-045", "QX-059", "S4-008", "OX-031")
@pytest.mark.parametrize("country", OURS)
@pytest.mark.parametrize("year", YEARS)
def test_holidays_differ_from_the_package_only_where_we_mean_it(country: str, year: int) -> None:
    ours, theirs = set(OURS[country].in_year(year)), elsewhere(country, year)
    assert ours <= set(theirs)
    assert {theirs[day] for day in set(theirs) - ours} == set(DELIBERATE[country])


@pytest.mark.parametrize("year", YEARS)
def test_with_good_friday_the_dutch_days_are_those_of_the_package(year: int) -> None:
    assert set(dutch(good_friday=True).in_year(year)) == set(elsewhere("NL", year))


@pytest.mark.parametrize(
    ("setting", "years"),
    [
        (LiberationDay.NEVER, set()),
        (LiberationDay.LUSTRUM, {2020, 2025, 2030, 2035, 2040, 2045}),
        (LiberationDay.YEARLY, set(YEARS)),
    ],
)
def test_the_fifth_of_may_is_free_never_every_fifth_year_or_always(
    setting: LiberationDay, years: set[int]
) -> None:
    days = dutch(liberation_day=setting)
    assert {year for year in YEARS if date(year, 5, 5) in days.in_year(year)} == years


def test_kings_day_moves_to_saturday_when_the_27th_is_a_sunday() -> None:
    moved = set()
    for year in YEARS:
        days = {day for day, names in dutch().in_year(year).items() if names[Locale.EN] == "King's Day"}
        assert len(days) == 1
        moved |= {day.year for day in days if day.day == 26}
    assert moved == {2025, 2031, 2036, 2042}


@pytest.mark.parametrize("year", range(1900, 2200))
def test_easter_is_a_sunday_between_22_march_and_25_april(year: int) -> None:
    found = easter(year)
    assert found.weekday() == 6
    assert date(year, 3, 22) <= found <= date(year, 4, 25)


def test_two_holidays_on_one_day_are_one() -> None:
    both = HolidaySet((*dutch().rules, *belgian().rules)).in_year(2026)
    assert both[date(2026, 1, 1)][Locale.NL] == "Nieuwjaarsdag"
    assert len(both) == 14
