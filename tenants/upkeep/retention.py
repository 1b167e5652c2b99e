"""Which of the portal's own backups are kept: hourly for 7 days, daily for 30, weekly for a year."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

ALL_FOR = timedelta(hours=2)
HOURLY_FOR = timedelta(days=7)
DAILY_FOR = timedelta(days=30)
WEEKLY_FOR = timedelta(days=365)


def kept(moments: Iterable[datetime], now: datetime) -> set[datetime]:
    """The moments (UTC) whose backups stay: of each hour, day or ISO week the last one, and always the newest of all.

    The newest stays however old it is: nothing has changed since.
    """
    ordered = sorted(moments)
    stay = set(ordered[-1:])
    last: dict[tuple[object, ...], datetime] = {}
    for moment in ordered:
        period = _period(moment, now - moment)
        if period is not None:
            last[period] = moment
    return stay | set(last.values())


def _period(moment: datetime, age: timedelta) -> tuple[object, ...] | None:
    for limit, name, of in _STEPS:
        if age <= limit:
            return (name, *of(moment))
    return None


_STEPS: tuple[tuple[timedelta, str, Callable[[datetime], tuple[object, ...]]], ...] = (
    (ALL_FOR, "all", lambda moment: (moment,)),
    (HOURLY_FOR, "hour", lambda moment: (moment.date(), moment.hour)),
    (DAILY_FOR, "day", lambda moment: (moment.date(),)),
    (WEEKLY_FOR, "week", lambda moment: moment.isocalendar()[:2]),
)
