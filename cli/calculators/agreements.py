"""The agreement that a line names: key, version and tier."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from cli.calculators.moments import day
from cli.calculators.values import NOT_FOUND, Line, LineRefused, required, shown, text, wrong
from sla.errors import UnknownPolicy, UnknownTier
from sla.policy import Library, Policy


def policy_of(library: Library, line: Line) -> Policy:
    """The version that is asked for, or the newest."""
    key = required(line, "policy")
    version: date | None = day(line, "version") if line.get("version") is not None else None
    if not isinstance(key, str):
        raise wrong("policy", "must be a text in quotes")
    try:
        return library.get(key, version)
    except UnknownPolicy:
        known = [policy for policy in library.all() if policy.key == key]
        if known:
            versions = ", ".join(policy.version.isoformat() for policy in known)
            raise LineRefused(NOT_FOUND, f"version: {key} has {versions}") from None
        keys = ", ".join(dict.fromkeys(policy.key for policy in library.all()))
        raise LineRefused(NOT_FOUND, f"policy: there is no {shown(key)}; choose from {keys}") from None


def tier_of(policy: Policy, line: Line, told: Callable[[str], object] | None = None) -> str:
    """The tier; it may be left out of an agreement with only one, and where `told` is the same for all.

    The name of an addendum, which such an agreement has no tier for, is taken for its only one.
    """
    key = text(line, "tier")
    if key in policy.addenda:
        key = None
    if key is None and told is not None:
        first, *others = (told(tier.key) for tier in policy.tiers)
        if all(other == first for other in others):
            return policy.tiers[0].key
    try:
        return policy.tier(key).key
    except UnknownTier:
        tiers = ", ".join(tier.key for tier in policy.tiers)
        problem = "is missing" if key is None else f"{shown(key)} is none of this agreement"
        raise wrong("tier", f"{problem}; choose from {tiers}") from None
