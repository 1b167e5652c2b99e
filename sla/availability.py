"""How much of a month a service was there, and how a single interruption is judged. Always in real time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from itertools import pairwise

from sla.agreement import Policy
from sla.calendar import instant_of, seconds_of
from sla.errors import TermMissing
from sla.maintenance import notice_given
from sla.segments import joined
from sla.service_terms import AvailabilityTerms, ContinuityLimit, Exclusion, OutageScope
from sla.terms import Clause
from sla.vocabulary import ClockState
from sla.zones import first_second

FOURTH = Decimal("0.0001")
MINUTE = 60


@dataclass(frozen=True, slots=True)
class Outage:
    """An interruption as it was measured; a `cause` that the agreement excludes takes all of it out."""

    start: datetime
    end: datetime
    scope: OutageScope = OutageScope.FULL
    cause: Exclusion | None = None


@dataclass(frozen=True, slots=True)
class ExcludedTime:
    """Time that may not count, and why. Planned maintenance excludes only with the notice that was agreed;
    `announced_at` None takes that for given.
    """

    start: datetime
    end: datetime
    reason: Exclusion
    announced_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of an outage: counted, or not and why."""

    start: datetime
    end: datetime
    counted: bool
    reason: Exclusion | None
    clause: Clause


@dataclass(frozen=True, slots=True)
class MonthAvailability:
    """`percent` is rounded half up to 4 decimals, but never up to a target that was missed."""

    total_seconds: int
    downtime_seconds: int
    percent: Decimal
    target: Decimal
    met: bool
    stretches: tuple[Stretch, ...]
    clause: Clause


def month_availability(
    policy: Policy, month: date, outages: Sequence[Outage], exclusions: Sequence[ExcludedTime] = ()
) -> MonthAvailability:
    """The availability of the calendar month, in the zone of the agreement; excluded time stays in the total.

    Outages that touch or overlap are one, and the least duration is held against the whole of it, before
    anything is cut off. Raises TermMissing when the agreement promises no availability.
    """
    terms = _terms(policy)
    first = first_second(policy.zone, month.replace(day=1).toordinal())
    last = first_second(policy.zone, _next_month(month).toordinal())
    raw = _joined((o.start, o.end) for o in outages if o.scope in terms.scopes)
    long_enough = [(start, end) for start, end in raw if end - start >= terms.least_minutes * MINUTE]
    excluded = list(_excluded(policy, terms, outages, exclusions))
    stretches = tuple(
        stretch
        for start, end in long_enough
        if max(start, first) < min(end, last)
        for stretch in _stretches(terms, max(start, first), min(end, last), excluded)
    )
    down = sum(int((s.end - s.start).total_seconds()) for s in stretches if s.counted)
    total = last - first
    share = Decimal(100) * (total - down) / total
    met = share >= terms.target
    percent = share.quantize(FOURTH, ROUND_HALF_UP)
    if not met and percent >= terms.target:
        percent = share.quantize(FOURTH, ROUND_DOWN)
    return MonthAvailability(total, down, percent, terms.target, met, stretches, terms.clause)


def continuity(limit: ContinuityLimit, lost_seconds: int, cause: Exclusion | None = None) -> ClockState:
    """How a loss of data or of service is judged: MET only strictly below the limit (OX-028, OX-029).

    NOT_APPLICABLE when the cause is an exception of the agreement (OX-030).
    """
    if cause in limit.exceptions:
        return ClockState.NOT_APPLICABLE
    return ClockState.MET if lost_seconds < limit.minutes * MINUTE else ClockState.MISSED


def _terms(policy: Policy) -> AvailabilityTerms:
    if policy.service.availability is None:
        raise TermMissing(policy.key, "availability")
    return policy.service.availability


def _next_month(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _joined(spans: Iterable[tuple[datetime, datetime]]) -> list[tuple[int, int]]:
    return list(
        zip(*joined(sorted((seconds_of(start), seconds_of(end)) for start, end in spans)), strict=True)
    )


def _excluded(
    policy: Policy, terms: AvailabilityTerms, outages: Sequence[Outage], exclusions: Sequence[ExcludedTime]
) -> Iterable[tuple[int, int, Exclusion]]:
    for each in exclusions:
        late = each.announced_at is not None and not notice_given(policy, each.announced_at, each.start)
        if each.reason in terms.exclusions and not (each.reason is Exclusion.PLANNED_MAINTENANCE and late):
            yield seconds_of(each.start), seconds_of(each.end), each.reason
    for outage in outages:
        if outage.cause in terms.exclusions and outage.cause is not None:
            yield seconds_of(outage.start), seconds_of(outage.end), outage.cause


def _stretches(
    terms: AvailabilityTerms, start: int, end: int, excluded: Sequence[tuple[int, int, Exclusion]]
) -> Iterable[Stretch]:
    """The outage cut where an exclusion begins or ends; of two reasons the first that was given tells."""
    cuts = {start, end, *(cut for begin, until, _ in excluded for cut in (begin, until) if start < cut < end)}
    edges = sorted(cuts)
    for begin, until in pairwise(edges):
        reason = next((why for low, high, why in excluded if low <= begin and until <= high), None)
        clause = terms.clause if reason is None else terms.exclusions[reason]
        yield Stretch(instant_of(begin), instant_of(until), reason is None, reason, clause)
