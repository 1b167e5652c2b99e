"""What would be due, and why, without registering anything."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import strawberry
from strawberry.types import Info

from api.access import Access, holds
from api.clocks import SlaClock, clock_of
from api.context import Context
from api.enums import Channel, Environment, ProblemKind, TicketType
from api.fields import query
from api.http_errors import BadUserInput
from api.policies import Priority, priority_of
from sla.clock import ClockResult
from sla.deadlines import elapsed_seconds, judge
from sla.errors import Refused, UnknownTier
from sla.explain import explain
from sla.policy import Policy, UnknownPolicy
from sla.registration import Report, register
from sla.scope import check_addenda
from sla.targets import Subject, terms_of
from sla.vocabulary import ClockKind, Locale, Origin, say
from tenants.contracts.queries import policy_versions

EARLIEST_YEAR, LATEST_YEAR = 1970, 2390


@strawberry.input
class SlaPreviewInput:
    policy_key: str
    tier: str | None = strawberry.UNSET
    type: TicketType
    priority_key: str | None = strawberry.UNSET
    impact: int | None = strawberry.UNSET
    urgency: int | None = strawberry.UNSET
    environment: Environment | None = strawberry.UNSET
    channel: Channel | None = strawberry.UNSET
    component: str | None = strawberry.UNSET
    problem_kind: ProblemKind | None = strawberry.UNSET
    addenda: list[str] | None = strawberry.UNSET
    registered_at: datetime


@holds(Access.SIGNED_IN)
@strawberry.type
class SlaPreview:
    priority: Priority | None
    covered_by_support: bool
    response_clock: SlaClock
    resolution_clock: SlaClock


@strawberry.type
class PreviewQueries:
    @query(Access.SIGNED_IN, description="What would be due, and why, without registering anything.")
    async def sla_preview(self, info: Info[Context, None], input: SlaPreviewInput) -> SlaPreview | None:
        context = info.context
        try:
            policy = await _policy(context, input.policy_key)
            subject = _subject(policy, input)
        except UnknownPolicy:
            raise BadUserInput(f"There is no policy {input.policy_key[:40]!r}.") from None
        except UnknownTier:
            tiers = ", ".join(tier.key for tier in policy.tiers)
            raise BadUserInput(f"Name one of the policy's tiers: {tiers}.") from None
        except Refused as refused:
            clause = f" ({refused.clause.key})" if refused.clause else ""
            raise BadUserInput(say(refused.texts, context.locale) + clause) from None
        return _preview(subject, context.locale)


async def _policy(context: Context, key: str) -> Policy:
    """The newest version; for an account only where it has a contract under that policy. Raises `UnknownPolicy`."""
    policy = context.portal.library.get(key)
    if not context.is_operator:
        own = {held for held, _ in await policy_versions(await context.reader())}
        if key not in own:
            raise UnknownPolicy(key)
    return policy


def _subject(policy: Policy, given: SlaPreviewInput) -> Subject:
    """The ticket as it would be at registration, with the priority asked for as the vendor's decision."""
    at = _moment(given.registered_at, ZoneInfo(policy.zone))
    addenda = frozenset(given.addenda or ())
    check_addenda(policy, addenda)
    tier = policy.tier(given.tier or None).key
    report = Report(
        type=given.type,
        at=at,
        origin=Origin.OPERATOR,
        environment=given.environment or Environment.PRODUCTION,
        channel=given.channel or None,
        component=given.component or None,
        problem_kind=given.problem_kind or None,
        addenda=addenda,
        urgency=given.urgency if isinstance(given.urgency, int) else None,
        impact=given.impact if isinstance(given.impact, int) else None,
        priority=given.priority_key or None,
        reason="preview",
    )
    return Subject(policy, tier, register(policy, tier, report), at)


def _moment(at: datetime, zone: ZoneInfo) -> datetime:
    """A reading without an offset is one in the agreement's zone. Calendars are worked out for no more years."""
    if at.tzinfo is None:
        at = at.replace(tzinfo=zone)
    years = range(EARLIEST_YEAR, LATEST_YEAR + 1)
    # The first year has no day before it: its own reading is looked at before it is moved to UTC.
    if at.year not in years or at.astimezone(UTC).year not in years:
        raise BadUserInput(f"Give a moment in the years {EARLIEST_YEAR} to {LATEST_YEAR}.")
    return at


def _preview(subject: Subject, locale: Locale) -> SlaPreview:
    now = subject.registered_at
    verdict = judge(subject, [], now)
    key = subject.registration.priority
    priority = subject.policy.priority(key) if key else None
    return SlaPreview(
        priority=priority_of(priority, locale) if priority else None,
        covered_by_support=subject.registration.covered,
        response_clock=_clock(subject, verdict.response, ClockKind.RESPONSE, locale),
        resolution_clock=_clock(subject, verdict.resolution, ClockKind.RESOLUTION, locale),
    )


def _clock(subject: Subject, result: ClockResult, kind: ClockKind, locale: Locale) -> SlaClock:
    now = subject.registered_at
    calendar = terms_of(subject, kind, subject.registration).calendar
    elapsed = elapsed_seconds(result, calendar, now)
    return clock_of(result, elapsed, explain(subject, [], now, kind), locale)
