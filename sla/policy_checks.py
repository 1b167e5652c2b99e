"""Whether a policy can be carried out: what a file can say in good form and still not mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise, product

from sla.agreement import Policy
from sla.classification import suits
from sla.terms import PriorityRule, ScopeRule, Target, Tier, TypeRule, Unit
from sla.vocabulary import ClockKind, TicketStatus


@dataclass(frozen=True, slots=True)
class Mistake:
    place: str
    problem: str


def mistakes(policy: Policy) -> Iterator[Mistake]:
    """What somebody who wrote the file has to mend; nothing when it is sound."""
    if not policy.tiers:
        yield Mistake("tiers", "needs at least one tier")
    yield from _priorities(policy)
    yield from _without_priority(policy)
    yield from _matrix(policy)
    yield from _without_target(policy)
    yield from _targets(policy)
    yield from _scopes(policy)
    yield from _channels(policy)
    yield from _statuses(policy)
    yield from _rings(policy)


def _timed(policy: Policy) -> list[TypeRule]:
    return [rule for rule in policy.types.values() if rule.covered and rule.clocks]


def _priorities(policy: Policy) -> Iterator[Mistake]:
    ranks: dict[int, str] = {}
    names = {priority.key: priority.key for priority in policy.priorities}
    for priority in policy.priorities:
        if priority.rank in ranks:
            problem = f"is that of {ranks[priority.rank]} too: give each priority a rank of its own"
            yield Mistake(f"priorities.{priority.key}.rank", problem)
        ranks[priority.rank] = priority.key
        for alias in sorted(priority.aliases):
            if alias != alias.upper() or names.setdefault(alias, priority.key) != priority.key:
                problem = f"{alias!r} must be in capitals, and no key or alias of another priority"
                yield Mistake(f"priorities.{priority.key}.aliases", problem)
        if not any(suits(priority, rule.type) for rule in _timed(policy)):
            problem = "can never be given: none of its types has clocks"
            yield Mistake(f"priorities.{priority.key}", problem)
        terms = policy.classification
        if terms.rule is PriorityRule.MATRIX and not any(priority.key in row for row in terms.matrix):
            yield Mistake(
                f"priorities.{priority.key}", "can never be given: it is in no row of classification.matrix"
            )


def _without_priority(policy: Policy) -> Iterator[Mistake]:
    terms = policy.classification
    for rule in _timed(policy):
        if terms.rule is PriorityRule.DEFAULT and rule.priority is None:
            yield Mistake(
                f"types.{rule.type}.priority", "is missing: the priority until an operator classifies"
            )
        if terms.rule is PriorityRule.GIVEN and rule.type not in terms.mandatory_types:
            yield Mistake("classification.mandatory_types", f"must hold {rule.type}, which has clocks")


def _matrix(policy: Policy) -> Iterator[Mistake]:
    """More urgency or more impact may never give a less urgent priority."""
    terms = policy.classification
    if terms.rule is PriorityRule.MATRIX and not terms.matrix:
        yield Mistake("classification.matrix", "is missing, although the priority comes from it")
        return
    ranks = {priority.key: priority.rank for priority in policy.priorities}
    for number, row in enumerate(terms.matrix, start=1):
        for column, (graver, milder) in enumerate(pairwise(row), start=1):
            if ranks[graver] > ranks[milder]:
                problem = (
                    f"gives {graver} for impact {column} and {milder}, more urgent, for impact {column + 1}"
                )
                yield Mistake(f"classification.matrix[{number}].priorities", problem)
    for number, (upper, lower) in enumerate(pairwise(terms.matrix), start=2):
        for column, (above, below) in enumerate(zip(upper, lower, strict=True), start=1):
            if ranks[above] > ranks[below]:
                problem = f"gives {below} for impact {column}: more urgent than {above} of the row above"
                yield Mistake(f"classification.matrix[{number}].priorities", problem)


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


def _targets(policy: Policy) -> Iterator[Mistake]:
    """A day must be one length, and a row must be the first to answer for something."""
    for number, target in enumerate(policy.targets):
        for tier in policy.tiers:
            if target.tiers and tier.key not in target.tiers:
                continue
            hours = policy.hours[target.calendar or tier.calendar]
            if target.amount and target.amount.unit in {Unit.DAYS, Unit.WEEKS} and hours.calendar.uneven:
                problem = f"is in days, which differ in length in calendars.{hours.key}: write it in hours"
                yield Mistake(f"{target.place}.{target.clock.lower()}", problem)
                break
        for earlier in policy.targets[:number]:
            if _covers_target(earlier, target):
                problem = f"can never be used: {earlier.place} comes before it and fits all that it fits"
                yield Mistake(target.place, problem)
                break


def _covers_target(earlier: Target, later: Target) -> bool:
    return (
        earlier.clock is later.clock
        and earlier.priority in {None, later.priority}
        and _wider(earlier.tiers, later.tiers)
        and _wider(earlier.types, later.types)
        and _wider(earlier.channels, later.channels)
    )


def _wider(earlier: frozenset[object], later: frozenset[object]) -> bool:
    """Whether the first set fits all that the second fits; an empty one fits everything."""
    return not earlier or (bool(later) and earlier >= later)


def _scopes(policy: Policy) -> Iterator[Mistake]:
    for number, scope in enumerate(policy.scopes):
        for position, earlier in enumerate(policy.scopes[:number], start=1):
            if _covers_scope(earlier, scope):
                problem = f"can never be used: scopes[{position}] comes before it and fits all that it fits"
                yield Mistake(f"scopes[{number + 1}]", problem)
                break


def _covers_scope(earlier: ScopeRule, later: ScopeRule) -> bool:
    return (
        earlier.unless_addendum in {None, later.unless_addendum}
        and _wider(earlier.components, later.components)
        and (not earlier.other_components or earlier.other_components == later.other_components)
        and _wider(earlier.types, later.types)
        and _wider(earlier.problem_kinds, later.problem_kinds)
        and _wider(earlier.environments, later.environments)
        and _wider(earlier.hosting, later.hosting)
    )


def _channels(policy: Policy) -> Iterator[Mistake]:
    if not policy.channels:
        yield Mistake("channels", "needs at least one: write [[channels]] with the channel and its origins")
    seen = set()
    for number, rule in enumerate(policy.channels, start=1):
        if rule.channel in seen:
            yield Mistake(f"channels[{number}].channel", f"{rule.channel} has a row already: join the two")
        seen.add(rule.channel)
        if rule.accepted and not rule.origins:
            yield Mistake(f"channels[{number}].origins", "is empty, so that nobody could use the channel")


def _statuses(policy: Policy) -> Iterator[Mistake]:
    """A clock that waits must be able to go on, and a ticket to be closed."""
    flow = policy.statuses.transitions
    for clock in ClockKind:
        waits = policy.pauses(clock)
        if TicketStatus.NEW in waits:
            problem = "holds NEW, in which every ticket begins: the clock would not start"
            yield Mistake(f"statuses.pauses.{clock}", problem)
        for status in sorted(waits - {TicketStatus.NEW}):
            if not _reached(flow, status) - waits - {TicketStatus.CLOSED}:
                problem = (
                    f"stops the {clock.lower()} clock, and no change leads on: its deadline would never come"
                )
                yield Mistake(f"statuses.transitions.{status}", problem)
    if not flow[TicketStatus.NEW]:
        yield Mistake("statuses.transitions", "lead nowhere from NEW, in which every ticket begins")
    if not any(TicketStatus.CLOSED in wanted for wanted in flow.values()):
        yield Mistake("statuses.transitions", "never leads to CLOSED: no ticket could be closed")
    closing = policy.auto_close
    if closing is not None and TicketStatus.CLOSED not in flow[closing.status]:
        yield Mistake("auto_close.status", f"{closing.status} cannot be changed to CLOSED")


def _reached(flow: Mapping[TicketStatus, frozenset[TicketStatus]], status: TicketStatus) -> set[TicketStatus]:
    """Every status that a ticket can come to without being closed in between."""
    reached: set[TicketStatus] = set()
    ahead = set(flow[status])
    while ahead:
        following = ahead.pop()
        reached.add(following)
        if following is not TicketStatus.CLOSED:
            ahead |= flow[following] - reached
    return reached


def _rings(policy: Policy) -> Iterator[Mistake]:
    releases = policy.service.releases
    if releases is None:
        return
    everybody = {tier.key for tier in policy.tiers}
    if not releases.rings or releases.rings[0].tiers != everybody:
        problem = f"is where each tenant begins: it must be for every tier, {', '.join(sorted(everybody))}"
        yield Mistake("releases.rings[1].tiers" if releases.rings else "releases.rings", problem)
