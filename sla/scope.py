"""What is within support: types, components, environments, hosting and addenda."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from sla import messages
from sla.agreement import Policy
from sla.errors import Refused
from sla.terms import Clause, EnvironmentRule, Outcome, ScopeRule, TypeRule
from sla.vocabulary import Environment, Hosting, ProblemKind, RefusalCode, Text, TicketType, fill

_GAPS = re.compile(r"[\s_-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a ticket is about, as far as agreements tell things apart."""

    type: TicketType
    environment: Environment = Environment.PRODUCTION
    component: str | None = None
    problem_kind: ProblemKind | None = None
    hosting: Hosting | None = None
    addenda: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Coverage:
    """`clocks`: times are promised; `best_effort`: they run without a target; `tier`: whose figures hold."""

    covered: bool
    clocks: bool
    best_effort: bool
    reason: Text | None
    clause: Clause
    tier: str | None = None


@lru_cache(maxsize=4096)
def coverage(policy: Policy, facts: Facts) -> Coverage:
    """Whether the agreement takes this on and how. Raises Refused with OUT_OF_SCOPE."""
    rule = policy.types.get(facts.type)
    if rule is None:
        raise Refused(
            RefusalCode.OUT_OF_SCOPE, messages.TYPE_NOT_ACCEPTED, policy.types_clause, path=("type",)
        )
    scope = scope_rule(policy, facts)
    if scope is not None and scope.outcome is Outcome.REFUSED:
        raise Refused(
            RefusalCode.OUT_OF_SCOPE, scope.reason or messages.NO_CLOCK, scope.clause, path=_about(scope)
        )
    if scope is not None and scope.outcome is Outcome.OUTSIDE:
        return Coverage(
            covered=False, clocks=False, best_effort=False, reason=scope.reason, clause=scope.clause
        )
    special = policy.environment_rule(facts.environment)
    best_effort = rule.clocks and special is not None and special.best_effort
    return Coverage(
        covered=rule.covered,
        clocks=rule.clocks,
        best_effort=best_effort,
        reason=rule.reason,
        clause=_telling(rule, scope, special if best_effort else None),
        tier=None if scope is None else scope.tier,
    )


def check_addenda(policy: Policy, addenda: frozenset[str]) -> None:
    """Refuses a name that is none of the agreement's addenda; contracts hold no such names."""
    if not addenda <= policy.addenda.keys():
        known = ", ".join(sorted(set(policy.addenda.values()))) or "-"
        raise Refused(RefusalCode.INVALID, fill(messages.ADDENDUM_UNKNOWN, addenda=known), path=("addenda",))


def _telling(rule: TypeRule, scope: ScopeRule | None, special: EnvironmentRule | None) -> Clause:
    """The clause that says most about it: of the environment, else of the component, else of the type."""
    if special is not None:
        return special.clause
    return rule.clause if scope is None else scope.clause


def scope_rule(policy: Policy, facts: Facts) -> ScopeRule | None:
    return next((rule for rule in policy.scopes if _fits(policy, rule, facts)), None)


def component_key(component: str) -> str:
    """A component as policy files write it: "Data Manager" is DATA_MANAGER."""
    return _GAPS.sub("_", component.strip()).upper()


def _fits(policy: Policy, rule: ScopeRule, facts: Facts) -> bool:
    component = component_key(facts.component) if facts.component else None
    held = {policy.addenda.get(addendum, addendum) for addendum in facts.addenda}
    return (
        (not rule.components or component in rule.components)
        and (not rule.other_components or (component is not None and component not in rule.other_components))
        and (not rule.types or facts.type in rule.types)
        and (not rule.problem_kinds or facts.problem_kind in rule.problem_kinds)
        and (not rule.environments or facts.environment in rule.environments)
        and (not rule.hosting or facts.hosting in rule.hosting)
        and rule.unless_addendum not in held
    )


def _about(rule: ScopeRule) -> tuple[str, ...]:
    if rule.components or rule.other_components:
        return ("component",)
    return ("environment",) if rule.environments else ()
