"""Whether a policy can be carried out: what a file can say in good form and still not mean."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from sla.agreement import Policy
from sla.classification import suits
from sla.terms import PriorityRule, Target, Tier, TypeRule
from sla.vocabulary import ClockKind


@dataclass(frozen=True, slots=True)
class Mistake:
    place: str
    problem: str


def mistakes(policy: Policy) -> Iterator[Mistake]:
    """What somebody who wrote the file has to mend; nothing when it is sound."""
    if not policy.tiers:
        yield Mistake("tiers", "needs at least one tier")
    if len({priority.rank for priority in policy.priorities}) < len(policy.priorities):
        yield Mistake("priorities", "two of them have the same rank")
    yield from _without_priority(policy)
    yield from _without_target(policy)


def _timed(policy: Policy) -> list[TypeRule]:
    return [rule for rule in policy.types.values() if rule.covered and rule.clocks]


def _without_priority(policy: Policy) -> Iterator[Mistake]:
    terms = policy.classification
    if terms.rule is PriorityRule.MATRIX and not terms.matrix:
        yield Mistake("classification.matrix", "is missing, although the priority comes from it")
    for rule in _timed(policy):
        if terms.rule is PriorityRule.DEFAULT and rule.priority is None:
            yield Mistake(
                f"types.{rule.type}.priority", "is missing: the priority until an operator classifies"
            )
        if terms.rule is PriorityRule.GIVEN and rule.type not in terms.mandatory_types:
            yield Mistake("classification.mandatory_types", f"must hold {rule.type}, which has clocks")


def _without_target(policy: Policy) -> Iterator[Mistake]:
    """A missing target must be said to be best effort, so that none is forgotten."""
    for tier, rule, priority, clock in product(policy.tiers, _timed(policy), policy.priorities, ClockKind):
        if suits(priority, rule.type) and not any(
            _answers(target, tier, rule, priority.key, clock) for target in policy.targets
        ):
            what = f"{clock.lower()} of {rule.type} {priority.key} in tier {tier.key}"
            yield Mistake(
                "targets", f'has no row for the {what}; write one, with "best effort" if there is none'
            )


def _answers(target: Target, tier: Tier, rule: TypeRule, priority: str, clock: ClockKind) -> bool:
    return (
        target.clock is clock
        and not target.channels
        and target.priority in {None, priority}
        and (not target.tiers or tier.key in target.tiers)
        and (not target.types or rule.type in target.types)
    )
