"""One ticket explained to a person: what is due, day by day why, and the clauses that say so."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cli.calculators.texts import CLOCKS, STATES, TEXTS, WEEKDAYS
from cli.calculators.tickets import Case
from cli.calculators.values import wrong
from cli.common import plain_table
from sla.clock import ClockResult
from sla.deadlines import elapsed_seconds, judge
from sla.explain import Step, explain
from sla.policy import Clause
from sla.targets import calendar_of
from sla.vocabulary import ClockKind, Locale, say

MOST_EXPLAINED = timedelta(days=5 * 366)


def told_of(case: Case, locale: Locale) -> Group:
    """The case for a person: a head, a table for each clock, and the clauses with their texts.

    Raises LineRefused for what nobody could read: it is told day by day.
    """
    if case.now - case.subject.registered_at > MOST_EXPLAINED:
        raise wrong(
            "now", "lies more than 5 years after registered_at; give an earlier one, up to which to explain"
        )
    policy, registration = case.subject.policy, case.registration
    zone = ZoneInfo(policy.zone)
    tier = say(policy.tier(case.subject.tier).labels, locale)
    priority = policy.priority(registration.priority) if registration.priority else None
    label = say(priority.labels, locale) if priority else TEXTS["no_priority"][locale]
    at = _moment(case.subject.registered_at, zone, locale)
    parts: list[RenderableType] = [
        Text.assemble((policy.name, "bold"), f" ({policy.version.isoformat()}), {tier}"),
        Text(f"{registration.type}, {TEXTS['priority'][locale]}: {label}"),
        Text(f"{TEXTS['registered'][locale]}: {at} ({policy.zone})"),
    ]
    clauses: list[Clause] = []
    verdict = judge(case.subject, case.events, case.now)
    for kind in ClockKind:
        steps = explain(case.subject, case.events, case.now, kind)
        head = Text.assemble(
            "\n", (CLOCKS[kind][locale], "bold"), f": {STATES[verdict.of(kind).state][locale]}"
        )
        facts = (Text(f"  {line}") for line in _facts(case, verdict.of(kind), kind, zone, locale))
        parts += [head, *facts, _days(steps, zone, locale)]
        clauses += [step.clause for step in steps if step.clause]
    clauses += [clause for clause in policy.clocks.told() if clause]
    parts += [Text(), _clauses(clauses, locale)]
    if verdict.auto_close_at is not None:
        parts.append(Text(f"{TEXTS['closable'][locale]}: {_moment(verdict.auto_close_at, zone, locale)}"))
    return Group(*parts)


def _facts(case: Case, clock: ClockResult, kind: ClockKind, zone: ZoneInfo, locale: Locale) -> Iterable[str]:
    if clock.target_seconds is not None:
        yield f"{TEXTS['allowed'][locale]}: {duration(clock.target_seconds)}"
    calendar = calendar_of(case.subject, kind, case.registration)
    yield f"{TEXTS['used'][locale]}: {duration(elapsed_seconds(clock, calendar, case.now))}"
    if clock.due_at is not None:
        mark = f" ({TEXTS['projected'][locale]})" if clock.projected else ""
        yield f"{TEXTS['due'][locale]}: {_moment(clock.due_at, zone, locale)}{mark}"
    if clock.breached_at is not None:
        yield f"{TEXTS['breached'][locale]}: {_moment(clock.breached_at, zone, locale)}"


def _days(steps: Sequence[Step], zone: ZoneInfo, locale: Locale) -> Table:
    heads = (TEXTS[name][locale] for name in ("day", "from", "until", "counted", "sum", "reason", "clause"))
    table = plain_table(*heads)
    total = 0
    for day, of_day in groupby(steps, key=lambda step: step.start.astimezone(zone).date()):
        name = f"{WEEKDAYS[locale][day.weekday()]} {day.isoformat()}"
        for step in of_day:
            total += step.counted_seconds
            counts = step.counted_seconds > 0
            table.add_row(
                name,
                _clock(step.start, zone),
                _until(step, zone, locale),
                duration(step.counted_seconds) if counts else "-",
                duration(total) if counts else "",
                say(step.reason, locale),
                step.clause.key if step.clause else "",
                style=None if counts else "dim",
            )
            name = ""
        table.add_section()
    return table


def _until(step: Step, zone: ZoneInfo, locale: Locale) -> str:
    start, end = step.start.astimezone(zone), step.end.astimezone(zone)
    if start.date() == end.date():
        return _clock(step.end, zone)
    return f"{WEEKDAYS[locale][end.weekday()]} {end:%m-%d} {_clock(step.end, zone)}"


def _clauses(clauses: Iterable[Clause], locale: Locale) -> Table:
    seen = {clause.id: clause for clause in clauses}
    table = plain_table(*(TEXTS[name][locale] for name in ("clause", "section", "text")))
    table.columns[-1].no_wrap, table.columns[-1].overflow = False, "fold"
    for clause in seen.values():
        table.add_row(clause.key, clause.section, say(clause.texts, locale))
    return table


def _moment(at: datetime, zone: ZoneInfo, locale: Locale) -> str:
    local = at.astimezone(zone)
    return f"{WEEKDAYS[locale][local.weekday()]} {local:%Y-%m-%d} {_clock(at, zone)}"


def _clock(at: datetime, zone: ZoneInfo) -> str:
    """The local reading; with the offset where a reading comes twice."""
    local = at.astimezone(zone)
    reading = f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"
    other = local.replace(fold=1 - local.fold).utcoffset()
    return reading if other == local.utcoffset() else f"{reading} {local:%z}"


def duration(seconds: int) -> str:
    """Hours, minutes and seconds: never days, which differ from calendar to calendar."""
    sign, seconds = ("-" if seconds < 0 else ""), abs(seconds)
    hours, rest = divmod(seconds, 3600)
    minutes, left = divmod(rest, 60)
    told = f"{sign}{hours}:{minutes:02}"
    return f"{told}:{left:02}" if left else told
