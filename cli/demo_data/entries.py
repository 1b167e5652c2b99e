"""How a demo ticket comes in: by the portal, by telephone or mail, or from the monitoring."""

from cli.demo_data.cast import Caller, Cast
from cli.demo_data.plans import TicketPlan
from cli.demo_data.topic import Topic
from sla.policy import Policy
from sla.vocabulary import Channel, Origin
from tenants.acts import SYSTEM, Actor
from tenants.tickets.service import NewTicket

BY_OPERATOR = 0.18


def entry(plan: TicketPlan, policy: Policy, tier: str, cast: Cast) -> tuple[NewTicket, Actor]:
    """The report and who makes it."""
    topic, random = plan.topic, plan.random
    if topic.monitoring:
        return _new(plan, None, Origin.MONITORING, Channel.MONITORING, topic.priority), SYSTEM
    channels = _vendors_channels(plan, policy, tier)
    if channels and random.random() < BY_OPERATOR:
        caller, channel = random.choice(cast.callers), random.choice(channels)
        priority = topic.priority or topic.wish
        return _new(plan, caller, Origin.OPERATOR, channel, priority), cast.agent(random)
    caller = random.choice(cast.members)
    return _new(plan, caller, Origin.CUSTOMER, None, topic.wish), caller.actor


def needs_classification(topic: Topic, new: NewTicket) -> bool:
    """Whether the vendor judges the ticket after it came in: not where it decided while noting it."""
    return new.origin is Origin.CUSTOMER or (topic.priority is None and topic.judged_impact is not None)


def _vendors_channels(plan: TicketPlan, policy: Policy, tier: str) -> list[Channel]:
    """Telephone and mail, as far as the agreement takes this ticket by them at that hour."""
    open_now = policy.support_hours(tier).calendar.is_open(plan.at)
    return [
        rule.channel
        for rule in policy.channels
        if rule.channel in {Channel.PHONE, Channel.EMAIL}
        and rule.channel in policy.channels_for(Origin.OPERATOR, tier)
        and (open_now or rule.outside_hours is None)
        and (not rule.priorities or plan.topic.priority in rule.priorities)
    ]


def _new(
    plan: TicketPlan, caller: Caller | None, origin: Origin, channel: Channel | None, priority: str | None
) -> NewTicket:
    topic = plan.topic
    return NewTicket(
        subject=plan.subject,
        description=plan.description,
        type=topic.type,
        origin=origin,
        contact_id=caller.contact_id if caller else None,
        environment=topic.environment,
        channel=channel,
        component=topic.component,
        problem_kind=topic.problem_kind,
        urgency=topic.urgency,
        impact=topic.impact,
        priority_key=priority,
    )
