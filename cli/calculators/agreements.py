"""The agreement that a line names: key, version and tier."""

from __future__ import annotations

from datetime import date

from cli.calculators.moments import day
from cli.calculators.values import NOT_FOUND, Line, LineRefused, required, text, wrong
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
        raise LineRefused(NOT_FOUND, f"policy: there is no {key!r}; choose from {keys}") from None


def tier_of(policy: Policy, line: Line) -> str:
    """The tier; of an agreement with only one it may be left out."""
    key = text(line, "tier")
    try:
        return policy.tier(key).key
    except UnknownTier:
        tiers = ", ".join(tier.key for tier in policy.tiers)
        problem = "is missing" if key is None else f"{key!r} is none of this agreement"
        raise wrong("tier", f"{problem}; choose from {tiers}") from None
