"""Public holidays by rule: fixed, Easter-relative, moved and lustrum days.

The rules stand here and not in a library, so that an upgrade can never move a deadline.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from sla.vocabulary import Locale, Text

SUNDAY = 6


class LiberationDay(StrEnum):
    """When 5 May is a day off in the Netherlands: employers differ."""

    NEVER = "never"
    LUSTRUM = "lustrum"
    YEARLY = "yearly"


def _names(nl: str, en: str, fr: str) -> Text:
    return {Locale.NL: nl, Locale.EN: en, Locale.FR: fr}


@dataclass(frozen=True, slots=True)
class FixedDay:
    """The same day every year; `moves` is (weekday, days to move by), `every` the divisor of its years."""

    names: Text = field(hash=False, compare=False)
    month: int
    day: int
    moves: tuple[tuple[int, int], ...] = ()
    every: int = 1

    def on(self, year: int) -> date | None:
        if year % self.every:
            return None
        day = date(year, self.month, self.day)
        return day + timedelta(days=dict(self.moves).get(day.weekday(), 0))


@dataclass(frozen=True, slots=True)
class EasterDay:
    """So many days after Easter Sunday."""

    names: Text = field(hash=False, compare=False)
    after: int

    def on(self, year: int) -> date | None:
        return easter(year) + timedelta(days=self.after)


@dataclass(frozen=True, slots=True)
class HolidaySet:
    """The rules of one calendar."""

    rules: tuple[FixedDay | EasterDay, ...] = ()

    def in_year(self, year: int) -> dict[date, Text]:
        """Each holiday of the year with its name; of two on one day the first rule names it."""
        days: dict[date, Text] = {}
        for day, names in self._days(year):
            days.setdefault(day, names)
        return days

    def _days(self, year: int) -> Iterator[tuple[date, Text]]:
        for rule in self.rules:
            day = rule.on(year)
            if day is not None:
                yield day, rule.names


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (the anonymous algorithm of 1876)."""
    golden = year % 19
    century, rest = divmod(year, 100)
    leap, odd = divmod(century, 4)
    moon = (19 * golden + century - leap - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * odd + 2 * (rest // 4) - moon - rest % 4) % 7
    late = (golden + 11 * moon + 22 * weekday) // 451
    month, day = divmod(moon + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)


NO_HOLIDAYS = HolidaySet()


def dutch(*, good_friday: bool = False, liberation_day: LiberationDay = LiberationDay.LUSTRUM) -> HolidaySet:
    """The Dutch holidays; by default Good Friday is a working day and 5 May is free every fifth year."""
    rules: list[FixedDay | EasterDay] = [
        FixedDay(_names("Nieuwjaarsdag", "New Year's Day", "Nouvel An"), 1, 1),
        EasterDay(_names("Eerste paasdag", "Easter Sunday", "Dimanche de Pâques"), 0),
        EasterDay(_names("Tweede paasdag", "Easter Monday", "Lundi de Pâques"), 1),
        FixedDay(_names("Koningsdag", "King's Day", "Fête du Roi"), 4, 27, moves=((SUNDAY, -1),)),
        EasterDay(_names("Hemelvaartsdag", "Ascension Day", "Ascension"), 39),
        EasterDay(_names("Eerste pinksterdag", "Whit Sunday", "Dimanche de Pentecôte"), 49),
        EasterDay(_names("Tweede pinksterdag", "Whit Monday", "Lundi de Pentecôte"), 50),
        FixedDay(_names("Eerste kerstdag", "Christmas Day", "Noël"), 12, 25),
        FixedDay(_names("Tweede kerstdag", "Boxing Day", "Deuxième jour de Noël"), 12, 26),
    ]
    if liberation_day is not LiberationDay.NEVER:
        every = 5 if liberation_day is LiberationDay.LUSTRUM else 1
        names = _names("Bevrijdingsdag", "Liberation Day", "Jour de la Libération")
        rules.append(FixedDay(names, 5, 5, every=every))
    if good_friday:
        rules.append(EasterDay(_names("Goede Vrijdag", "Good Friday", "Vendredi saint"), -2))
    return HolidaySet(tuple(rules))


def belgian() -> HolidaySet:
    """The ten legal holidays of Belgium; one on a weekend is not moved (OX-031)."""
    return HolidaySet(
        (
            FixedDay(_names("Nieuwjaar", "New Year's Day", "Nouvel An"), 1, 1),
            EasterDay(_names("Paasmaandag", "Easter Monday", "Lundi de Pâques"), 1),
            FixedDay(_names("Dag van de Arbeid", "Labour Day", "Fête du Travail"), 5, 1),
            EasterDay(_names("O.L.H. Hemelvaart", "Ascension Day", "Ascension"), 39),
            EasterDay(_names("Pinkstermaandag", "Whit Monday", "Lundi de Pentecôte"), 50),
            FixedDay(_names("Nationale feestdag", "National Day", "Fête nationale"), 7, 21),
            FixedDay(_names("O.L.V. Hemelvaart", "Assumption Day", "Assomption"), 8, 15),
            FixedDay(_names("Allerheiligen", "All Saints' Day", "Toussaint"), 11, 1),
            FixedDay(_names("Wapenstilstand", "Armistice Day", "Armistice"), 11, 11),
            FixedDay(_names("Kerstmis", "Christmas Day", "Noël"), 12, 25),
        )
    )
