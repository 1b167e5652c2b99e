"""The rules as ratios: working time against one bisection, against another library, and lines against their JSON."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
import time
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from datetime import time as reading
from itertools import product
from pathlib import Path

import businesstimedelta
import pytz

from sla.calendar import WorkCalendar, instant_of
from sla.holidays import dutch
from sla.segments import Segments
from sla.tables import lay_out
from sla.week import week_of

ZONE = "Europe/Amsterdam"
WEEK = week_of({"mon-fri": [("09:00", "17:00")]})
LONG, SHORT = (2010, 2050), (2024, 2028)
FIRST, LAST = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) for year in (2024, 2028))
DAY = 86_400
COUNT, SLOW_COUNT = 20_000, 150
ROUNDS = 7
LINES = 100_000
ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Ratio:
    """A figure and its bound; `at_most` false asks for at least that much."""

    what: str
    value: float
    bound: float
    at_most: bool = True

    @property
    def holds(self) -> bool:
        return self.value <= self.bound if self.at_most else self.value >= self.bound


class AnswersDiffer(RuntimeError):
    """The two do not reckon the same: the comparison would mean nothing."""


def rule_ratios(say: Callable[[str], None], *, lines: int = LINES) -> list[Ratio]:
    """All of them, each measured in turns with what it is held against; the best turn counts."""
    chance = random.Random(20260301)
    calendar = WorkCalendar(ZONE, WEEK, dutch())
    table = calendar.segments(FIRST, LAST)
    starts = [chance.randrange(FIRST, LAST - 30 * DAY) for _ in range(COUNT)]
    seconds = [chance.randrange(1, 80 * 3600) for _ in starts]
    ends = [start + chance.randrange(0, 20 * DAY) for start in starts]
    say("working time on integers and on instants")
    found = _integers(table, starts, seconds, ends)
    found += _instants(calendar, starts, seconds, ends)
    say("another library")
    found += _elsewhere(calendar, starts[:SLOW_COUNT], seconds[:SLOW_COUNT], ends[:SLOW_COUNT])
    say("tables of 5 and of 41 years")
    found += _tables(table, starts, seconds)
    say(f"slaportal sla due on {lines:,} lines")
    return [*found, _due(lines)]


def _bare(table: Segments, starts: Sequence[int]) -> Callable[[], None]:
    edges = table._starts  # noqa: SLF001 # the same list that the engine searches

    def run() -> None:
        for start in starts:
            bisect_right(edges, start)

    return run


def _integers(
    table: Segments, starts: Sequence[int], seconds: Sequence[int], ends: Sequence[int]
) -> list[Ratio]:
    def add() -> None:
        reckon = table.add
        for start, amount in zip(starts, seconds, strict=True):
            reckon(start, amount)

    def elapsed() -> None:
        reckon = table.elapsed
        for start, end in zip(starts, ends, strict=True):
            reckon(start, end)

    bare, adding, measuring = _in_turns(_bare(table, starts), add, elapsed)
    return [
        Ratio("add on integers / one bisect_right", adding / bare, 4.5),
        Ratio("elapsed on integers / one bisect_right", measuring / bare, 4.5),
    ]


def _instants(
    calendar: WorkCalendar, starts: Sequence[int], seconds: Sequence[int], ends: Sequence[int]
) -> list[Ratio]:
    begin, until = ([instant_of(at) for at in instants] for instants in (starts, ends))

    def add() -> None:
        for start, amount in zip(begin, seconds, strict=True):
            calendar.add(start, amount)

    def elapsed() -> None:
        for start, end in zip(begin, until, strict=True):
            calendar.elapsed(start, end)

    bare, adding, measuring = _in_turns(_bare(calendar.segments(FIRST, LAST), starts), add, elapsed)
    return [
        Ratio("add on aware datetimes / one bisect_right", adding / bare, 12),
        Ratio("elapsed on aware datetimes / one bisect_right", measuring / bare, 12),
    ]


def _elsewhere(
    calendar: WorkCalendar, starts: Sequence[int], seconds: Sequence[int], ends: Sequence[int]
) -> list[Ratio]:
    rules = _their_rules()
    begin, until = ([instant_of(at) for at in instants] for instants in (starts, ends))
    work = [businesstimedelta.BusinessTimeDelta(rules, seconds=amount) for amount in seconds]

    def ours() -> None:
        for start, end, amount in zip(begin, until, seconds, strict=True):
            calendar.elapsed(start, end)
            calendar.add(start, amount)

    def theirs() -> None:
        for start, end, amount in zip(begin, until, work, strict=True):
            rules.difference(start, end)
            start + amount  # the library's way to add

    for start, end, amount, delta in zip(begin, until, seconds, work, strict=True):
        told = rules.difference(start, end).timedelta.total_seconds(), (start + delta).astimezone(UTC)
        if told != (calendar.elapsed(start, end), calendar.add(start, amount)):
            raise AnswersDiffer(start, end, amount, told)
    slow, fast = _in_turns(theirs, ours, rounds=3)
    return [Ratio("times faster than businesstimedelta", slow / fast, 300, at_most=False)]


def _their_rules() -> businesstimedelta.Rules:
    zone = pytz.timezone(ZONE)
    hours = businesstimedelta.WorkDayRule(
        start_time=reading(9), end_time=reading(17), working_days=[0, 1, 2, 3, 4], tz=zone
    )
    free = {day for year in range(2023, 2030) for day in dutch().in_year(year)}
    return businesstimedelta.Rules([hours, businesstimedelta.HolidayRule(free, tz=zone)])


def _tables(table: Segments, starts: Sequence[int], seconds: Sequence[int]) -> list[Ratio]:
    free = {day.toordinal() for year in range(2008, 2053) for day in dutch().in_year(year)}
    short = lay_out(ZONE, WEEK, free, SHORT).segments

    def on(segments: Segments) -> Callable[[], None]:
        def run() -> None:
            for start, amount in zip(starts, seconds, strict=True):
                segments.add(start, amount)

        return run

    def build() -> None:
        WorkCalendar(ZONE, WEEK, dutch()).segments(FIRST, FIRST)

    five, forty_one = _in_turns(on(short), on(table))
    bare, building = _in_turns(_bare(table, starts), build)
    years = LONG[1] - LONG[0] + 1
    return [
        Ratio("a table of 41 years / one of 5 years", forty_one / five, 1.5),
        Ratio(f"building {years} years / one bisect_right", building / (bare / len(starts)), 200_000),
    ]


def _due(count: int) -> Ratio:
    """The command from its start to its last line, against reading and writing the same lines."""
    with tempfile.TemporaryDirectory(prefix="slaportal-bench-") as folder:
        file = Path(folder) / "lines.jsonl"
        file.write_text("".join(f"{line}\n" for line in due_lines(count)), "utf-8")
        lines = file.read_text("utf-8").splitlines()
        bare, whole = [], []
        for _ in range(2):
            begin = time.perf_counter()
            for line in lines:
                json.dumps(json.loads(line))
            bare.append(time.perf_counter() - begin)
            whole.append(_command(file))
    return Ratio("slaportal sla due / json.loads + json.dumps of its lines", min(whole) / min(bare), 12)


def _command(file: Path) -> float:
    program = "from cli.main import main; main()"
    begin = time.perf_counter()
    with file.open("rb") as given:
        subprocess.run(  # noqa: S603 # our own interpreter and program
            [sys.executable, "-c", program, "sla", "due"],
            stdin=given,
            stdout=subprocess.DEVNULL,
            cwd=ROOT,
            check=True,
        )
    return time.perf_counter() - begin


def due_lines(count: int) -> list[str]:
    """Tickets of all agreements: half of them answered, some with a few changes of status."""
    chance = random.Random(7)
    kinds = [
        *product(["qixium"], ["SUPPORT", "QAAS"], ["QUESTION", "INCIDENT", "BUG"], ["HIGH", "NORMAL", "LOW"]),
        *product(["oxygis"], [None], ["INCIDENT"], ["CRITICAL", "MAJOR", "MINOR"]),
        *product(["open2bizz"], [None], ["INCIDENT"], ["P1", "P2", "P3", "P4"]),
        *product(["s4m-support"], ["DEFAULT", "EXTENDED"], ["INCIDENT", "CHANGE"], ["HIGH", "NORMAL", "LOW"]),
    ]
    return [json.dumps(_line(chance, number, *chance.choice(kinds))) for number in range(count)]


def _line(
    chance: random.Random, number: int, policy: str, tier: str | None, type: str, priority: str
) -> dict[str, object]:
    at = instant_of(chance.randrange(FIRST, LAST))
    events: list[dict[str, str]] = []
    for status in ("IN_PROGRESS", "WAITING_FOR_CUSTOMER", "IN_PROGRESS")[: chance.choice((0, 0, 0, 1, 2, 3))]:
        moment = at + timedelta(minutes=(len(events) + 1) * chance.randrange(30, 3000))
        events.append({"at": moment.isoformat(), "status": status})
    answered = at + timedelta(minutes=chance.randrange(600)) if chance.random() < 0.5 else None
    return {
        "id": f"T{number}",
        "policy": policy,
        "tier": tier,
        "type": type,
        "priority": priority,
        "environment": "PRODUCTION",
        "channel": "PORTAL",
        "registered_at": at.isoformat(),
        "first_response_at": answered.isoformat() if answered else None,
        "events": sorted(events, key=lambda event: event["at"]),
    }


def _in_turns(*runs: Callable[[], None], rounds: int = ROUNDS) -> list[float]:
    """The best time of each, measured A B A B."""
    best = [float("inf")] * len(runs)
    for _ in range(rounds):
        for number, run in enumerate(runs):
            begin = time.perf_counter()
            run()
            best[number] = min(best[number], time.perf_counter() - begin)
    return best
