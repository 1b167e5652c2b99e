"""One version of a service level agreement, as data with a few look-ups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from sla.errors import UnknownTier
from sla.service_terms import ServiceTerms
from sla.terms import (
    AutoClose,
    ChannelRule,
    Classification,
    Clause,
    ClockClauses,
    ClockStart,
    ConsultancyTerms,
    EnvironmentRule,
    Limit,
    Priority,
    Rate,
    ScopeRule,
    Statuses,
    SupportHours,
    Target,
    Tier,
    TypeRule,
)
from sla.vocabulary import (
    Channel,
    ClockKind,
    Environment,
    Locale,
    Origin,
    TicketStatus,
    TicketType,
    WorkKind,
)

NOWHERE: frozenset[TicketStatus] = frozenset()


@dataclass(frozen=True, slots=True, eq=False)
class Policy:
    """An agreement as a vendor publishes it; `version` is the day that it is valid from."""

    key: str
    version: date
    name: str
    provider: str
    document: str
    zone: str
    default_locale: Locale
    tiers: tuple[Tier, ...]
    priorities: tuple[Priority, ...]
    clauses: tuple[Clause, ...]
    hours: Mapping[str, SupportHours]
    types: Mapping[TicketType, TypeRule]
    types_clause: Clause
    classification: Classification
    channels: tuple[ChannelRule, ...]
    environments: tuple[EnvironmentRule, ...]
    scopes: tuple[ScopeRule, ...]
    addenda: Mapping[str, str]
    targets: tuple[Target, ...]
    clocks: ClockClauses
    statuses: Statuses
    auto_close: AutoClose | None
    contact_limits: Mapping[str, Limit]
    consultancy: ConsultancyTerms
    service: ServiceTerms
    readings: Mapping[str, str]

    def tier(self, key: str | None) -> Tier:
        """The tier; without a key the only one that there is. Raises UnknownTier."""
        if key is None and len(self.tiers) == 1:
            return self.tiers[0]
        for tier in self.tiers:
            if tier.key == key:
                return tier
        raise UnknownTier(f"{self.key} has no tier {key}")

    def priority(self, key: str) -> Priority | None:
        """The priority of that key or alias."""
        return next((each for each in self.priorities if key == each.key or key in each.aliases), None)

    def clause(self, key: str) -> Clause:
        """The clause of this name; raises KeyError."""
        for clause in self.clauses:
            if clause.key == key:
                return clause
        raise KeyError(key)

    def support_hours(self, tier: str | None) -> SupportHours:
        """The support hours of a tier: the calendar that its days and terms are counted on."""
        return self.hours[self.tier(tier).calendar]

    def contact_limit(self, tier: str | None) -> Limit:
        """How many named contacts a contract may have."""
        return self.contact_limits[self.tier(tier).key]

    def accounts_clause(self, tier: str | None) -> Clause | None:
        """The clause by which only named contacts ask for accounts (OB-040), or who they are; None without either."""
        return self.service.accounts.contacts_only or self.contact_limit(tier).clause

    def rate(self, tier: str | None, work: WorkKind) -> Rate | None:
        """The price of that kind of work; None where the agreement has none."""
        key = self.tier(tier).key
        fitting = (rate for rate in self.consultancy.rates if not rate.tiers or key in rate.tiers)
        return next((rate for rate in fitting if work in rate.work), None)

    def environment_rule(self, environment: Environment) -> EnvironmentRule | None:
        return next((rule for rule in self.environments if environment in rule.environments), None)

    def channel_rule(self, channel: Channel) -> ChannelRule | None:
        return _channel_rule(self, channel)

    def clock_start(self, channel: Channel) -> ClockStart:
        """When the clocks of what comes through that channel begin."""
        rule = self.channel_rule(channel)
        return ClockStart.AT_ONCE if rule is None else rule.clock_start

    def channels_for(self, origin: Origin, tier: str | None) -> tuple[Channel, ...]:
        """The channels that the origin may register through; the first is its default."""
        key = self.tier(tier).key
        return tuple(
            rule.channel
            for rule in self.channels
            if rule.accepted and origin in rule.origins and (not rule.tiers or key in rule.tiers)
        )

    def next_statuses(self, status: TicketStatus) -> frozenset[TicketStatus]:
        """The statuses that a ticket in `status` may change to (a closed one by reopening)."""
        return self.statuses.transitions.get(status, frozenset())

    def pauses(self, clock: ClockKind) -> frozenset[TicketStatus]:
        """The statuses in which the clock waits; CLOSED, which stops both clocks, is not among them."""
        return self.statuses.pauses.get(clock, NOWHERE)

    def starts_at_response(self, clock: ClockKind) -> bool:
        """Whether the clock runs from the actual response instead of from registration (OB-030)."""
        return clock is ClockKind.RESOLUTION and self.clocks.handling is not None


@lru_cache(maxsize=256)
def _channel_rule(policy: Policy, channel: Channel) -> ChannelRule | None:
    return next((rule for rule in policy.channels if rule.channel is channel), None)
