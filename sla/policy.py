"""The library of agreements, and the names that belong to it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from importlib import resources
from importlib.resources.abc import Traversable
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


def _policy_files(folder: Traversable) -> list[Traversable]:
    files = sorted(
        (file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name
    )
    for file in files:
        if not file.is_file():
            raise PolicyFileWrong(file.name, "file", "is no file that can be read: take it out of the folder")
    return files


class Library:
    """Every version of every agreement. Immutable once loaded; calendars are compiled when first used."""

    def __init__(self, policies: Iterable[Policy]) -> None:
        self._policies = tuple(sorted(policies, key=lambda policy: (policy.key, policy.version)))

    @staticmethod
    def load(own: Path | None = None) -> Library:
        """The agreements of the package, and every `.toml` file of the vendor's own folder.

        Raises PolicyFileWrong, also where two files are the same version of one agreement.
        """
        found: dict[tuple[str, date], Policy] = {}
        for folder in (resources.files("sla").joinpath("policies"), own):
            for file in () if folder is None else _policy_files(folder):
                policy = read_policy(file.name, file.read_bytes())
                if (policy.key, policy.version) in found:
                    problem = (
                        f"{policy.key} {policy.version} is there already; give this version another date"
                    )
                    raise PolicyFileWrong(file.name, "version", problem)
                found[policy.key, policy.version] = policy
        return Library(found.values())

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
