"""What a ticket is when it comes in, and when an operator classifies it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sla import messages
from sla.agreement import Policy
from sla.channels import Entry, check_narrowed, enter
from sla.classification import (
    check_level,
    check_priority,
    from_matrix,
    known_priority,
    priority_missing,
    suits,
    until_classified,
)
from sla.errors import Refused
from sla.scope import Coverage, Facts, coverage
from sla.terms import Clause, PriorityRule
from sla.vocabulary import (
    Channel,
    Environment,
    Hosting,
    Origin,
    ProblemKind,
    RefusalCode,
    Text,
    TicketType,
)

VENDOR = frozenset({Origin.OPERATOR, Origin.MONITORING})


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A registration as it is asked for.

    `channel` is left to the origin when None. `priority_wish` is what the customer says; `priority` is the
    vendor's own decision and open to operators and monitoring only, with a `reason` where one is needed.
    """

    type: TicketType
    at: datetime
    origin: Origin = Origin.CUSTOMER
    environment: Environment = Environment.PRODUCTION
    channel: Channel | None = None
    component: str | None = None
    problem_kind: ProblemKind | None = None
    hosting: Hosting | None = None
    addenda: frozenset[str] = frozenset()
    urgency: int | None = None
    impact: int | None = None
    priority_wish: str | None = None
    priority: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """A ticket as the agreement sees it.

    `priority` is None where the agreement gives none: best effort, outside support, or no clocks for the
    type. `uncovered_reason` and `clause` tell why; the clause is that of the type where all is usual.
    """

    facts: Facts
    channel: Channel
    priority: str | None
    urgency: int | None = None
    impact: int | None = None
    priority_wish: str | None = None
    covered: bool
    uncovered_reason: Text | None = None
    clause: Clause

    @property
    def type(self) -> TicketType:
        return self.facts.type

    @property
    def environment(self) -> Environment:
        return self.facts.environment


def register(policy: Policy, tier: str | None, report: Report) -> Registration:
    """The ticket that comes of a report. Raises Refused, and UnknownTier."""
    wish, decided = _key(policy, report.priority_wish), _key(policy, report.priority)
    if (wish, decided) != (report.priority_wish, report.priority):
        report = replace(report, priority_wish=wish, priority=decided)
    _check_words(policy, report)
    entry = enter(policy, policy.tier(tier), _entry(report))
    facts = _facts(report)
    cover = coverage(policy, facts)
    priority = _first_priority(policy, report, cover, entry.decided)
    check_narrowed(policy, entry, priority)
    return restored(
        policy,
        facts,
        channel=entry.channel,
        priority=priority,
        urgency=report.urgency,
        impact=report.impact,
        priority_wish=report.priority_wish,
    )


def restored(
    policy: Policy,
    facts: Facts,
    *,
    channel: Channel,
    priority: str | None,
    urgency: int | None = None,
    impact: int | None = None,
    priority_wish: str | None = None,
) -> Registration:
    """A registration from what was stored of it: what is covered follows from the facts and the policy."""
    cover = coverage(policy, facts)
    return Registration(
        facts=facts,
        channel=channel,
        priority=priority if _has_priority(cover) else None,
        urgency=urgency,
        impact=impact,
        priority_wish=priority_wish,
        covered=cover.covered,
        uncovered_reason=None if cover.covered else cover.reason,
        clause=cover.clause,
    )


def classify(
    policy: Policy,
    tier: str | None,
    current: Registration,
    *,
    type: TicketType | None = None,
    impact: int | None = None,
    urgency: int | None = None,
    priority: str | None = None,
    reason: str | None = None,
) -> Registration:
    """The ticket as an operator judges it; what is None stays as it is. Raises Refused, and UnknownTier.

    A changed urgency, impact or type takes the priority along, unless the operator names one.
    """
    policy.tier(tier)
    check_level(policy, urgency, "urgency")
    check_level(policy, impact, "impact")
    changed = replace(
        current,
        facts=replace(current.facts, type=type or current.type),
        urgency=urgency or current.urgency,
        impact=impact or current.impact,
    )
    cover = coverage(policy, changed.facts)
    priority = _key(policy, priority)
    if priority is not None:
        _check_decision(policy, priority, changed, cover, reason)
    decided = priority or _following_priority(policy, current, changed)
    if decided is None and _has_priority(cover):
        raise priority_missing(policy)
    return restored(
        policy,
        changed.facts,
        channel=changed.channel,
        priority=decided,
        urgency=changed.urgency,
        impact=changed.impact,
        priority_wish=changed.priority_wish,
    )


def _check_decision(
    policy: Policy, priority: str, changed: Registration, cover: Coverage, reason: str | None
) -> None:
    """Refuses a vendor's priority that such a ticket cannot have."""
    if not (_has_priority(cover) or cover.best_effort):
        raise Refused(RefusalCode.INVALID, messages.NO_PRIORITY_HERE, cover.clause, path=("priorityKey",))
    check_priority(policy, priority, changed.type, policy.environment_rule(changed.environment), reason)


def _key(policy: Policy, said: str | None) -> str | None:
    """The key of a priority that was named by its key or an alias."""
    return None if said is None else known_priority(policy, said).key


def _check_words(policy: Policy, report: Report) -> None:
    check_level(policy, report.urgency, "urgency")
    check_level(policy, report.impact, "impact")
    forbidden = report.priority is not None or (
        report.priority_wish is not None and not policy.classification.wish
    )
    if forbidden and report.origin not in VENDOR:
        raise Refused(
            RefusalCode.FORBIDDEN_BY_CONTRACT,
            messages.PRIORITY_IS_THE_VENDORS,
            policy.classification.clause,
            path=("priorityKey",),
        )


def _entry(report: Report) -> Entry:
    return Entry(report.origin, report.channel, report.at, report.priority, report.priority_wish)


def _facts(report: Report) -> Facts:
    return Facts(
        type=report.type,
        environment=report.environment,
        component=report.component,
        problem_kind=report.problem_kind,
        hosting=report.hosting,
        addenda=report.addenda,
    )


def _has_priority(cover: Coverage) -> bool:
    return cover.clocks and not cover.best_effort


def _first_priority(policy: Policy, report: Report, cover: Coverage, decided: str | None) -> str | None:
    if not _has_priority(cover):
        return None
    special = policy.environment_rule(report.environment)
    if decided is None and not policy.classification.wish:
        decided = report.priority_wish
    if decided is not None:
        check_priority(policy, decided, report.type, special, report.reason)
        return decided
    first = until_classified(
        policy, report.type, special, report.priority_wish, report.urgency, report.impact
    )
    if first is None:
        raise priority_missing(policy)
    return first


def _following_priority(policy: Policy, before: Registration, now: Registration) -> str | None:
    """The priority when the operator changes something else: judged anew by matrix, or by the new type."""
    regraded = (now.urgency, now.impact) != (before.urgency, before.impact)
    if policy.classification.rule is PriorityRule.MATRIX and now.urgency and regraded:
        return from_matrix(policy, now.urgency, now.impact)
    kept = policy.priority(before.priority) if before.priority else None
    old = policy.types[before.type]
    if kept is not None and suits(kept, now.type) and (now.type is before.type or kept.key != old.priority):
        return kept.key
    special = policy.environment_rule(now.environment)
    if policy.classification.rule is PriorityRule.MATRIX and now.urgency is None:
        return None if kept is None else kept.key
    return until_classified(policy, now.type, special, now.priority_wish, now.urgency, now.impact)
