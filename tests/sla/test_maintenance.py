"""When maintenance may be done and how long before it is announced."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sla.errors import Refused, TermMissing
from sla.maintenance import Announcement, WindowKind, budget_left, check_announcement, is_standard_time
from sla.vocabulary import RefusalCode
from tests.sla.agreements import local, policy

REGULAR, RELEASE, EMERGENCY = WindowKind


def announce(kind: WindowKind, starts: str, announced: str | None, **given: str) -> None:
    told = None if announced is None else local(announced)
    check_announcement(policy("qixium"), Announcement(kind, local(starts), told, **given))


def refused(kind: WindowKind, starts: str, announced: str | None, **given: str) -> Refused:
    with pytest.raises(Refused) as found:
        announce(kind, starts, announced, **given)
    return found.value


@pytest.mark.clause("QX-085")
def test_regular_maintenance_is_announced_a_week_ahead_by_the_local_clock() -> None:
    announce(REGULAR, "2026-03-30 18:00", "2026-03-23 18:00")  # over the change of the clock
    late = refused(REGULAR, "2026-03-30 18:00", "2026-03-23 18:01")
    assert (late.code, late.clause and late.clause.key) == (RefusalCode.TOO_EARLY, "QX-085")
    assert refused(REGULAR, "2026-03-30 18:00", None).clause == late.clause


@pytest.mark.clause("QX-086")
@pytest.mark.parametrize("field", ["summary", "impact"])
def test_an_announcement_says_what_is_done_and_what_is_noticed(field: str) -> None:
    announce(REGULAR, "2026-04-10 18:00", "2026-04-01 12:00", **{field: "Storage is renewed."})
    empty = refused(REGULAR, "2026-04-10 18:00", "2026-04-01 12:00", **{field: " "})
    assert (empty.clause and empty.clause.key, empty.path) == ("QX-086", (field,))


@pytest.mark.clause("QX-087")
def test_before_six_in_the_evening_maintenance_needs_a_reason() -> None:
    announce(REGULAR, "2026-04-10 18:00", "2026-04-01 12:00")
    announce(REGULAR, "2026-04-10 17:30", "2026-04-01 12:00", reason="vendor on site only by day")
    for starts in ("2026-04-10 17:30", "2026-04-10 17:59"):
        early = refused(REGULAR, starts, "2026-04-01 12:00", reason=" ")
        assert early.clause is not None
        assert early.clause.key == "QX-087"


@pytest.mark.clause("QX-088")
def test_a_release_in_its_week_needs_no_announcement() -> None:
    announce(RELEASE, "2026-05-04 09:00", "2026-05-04 08:00")
    announce(RELEASE, "2026-05-10 23:59", None)
    assert refused(RELEASE, "2026-05-11 00:00", "2026-05-10 12:00").code is RefusalCode.TOO_EARLY


@pytest.mark.clause("QX-089")
def test_emergency_maintenance_is_announced_before_it_starts_and_says_why() -> None:
    announce(EMERGENCY, "2026-04-10 10:15", "2026-04-10 10:00", reason="a critical vulnerability")
    for announced in ("2026-04-10 10:16", "2026-04-10 10:15", None):
        late = refused(EMERGENCY, "2026-04-10 10:15", announced, reason="a critical vulnerability")
        assert (late.code, late.clause and late.clause.key) == (RefusalCode.TOO_LATE, "QX-089")
    assert refused(EMERGENCY, "2026-04-10 10:15", "2026-04-10 10:00").path == ("reason",)


@pytest.mark.clause("S4-078")
@pytest.mark.parametrize(
    ("at", "standard"),
    [
        ("2026-03-13 19:59:59", False),
        ("2026-03-13 20:00", True),
        ("2026-03-14 12:00", True),
        ("2026-03-15 23:59:59", True),
        ("2026-03-16 00:00", False),
        ("2026-03-16 02:00", False),
        ("2026-03-16 19:59:59", False),
        ("2026-03-16 20:00", True),
        ("2026-03-17 03:59:59", True),
        ("2026-03-17 04:00", False),
        ("2026-03-14 04:30", True),
    ],
)
def test_s4m_maintains_at_night_and_in_the_weekend(at: str, standard: bool) -> None:
    assert is_standard_time(policy("s4m-support"), local(at)) == standard


@pytest.mark.clause("S4-078")
def test_the_weekend_is_one_stretch_of_52_hours_and_a_spring_sunday_has_23() -> None:
    standard = policy("s4m-support").service.maintenance.standard_times
    assert standard is not None
    friday, monday = local("2026-03-13 20:00"), local("2026-03-16 00:00")
    assert standard.calendar.elapsed(friday, monday) == 52 * 3600
    assert standard.calendar.elapsed(monday, monday + timedelta(hours=20)) == 0
    assert standard.calendar.elapsed(local("2026-03-29 00:00"), local("2026-03-30 00:00")) == 23 * 3600


@pytest.mark.clause("S4-075")
def test_severity_1_maintenance_has_two_hours_a_month() -> None:
    assert budget_left(policy("s4m-support"), 90 + 30) == 0
    assert budget_left(policy("s4m-support"), 90 + 31) == -1


def test_an_agreement_without_such_a_term_says_so() -> None:
    window = Announcement(REGULAR, local("2026-04-10 18:00"))
    with pytest.raises(TermMissing, match=r"maintenance\.notice"):
        check_announcement(policy("oxygis"), window)
    with pytest.raises(TermMissing, match="standard_times"):
        is_standard_time(policy("qixium"), local("2026-04-10 18:00"))
    with pytest.raises(TermMissing, match="budget"):
        budget_left(policy("qixium"), 1)
