"""Terms in days: changes of the agreement, bookings, closing, licences, fair use."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from sla.amendments import check_change, check_termination, earliest_change, signatures_missing
from sla.bookings import auto_close_days, check_booking, check_period, earliest_day
from sla.errors import Refused, TermMissing
from sla.fair_use import FairUseState, check_measure, fair_use_state, judge_use, measure_allowed_from
from sla.vocabulary import RefusalCode
from tests.sla.agreements import local, policy

QIXIUM = "qixium"
day = date.fromisoformat


@pytest.mark.clause("QX-007", "QX-008")
def test_a_material_change_is_announced_30_days_ahead_and_another_holds_at_once() -> None:
    agreement, announced = policy(QIXIUM), day("2026-03-10")
    assert earliest_change(agreement, announced_on=announced, material=True) == day("2026-04-09")
    check_change(agreement, announced_on=announced, effective_on=day("2026-04-09"), material=True)
    check_change(agreement, announced_on=announced, effective_on=announced, material=False)
    with pytest.raises(Refused) as early:
        check_change(agreement, announced_on=announced, effective_on=day("2026-04-08"), material=True)
    assert (early.value.code, early.value.clause and early.value.clause.key) == ("TOO_EARLY", "QX-008")
    with pytest.raises(Refused) as backwards:
        check_change(agreement, announced_on=announced, effective_on=day("2026-03-09"), material=False)
    assert backwards.value.clause is not None
    assert backwards.value.clause.key == "QX-007"


@pytest.mark.clause("QX-009")
def test_leaving_because_of_a_deterioration_is_possible_for_30_days() -> None:
    agreement, announced = policy(QIXIUM), day("2026-03-10")
    for leaves in ("2026-03-10", "2026-04-09"):
        check_termination(
            agreement, announced_on=announced, terminated_on=day(leaves), material_deterioration=True
        )
    for leaves, worse, code in (
        ("2026-04-10", True, RefusalCode.TOO_LATE),
        ("2026-03-09", True, RefusalCode.TOO_EARLY),
        ("2026-03-20", False, RefusalCode.FORBIDDEN_BY_CONTRACT),
    ):
        with pytest.raises(Refused) as refusal:
            check_termination(
                agreement, announced_on=announced, terminated_on=day(leaves), material_deterioration=worse
            )
        assert (refusal.value.code, refusal.value.clause and refusal.value.clause.key) == (code, "QX-009")


@pytest.mark.clause("OB-004")
def test_open2bizz_changes_only_with_the_signatures_of_both() -> None:
    assert signatures_missing(policy("open2bizz"), ["CUSTOMER"]) == {"VENDOR"}
    assert signatures_missing(policy("open2bizz"), ["VENDOR", "CUSTOMER"]) == set()
    assert signatures_missing(policy("open2bizz"), []) == {"CUSTOMER", "VENDOR"}


@pytest.mark.clause("OB-033")
@pytest.mark.parametrize(
    ("requested", "earliest"), [("2026-04-20", "2026-05-11"), ("2026-03-02", "2026-03-20")]
)
def test_support_outside_hours_is_asked_for_14_working_days_ahead(requested: str, earliest: str) -> None:
    agreement, lead = policy("open2bizz"), "OUT_OF_HOURS_REQUEST"
    assert earliest_day(agreement, None, lead, day(requested)) == day(earliest)
    check_booking(agreement, None, lead, requested_on=day(requested), wanted=day(earliest))
    eve = day(earliest) - timedelta(days=1)
    with pytest.raises(Refused) as late:
        check_booking(agreement, None, lead, requested_on=day(requested), wanted=eve)
    assert (late.value.code, late.value.clause and late.value.clause.key) == ("TOO_EARLY", "OB-033")


@pytest.mark.clause("S4-011")
@pytest.mark.parametrize(("tier", "earliest"), [("DEFAULT", "2026-05-01"), ("EXTENDED", "2026-04-17")])
def test_a_consultant_is_booked_21_or_7_calendar_days_ahead(tier: str, earliest: str) -> None:
    agreement, lead, asked = policy("s4m-support"), "CONSULTANT_BOOKING", day("2026-04-10")
    assert earliest_day(agreement, tier, lead, asked) == day(earliest)
    eve = day(earliest) - timedelta(days=1)
    with pytest.raises(Refused):
        check_booking(agreement, tier, lead, requested_on=asked, wanted=eve)


@pytest.mark.clause("QX-027", "QX-030")
@pytest.mark.parametrize(
    ("since", "last", "closable"),
    [
        ("2026-03-02 11:00", "2026-03-16", "2026-03-17 00:00"),
        ("2026-04-02 15:00", "2026-04-17", "2026-04-18 00:00"),
    ],
)
def test_the_customer_has_ten_whole_working_days_to_react(since: str, last: str, closable: str) -> None:
    found = auto_close_days(policy(QIXIUM), "SUPPORT", local(since))
    assert found == (day(last), local(closable))


@pytest.mark.clause("OB-058")
def test_a_licence_of_the_test_environment_lasts_30_days_at_most() -> None:
    begins = day("2026-03-10")
    check_period(policy("open2bizz"), "TEST_LICENCE", begins_on=begins, ends_on=day("2026-04-09"))
    with pytest.raises(Refused) as late:
        check_period(policy("open2bizz"), "TEST_LICENCE", begins_on=begins, ends_on=day("2026-04-10"))
    assert late.value.clause is not None
    assert late.value.clause.key == "OB-058"


def use(days: int, used: str, before: int = 0) -> list[Decimal]:
    return [Decimal(100)] * before + [Decimal(used)] * days


@pytest.mark.clause("QX-136", "QX-141")
@pytest.mark.parametrize(
    ("daily", "excessive", "longest"),
    [
        (use(30, "301"), True, 30),
        (use(29, "301"), False, 29),
        (use(30, "300"), False, 0),
        (use(30, "300.01"), True, 30),
        ([*use(29, "301"), Decimal(300), *use(29, "301")], False, 29),
        ([*use(1, "5000"), *use(29, "100")], False, 1),
        (use(31, "310", before=5), True, 31),
    ],
)
def test_use_is_excessive_after_30_days_in_a_row_over_three_times_the_mean(
    daily: list[Decimal], excessive: bool, longest: int
) -> None:
    others = [[Decimal(90)] * len(daily), [Decimal(110)] * len(daily)]
    found = judge_use(policy(QIXIUM), daily, others)
    assert (found.excessive, found.longest_run) == (excessive, longest)
    assert found.clause.key == ("QX-136" if excessive else "QX-141")


def test_without_comparables_there_is_no_mean_to_exceed() -> None:
    assert not judge_use(policy(QIXIUM), use(40, "9999"), []).excessive
    with pytest.raises(ValueError, match="as many days"):
        judge_use(policy(QIXIUM), use(2, "1"), [use(1, "1")])


@pytest.mark.clause("QX-139", "QX-140")
def test_a_measure_comes_after_seven_days_unless_it_is_acute() -> None:
    agreement, informed = policy(QIXIUM), day("2026-03-10")
    assert measure_allowed_from(agreement, informed) == local("2026-03-18 00:00")
    check_measure(agreement, informed_on=informed, at=local("2026-03-18 00:00"))
    check_measure(
        agreement, informed_on=informed, at=local("2026-03-10 12:00"), acute=True, reason="overload"
    )
    for at, acute, clause in (("2026-03-17 23:59", False, "QX-139"), ("2026-03-10 12:00", True, "QX-140")):
        with pytest.raises(Refused) as refusal:
            check_measure(agreement, informed_on=informed, at=local(at), acute=acute, reason=" ")
        assert refusal.value.clause is not None
        assert refusal.value.clause.key == clause


@pytest.mark.clause("QX-139")
@pytest.mark.parametrize(
    ("at", "state"),
    [
        ("2026-03-10 15:00", FairUseState.INFORMED),
        ("2026-03-11 00:00", FairUseState.GRACE),
        ("2026-03-17 23:59", FairUseState.GRACE),
        ("2026-03-18 00:00", FairUseState.MEASURE),
    ],
)
def test_a_case_goes_from_told_over_grace_to_measures(at: str, state: FairUseState) -> None:
    assert fair_use_state(policy(QIXIUM), day("2026-03-10"), local(at)) is state


def test_an_agreement_without_such_a_term_says_so() -> None:
    today = day("2026-03-10")
    for ask in (
        lambda: check_change(policy("oxygis"), announced_on=today, effective_on=today, material=True),
        lambda: earliest_change(policy("oxygis"), announced_on=today, material=True),
        lambda: check_termination(
            policy("oxygis"), announced_on=today, terminated_on=today, material_deterioration=True
        ),
        lambda: earliest_day(policy("oxygis"), None, "CONSULTANT_BOOKING", today),
        lambda: auto_close_days(policy("oxygis"), None, local("2026-03-10 10:00")),
        lambda: check_period(policy("oxygis"), "TEST_LICENCE", begins_on=today, ends_on=today),
        lambda: measure_allowed_from(policy("oxygis"), today),
    ):
        with pytest.raises(TermMissing, match="oxygis has no"):
            ask()
