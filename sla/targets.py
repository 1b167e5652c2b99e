"""The terms that hold for one clock of one ticket: target, calendar, comparison, and where they come from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sla import messages
from sla.agreement import Policy
from sla.calendar import WorkCalendar
from sla.registration import Registration
from sla.scope import Facts, coverage
from sla.terms import Clause, Target
from sla.vocabulary import Channel, ClockKind, Text, TicketType


@dataclass(frozen=True, slots=True)
class Subject:
    """A ticket under the terms that held when it was registered.

    `policy` is the version of then, with what was agreed apart from it (`sla.layers.policy_with`).
    """

    policy: Policy
    tier: str | None
    registration: Registration
    registered_at: datetime


@dataclass(frozen=True, slots=True)
class Terms:
    """`seconds` None is best effort; not `applicable` is outside support, `reason` tells why.

    `agreed` is the written reference of a target that was agreed apart from the policy.
    """

    applicable: bool
    seconds: int | None
    strict: bool
    calendar: WorkCalendar
    clause: Clause | None
    calendar_clause: Clause | None = None
    reason: Text | None = None
    agreed: str | None = None


def terms_of(subject: Subject, kind: ClockKind, registration: Registration) -> Terms:
    """What the agreement promises for this clock of a ticket that is classified like this."""
    return _terms(
        subject.policy,
        subject.tier,
        kind,
        registration.facts,
        registration.priority,
        registration.channel,
    )


@lru_cache(maxsize=4096)
def _terms(
    policy: Policy, tier: str | None, kind: ClockKind, facts: Facts, priority: str | None, channel: Channel
) -> Terms:
    cover = coverage(policy, facts)
    whose = cover.tier or policy.tier(tier).key
    usual = policy.support_hours(whose)
    if not (cover.covered and cover.clocks):
        reason = cover.reason or messages.NO_CLOCK
        return Terms(False, None, False, usual.calendar, cover.clause, usual.clause, reason)
    target = None if cover.best_effort else _target(policy, kind, whose, facts.type, priority, channel)
    if target is None:
        return Terms(True, None, False, usual.calendar, cover.clause, usual.clause)
    hours = policy.hours[target.calendar] if target.calendar else usual
    return Terms(
        applicable=True,
        seconds=None if target.amount is None else target.amount.seconds(hours.calendar),
        strict=target.strict,
        calendar=hours.calendar,
        clause=target.clause,
        calendar_clause=hours.clause,
        agreed=target.reference,
    )


def calendar_of(subject: Subject, kind: ClockKind, registration: Registration) -> WorkCalendar | None:
    """The calendar that the clock runs on; None where it does not apply."""
    terms = terms_of(subject, kind, registration)
    return terms.calendar if terms.applicable else None


def _target(
    policy: Policy, kind: ClockKind, tier: str, type: TicketType, priority: str | None, channel: Channel
) -> Target | None:
    for target in policy.targets:
        if (
            target.clock is kind
            and target.priority in {None, priority}
            and (not target.tiers or tier in target.tiers)
            and (not target.types or type in target.types)
            and (not target.channels or channel in target.channels)
        ):
            return target
    return None
