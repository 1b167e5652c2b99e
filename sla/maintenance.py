"""When maintenance may be done, how long before it is announced, and how much of it a month may have."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from sla import messages
from sla.agreement import Policy
from sla.calendar import seconds_of
from sla.errors import Refused, TermMissing
from sla.releases import in_release_week
from sla.terms import Clause
from sla.vocabulary import RefusalCode, Text, fill


class WindowKind(StrEnum):
    REGULAR = "REGULAR"
    RELEASE = "RELEASE"
    EMERGENCY = "EMERGENCY"


@dataclass(frozen=True, slots=True)
class Announcement:
    """A maintenance window as it is announced; `announced_at` None is not announced at all.

    `summary` and `impact` are the overview of the work and of what customers notice; None is not looked at.
    """

    kind: WindowKind
    starts_at: datetime
    announced_at: datetime | None = None
    reason: str | None = None
    summary: str | None = None
    impact: str | None = None


def check_announcement(policy: Policy, announcement: Announcement) -> None:
    """Refuses a window that the agreement does not allow (QX-085 to QX-089); raises TermMissing without one."""
    terms = policy.service.maintenance
    if terms.notice_days is None:
        raise TermMissing(policy.key, "maintenance.notice")
    for field, text in (("summary", announcement.summary), ("impact", announcement.impact)):
        if text is not None and not text.strip():
            raise _refused(messages.MAINTENANCE_DETAILS, terms.details_clause, field)
    if announcement.kind is WindowKind.EMERGENCY:
        _check_emergency(policy, announcement)
    elif announcement.kind is WindowKind.RELEASE and in_release_week(policy, announcement.starts_at):
        return
    else:
        _check_regular(policy, announcement)


def notice_given(policy: Policy, announced_at: datetime, starts_at: datetime) -> bool:
    """Whether regular maintenance was announced in time, by the local clock; True where no notice is agreed."""
    days = policy.service.maintenance.notice_days
    if days is None:
        return True
    zone = ZoneInfo(policy.zone)
    earliest = announced_at.astimezone(zone).replace(tzinfo=None) + timedelta(days=days)
    return starts_at.astimezone(zone).replace(tzinfo=None) >= earliest


def is_standard_time(policy: Policy, at: datetime) -> bool:
    """Whether that is a usual time for service maintenance (S4-078); raises TermMissing."""
    standard = policy.service.maintenance.standard_times
    if standard is None:
        raise TermMissing(policy.key, "maintenance.standard_times")
    return standard.calendar.is_open(at)


def budget_left(policy: Policy, minutes: int) -> int:
    """What is left of the month's minutes for maintenance that causes severity-1 faults; negative when over.

    Source: S4-075. Raises TermMissing.
    """
    budget = policy.service.maintenance.budget_minutes
    if budget is None:
        raise TermMissing(policy.key, "maintenance.budget")
    return budget - minutes


def _check_emergency(policy: Policy, announcement: Announcement) -> None:
    clause = policy.service.maintenance.emergency_clause
    announced = announcement.announced_at
    if announced is None or seconds_of(announced) >= seconds_of(announcement.starts_at):
        raise _refused(messages.EMERGENCY_TOO_LATE, clause, "announcedAt", RefusalCode.TOO_LATE)
    if not (announcement.reason or "").strip():
        raise _refused(messages.EMERGENCY_NEEDS_REASON, clause, "reason")


def _check_regular(policy: Policy, announcement: Announcement) -> None:
    terms = policy.service.maintenance
    announced = announcement.announced_at
    if announced is None or not notice_given(policy, announced, announcement.starts_at):
        texts = fill(messages.MAINTENANCE_TOO_LATE, days=str(terms.notice_days))
        raise _refused(texts, terms.notice_clause, "startsAt", RefusalCode.TOO_EARLY)
    start = announcement.starts_at.astimezone(ZoneInfo(policy.zone))
    second = start.hour * 3600 + start.minute * 60 + start.second
    early = terms.not_before is not None and second < terms.not_before
    if early and not (announcement.reason or "").strip():
        raise _refused(messages.MAINTENANCE_NEEDS_REASON, terms.not_before_clause, "reason")


def _refused(
    texts: Text, clause: Clause | None, field: str, code: RefusalCode = RefusalCode.INVALID
) -> Refused:
    return Refused(code, texts, clause, path=(field,))
