"""What was reached in practice: told beside the promise, and never a due moment."""

from __future__ import annotations

from decimal import Decimal

import pytest

from sla.practice import bands_reached, practice_of
from sla.vocabulary import ClockKind
from tests.sla.agreements import policy, ticket, verdict

HOUR = 3600
RESPONSE, RESOLUTION = ClockKind


@pytest.mark.clause("QX-045", "QX-047", "QX-049", "S4-032", "S4-033")
@pytest.mark.parametrize(
    ("key", "clock", "priority", "clause", "bands"),
    [
        ("qixium", RESOLUTION, "LOW", "QX-045", [(90, "16 hours"), (95, "24 hours"), (100, "32 hours")]),
        ("qixium", RESOLUTION, "NORMAL", "QX-047", [(90, "8 hours"), (95, "16 hours"), (100, "20 hours")]),
        ("qixium", RESOLUTION, "HIGH", "QX-049", [(90, "4 hours"), (95, "8 hours"), (100, "12 hours")]),
        ("s4m-support", RESPONSE, "LOW", "S4-032", [(100, "1 day")]),
        ("s4m-support", RESPONSE, "NORMAL", "S4-032", [(100, "1 day")]),
        ("s4m-support", RESPONSE, "HIGH", "S4-033", [(100, "4 hours")]),
        ("s4m-support", RESOLUTION, "NORMAL", "S4-032", [(70, "1 day"), (95, "5 days"), (100, "3 months")]),
        ("s4m-support", RESOLUTION, "HIGH", "S4-033", [(70, "1 day"), (98, "2 days"), (100, "3 months")]),
    ],
)
def test_the_bands_are_told_and_not_binding(
    key: str, clock: ClockKind, priority: str, clause: str, bands: list[tuple[int, str]]
) -> None:
    found = practice_of(policy(key), clock, priority)
    assert found is not None
    assert (found.clause.key, found.binding) == (clause, False)
    assert [(band.percent, band.text) for band in found.bands] == bands


@pytest.mark.clause("QX-045")
def test_a_band_makes_no_due_moment() -> None:
    low = verdict(ticket("qixium", "2026-03-10 08:30", "LOW")).resolution
    assert low.target_seconds == 32 * HOUR


def test_a_report_holds_what_was_used_against_the_bands() -> None:
    found = practice_of(policy("qixium"), RESOLUTION, "HIGH")
    assert found is not None
    used = [4 * HOUR] * 8 + [4 * HOUR + 1, 12 * HOUR]
    shares = bands_reached(policy("qixium"), "SUPPORT", found, used)
    assert [each.share for each in shares] == [Decimal("80.0"), Decimal("90.0"), Decimal("100.0")]
    assert [each.reached for each in shares] == [False, False, True]
    assert [each.reached for each in bands_reached(policy("qixium"), "SUPPORT", found, [])] == [None] * 3


def test_a_band_in_days_is_one_of_the_tiers_own_days() -> None:
    found = practice_of(policy("s4m-support"), RESOLUTION, "LOW")
    assert found is not None
    for tier, hours in (("DEFAULT", 6), ("EXTENDED", 9)):
        day = bands_reached(policy("s4m-support"), tier, found, [hours * HOUR, hours * HOUR + 1])
        assert day[0].share == Decimal("50.0")
        assert day[2].share is None, "months are not working time"


def test_an_agreement_without_bands_has_none() -> None:
    assert practice_of(policy("oxygis"), RESPONSE, "MAJOR") is None
