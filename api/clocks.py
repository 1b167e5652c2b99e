"""Clocks as the API shows them, read from the columns that the rules wrote."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

import strawberry
from sqlalchemy import Row

from api.access import Access, holds
from api.enums import ClockKind, ClockState
from api.loading import Loading
from api.policies import Clause, clause_of
from api.scalars import partly, picked
from api.selection import Selection
from sla.clock import ClockResult, Event
from sla.deadlines import elapsed_seconds
from sla.explain import Step, explain
from sla.targets import Subject
from sla.vocabulary import Locale, say
from tenants.tickets import clocks


@holds(Access.SIGNED_IN)
@strawberry.type
class ClockStep:
    from_: datetime = strawberry.field(name="from")
    to: datetime
    counted: timedelta
    reason: str
    clause: Clause | None


@holds(Access.SIGNED_IN)
@strawberry.type
class SlaClock:
    state: ClockState
    target: timedelta | None = strawberry.field(description="The working time allowed; null is best effort.")
    due_at: datetime | None = strawberry.field(
        description="When it is due if nothing changes; null while paused, and where there is no target."
    )
    started_at: datetime | None
    stopped_at: datetime | None
    breached_at: datetime | None
    projected: bool = strawberry.field(
        description="The clock has not begun: `dueAt` supposes that the response comes when it is due."
    )
    elapsed: timedelta = strawberry.field(description="Counted working time.")
    remaining: timedelta | None = strawberry.field(description="target - elapsed; negative when late.")
    explanation: list[ClockStep] = strawberry.field(
        description="The working hours that counted, day by day, and the clauses that say so."
    )


PLAIN = {
    "state": "state",
    "dueAt": "due_at",
    "startedAt": "started_at",
    "stoppedAt": "stopped_at",
}
NEEDED = {
    "state": ("state",),
    "dueAt": ("due_at",),
    "startedAt": ("started_at",),
    "stoppedAt": ("stopped_at",),
    "target": ("target_seconds",),
    "breachedAt": clocks.CLOCK_FIELDS,
    "projected": ("state", "started_at"),
    "elapsed": clocks.CLOCK_FIELDS,
    "remaining": clocks.CLOCK_FIELDS,
    "explanation": clocks.CLOCK_FIELDS,
}
COUNTED = frozenset({"elapsed", "remaining"})


def clock_columns(name: str, asked: Iterable[str]) -> set[str]:
    """The ticket's columns that these fields of its clock `name` (response or resolution) are made of."""
    fields = set(asked)
    columns = {f"{name}_{column}" for field in fields for column in NEEDED.get(field, ())}
    if fields & COUNTED or "explanation" in fields:
        columns |= set(clocks.FACT_FIELDS)
    return columns


def clock_reader(
    name: str, first: Row[Any], selection: Selection, loading: Loading, events: dict[Any, list[Any]]
) -> Callable[[Any], SlaClock]:
    """Makes the clock of one ticket row after another, with only the fields that were asked for.

    `first` is one of the rows; `events` are those of each ticket, needed for explanations only.
    """
    asked = {field.name for field in selection.fields()}
    take = picked(first, {PLAIN[field]: f"{name}_{PLAIN[field]}" for field in asked & PLAIN.keys()})
    derived = asked - PLAIN.keys()
    kind = ClockKind[name.upper()]

    def read(row: Any) -> SlaClock:
        values = take(row)
        if derived:
            values |= _derived(name, kind, derived, row, loading, events)
        return partly(SlaClock, values)

    return read


def _derived(
    name: str, kind: ClockKind, asked: set[str], row: Any, loading: Loading, events: dict[Any, list[Any]]
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if "target" in asked:
        values["target"] = _duration(getattr(row, f"{name}_target_seconds"))
    if "projected" in asked:
        started = getattr(row, f"{name}_started_at")
        values["projected"] = getattr(row, f"{name}_state") == ClockState.RUNNING and started is None
    if not asked - {"target", "projected", "__typename"}:
        return values
    clock = clocks.stored_clock(row, name)
    values["breached_at"] = clocks.breach_of(clock, loading.now)
    if asked & COUNTED:
        calendar = clocks.calendar_of(loading.library, row, kind) if clock.running_since else None
        values |= _counted(clock, elapsed_seconds(clock, calendar, loading.now))
    if "explanation" in asked:
        subject, told, _ = clocks.case_of(loading.library, row, events[row.id])
        values["explanation"] = explanation_of(subject, told, loading, kind)
    return values


def explanation_of(
    subject: Subject, events: list[Event], loading: Loading, kind: ClockKind
) -> list[ClockStep]:
    return steps_of(explain(subject, events, loading.now, kind), loading.locale)


def _counted(clock: ClockResult, elapsed: int) -> dict[str, Any]:
    target = clock.target_seconds
    return {
        "elapsed": _duration(elapsed),
        "remaining": _duration(None if target is None else target - elapsed),
    }


def _duration(seconds: int | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)


def steps_of(steps: Iterable[Step], locale: Locale) -> list[ClockStep]:
    return [
        ClockStep(
            from_=step.start,
            to=step.end,
            counted=timedelta(seconds=step.counted_seconds),
            reason=say(step.reason, locale),
            clause=clause_of(step.clause, locale) if step.clause else None,
        )
        for step in steps
    ]


def clock_of(result: ClockResult, elapsed: int, steps: Iterable[Step], locale: Locale) -> SlaClock:
    """A clock that was just judged, whole."""
    counted = _counted(result, elapsed)
    return SlaClock(
        state=result.state,
        target=_duration(result.target_seconds),
        due_at=result.due_at,
        started_at=result.started_at,
        stopped_at=result.stopped_at,
        breached_at=result.breached_at,
        projected=result.projected,
        elapsed=counted["elapsed"],
        remaining=counted["remaining"],
        explanation=steps_of(steps, locale),
    )
