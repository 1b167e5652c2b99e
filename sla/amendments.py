"""How an agreement may change, and when a customer may leave because of it. In whole local days."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

from sla import messages
from sla.agreement import Policy
from sla.errors import Refused, TermMissing
from sla.vocabulary import RefusalCode, fill


def check_change(policy: Policy, *, announced_on: date, effective_on: date, material: bool) -> None:
    """Refuses a change of the agreement that takes effect too soon (QX-007, QX-008); raises TermMissing."""
    terms = policy.service.amendments
    if terms.notice_days is None:
        raise TermMissing(policy.key, "amendments.notice")
    earliest = earliest_change(policy, announced_on=announced_on, material=material)
    if effective_on < earliest:
        texts = fill(messages.CHANGE_TOO_SOON, day=earliest.isoformat())
        clause = terms.notice_clause if material else terms.at_once_clause
        raise Refused(RefusalCode.TOO_EARLY, texts, clause, path=("effectiveOn",))


def earliest_change(policy: Policy, *, announced_on: date, material: bool) -> date:
    """The first day that a change announced then may take effect: never one before its announcement."""
    days = policy.service.amendments.notice_days
    if days is None:
        raise TermMissing(policy.key, "amendments.notice")
    return announced_on + timedelta(days=days if material else 0)


def check_termination(
    policy: Policy, *, announced_on: date, terminated_on: date, material_deterioration: bool
) -> None:
    """Refuses leaving because of a change that is no deterioration, or too late (QX-009); raises TermMissing."""
    terms = policy.service.amendments
    if terms.termination_days is None:
        raise TermMissing(policy.key, "amendments.termination")
    if not material_deterioration:
        raise Refused(RefusalCode.FORBIDDEN_BY_CONTRACT, messages.NO_DETERIORATION, terms.termination_clause)
    last = announced_on + timedelta(days=terms.termination_days)
    if not announced_on <= terminated_on <= last:
        texts = fill(messages.TERMINATION_DAYS, first=announced_on.isoformat(), last=last.isoformat())
        code = RefusalCode.TOO_LATE if terminated_on > last else RefusalCode.TOO_EARLY
        raise Refused(code, texts, terms.termination_clause, path=("terminatedOn",))


def signatures_missing(policy: Policy, signed_by: Collection[str]) -> frozenset[str]:
    """The parties that must still sign before a version of the agreement is in force (OB-004)."""
    return policy.service.amendments.signatures.difference(signed_by)
