"""The release calendar, and the rings that a tier may be in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sla import messages
from sla.agreement import Policy
from sla.errors import Refused, TermMissing
from sla.service_terms import ReleaseTerms, Ring
from sla.terms import Clause
from sla.vocabulary import RefusalCode, fill


@dataclass(frozen=True, slots=True)
class Release:
    """A planned release: rolled out from its first day up to and without `rollout_until`.

    `holiday_conflict`: the day is a holiday of the tier's calendar; `indicative`: the date is no promise.
    """

    rollout_from: date
    rollout_until: date
    indicative: bool
    holiday_conflict: bool
    clause: Clause


def release_schedule(policy: Policy, year: int, tier: str | None = None) -> tuple[Release, ...]:
    """The releases of the year, one a month from the day that the schedule began (QX-117).

    Raises TermMissing; without a tier the first one's holidays are looked at.
    """
    terms = _terms(policy)
    calendar = policy.support_hours(tier or policy.tiers[0].key).calendar
    days = (_nth(terms, year, month) for month in range(1, 13))
    return tuple(
        Release(
            rollout_from=day,
            rollout_until=day + timedelta(days=terms.rollout_days),
            indicative=terms.indicative,
            holiday_conflict=calendar.reason_closed(day) is not None,
            clause=terms.clause,
        )
        for day in days
        if day >= terms.since
    )


def in_release_week(policy: Policy, at: datetime) -> bool:
    """Whether a release is being rolled out then, by the local calendar; False without a schedule."""
    if policy.service.releases is None:
        return False
    day = at.astimezone(ZoneInfo(policy.zone)).date()
    return any(
        release.rollout_from <= day < release.rollout_until
        for year in (day.year - 1, day.year)
        for release in release_schedule(policy, year)
    )


def first_ring(policy: Policy) -> Ring:
    """The ring of a tenant that nobody has assigned yet (QX-111). Raises TermMissing."""
    return _terms(policy).rings[0]


def ring(policy: Policy, tier: str | None, key: str) -> Ring:
    """The ring for a tenant of that tier; refuses one that the tier does not offer (QX-112 to QX-115)."""
    terms = _terms(policy)
    for each in terms.rings:
        if each.key == key:
            if policy.tier(tier).key not in each.tiers:
                texts = fill(messages.RING_NOT_IN_TIER, tiers=", ".join(sorted(each.tiers)))
                raise Refused(RefusalCode.NOT_SUPPORTED_BY_TIER, texts, each.clause, path=("ring",))
            return each
    texts = fill(messages.RING_UNKNOWN, rings=", ".join(each.key for each in terms.rings))
    raise Refused(RefusalCode.INVALID, texts, terms.rings_clause, path=("ring",))


def check_release_exception(policy: Policy, tier: str | None, reference: str) -> None:
    """Refuses another release moment for a tier without that right, or without a written reference (QX-116)."""
    terms = _terms(policy)
    if policy.tier(tier).key not in terms.exception_tiers:
        texts = fill(messages.RELEASE_EXCEPTION_NOT_IN_TIER, tiers=", ".join(sorted(terms.exception_tiers)))
        raise Refused(RefusalCode.NOT_SUPPORTED_BY_TIER, texts, terms.exception_clause, path=("tier",))
    if not reference.strip():
        raise Refused(
            RefusalCode.INVALID, messages.REFERENCE_MISSING, terms.exception_clause, path=("reference",)
        )


def _terms(policy: Policy) -> ReleaseTerms:
    if policy.service.releases is None:
        raise TermMissing(policy.key, "releases")
    return policy.service.releases


def _nth(terms: ReleaseTerms, year: int, month: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(terms.weekday - first.weekday()) % 7 + 7 * (terms.nth - 1))
