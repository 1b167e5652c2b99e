"""When a ticket is due: both clocks, and the moment from which the vendor may close it."""

from __future__ import annotations

from typing import ClassVar

from cli.calculators.moments import told
from cli.calculators.tickets import FIELDS, Case, TicketReader
from cli.calculators.values import Answer, Line
from sla.clock import ClockResult
from sla.deadlines import elapsed_seconds, judge
from sla.policy import Library
from sla.targets import calendar_of
from sla.vocabulary import ClockKind


class DueCalculator:
    """`{id, policy, tier, type, registered_at, ...}` -> `{id, priority, response, resolution, auto_close_at}`."""

    columns: ClassVar[tuple[str, ...]] = (
        "id",
        "priority",
        "response.due_at",
        "response.state",
        "resolution.due_at",
        "resolution.state",
        "auto_close_at",
        "error",
    )

    fields: ClassVar[frozenset[str]] = FIELDS

    def __init__(self, library: Library) -> None:
        self._read = TicketReader(library)

    def __call__(self, line: Line) -> Answer:
        case = self._read(line)
        verdict = judge(case.subject, case.events, case.now)
        return {
            "priority": case.registration.priority,
            "response": _clock(case, verdict.response, ClockKind.RESPONSE),
            "resolution": _clock(case, verdict.resolution, ClockKind.RESOLUTION),
            "auto_close_at": told(verdict.auto_close_at, case.subject.policy.zone),
        }


def _clock(case: Case, clock: ClockResult, kind: ClockKind) -> Answer:
    zone = case.subject.policy.zone
    return {
        "due_at": told(clock.due_at, zone),
        "target_seconds": clock.target_seconds,
        "state": clock.state,
        "used_seconds": _used(case, clock, kind),
        "breached_at": told(clock.breached_at, zone),
    }


def _used(case: Case, clock: ClockResult, kind: ClockKind) -> int:
    if clock.running_since is None:
        return clock.used_seconds
    calendar = calendar_of(case.subject, kind, case.registration)
    return elapsed_seconds(clock, calendar, case.now)
