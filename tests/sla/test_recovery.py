"""Back-ups and recovery objectives."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sla.errors import Refused, TermMissing
from sla.recovery import backup_is_too_old, backup_plan, check_restore, recovery_due
from sla.service_terms import Frequency
from tests.sla.agreements import local, policy


def restore(key: str, plan: str, wanted: str, now: str) -> None:
    check_restore(policy(key), plan, wanted=local(wanted), now=local(now))


@pytest.mark.clause("QX-125", "QX-126", "QX-127", "QX-128", "QX-129")
@pytest.mark.parametrize(
    ("loss", "target", "clause"),
    [
        ("DATA", "2026-03-28 22:00", "QX-125"),
        ("INSTANCE", "2026-03-29 00:00", "QX-126"),
        ("SYSTEM", "2026-03-29 05:00", "QX-127"),
        ("LOCATION", "2026-03-29 13:00", "QX-128"),
        ("OPERATION", "2026-03-29 21:00", "QX-129"),
    ],
)
def test_qixium_aims_to_be_back_in_real_time(loss: str, target: str, clause: str) -> None:
    due, objective = recovery_due(policy("qixium"), loss, local("2026-03-28 20:00"))
    assert (due, objective.clause.key) == (local(target), clause)
    assert (objective.binding, objective.risk_percent) == (False, None)


@pytest.mark.clause("S4-085", "S4-086", "S4-087", "S4-088", "S4-089")
@pytest.mark.parametrize(
    ("loss", "hours", "risk", "clause"),
    [
        ("DATA", 8, 50, "S4-085"),
        ("APPLICATION", 8, 50, "S4-086"),
        ("SYSTEM", 16, 50, "S4-087"),
        ("LOCATION", 16, 10, "S4-088"),
        ("OPERATION", 16, 10, "S4-089"),
    ],
)
def test_s4m_tells_its_objectives_with_their_risk(loss: str, hours: int, risk: int, clause: str) -> None:
    since = local("2026-06-10 20:00")
    due, objective = recovery_due(policy("s4m-support"), loss, since)
    assert due - since == timedelta(hours=hours)
    assert (objective.risk_percent, objective.binding, objective.clause.key) == (risk, False, clause)


@pytest.mark.clause("QX-124", "S4-084")
@pytest.mark.parametrize("key", ["qixium", "s4m-support"])
def test_a_back_up_is_24_hours_old_at_most(key: str) -> None:
    made = local("2026-03-09 10:00")
    assert not backup_is_too_old(policy(key), made, local("2026-03-10 10:00"))
    assert backup_is_too_old(policy(key), made, local("2026-03-10 10:01"))


@pytest.mark.clause("OB-022")
def test_open2bizz_keeps_hourly_back_ups_for_seven_days() -> None:
    assert backup_plan(policy("open2bizz"), "SERVER").every is Frequency.HOURLY
    restore("open2bizz", "SERVER", "2026-03-03 12:00", "2026-03-10 12:00")
    with pytest.raises(Refused) as old:
        restore("open2bizz", "SERVER", "2026-03-03 11:00", "2026-03-10 12:00")
    assert (old.value.code, old.value.clause and old.value.clause.key) == ("TOO_LATE", "OB-022")


@pytest.mark.clause("OX-007")
def test_oxygis_keeps_weekly_back_ups_for_a_year() -> None:
    assert backup_plan(policy("oxygis"), "DATABASES").every is Frequency.WEEKLY
    restore("oxygis", "DATABASES", "2025-06-16 12:00", "2026-06-15 12:00")
    with pytest.raises(Refused):
        restore("oxygis", "DATABASES", "2025-06-16 12:00", "2026-06-17 12:00")


@pytest.mark.clause("S4-084")
def test_s4m_makes_weekly_snapshots_kept_three_months_and_daily_copies() -> None:
    snapshot, copy = (backup_plan(policy("s4m-support"), key) for key in ("SNAPSHOT", "DATA_COPY"))
    assert (snapshot.every, copy.every, copy.keep) == (Frequency.WEEKLY, Frequency.DAILY, None)
    restore("s4m-support", "SNAPSHOT", "2026-02-28 12:00", "2026-05-28 12:00")
    restore("s4m-support", "SNAPSHOT", "2026-02-28 12:00", "2026-05-31 12:00")
    restore("s4m-support", "DATA_COPY", "2020-01-01 00:00", "2026-05-31 11:00")
    with pytest.raises(Refused):
        restore("s4m-support", "SNAPSHOT", "2026-02-28 11:59", "2026-05-28 12:00")


def test_nothing_is_restored_from_the_future() -> None:
    with pytest.raises(Refused, match="still to come"):
        restore("oxygis", "DATABASES", "2026-06-16 12:00", "2026-06-15 12:00")


def test_an_agreement_without_such_a_term_says_so() -> None:
    with pytest.raises(TermMissing, match=r"objectives\.DATA"):
        recovery_due(policy("oxygis"), "DATA", local("2026-06-15 12:00"))
    with pytest.raises(TermMissing, match=r"backups\.TAPES"):
        restore("oxygis", "TAPES", "2026-06-15 12:00", "2026-06-15 12:00")
    with pytest.raises(TermMissing, match="oldest_backup"):
        backup_is_too_old(policy("oxygis"), local("2026-06-15 12:00"), local("2026-06-15 12:00"))
