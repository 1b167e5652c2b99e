"""One clock of a ticket: a pure fold of its events, and the result at a moment.

All moments inside are whole UTC seconds.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from sla.calendar import instant_of, seconds_of
from sla.registration import Registration
from sla.targets import Subject, Terms, terms_of
from sla.terms import ClockStart
from sla.vocabulary import ClockKind, ClockState, EventKind, TicketStatus

JUDGEMENTS = frozenset({EventKind.CLASSIFIED, EventKind.EXCUSE})
"""A stopped clock is not judged again; the last of each that came while closed holds from a reopening on."""


class Event(NamedTuple):
    """Something that happened to the ticket.

    `value` is the new status of a STATUS, the Registration of a CLASSIFIED, and False for an EXCUSE that is
    taken back; `reason` is what an excuse tells.
    """

    at: datetime
    kind: EventKind
    value: TicketStatus | Registration | bool | None = None
    reason: str | None = None


class ClockResult(NamedTuple):
    """A clock at a moment, and all that is needed to store it.

    `used_seconds` is what was counted up to `running_since`, or in all when that is None; so the elapsed time
    at any later moment is `used_seconds + calendar.elapsed(running_since, moment)`, and the clock is late
    from `due_at` on without a further event (at that very instant when `strict`, after it otherwise).
    `projected`: it has not begun, and `due_at` supposes that the response comes when it is due.
    """

    state: ClockState
    target_seconds: int | None = None
    due_at: datetime | None = None
    started_at: datetime | None = None
    stopped_at: datetime | None = None
    breached_at: datetime | None = None
    used_seconds: int = 0
    running_since: datetime | None = None
    projected: bool = False
    strict: bool = False


class Phase(NamedTuple):
    """A stretch in which the clock counts or waits; `end` None is still going on."""

    start: int
    end: int | None
    counts: bool
    status: TicketStatus

    def until(self, end: int) -> Phase:
        return Phase(self.start, end, self.counts, self.status)


@dataclass(slots=True)
class Trace:
    """What the events made of a clock: the phases since its start, and the terms that hold.

    `since` is the moment from which these terms hold; `responded` and `closed` are what stopped it.
    """

    kind: ClockKind
    terms: Terms
    since: int
    start: int | None
    phases: list[Phase]
    status: TicketStatus = TicketStatus.NEW
    excuse: str | None = None
    responded: int | None = None
    closed: int | None = None

    @property
    def applicable(self) -> bool:
        return self.terms.applicable and self.excuse is None

    @property
    def stopped(self) -> int | None:
        """When it stopped; a response clock at the response, else at closing."""
        if self.kind is ClockKind.RESPONSE and self.responded is not None:
            return self.responded
        return self.closed

    @property
    def withdrawn(self) -> bool:
        """Closed by the customer before a response: the vendor closes with a message, which is one."""
        waits_for_response = self.kind is ClockKind.RESPONSE or self.start is None
        return waits_for_response and self.closed is not None and self.responded is None


def trace(subject: Subject, kind: ClockKind, events: Iterable[Event]) -> Trace:
    """The clock after these events, which must be in order of time."""
    registered = seconds_of(subject.registered_at)
    start = None if subject.policy.starts_at_response(kind) else clock_start(subject, registered)
    phases = [] if start is None else [Phase(start, None, counts=True, status=TicketStatus.NEW)]
    clock = Trace(kind, terms_of(subject, kind, subject.registration), registered, start, phases)
    waiting: dict[EventKind, Event] = {}
    for event in events:
        if clock.closed is not None and event.kind in JUDGEMENTS:
            waiting[event.kind] = event
            continue
        _apply(subject, clock, event)
        if waiting and clock.closed is None:
            for late in waiting.values():
                _apply(subject, clock, late._replace(at=event.at))
            waiting.clear()
    return clock


def clock_start(subject: Subject, registered: int) -> int:
    """When the clocks begin: at once, or at an opening, as the channel has it (OB-044)."""
    rule = subject.policy.clock_start(subject.registration.channel)
    if rule is ClockStart.AT_ONCE:
        return registered
    calendar = subject.policy.support_hours(subject.tier).calendar
    if rule is ClockStart.NEXT_OPEN_MOMENT:
        return calendar.next_open_at(registered)
    return seconds_of(calendar.next_day_opening(instant_of(registered)))


def _apply(subject: Subject, clock: Trace, event: Event) -> None:
    at = seconds_of(event.at)
    if event.kind is EventKind.RESPONSE:
        _respond(clock, at)
    elif isinstance(event.value, TicketStatus):
        _change_status(subject, clock, event.value, at)
    elif clock.kind is ClockKind.RESPONSE and clock.responded is not None:
        return
    elif isinstance(event.value, Registration):
        _change_terms(clock, terms_of(subject, clock.kind, event.value), at)
    elif event.kind is EventKind.EXCUSE:
        before, clock.excuse = clock.excuse, None if event.value is False else (event.reason or "")
        if (before is None) is not (clock.excuse is None):
            clock.since = at


def _respond(clock: Trace, at: int) -> None:
    if clock.responded is not None or clock.closed is not None:
        return
    clock.responded = at
    if clock.kind is ClockKind.RESPONSE:
        clock.phases[-1] = clock.phases[-1].until(at)
    elif clock.start is None:
        clock.start = at
        clock.phases.append(Phase(at, None, counts=True, status=clock.status))


def _change_status(subject: Subject, clock: Trace, status: TicketStatus, at: int) -> None:
    if status is clock.status:
        return
    clock.status = status
    clock.closed = at if status is TicketStatus.CLOSED else None
    over = clock.kind is ClockKind.RESPONSE and clock.responded is not None
    if clock.start is None or over:
        return
    begins = max(at, clock.start)
    counts = status is not TicketStatus.CLOSED and status not in subject.policy.pauses(clock.kind)
    clock.phases[-1] = clock.phases[-1].until(at)
    clock.phases.append(Phase(begins, None, counts=counts, status=status))


def _change_terms(clock: Trace, terms: Terms, at: int) -> None:
    """From registration on with all pauses kept; a target that stays the same moves no breach."""
    before = clock.terms
    clock.terms = terms
    same = (terms.applicable, terms.seconds, terms.strict) == (
        before.applicable,
        before.seconds,
        before.strict,
    )
    if not same or terms.calendar is not before.calendar:
        clock.since = at


def result(clock: Trace, now: int, projected_from: int | None = None) -> ClockResult:
    """The clock at `now`; `projected_from` is the due moment of the response that it still waits for."""
    stopped, terms = clock.stopped, clock.terms
    if not clock.applicable or clock.withdrawn:
        return ClockResult(ClockState.NOT_APPLICABLE, stopped_at=_instant(stopped))
    found = reckon(clock)
    state, due, breached = ClockState.BEST_EFFORT, None, None
    projected = terms.seconds is not None and clock.start is None
    if projected:
        state, due = ClockState.RUNNING, _projected(terms, projected_from)
    elif terms.seconds is not None:
        state, due, breached = _judged(clock, found, stopped, now)
    return ClockResult(
        state,
        terms.seconds,
        due_at=_instant(due),
        started_at=_instant(clock.start),
        stopped_at=_instant(stopped),
        breached_at=_instant(breached),
        used_seconds=found.used,
        running_since=_instant(found.running_since),
        projected=projected,
        strict=terms.strict,
    )


def _projected(terms: Terms, response_due: int | None) -> int | None:
    if response_due is None or terms.seconds is None:
        return None
    return terms.calendar.add_at(response_due, terms.seconds)


class Reckoning(NamedTuple):
    """What the phases of a clock come to.

    `used` are the working seconds of those that are over, `due` the moment at which the target is or was used
    up (None while the clock waits with time left), `passed` whether one that is over went past it. `waits`: it
    waits now, or waited when it was closed.
    """

    used: int
    due: int | None
    passed: bool
    running_since: int | None
    waits: bool


def reckon(clock: Trace) -> Reckoning:
    target, calendar, strict = clock.terms.seconds, clock.terms.calendar, clock.terms.strict
    used, due, passed = 0, None, False
    running_since, waits = None, False
    for start, end, counts, status in clock.phases:
        if not counts:
            if status is not TicketStatus.CLOSED:
                waits, due = True, due if passed else None
            continue
        waits = False
        if target is not None and not passed:
            due = calendar.add_at(start, target - used)
            passed = end is not None and (due < end or (strict and due == end))
        if end is None:
            running_since = start
        else:
            used += calendar.elapsed_at(start, end)
    return Reckoning(used, due, passed, running_since, waits)


def _judged(
    clock: Trace, found: Reckoning, stopped: int | None, now: int
) -> tuple[ClockState, int | None, int | None]:
    """State, due moment as it is shown, and the moment of the breach."""
    due, passed, running = found.due, found.passed, found.running_since is not None
    if running and stopped is None and not passed and due is not None:
        passed = now >= due if clock.terms.strict else now > due
    breached = max(due, clock.since) if passed and due is not None else None
    if stopped is not None:
        state = ClockState.MISSED if passed else ClockState.MET
    else:
        state = ClockState.RUNNING if running else ClockState.PAUSED
    return state, None if found.waits else due, breached


def _instant(second: int | None) -> datetime | None:
    return None if second is None else datetime.fromtimestamp(second, UTC)
