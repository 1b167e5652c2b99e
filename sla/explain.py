"""Why a clock is due when it is: every stretch that counted or did not, with its reason and clause."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sla import messages
from sla.calendar import instant_of, seconds_of
from sla.clock import Event, Phase, Trace, result, trace
from sla.deadlines import in_order, projection
from sla.spans import Hours, Span, spans
from sla.targets import Subject
from sla.terms import Clause, Statuses
from sla.vocabulary import ClockKind, ClockState, Text, TicketStatus, fill


@dataclass(frozen=True, slots=True)
class Step:
    """`[start, end)` and the working seconds in it that counted."""

    start: datetime
    end: datetime
    counted_seconds: int
    reason: Text
    clause: Clause | None


WAITS = {
    TicketStatus.WAITING_FOR_CUSTOMER: messages.WAITING_FOR_CUSTOMER,
    TicketStatus.WAITING_FOR_DEVELOPMENT: messages.WAITING_FOR_DEVELOPMENT,
    TicketStatus.CLOSED: messages.CLOSED,
}

CLOSED_HOURS = {Hours.OUTSIDE: messages.OUTSIDE_HOURS, Hours.WEEKEND: messages.WEEKEND}


def explain(subject: Subject, events: Sequence[Event], now: datetime, kind: ClockKind) -> tuple[Step, ...]:
    """The steps from registration up to the stop, else the due moment, else `now`.

    A clock that does not apply has one step that tells why. The counted seconds of a running clock add up to
    its target, those of a stopped one to what was used.
    """
    known = in_order(events, now)
    clock = trace(subject, kind, known)
    projected = projection(trace(subject, ClockKind.RESPONSE, known)) if clock.start is None else None
    verdict = result(clock, seconds_of(now), projected)
    if verdict.state is ClockState.NOT_APPLICABLE:
        return (_not_applicable(subject, clock, verdict.stopped_at or now),)
    until = verdict.stopped_at or verdict.due_at or now
    return tuple(_steps(subject, clock, seconds_of(until), projected))


def _steps(subject: Subject, clock: Trace, until: int, projected: int | None) -> Iterator[Step]:
    begin = clock.start if clock.start is not None else projected
    registered = seconds_of(subject.registered_at)
    if begin is None or begin > registered:
        yield _before(subject, clock, registered, until if begin is None else min(begin, until))
    phases = clock.phases
    if clock.start is None and projected is not None:
        phases = [Phase(projected, None, counts=True, status=clock.status)]
    for phase in phases:
        end = until if phase.end is None else min(phase.end, until)
        if phase.start >= end:
            continue
        if phase.counts:
            yield from (_span(clock, span) for span in spans(clock.terms.calendar, phase.start, end))
        else:
            clause = _waiting_clause(subject.policy.statuses, phase.status)
            yield _step(phase.start, end, 0, WAITS.get(phase.status, messages.PAUSED), clause)


def _before(subject: Subject, clock: Trace, registered: int, begin: int) -> Step:
    if subject.policy.starts_at_response(clock.kind):
        return _step(registered, begin, 0, messages.BEFORE_RESPONSE, subject.policy.clocks.handling)
    rule = subject.policy.channel_rule(subject.registration.channel)
    return _step(registered, begin, 0, messages.BEFORE_START, rule.start_clause if rule else None)


def _span(clock: Trace, span: Span) -> Step:
    if span.hours is Hours.OPEN:
        agreed = clock.terms.agreed
        reason = messages.COUNTED if agreed is None else fill(messages.COUNTED_AGREED, reference=agreed)
        return _step(span.start, span.end, span.end - span.start, reason, clock.terms.clause)
    reason = CLOSED_HOURS.get(span.hours) or _day_off(span.name or {})
    return _step(span.start, span.end, 0, reason, clock.terms.calendar_clause)


def _waiting_clause(statuses: Statuses, status: TicketStatus) -> Clause | None:
    own = statuses.clauses.get(status, statuses.clause)
    return own if status is TicketStatus.CLOSED else statuses.pause_clause or own


def _day_off(names: Text) -> Text:
    return {locale: words.format(name=names.get(locale, "")) for locale, words in messages.DAY_OFF.items()}


def _not_applicable(subject: Subject, clock: Trace, end: datetime) -> Step:
    if clock.excuse is not None:
        reason, clause = fill(messages.EXCUSED, reason=clock.excuse), subject.policy.clocks.excuse
    elif clock.withdrawn and clock.applicable:
        reason, clause = messages.WITHDRAWN, subject.policy.statuses.clause
    else:
        reason, clause = clock.terms.reason or messages.NO_CLOCK, clock.terms.clause
    return Step(subject.registered_at, max(end, subject.registered_at), 0, reason, clause)


def _step(start: int, end: int, counted: int, reason: Text, clause: Clause | None) -> Step:
    return Step(instant_of(start), instant_of(end), counted, reason, clause)
