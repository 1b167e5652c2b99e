"""What must be asked for some days beforehand, and what ends after some days. In whole local days."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sla import messages
from sla.agreement import Policy
from sla.calendar import instant_of, seconds_of
from sla.errors import Refused, TermMissing
from sla.service_terms import Lead
from sla.vocabulary import RefusalCode, fill
from sla.zones import first_second, local_date

OUT_OF_HOURS_REQUEST = "OUT_OF_HOURS_REQUEST"
CONSULTANT_BOOKING = "CONSULTANT_BOOKING"
LEADS = (OUT_OF_HOURS_REQUEST, CONSULTANT_BOOKING)


def earliest_day(policy: Policy, tier: str | None, lead: str, requested_on: date) -> date:
    """The first day that can be had when it is asked for then: `OUT_OF_HOURS_REQUEST`, `CONSULTANT_BOOKING`.

    The day of the request does not count; working days are those of the tier's calendar (OB-033, S4-011).
    Raises TermMissing and UnknownTier.
    """
    agreed = _lead(policy, tier, lead)
    if not agreed.working:
        return requested_on + timedelta(days=agreed.days)
    return policy.support_hours(tier).calendar.add_working_days(requested_on, agreed.days)


def check_booking(policy: Policy, tier: str | None, lead: str, *, requested_on: date, wanted: date) -> None:
    """Refuses a day that was asked for too late. Raises TermMissing and UnknownTier."""
    earliest = earliest_day(policy, tier, lead, requested_on)
    if wanted < earliest:
        texts = fill(messages.BOOKED_TOO_LATE, day=earliest.isoformat())
        raise Refused(RefusalCode.TOO_EARLY, texts, _lead(policy, tier, lead).clause, path=("date",))


def auto_close_days(policy: Policy, tier: str | None, waiting_since: datetime) -> tuple[date, datetime]:
    """The last working day of the term that the customer has, and the midnight from which the vendor may close.

    Source: QX-027, QX-030. Raises TermMissing and UnknownTier.
    """
    if policy.auto_close is None:
        raise TermMissing(policy.key, "auto_close")
    calendar = policy.support_hours(tier).calendar
    since = local_date(calendar.zone, seconds_of(waiting_since))
    last = calendar.add_working_days(since, policy.auto_close.working_days)
    return last, instant_of(first_second(calendar.zone, last.toordinal() + 1))


def check_period(policy: Policy, name: str, *, begins_on: date, ends_on: date) -> None:
    """Refuses what lasts longer than the agreement allows, such as `TEST_LICENCE` (OB-058); raises TermMissing."""
    if name not in policy.service.periods:
        raise TermMissing(policy.key, f"periods.{name}")
    most = policy.service.periods[name]
    if ends_on > begins_on + timedelta(days=most.value):
        texts = fill(messages.LASTS_TOO_LONG, most=str(most.value))
        raise Refused(RefusalCode.TOO_LATE, texts, most.clause, path=("endsOn",))


def _lead(policy: Policy, tier: str | None, lead: str) -> Lead:
    agreed = policy.service.leads.get(lead, {}).get(policy.tier(tier).key)
    if agreed is None:
        raise TermMissing(policy.key, f"leads.{lead}")
    return agreed
