"""The terms that hold for one clock of one ticket: target, calendar, comparison, and where they come from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sla import messages
from sla.agreement import Policy
from sla.calendar import WorkCalendar
from sla.errors import OverrideWithoutReference
from sla.registration import Registration
from sla.scope import coverage
from sla.terms import Amount, Clause, Target
from sla.vocabulary import ClockKind, Text


@dataclass(frozen=True, slots=True)
class Override:
    """A written agreement beside the policy: another target for a clock, for one priority or for all.

    Raises OverrideWithoutReference when no document is named (QX-005).
    """

    clock: ClockKind
    amount: Amount | None
    reference: str
    priority: str | None = None

    def __post_init__(self) -> None:
        if not self.reference.strip():
            raise OverrideWithoutReference("name the document that it was agreed in")


@dataclass(frozen=True, slots=True)
class Subject:
    """A ticket under the terms that held when it was registered."""

    policy: Policy
    tier: str | None
    registration: Registration
    registered_at: datetime
    overrides: tuple[Override, ...] = ()


@dataclass(frozen=True, slots=True)
class Terms:
    """`seconds` None is best effort; not `applicable` is outside support, `reason` tells why."""

    applicable: bool
    seconds: int | None
    strict: bool
    calendar: WorkCalendar
    clause: Clause | None
    calendar_clause: Clause | None = None
    reason: Text | None = None


def terms_of(subject: Subject, kind: ClockKind, registration: Registration) -> Terms:
    """What the agreement promises for this clock of a ticket that is classified like this."""
    policy = subject.policy
    cover = coverage(policy, registration.facts)
    tier = cover.tier or policy.tier(subject.tier).key
    usual = policy.support_hours(tier)
    if not (cover.covered and cover.clocks):
        reason = cover.reason or messages.NO_CLOCK
        return Terms(False, None, False, usual.calendar, cover.clause, usual.clause, reason)
    if cover.best_effort:
        return Terms(True, None, False, usual.calendar, cover.clause, usual.clause)
    target = _target(policy, kind, tier, registration)
    if target is None:
        return Terms(True, None, False, usual.calendar, cover.clause, usual.clause)
    hours = policy.hours[target.calendar] if target.calendar else usual
    amount = _agreed(subject, kind, registration, target)
    return Terms(
        applicable=True,
        seconds=None if amount is None else amount.seconds(hours.calendar),
        strict=target.strict,
        calendar=hours.calendar,
        clause=target.clause,
        calendar_clause=hours.clause,
    )


def calendar_of(subject: Subject, kind: ClockKind, registration: Registration) -> WorkCalendar | None:
    """The calendar that the clock runs on; None where it does not apply."""
    terms = terms_of(subject, kind, registration)
    return terms.calendar if terms.applicable else None


def _target(policy: Policy, kind: ClockKind, tier: str, registration: Registration) -> Target | None:
    for target in policy.targets:
        if (
            target.clock is kind
            and target.priority in {None, registration.priority}
            and (not target.tiers or tier in target.tiers)
            and (not target.types or registration.type in target.types)
            and (not target.channels or registration.channel in target.channels)
        ):
            return target
    return None


def _agreed(subject: Subject, kind: ClockKind, registration: Registration, target: Target) -> Amount | None:
    for override in subject.overrides:
        if override.clock is kind and override.priority in {None, registration.priority}:
            return override.amount
    return target.amount
