"""What was reached in practice, held against the percentile bands of an agreement: for reports only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from sla.agreement import Policy
from sla.service_terms import Band, Practice
from sla.vocabulary import ClockKind

TENTH = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class BandReached:
    """`share` is the percentage of tickets within the band's time; None without tickets or working time."""

    band: Band
    share: Decimal | None

    @property
    def reached(self) -> bool | None:
        return None if self.share is None else self.share >= self.band.percent


def practice_of(policy: Policy, clock: ClockKind, priority: str) -> Practice | None:
    """The bands that the agreement tells for a clock and a priority; they are never binding (QX-045)."""
    for practice in policy.service.practice:
        if practice.clock is clock and priority in practice.priorities:
            return practice
    return None


def bands_reached(
    policy: Policy, tier: str | None, practice: Practice, used_seconds: Sequence[int]
) -> tuple[BandReached, ...]:
    """Each band with the share of tickets whose clock used no more than its time."""
    calendar = policy.support_hours(tier).calendar
    return tuple(
        BandReached(
            band, None if band.within is None else _share(used_seconds, band.within.seconds(calendar))
        )
        for band in practice.bands
    )


def _share(used_seconds: Sequence[int], most: int) -> Decimal | None:
    if not used_seconds:
        return None
    within = sum(used <= most for used in used_seconds)
    return (Decimal(100) * within / len(used_seconds)).quantize(TENTH, ROUND_HALF_UP)
