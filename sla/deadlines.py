"""Both clocks of a ticket and the moment it may be closed: a pure function of terms, events and now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sla.calendar import EPOCH, WorkCalendar, seconds_of
from sla.clock import ClockResult, Event, Trace, reckon, result, trace
from sla.targets import Subject
from sla.vocabulary import ClockKind, EventKind, TicketStatus


@dataclass(frozen=True, slots=True)
class Verdict:
    """`auto_close_at` is when the vendor may close for want of an answer; None where it may not."""

    response: ClockResult
    resolution: ClockResult
    auto_close_at: datetime | None

    def of(self, kind: ClockKind) -> ClockResult:
        return self.response if kind is ClockKind.RESPONSE else self.resolution


def judge(subject: Subject, events: Sequence[Event], now: datetime) -> Verdict:
    """The ticket at `now`; events after that are left out. Fractions of seconds are dropped."""
    known = in_order(events, now)
    at = seconds_of(now)
    response = trace(subject, ClockKind.RESPONSE, known)
    resolution = trace(subject, ClockKind.RESOLUTION, known)
    return Verdict(
        response=result(response, at),
        resolution=result(resolution, at, projection(response) if resolution.start is None else None),
        auto_close_at=_auto_close_at(subject, known),
    )


def in_order(events: Sequence[Event], now: datetime) -> tuple[Event, ...]:
    """The events up to `now` in order of time; those of one instant stay in the order given."""
    last = now - EPOCH  # two readings of one zone would be compared as readings, and not as instants
    known = [event for event in events if event.at - EPOCH <= last] if events else []
    return tuple(sorted(known, key=_since_epoch) if len(known) > 1 else known)


def _since_epoch(event: Event) -> timedelta:
    return event.at - EPOCH


def projection(response: Trace) -> int | None:
    """The moment that a handling clock is projected from while there is no response."""
    return reckon(response).due if response.applicable else None


def elapsed_seconds(clock: ClockResult, calendar: WorkCalendar | None, now: datetime) -> int:
    """Counted working time at `now`, of a result or of the columns that it was stored in."""
    if clock.running_since is None or calendar is None:
        return clock.used_seconds
    return clock.used_seconds + calendar.elapsed(clock.running_since, now)


def _auto_close_at(subject: Subject, events: tuple[Event, ...]) -> datetime | None:
    rule = subject.policy.auto_close
    if rule is None:
        return None
    status, since, answered = TicketStatus.NEW, subject.registered_at, False
    for event in events:
        if event.kind is EventKind.REACTION:
            answered = True
        elif isinstance(event.value, TicketStatus) and event.value is not status:
            status, since, answered = event.value, event.at, False
    if status is not rule.status or answered:
        return None
    return subject.policy.support_hours(subject.tier).calendar.end_of_working_days(since, rule.working_days)
