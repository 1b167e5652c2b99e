"""What holds when a specific agreement, general terms and a policy say different things (OB-003, QX-005)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from sla.agreement import Policy
from sla.errors import OverrideWithoutReference, UnknownTerm
from sla.figures import Figure, Source, figures
from sla.service_terms import Layer
from sla.terms import Clause


@dataclass(frozen=True, slots=True)
class Agreed:
    """A figure that was agreed in writing beside the policy.

    Raises OverrideWithoutReference when no document is named (QX-005, QX-065, S4-004).
    """

    term: str
    value: str
    reference: str
    layer: Layer = Layer.SPECIFIC_AGREEMENT

    def __post_init__(self) -> None:
        if not self.reference.strip():
            raise OverrideWithoutReference("name the document that it was agreed in")


@dataclass(frozen=True, slots=True)
class EffectiveTerm:
    """A term that holds: `value` None is left open by every layer; `reference` names the written agreement."""

    key: str
    value: str | None
    layer: Layer
    clause: Clause | None
    reference: str | None = None


def effective_terms(
    policy: Policy, tier: str | None, agreed: Sequence[Agreed] = ()
) -> tuple[EffectiveTerm, ...]:
    """Every term of the tier with the layer and the clause that it comes from, in the order of the policy.

    Raises UnknownTier, UnknownTerm for a term that the policy does not have, and TermUnreadable.
    """
    stated = _checked(policy, policy.tier(tier).key, agreed)
    return tuple(_strongest(policy, figure, agreed) for figure in stated.values())


def policy_with(policy: Policy, tier: str | None, agreed: tuple[Agreed, ...]) -> Policy:
    """The policy as it holds for a contract of that tier; the policy itself when nothing else was agreed.

    Raises what `effective_terms` raises.
    """
    return _policy_with(policy, policy.tier(tier).key, agreed) if agreed else policy


@lru_cache(maxsize=1024)
def _policy_with(policy: Policy, tier: str, agreed: tuple[Agreed, ...]) -> Policy:
    for term in effective_terms(policy, tier, agreed):
        if term.layer is not Layer.POLICY and term.value is not None and term.reference is not None:
            figure = next(each for each in figures(policy, tier) if each.key == term.key)
            policy = figure.replaced(term.value, Source(term.reference, term.clause))
    return policy


def _checked(policy: Policy, tier: str, agreed: Sequence[Agreed]) -> dict[str, Figure]:
    stated = {figure.key: figure for figure in figures(policy, tier)}
    for each in agreed:
        if each.term not in stated:
            raise UnknownTerm(f"{each.term!r} is no term here; choose from {', '.join(stated)}")
        stated[each.term].replaced(each.value, Source(each.reference, None))
    return stated


def _strongest(policy: Policy, stated: Figure, agreed: Sequence[Agreed]) -> EffectiveTerm:
    for layer in policy.service.precedence.layers:
        if layer is Layer.POLICY:
            if stated.value is not None:
                break
            continue
        for each in agreed:
            if each.layer is layer and each.term == stated.key:
                clause = policy.service.precedence.clause
                return EffectiveTerm(each.term, each.value, layer, clause, each.reference)
    return EffectiveTerm(stated.key, stated.value, Layer.POLICY, stated.clause)
