"""The ways in: which channel is open to whom, when, and for what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sla import messages
from sla.agreement import Policy
from sla.errors import Refused
from sla.terms import ChannelRule, Tier
from sla.vocabulary import Channel, Origin, RefusalCode, Text, fill


@dataclass(frozen=True, slots=True)
class Entry:
    """Who comes in by what channel, and how urgent that is said (`wish`) or judged (`decided`) to be.

    `only` are the priorities that this door is for; empty is all.
    """

    origin: Origin
    wanted: Channel | None
    at: datetime
    decided: str | None
    wish: str | None
    only: frozenset[str] = frozenset()

    @property
    def channel(self) -> Channel:
        return self.wanted or USUAL[self.origin]


USUAL = {
    Origin.CUSTOMER: Channel.PORTAL,
    Origin.INTEGRATION: Channel.API,
    Origin.OPERATOR: Channel.PORTAL,
    Origin.MONITORING: Channel.MONITORING,
}


def enter(policy: Policy, tier: Tier, entry: Entry) -> Entry:
    """The entry, with the priority decided where the channel takes only some. Raises Refused."""
    rule = policy.channel_rule(entry.channel)
    if rule is None or not rule.accepted or entry.origin not in rule.origins:
        clause = policy.channels[0].clause if rule is None else rule.clause
        raise Refused(
            RefusalCode.CHANNEL_NOT_COVERED, messages.CHANNEL_NOT_ACCEPTED, clause, path=("channel",)
        )
    if rule.tiers and tier.key not in rule.tiers:
        raise Refused(
            RefusalCode.NOT_SUPPORTED_BY_TIER, messages.CHANNEL_NOT_IN_TIER, rule.clause, path=("channel",)
        )
    if rule.priorities:
        return _narrow(rule, entry, rule.priorities, messages.CHANNEL_NEEDS_PRIORITY)
    if rule.outside_hours is None or policy.support_hours(tier.key).calendar.is_open(entry.at):
        return entry
    return _narrow(rule, entry, rule.outside_hours, messages.CHANNEL_OUTSIDE_HOURS)


def _narrow(rule: ChannelRule, entry: Entry, priorities: frozenset[str], refusal: Text) -> Entry:
    """Lets in only these priorities; the one that opened the door is then the ticket's."""
    said = entry.decided or entry.wish
    if said not in priorities:
        texts = fill(refusal, priorities=", ".join(sorted(priorities)))
        clause = rule.narrow_clause or rule.clause
        raise Refused(RefusalCode.CHANNEL_NOT_COVERED, texts, clause, path=("channel",))
    return Entry(entry.origin, entry.channel, entry.at, said, entry.wish, priorities)


def check_narrowed(policy: Policy, entry: Entry, priority: str | None) -> None:
    """Refuses what came through a door for some priorities only and turned out to have none of them (QX-056)."""
    rule = policy.channel_rule(entry.channel)
    if rule is not None and entry.only and priority not in entry.only:
        texts = fill(messages.CHANNEL_NEEDS_PRIORITY, priorities=", ".join(sorted(entry.only)))
        clause = rule.narrow_clause or rule.clause
        raise Refused(RefusalCode.CHANNEL_NOT_COVERED, texts, clause, path=("channel",))
