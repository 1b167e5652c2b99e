"""Working time: opening hours in a time zone, without holidays."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

from sla.errors import CalendarNeverOpens, DeadlineNeverComes
from sla.holidays import NO_HOLIDAYS, HolidaySet
from sla.segments import Segments
from sla.tables import NOTHING, Table, lay_out
from sla.vocabulary import Text
from sla.week import Week
from sla.zones import DAY, EPOCH_ORDINAL, first_second, local_date, zone_named

FIRST_YEARS = (2010, 2050)
EARLIEST, LATEST = 1800, 2400
MARGIN = 20
"""Years that a table grows by at once."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def seconds_of(at: datetime) -> int:
    """The whole UTC second of an aware instant. Fractions are dropped: clocks tick in seconds."""
    if at.tzinfo is None:
        raise ValueError("an instant needs an offset")
    since = at - EPOCH
    return since.days * DAY + since.seconds


def instant_of(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


class WorkCalendar:
    """Opening hours by local reading; compiled when first asked, and again when asked for other years.

    `closed` are days off beside the holidays, with their names. All instants are aware datetimes, answers
    are in UTC; the methods that end in `_at` do the same on UTC seconds. Raises CalendarNeverOpens,
    UnknownZone and, outside the years 1800 to 2400, DeadlineNeverComes.
    """

    __slots__ = ("_closed", "_table", "holidays", "week", "zone")

    def __init__(
        self,
        zone: str,
        week: Week,
        holidays: HolidaySet = NO_HOLIDAYS,
        closed: Mapping[date, Text] | None = None,
    ) -> None:
        if not any(week):
            raise CalendarNeverOpens("a calendar needs at least one opening window")
        zone_named(zone)
        self.zone = zone
        self.week = week
        self.holidays = holidays
        self._closed = dict(closed or {})
        self._table: Table = NOTHING

    # --- instants ---------------------------------------------------------------------------

    def add(self, start: datetime, seconds: int) -> datetime:
        """The earliest instant at which `seconds` (>= 0) of working time after `start` are used up.

        Zero added to any instant is that instant; a full day ends at closing time, not at the next opening.
        """
        return start.astimezone(UTC) if seconds == 0 else instant_of(self.add_at(seconds_of(start), seconds))

    def elapsed(self, start: datetime, end: datetime) -> int:
        """Seconds of working time between the two, 0 when `end` is not after `start`."""
        return self.elapsed_at(seconds_of(start), seconds_of(end))

    def next_open(self, at: datetime) -> datetime:
        """`at` itself when open, else the next opening."""
        return instant_of(self.next_open_at(seconds_of(at)))

    def is_open(self, at: datetime) -> bool:
        second = seconds_of(at)
        return self._covering(second).segments.is_open(second)

    # --- UTC seconds ------------------------------------------------------------------------

    def add_at(self, start: int, seconds: int) -> int:
        if seconds <= 0:
            return _nothing_after(start, seconds)
        end = self._table.segments.add(start, seconds)
        if end is None:
            table = self._covering(start)
            while (end := table.segments.add(start, seconds)) is None:
                table = self._longer(table)
        return end

    def elapsed_at(self, start: int, end: int) -> int:
        seconds = self._table.segments.elapsed(start, end)
        if seconds is None:
            seconds = self.segments(start, end).elapsed(start, end)
        return seconds or 0

    def next_open_at(self, at: int) -> int:
        table = self._covering(at)
        while (opening := table.segments.next_open(at)) is None:
            table = self._longer(table)
        return opening

    def segments(self, first: int, last: int) -> Segments:
        """The compiled open time, covering the UTC seconds from `first` to `last`."""
        self._covering(first)
        return self._covering(last).segments

    # --- days -------------------------------------------------------------------------------

    @property
    def day_seconds(self) -> int:
        """The working time of a whole day: what "a day" means in a target (its longest, if days differ)."""
        return max(sum(end - start for start, end in day) for day in self.week)

    @property
    def uneven(self) -> bool:
        """Whether working days differ in length."""
        return len({sum(end - start for start, end in day) for day in self.week if day}) > 1

    def next_day_opening(self, at: datetime) -> datetime:
        """The first opening of a working day at or after `at`: Tuesday 10:00 gives Wednesday's opening."""
        second = seconds_of(at)
        day = local_date(self.zone, second)
        while True:
            day = self._working_day(day, 0)
            opening = first_second(self.zone, day.toordinal(), self.week[day.weekday()][0][0])
            if opening >= second:
                return instant_of(opening)
            day += timedelta(days=1)

    def is_working_day(self, day: date) -> bool:
        return self._working_day(day, 0) == day

    def add_working_days(self, day: date, days: int) -> date:
        """The nth working day after `day`, which itself does not count; zero days later is `day`."""
        if days < 0:
            raise ValueError("a term cannot be negative")
        return day if days == 0 else self._working_day(day + timedelta(days=1), days - 1)

    def end_of_working_days(self, at: datetime, days: int) -> datetime:
        """The local midnight that closes the nth working day; the day of `at` does not count."""
        last = self.add_working_days(local_date(self.zone, seconds_of(at)), days)
        return instant_of(first_second(self.zone, last.toordinal() + 1))

    def reason_closed(self, day: date) -> Text | None:
        """The name of the holiday or other day off; None on any other day."""
        return self._closed.get(day) or self.holidays.in_year(day.year).get(day)

    def days_closed(self, year: int) -> list[tuple[date, Text]]:
        """The holidays and other days off of a year with their names, in order."""
        days = self.holidays.in_year(year) | {
            day: name for day, name in self._closed.items() if day.year == year
        }
        return sorted(days.items(), key=lambda item: item[0])

    # --- the table --------------------------------------------------------------------------

    def _working_day(self, day: date, ahead: int) -> date:
        """The working day so many places after the first one at or after `day`."""
        table = self._covering((day.toordinal() - EPOCH_ORDINAL) * DAY)
        while (i := bisect_left(table.working_days, day.toordinal()) + ahead) >= len(table.working_days):
            table = self._longer(table)
        return date.fromordinal(table.working_days[i])

    def _covering(self, at: int) -> Table:
        table = self._table
        if table is NOTHING:
            table = self._lay_out(FIRST_YEARS)
        if table.segments.first <= at < table.segments.last:
            return table
        year = instant_of(at).year
        if not EARLIEST <= year <= LATEST:
            raise DeadlineNeverComes(f"the year {year} is not between {EARLIEST} and {LATEST}")
        first, last = table.years
        return self._lay_out(
            (min(first, max(EARLIEST, year - MARGIN)), max(last, min(LATEST, year + MARGIN)))
        )

    def _longer(self, table: Table) -> Table:
        first, last = table.years
        if last >= LATEST:
            raise DeadlineNeverComes(f"not before the end of the year {LATEST}")
        return self._lay_out((first, min(LATEST, last + max(MARGIN, last - first))))

    def _lay_out(self, years: tuple[int, int]) -> Table:
        free = {day.toordinal() for day in self._closed}
        for year in range(years[0] - 1, years[1] + 2):
            free.update(day.toordinal() for day in self.holidays.in_year(year))
        self._table = table = lay_out(self.zone, self.week, free, years)
        return table


def _nothing_after(start: int, seconds: int) -> int:
    if seconds < 0:
        raise ValueError("working time cannot be negative")
    return start
