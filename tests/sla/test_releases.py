"""The release calendar and the rings."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from sla.errors import Refused, TermMissing
from sla.releases import check_release_exception, first_ring, in_release_week, release_schedule, ring
from tests.sla.agreements import local, policy

QIXIUM = "qixium"


@pytest.mark.clause("QX-117")
def test_there_is_a_release_on_the_first_monday_of_each_month() -> None:
    schedule = release_schedule(policy(QIXIUM), 2026)
    assert len(schedule) == 12
    days = [release.rollout_from for release in schedule]
    assert days[2:6] == [date(2026, 3, 2), date(2026, 4, 6), date(2026, 5, 4), date(2026, 6, 1)]
    assert all(day.weekday() == 0 and day.day <= 7 for day in days)
    assert all(release.indicative for release in schedule)
    assert [release.rollout_from for release in schedule if release.holiday_conflict] == [date(2026, 4, 6)]


@pytest.mark.clause("QX-117")
def test_the_schedule_begins_in_2026() -> None:
    assert release_schedule(policy(QIXIUM), 2025) == ()
    assert release_schedule(policy(QIXIUM), 2026)[0].rollout_from == date(2026, 1, 5)


@pytest.mark.clause("QX-118")
def test_a_roll_out_takes_a_week() -> None:
    for release in release_schedule(policy(QIXIUM), 2026):
        assert release.rollout_until - release.rollout_from == timedelta(days=7)
    assert in_release_week(policy(QIXIUM), local("2026-05-04 00:00"))
    assert not in_release_week(policy(QIXIUM), local("2026-05-11 00:00"))
    assert not in_release_week(policy("oxygis"), local("2026-05-04 00:00"))


@pytest.mark.clause("QX-111")
def test_a_tenant_begins_in_the_first_ring() -> None:
    assert first_ring(policy(QIXIUM)).key == "BROAD"
    releases = policy(QIXIUM).service.releases
    assert releases is not None
    assert [each.key for each in releases.rings] == ["BROAD", "TARGETED", "PREVIEW", "EARLY_ACCESS"]


@pytest.mark.clause("QX-112", "QX-113", "QX-114", "QX-115")
@pytest.mark.parametrize(
    ("key", "tiers", "clause"),
    [
        ("BROAD", {"SUPPORT", "QAAS"}, "QX-112"),
        ("TARGETED", {"SUPPORT", "QAAS"}, "QX-113"),
        ("PREVIEW", {"QAAS"}, "QX-114"),
        ("EARLY_ACCESS", {"QAAS"}, "QX-115"),
    ],
)
def test_a_ring_is_for_the_tiers_that_offer_it(key: str, tiers: set[str], clause: str) -> None:
    for tier in ("SUPPORT", "QAAS"):
        if tier in tiers:
            assert ring(policy(QIXIUM), tier, key).clause.key == clause
            continue
        with pytest.raises(Refused) as refusal:
            ring(policy(QIXIUM), tier, key)
        assert refusal.value.code == "NOT_SUPPORTED_BY_TIER"
        assert refusal.value.clause is not None
        assert refusal.value.clause.key == clause


def test_a_ring_that_there_is_not_lists_those_that_there_are() -> None:
    with pytest.raises(Refused, match="BROAD, TARGETED"):
        ring(policy(QIXIUM), "QAAS", "NIGHTLY")


@pytest.mark.clause("QX-116")
def test_another_release_moment_is_for_qaas_and_in_writing() -> None:
    check_release_exception(policy(QIXIUM), "QAAS", "AGR-9")
    for tier, reference in (("SUPPORT", "AGR-9"), ("QAAS", " ")):
        with pytest.raises(Refused) as refusal:
            check_release_exception(policy(QIXIUM), tier, reference)
        assert refusal.value.clause is not None
        assert refusal.value.clause.key == "QX-116"


def test_an_agreement_without_releases_says_so() -> None:
    with pytest.raises(TermMissing, match="releases"):
        release_schedule(policy("oxygis"), 2026)
