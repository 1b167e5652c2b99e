"""Fair use: when use is excessive, and when something may be done about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from sla import messages
from sla.agreement import Policy
from sla.calendar import instant_of, seconds_of
from sla.errors import Refused, TermMissing
from sla.service_terms import FairUseTerms
from sla.terms import Clause
from sla.vocabulary import RefusalCode, fill
from sla.zones import first_second


class FairUseState(StrEnum):
    """How far a case is: told, in the days to come back to normal, or open to measures (QX-139)."""

    INFORMED = "INFORMED"
    GRACE = "GRACE"
    MEASURE = "MEASURE"


@dataclass(frozen=True, slots=True)
class UseJudgement:
    """`longest_run` is the most days in a row on which the use was over the limit."""

    excessive: bool
    longest_run: int
    clause: Clause


def judge_use(
    policy: Policy, daily: Sequence[Decimal], comparables: Sequence[Sequence[Decimal]]
) -> UseJudgement:
    """Whether use was excessive: over so many times the mean of the comparable customers, day after day.

    `comparables` hold the same days, one sequence a customer, the customer itself left out; without any there
    is no mean and nothing is excessive. Strictly more counts, and a day at or under ends the run (QX-136,
    QX-141). Raises ValueError where the days differ, TermMissing without a fair use policy.
    """
    terms = _terms(policy)
    if any(len(days) != len(daily) for days in comparables):
        raise ValueError("the comparables must have as many days as the use")
    run = longest = 0
    for day, used in enumerate(daily):
        total = sum((days[day] for days in comparables), Decimal(0))
        over = bool(comparables) and used * len(comparables) > terms.times * total
        run = run + 1 if over else 0
        longest = max(longest, run)
    excessive = longest >= terms.days
    return UseJudgement(excessive, longest, terms.clause if excessive else terms.peaks_clause)


def measure_allowed_from(policy: Policy, informed_on: date) -> datetime:
    """The local midnight after the days that the customer has to come back to normal; raises TermMissing."""
    after = informed_on + timedelta(days=_terms(policy).grace_days + 1)
    return instant_of(first_second(policy.zone, after.toordinal()))


def check_measure(
    policy: Policy, *, informed_on: date, at: datetime, acute: bool = False, reason: str | None = None
) -> None:
    """Refuses a measure before its time; an acute disturbance needs no term but a reason (QX-139, QX-140)."""
    terms = _terms(policy)
    if acute:
        if not (reason or "").strip():
            raise Refused(
                RefusalCode.INVALID, messages.ACUTE_NEEDS_REASON, terms.acute_clause, path=("reason",)
            )
        return
    allowed = measure_allowed_from(policy, informed_on)
    if seconds_of(at) < seconds_of(allowed):
        texts = fill(messages.MEASURE_TOO_EARLY, days=str(terms.grace_days))
        raise Refused(RefusalCode.TOO_EARLY, texts, terms.grace_clause, path=("at",))


def fair_use_state(policy: Policy, informed_on: date, at: datetime) -> FairUseState:
    """How far a case is that the customer was told of then."""
    if at >= measure_allowed_from(policy, informed_on):
        return FairUseState.MEASURE
    morning = instant_of(first_second(policy.zone, (informed_on + timedelta(days=1)).toordinal()))
    return FairUseState.GRACE if at >= morning else FairUseState.INFORMED


def _terms(policy: Policy) -> FairUseTerms:
    if policy.service.fair_use is None:
        raise TermMissing(policy.key, "fair_use")
    return policy.service.fair_use
