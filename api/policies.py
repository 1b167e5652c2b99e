"""Agreements as the API shows them: policies by key and version, and their clauses."""

from datetime import date
from uuid import NAMESPACE_URL, UUID, uuid5

import strawberry

import sla.policy
from api.access import Access, holds
from api.ids import encode_id
from api.nodes import Node
from sla.vocabulary import Locale, say


@holds(Access.SIGNED_IN)
@strawberry.type(description="A clause of an agreement: the place that a figure comes from.")
class Clause:
    id: strawberry.ID = strawberry.field(
        description="Unique over policies and versions; `key` is the clause's own name, such as QX-030."
    )
    key: str
    document: str
    version: date | None
    section: str
    told: strawberry.Private[sla.policy.Clause]
    spoken: strawberry.Private[Locale]

    @strawberry.field
    def text(self, locale: Locale | None = strawberry.UNSET) -> str:
        return say(self.told.texts, locale or self.spoken)


@holds(Access.SIGNED_IN)
@strawberry.type
class PolicyTier:
    key: str
    label: str


@holds(Access.SIGNED_IN)
@strawberry.type(description="A priority as the policy defines it: rank 1 is the most urgent, key is stable.")
class Priority:
    key: str
    rank: int
    label: str


@holds(Access.SIGNED_IN)
@strawberry.type
class Policy(Node):
    key: str
    version: date
    name: str
    provider: str
    tiers: list[PolicyTier]
    clauses: list[Clause]
    priorities: list[Priority]


def policy_uuid(key: str, version: date) -> UUID:
    """Policies are files, not rows: their id follows from key and version."""
    return uuid5(NAMESPACE_URL, f"policy:{key}:{version.isoformat()}")


def clause_of(clause: sla.policy.Clause, locale: Locale) -> Clause:
    return Clause(
        id=strawberry.ID(clause.id),
        key=clause.key,
        document=clause.document,
        version=clause.version,
        section=clause.section,
        told=clause,
        spoken=locale,
    )


def policy_of(policy: sla.policy.Policy, locale: Locale) -> Policy:
    return Policy(
        id=strawberry.ID(encode_id("Policy", policy_uuid(policy.key, policy.version))),
        key=policy.key,
        version=policy.version,
        name=policy.name,
        provider=policy.provider,
        tiers=[PolicyTier(key=tier.key, label=say(tier.labels, locale)) for tier in policy.tiers],
        clauses=[clause_of(clause, locale) for clause in policy.clauses],
        priorities=[priority_of(priority, locale) for priority in policy.priorities],
    )


def priority_of(priority: sla.policy.Priority, locale: Locale) -> Priority:
    """A priority with its label in the viewer's language."""
    return Priority(key=priority.key, rank=priority.rank, label=say(priority.labels, locale))
