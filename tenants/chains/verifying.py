"""Works a chain out again and names the first place where it is broken."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, Table, func, select

from tenants.chains.form import FIRST, seal_of, told
from tenants.databases.scopes import Reader

PAGE = 1_000
SEALED_WITHIN = timedelta(minutes=1)
"""A row that waits longer for its seal is reported: the worker seals within seconds."""

Show = Callable[[int, int], None]
"""Is told how many rows are looked at, and of how many."""


class Breach(StrEnum):
    """What is wrong at a place of a chain."""

    CHANGED_ROW = "CHANGED_ROW"
    FORGED_SEAL = "FORGED_SEAL"
    MISSING_ROW = "MISSING_ROW"
    NO_SUCH_PLACE = "NO_SUCH_PLACE"
    OTHER_THAN_KEPT = "OTHER_THAN_KEPT"


@dataclass(frozen=True, slots=True)
class Broken:
    """The first place where a chain does not hold: the number that the row there has, or should have."""

    breach: Breach
    sequence: int
    entry_id: str | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """The newest seal. Whoever keeps it can tell later that nothing up to there was changed, not even all of it."""

    sequence: int
    seal: str


@dataclass(frozen=True, slots=True)
class Verified:
    """`rows` that were looked at; `unsealed` have waited for longer than `SEALED_WITHIN`."""

    rows: int
    head: Head | None
    broken: Broken | None
    unsealed: int = 0

    @property
    def holds(self) -> bool:
        return self.broken is None and self.unsealed == 0


@dataclass(frozen=True, slots=True)
class _Suspect:
    """A row whose seal is not what follows from it. The row after it tells which of the two was changed."""

    sequence: int
    entry_id: str | None
    stored: str
    derived: str


class Check:
    """Takes the rows of a chain one by one, as `form.told` gives them, each with its stored seal."""

    def __init__(self, kept: Head | None = None) -> None:
        self.rows = 0
        self._seal = FIRST
        self._kept = kept
        self._broken: Broken | None = None
        self._suspect: _Suspect | None = None

    @property
    def over(self) -> bool:
        """Whether more rows can change nothing."""
        return self._broken is not None

    def take(self, values: Mapping[str, object], stored: str) -> None:
        if self._broken:
            return
        sequence = values["sequence"]
        if isinstance(sequence, int) and sequence < 1:
            self._broken = Broken(Breach.NO_SUCH_PLACE, sequence, str(values["id"]))
            return
        if self._suspect:
            self._judge(self._suspect, values, stored)
            return
        if values["sequence"] != self.rows + 1:
            self._broken = Broken(Breach.MISSING_ROW, self.rows + 1)
            return
        self.rows += 1
        derived, entry_id = seal_of(self._seal, values), str(values["id"])
        self._seal = stored
        if stored != derived:
            self._suspect = _Suspect(self.rows, entry_id, stored, derived)
        elif self._kept and self._kept.sequence == self.rows and self._kept.seal != stored:
            self._broken = Broken(Breach.OTHER_THAN_KEPT, self.rows, entry_id)

    def unreadable(self) -> None:
        """The next row is there, and cannot be read as one."""
        if not self._broken and not self._suspect:
            self._broken = Broken(Breach.CHANGED_ROW, self.rows + 1)

    def done(self, unsealed: int = 0) -> Verified:
        """What was found, after the last row."""
        broken = self._broken
        if broken is None and self._suspect:
            broken = Broken(Breach.CHANGED_ROW, self._suspect.sequence, self._suspect.entry_id)
        if broken is None and self._kept and self._kept.sequence > self.rows:
            broken = Broken(Breach.MISSING_ROW, self.rows + 1)
        head = Head(self.rows, self._seal) if self.rows and broken is None else None
        return Verified(self.rows, head, broken, unsealed)

    def _judge(self, suspect: _Suspect, following: Mapping[str, object], stored: str) -> None:
        forged = seal_of(suspect.derived, following) == stored
        breach = Breach.FORGED_SEAL if forged else Breach.CHANGED_ROW
        self._broken = Broken(breach, suspect.sequence, suspect.entry_id)


async def verify_log(
    reader: Reader, log: Table, now: datetime, show: Show, kept: Head | None = None
) -> Verified:
    """Looks at every sealed row of an audit log in turn, and counts those that wait for their seal too long."""
    check, total = Check(kept), await _newest(reader, log)
    show(0, total)
    async for rows in pages(reader, log):
        for row in rows:
            if row is None:
                check.unreadable()
            else:
                check.take(told(row._mapping), str(row.seal))  # noqa: SLF001  # the documented way to a row's names
        show(min(check.rows, total), total)
        if check.over:
            break
    late = select(func.count()).where(log.c.sequence.is_(None), log.c.at < now - SEALED_WITHIN)
    return check.done(unsealed=int(await reader.scalar(late)))


async def pages(reader: Reader, log: Table) -> AsyncIterator[Sequence[Row[Any] | None]]:
    """The sealed rows in their order, `PAGE` at a time. One that cannot be read is None, and ends them.

    They begin with the lowest number there is: what somebody put before the first entry is seen as well.
    """
    following, size = log.c.sequence.is_not(None), PAGE
    while True:
        try:
            rows = await reader.rows(select(log).where(following).order_by(log.c.sequence).limit(size))
        except (TypeError, ValueError):
            if size == 1:
                yield (None,)
                return
            size = 1
            continue
        if not rows:
            return
        yield rows
        following = log.c.sequence > rows[-1].sequence


async def head_of(reader: Reader, log: Table) -> Head | None:
    """The newest seal as it is stored; None where nothing is sealed yet."""
    sealed = select(log.c.sequence, log.c.seal).where(log.c.sequence.is_not(None))
    row = await reader.first(sealed.order_by(log.c.sequence.desc()).limit(1))
    return Head(row.sequence, row.seal) if row else None


async def _newest(reader: Reader, log: Table) -> int:
    head = await head_of(reader, log)
    return head.sequence if head else 0
