"""The library of agreements, and the names that belong to it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from importlib import resources
from pathlib import Path

from sla.agreement import Policy
from sla.errors import PolicyFileWrong, PolicyNotYetValid, UnknownPolicy, UnknownTier
from sla.policy_file import read_policy
from sla.terms import Clause, Limit, Priority, Tier

__all__ = [
    "Clause",
    "Library",
    "Limit",
    "Policy",
    "PolicyFileWrong",
    "PolicyNotYetValid",
    "Priority",
    "Tier",
    "UnknownPolicy",
    "UnknownTier",
]


class Library:
    """Every version of every agreement. Immutable once loaded; calendars are compiled when first used."""

    def __init__(self, policies: Iterable[Policy]) -> None:
        self._policies = tuple(sorted(policies, key=lambda policy: (policy.key, policy.version)))

    @staticmethod
    def load(folder: Path | None = None) -> Library:
        """Reads every `.toml` file of the folder, or the four agreements of the package.

        Raises PolicyFileWrong.
        """
        source = resources.files("sla").joinpath("policies") if folder is None else folder
        files = sorted(
            (file for file in source.iterdir() if file.name.endswith(".toml")), key=lambda f: f.name
        )
        return Library(read_policy(file.name, file.read_bytes()) for file in files)

    def all(self) -> tuple[Policy, ...]:
        """All versions, by key and then from old to new."""
        return self._policies

    def get(self, key: str, version: date | None = None) -> Policy:
        """This version, or the newest without one. Raises UnknownPolicy."""
        for policy in reversed(self._policies):
            if policy.key == key and version in {None, policy.version}:
                return policy
        raise UnknownPolicy(key if version is None else f"{key} {version.isoformat()}")

    def in_force(self, key: str, on: date) -> Policy:
        """The newest version that was valid on that day. Raises UnknownPolicy and PolicyNotYetValid."""
        self.get(key)
        for policy in reversed(self._policies):
            if policy.key == key and policy.version <= on:
                return policy
        raise PolicyNotYetValid(f"{key} was not yet valid on {on.isoformat()}")
