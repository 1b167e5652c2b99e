"""Back-ups and recovery: how old, how long kept, how soon back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from sla import messages
from sla.agreement import Policy
from sla.calendar import seconds_of
from sla.errors import Refused, TermMissing
from sla.service_terms import BackupPlan, Objective, Period, PeriodUnit
from sla.vocabulary import RefusalCode, fill

HOUR = 3600


def recovery_due(policy: Policy, loss: str, since: datetime) -> tuple[datetime, Objective]:
    """When service should be back after a loss, in real time, and the objective that says so.

    Source: QX-125 to QX-129, S4-085 to S4-089. Raises TermMissing for a loss that the agreement does not name.
    """
    for objective in policy.service.recovery.objectives:
        if objective.key == loss:
            return since.astimezone(UTC) + timedelta(hours=objective.hours), objective
    raise TermMissing(policy.key, f"recovery.objectives.{loss}")


def backup_is_too_old(policy: Policy, made_at: datetime, now: datetime) -> bool:
    """Whether the newest back-up is older than the agreement allows (QX-124, S4-084); raises TermMissing."""
    hours = policy.service.recovery.oldest_hours
    if hours is None:
        raise TermMissing(policy.key, "recovery.oldest_backup")
    return seconds_of(now) - seconds_of(made_at) > hours * HOUR


def backup_plan(policy: Policy, key: str) -> BackupPlan:
    """The back-ups of that name; raises TermMissing."""
    for plan in policy.service.recovery.backups:
        if plan.key == key:
            return plan
    raise TermMissing(policy.key, f"recovery.backups.{key}")


def check_restore(policy: Policy, key: str, *, wanted: datetime, now: datetime) -> None:
    """Refuses a moment that is no longer kept, by the local clock (OX-007, OB-022), or still to come."""
    plan = backup_plan(policy, key)
    if seconds_of(wanted) > seconds_of(now):
        raise Refused(RefusalCode.INVALID, messages.RESTORE_IN_FUTURE, plan.clause, path=("at",))
    zone = ZoneInfo(policy.zone)
    here, today = (at.astimezone(zone).replace(tzinfo=None) for at in (wanted, now))
    if plan.keep is not None and here < _earlier(today, plan.keep):
        texts = fill(messages.RESTORE_TOO_OLD, kept=str(plan.keep))
        raise Refused(RefusalCode.TOO_LATE, texts, plan.clause, path=("at",))


def _earlier(at: datetime, period: Period) -> datetime:
    """That much before, by the calendar where the period is one of months or years."""
    if period.unit in {PeriodUnit.DAYS, PeriodUnit.WEEKS}:
        return at - timedelta(days=period.count * (7 if period.unit is PeriodUnit.WEEKS else 1))
    months = period.count * (12 if period.unit is PeriodUnit.YEARS else 1)
    year, month = divmod(at.year * 12 + at.month - 1 - months, 12)
    return at.replace(year=year, month=month + 1, day=min(at.day, _days_in(year, month + 1)))


def _days_in(year: int, month: int) -> int:
    return (date(year + month // 12, month % 12 + 1, 1) - date(year, month, 1)).days
