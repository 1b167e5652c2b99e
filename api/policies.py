"""Agreements as the API shows them: policies by key and version, and their clauses."""

from datetime import date
from uuid import NAMESPACE_URL, UUID, uuid5

import strawberry

import sla.policy
from api.access import Access, holds
from api.enums import Layer
from api.ids import encode_id
from api.nodes import Node
from sla.layers import EffectiveTerm, effective_terms
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
@strawberry.type(
    description="A term that holds, with the layer that it comes from and the clause that says so."
)
class Term:
    key: str = strawberry.field(description="Such as response.HIGH or availability.target.")
    value: str | None = strawberry.field(
        description='Written as in policy files, such as "2 hours"; null is left open.'
    )
    layer: Layer
    reference: str | None = strawberry.field(description="The written agreement, where it is not the policy.")
    clause: Clause | None


@holds(Access.SIGNED_IN)
@strawberry.type(description="What the agreement tells and nothing is computed from.")
class PolicyFact:
    key: str
    values: list[str]
    clause: Clause


@holds(Access.SIGNED_IN)
@strawberry.type(description="What a tier has of something, in a word: YES, BASIC, 4.")
class PolicyFeature:
    key: str
    value: str
    clause: Clause


@holds(Access.SIGNED_IN)
@strawberry.type(description="A party's letter in a step: R, A, C or I.")
class RaciRole:
    party: str
    letter: str


@holds(Access.SIGNED_IN)
@strawberry.type(
    description="A step of the ticket process and who is responsible, accountable, consulted, informed."
)
class WorkflowStep:
    number: int
    label: str
    raci: list[RaciRole]
    clause: Clause


@holds(Access.SIGNED_IN)
@strawberry.type
class PolicyTier:
    key: str
    label: str
    told: strawberry.Private[sla.policy.Policy]
    spoken: strawberry.Private[Locale]

    @strawberry.field
    def terms(self) -> list[Term]:
        return [term_of(term, self.spoken) for term in effective_terms(self.told, self.key)]

    @strawberry.field
    def features(self) -> list[PolicyFeature]:
        return [
            PolicyFeature(
                key=each.key, value=each.values[self.key], clause=clause_of(each.clause, self.spoken)
            )
            for each in self.told.service.features
        ]


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
    told: strawberry.Private[sla.policy.Policy]
    spoken: strawberry.Private[Locale]

    @strawberry.field
    def facts(self) -> list[PolicyFact]:
        return [
            PolicyFact(key=fact.key, values=list(fact.values), clause=clause_of(fact.clause, self.spoken))
            for fact in self.told.service.facts
        ]

    @strawberry.field
    def workflow(self) -> list[WorkflowStep]:
        return [
            WorkflowStep(
                number=step.number,
                label=say(step.labels, self.spoken),
                raci=[RaciRole(party=party, letter=letter) for party, letter in step.raci.items()],
                clause=clause_of(step.clause, self.spoken),
            )
            for step in self.told.service.workflow
        ]


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
        tiers=[
            PolicyTier(key=tier.key, label=say(tier.labels, locale), told=policy, spoken=locale)
            for tier in policy.tiers
        ],
        clauses=[clause_of(clause, locale) for clause in policy.clauses],
        priorities=[priority_of(priority, locale) for priority in policy.priorities],
        told=policy,
        spoken=locale,
    )


def term_of(term: EffectiveTerm, locale: Locale) -> Term:
    """A term that holds, its clause in the viewer's language."""
    return Term(
        key=term.key,
        value=term.value,
        layer=term.layer,
        reference=term.reference,
        clause=clause_of(term.clause, locale) if term.clause else None,
    )


def priority_of(priority: sla.policy.Priority, locale: Locale) -> Priority:
    """A priority with its label in the viewer's language."""
    return Priority(key=priority.key, rank=priority.rank, label=say(priority.labels, locale))
