"""Priorities: fixed lists, the matrix of urgency and impact, and who may set what where."""

from __future__ import annotations

from sla import messages
from sla.agreement import Policy
from sla.errors import Refused
from sla.terms import EnvironmentRule, Priority, PriorityRule
from sla.vocabulary import RefusalCode, TicketType, fill

LEVELS = 3
"""Urgency and impact go from 1 to 3 where an agreement has no matrix that says otherwise."""


def levels(policy: Policy) -> int:
    return len(policy.classification.matrix) or LEVELS


def check_level(policy: Policy, value: int | None, field: str) -> None:
    """Refuses an urgency or impact that is off the scale."""
    most = levels(policy)
    if value is not None and not 1 <= value <= most:
        raise Refused(RefusalCode.INVALID, fill(messages.LEVEL_OUT_OF_RANGE, most=str(most)), path=(field,))


def known_priority(policy: Policy, key: str) -> Priority:
    """The priority of that key, or a refusal that lists those that there are."""
    priority = policy.priority(key)
    if priority is None:
        texts = fill(messages.PRIORITY_UNKNOWN, priorities=_listed(policy))
        raise Refused(RefusalCode.INVALID, texts, policy.classification.clause, path=("priorityKey",))
    return priority


def from_matrix(policy: Policy, urgency: int | None, impact: int | None) -> str:
    """The priority by urgency and impact; refuses a missing urgency, takes the default impact."""
    terms = policy.classification
    if urgency is None:
        texts = fill(messages.URGENCY_MISSING, most=str(levels(policy)))
        raise Refused(RefusalCode.INVALID, texts, terms.clause, path=("urgency",))
    return terms.matrix[urgency - 1][(impact or terms.impact or levels(policy)) - 1]


def check_priority(
    policy: Policy, key: str, type: TicketType, special: EnvironmentRule | None, reason: str | None
) -> None:
    """Refuses a vendor's decision that the agreement does not allow."""
    priority = known_priority(policy, key)
    if not suits(priority, type):
        texts = fill(messages.PRIORITY_NOT_FOR_TYPE, types=", ".join(sorted(priority.types)))
        raise Refused(RefusalCode.INVALID, texts, priority.clause, path=("priorityKey",))
    if special is None:
        return
    if special.best_effort:
        raise Refused(
            RefusalCode.FORBIDDEN_BY_CONTRACT,
            messages.PRIORITY_NOT_IN_ENVIRONMENT,
            special.clause,
            path=("priorityKey",),
        )
    usual = policy.priority(special.priority) if special.priority else None
    if usual is not None and priority.rank < usual.rank and not (reason or "").strip():
        raise Refused(
            RefusalCode.INVALID,
            messages.RAISE_NEEDS_REASON,
            special.raise_clause or special.clause,
            path=("reason",),
        )


def suits(priority: Priority, type: TicketType) -> bool:
    return not priority.types or type in priority.types


def until_classified(
    policy: Policy,
    type: TicketType,
    special: EnvironmentRule | None,
    wish: str | None,
    urgency: int | None,
    impact: int | None,
) -> str | None:
    """The priority that holds until an operator classifies; None where the customer must still give one."""
    if special is not None and special.priority:
        return special.priority
    rule = policy.classification.rule
    if rule is PriorityRule.MATRIX:
        return from_matrix(policy, urgency, impact)
    if rule is PriorityRule.GIVEN:
        return wish
    return policy.types[type].priority


def priority_missing(policy: Policy) -> Refused:
    texts = fill(messages.PRIORITY_MISSING, priorities=_listed(policy))
    return Refused(RefusalCode.INVALID, texts, policy.classification.clause, path=("priorityKey",))


def _listed(policy: Policy) -> str:
    return ", ".join(priority.key for priority in policy.priorities)
