"""The figures of a policy that a written agreement may replace, each with how it is replaced.

A figure has a key, such as `response.HIGH`, and a value written as in policy files, such as "60 minutes".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import NamedTuple

from sla.agreement import Policy
from sla.errors import TermUnreadable
from sla.terms import (
    MOST_CONTACTS,
    MOST_WORKING_DAYS,
    Clause,
    Limit,
    Rate,
    Target,
    amount_from,
    decimal_from,
)
from sla.vocabulary import WorkKind

MOST_DAYS = 9999


class Source(NamedTuple):
    """Where an agreed value comes from: the written reference, and the policy's clause that lets it prevail."""

    reference: str
    clause: Clause | None


@dataclass(frozen=True, slots=True)
class Figure:
    """`value` None is left open; `replaced` gives the policy with another value, or raises TermUnreadable."""

    key: str
    value: str | None
    clause: Clause | None
    replaced: Callable[[str, Source], Policy]


def figures(policy: Policy, tier: str) -> Iterator[Figure]:
    """Every figure of the tier, in the order of the policy; no key twice."""
    yield from _targets(policy, tier)
    yield from _contacts(policy, tier)
    yield from _auto_close(policy)
    yield from _availability(policy)
    yield from _rates(policy, tier)
    yield from _leads(policy, tier)


def target_keys(target: Target) -> tuple[str, ...]:
    """`response.HIGH`, or `response.CHANGE_REQUEST.HIGH` where the target is for some types only."""
    ending = f".{target.priority}" if target.priority else ""
    if target.types:
        return tuple(f"{target.clock.lower()}.{type}{ending}" for type in sorted(target.types))
    return (f"{target.clock.lower()}{ending}",)


def _targets(policy: Policy, tier: str) -> Iterator[Figure]:
    told: set[str] = set()
    for target in policy.targets:
        for key in target_keys(target) if not target.tiers or tier in target.tiers else ():
            if key not in told:
                told.add(key)
                yield Figure(key, target.written, target.clause, _target_written(policy, tier, key))


def _target_written(policy: Policy, tier: str, key: str) -> Callable[[str, Source], Policy]:
    def replaced(value: str, source: Source) -> Policy:
        try:
            amount = amount_from(value)
        except ValueError as error:
            raise TermUnreadable(
                key, value, 'must be "2 hours", "5 days", "1 week" or "best effort"'
            ) from error
        return replace(
            policy,
            targets=tuple(
                replace(target, amount=amount, reference=source.reference)
                if key in target_keys(target) and (not target.tiers or tier in target.tiers)
                else target
                for target in policy.targets
            ),
        )

    return replaced


def _contacts(policy: Policy, tier: str) -> Iterator[Figure]:
    limit = policy.contact_limits[tier]

    def replaced(value: str, source: Source) -> Policy:
        agreed = Limit(_whole("contacts.limit", value, MOST_CONTACTS), source.clause)
        return replace(policy, contact_limits={**policy.contact_limits, tier: agreed})

    yield Figure("contacts.limit", str(limit.value), limit.clause, replaced)


def _auto_close(policy: Policy) -> Iterator[Figure]:
    closing = policy.auto_close
    if closing is None:
        return

    def replaced(value: str, _: Source) -> Policy:
        days = _whole("auto_close.working_days", value, MOST_WORKING_DAYS)
        return replace(policy, auto_close=replace(closing, working_days=days))

    yield Figure("auto_close.working_days", str(closing.working_days), closing.clause, replaced)


def _availability(policy: Policy) -> Iterator[Figure]:
    terms = policy.service.availability
    if terms is None:
        return

    def replaced(value: str, _: Source) -> Policy:
        target = _decimal("availability.target", value)
        if target > 100:
            raise TermUnreadable("availability.target", value, "must be a percentage of at most 100")
        service = replace(policy.service, availability=replace(terms, target=target))
        return replace(policy, service=service)

    yield Figure("availability.target", str(terms.target), terms.clause, replaced)


def _rates(policy: Policy, tier: str) -> Iterator[Figure]:
    for work in WorkKind:
        rate = policy.rate(tier, work)
        if rate is not None:
            hourly = None if rate.hourly is None else str(rate.hourly)
            yield Figure(
                f"consultancy.{work}.hourly", hourly, rate.clause, _rate_written(policy, tier, work, rate)
            )


def _rate_written(policy: Policy, tier: str, work: WorkKind, rate: Rate) -> Callable[[str, Source], Policy]:
    def replaced(value: str, source: Source) -> Policy:
        hourly = _decimal(f"consultancy.{work}.hourly", value)
        clause = source.clause or rate.clause
        narrowed = replace(
            rate, work=frozenset({work}), tiers=frozenset({tier}), hourly=hourly, clause=clause
        )
        rates = (narrowed, *policy.consultancy.rates)
        return replace(policy, consultancy=replace(policy.consultancy, rates=rates))

    return replaced


def _leads(policy: Policy, tier: str) -> Iterator[Figure]:
    for name, leads in policy.service.leads.items():
        if tier in leads:
            lead = leads[tier]
            yield Figure(f"leads.{name}", str(lead.days), lead.clause, _lead_written(policy, tier, name))


def _lead_written(policy: Policy, tier: str, name: str) -> Callable[[str, Source], Policy]:
    def replaced(value: str, _: Source) -> Policy:
        leads = policy.service.leads
        agreed = replace(leads[name][tier], days=_whole(f"leads.{name}", value, MOST_DAYS))
        changed = {**leads, name: {**leads[name], tier: agreed}}
        return replace(policy, service=replace(policy.service, leads=changed))

    return replaced


def _whole(key: str, value: str, most: int) -> int:
    if not value.isascii() or not value.isdigit() or not 1 <= int(value) <= most:
        raise TermUnreadable(key, value, f"must be a whole number from 1 to {most}")
    return int(value)


def _decimal(key: str, value: str) -> Decimal:
    try:
        return decimal_from(value)
    except ValueError as error:
        raise TermUnreadable(key, value, str(error)) from None
