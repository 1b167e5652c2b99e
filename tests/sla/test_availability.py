"""How much of a month a service was there."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sla.availability import ExcludedTime, MonthAvailability, Outage, continuity, month_availability
from sla.errors import TermMissing
from sla.service_terms import Exclusion, OutageScope
from sla.vocabulary import ClockState
from tests.sla.agreements import local, policy

Stretch = tuple[str, str]
ALL = tuple(Exclusion)


def outage(key: str, start: str, end: str, **given: object) -> Outage:
    zone = policy(key).zone
    return Outage(local(start, zone), local(end, zone), **given)  # type: ignore[arg-type] # named words


def month(
    key: str, first: str, outages: list[Outage], *excluded: tuple[str, str, Exclusion, str | None]
) -> MonthAvailability:
    zone = policy(key).zone
    exclusions = [
        ExcludedTime(
            local(start, zone), local(end, zone), reason, None if told is None else local(told, zone)
        )
        for start, end, reason, told in excluded
    ]
    return month_availability(policy(key), date.fromisoformat(first), outages, exclusions)


def minutes(found: MonthAvailability) -> float:
    return found.downtime_seconds / 60


@pytest.mark.clause("OX-005")
@pytest.mark.parametrize(("lost", "percent", "met"), [(43, "99.9005", True), (44, "99.8981", False)])
def test_oxygis_is_there_for_99_9_percent_of_a_month_in_brussels(lost: int, percent: str, met: bool) -> None:
    down = [outage("oxygis", "2026-06-10 10:00", f"2026-06-10 10:{lost}")]
    found = month("oxygis", "2026-06-01", down)
    assert (str(found.percent), found.met, found.target) == (percent, met, Decimal("99.9"))
    assert found.clause.key == "OX-005"


@pytest.mark.clause("OX-006")
def test_planned_maintenance_is_cut_out_of_an_outage_and_stays_in_the_month() -> None:
    found = month(
        "oxygis",
        "2026-06-01",
        [outage("oxygis", "2026-06-10 21:30", "2026-06-10 23:30")],
        ("2026-06-10 22:00", "2026-06-11 00:00", Exclusion.PLANNED_MAINTENANCE, None),
    )
    assert (minutes(found), str(found.percent), found.total_seconds) == (30, "99.9306", 43_200 * 60)
    told = [(stretch.counted, stretch.reason, stretch.clause.key) for stretch in found.stretches]
    assert told == [(True, None, "OX-005"), (False, Exclusion.PLANNED_MAINTENANCE, "OX-006")]


EXCLUDED = {
    "oxygis": {Exclusion.PLANNED_MAINTENANCE: "OX-006", Exclusion.FORCE_MAJEURE: "OX-006"},
    "qixium": {
        Exclusion.PLANNED_MAINTENANCE: "QX-070",
        Exclusion.EMERGENCY_SECURITY: "QX-071",
        Exclusion.FORCE_MAJEURE: "QX-072",
        Exclusion.THIRD_PARTY: "QX-073",
        Exclusion.EXTERNAL_NETWORK: "QX-073",
        Exclusion.CUSTOMER_CAUSED: "QX-074",
    },
    "open2bizz": {},
    "s4m-support": {
        Exclusion.PLANNED_MAINTENANCE: "S4-071",
        Exclusion.EXTERNAL_NETWORK: "S4-072",
        Exclusion.CUSTOMER_REQUESTED: "S4-077",
    },
}


@pytest.mark.clause(
    "OX-006", "QX-070", "QX-071", "QX-072", "QX-073", "QX-074", "OB-032", "S4-071", "S4-072", "S4-077"
)
@pytest.mark.parametrize("key", EXCLUDED)
@pytest.mark.parametrize("reason", ALL)
@pytest.mark.parametrize("told_as", ["exclusion", "cause"])
def test_only_what_an_agreement_excludes_is_excluded(key: str, reason: Exclusion, told_as: str) -> None:
    start, end = "2026-04-14 10:00", "2026-04-14 11:00"
    if told_as == "cause":
        found = month(key, "2026-04-01", [outage(key, start, end, cause=reason)])
    else:
        found = month(key, "2026-04-01", [outage(key, start, end)], (start, end, reason, None))
    clause = EXCLUDED[key].get(reason)
    assert minutes(found) == (60 if clause is None else 0)
    if clause is not None:
        assert [stretch.clause.key for stretch in found.stretches] == [clause]


@pytest.mark.clause("QX-067", "QX-069")
@pytest.mark.parametrize(("lost", "counted", "percent"), [(4, 0, "100.0000"), (5, 5, "99.9888")])
def test_qixium_counts_interruptions_of_5_minutes_and_more(lost: int, counted: int, percent: str) -> None:
    found = month("qixium", "2026-03-01", [outage("qixium", "2026-03-10 10:00", f"2026-03-10 10:0{lost}")])
    assert found.total_seconds == 44_580 * 60
    assert (minutes(found), str(found.percent), found.met) == (counted, percent, counted == 0)


@pytest.mark.clause("QX-069", "QX-070")
def test_the_five_minutes_are_measured_before_anything_is_cut_off() -> None:
    found = month(
        "qixium",
        "2026-04-01",
        [outage("qixium", "2026-04-14 21:57", "2026-04-14 22:40")],
        ("2026-04-14 22:00", "2026-04-14 23:00", Exclusion.PLANNED_MAINTENANCE, None),
    )
    assert (minutes(found), str(found.percent)) == (3, "99.9931")


@pytest.mark.clause("QX-069")
def test_interruptions_that_touch_are_one_also_over_the_end_of_a_month() -> None:
    parts = [
        outage("qixium", "2026-04-30 23:57", "2026-05-01 00:00"),
        outage("qixium", "2026-05-01 00:00", "2026-05-01 00:03"),
    ]
    assert minutes(month("qixium", "2026-04-01", parts)) == 3
    assert minutes(month("qixium", "2026-05-01", parts)) == 3
    assert minutes(month("qixium", "2026-04-01", parts[:1])) == 0


@pytest.mark.clause("QX-069")
@pytest.mark.parametrize("scope", [OutageScope.PARTIAL, OutageScope.NON_PRODUCTION])
def test_qixium_counts_only_what_all_users_of_production_miss(scope: OutageScope) -> None:
    start, end = "2026-04-14 10:00", "2026-04-14 11:00"
    assert minutes(month("qixium", "2026-04-01", [outage("qixium", start, end, scope=scope)])) == 0
    assert minutes(month("open2bizz", "2026-04-01", [outage("open2bizz", start, end, scope=scope)])) == 60


@pytest.mark.clause("QX-070", "QX-085")
@pytest.mark.parametrize(("announced", "counted"), [("2026-04-07 22:00", 0), ("2026-04-07 22:01", 60)])
def test_maintenance_that_was_announced_too_late_excludes_nothing(announced: str, counted: int) -> None:
    start, end = "2026-04-14 22:00", "2026-04-14 23:00"
    found = month(
        "qixium",
        "2026-04-01",
        [outage("qixium", start, end)],
        (start, end, Exclusion.PLANNED_MAINTENANCE, announced),
    )
    assert minutes(found) == counted


@pytest.mark.clause("QX-071")
def test_emergency_maintenance_excludes_at_any_notice() -> None:
    start, end = "2026-04-14 22:00", "2026-04-14 23:00"
    found = month(
        "qixium",
        "2026-04-01",
        [outage("qixium", start, end)],
        (start, end, Exclusion.EMERGENCY_SECURITY, "2026-04-14 21:59"),
    )
    assert minutes(found) == 0


@pytest.mark.clause("OB-032")
@pytest.mark.parametrize(("lost", "percent", "met"), [(43, "99.9005", True), (44, "99.8981", False)])
def test_open2bizz_guarantees_99_9_percent(lost: int, percent: str, met: bool) -> None:
    found = month(
        "open2bizz", "2026-04-01", [outage("open2bizz", "2026-04-14 10:00", f"2026-04-14 10:{lost}")]
    )
    assert (str(found.percent), found.met) == (percent, met)
    assert policy("open2bizz").service.availability is not None


@pytest.mark.clause("S4-071")
@pytest.mark.parametrize(("lost", "percent", "met"), [(26, "99.8009", True), (27, "99.7986", False)])
def test_s4m_aims_at_99_8_percent(lost: int, percent: str, met: bool) -> None:
    down = [outage("s4m-support", "2026-04-14 10:00", f"2026-04-14 11:{lost}")]
    found = month("s4m-support", "2026-04-01", down)
    assert (str(found.percent), found.met) == (percent, met)


def test_a_missed_month_is_never_shown_as_its_target() -> None:
    lost = local("2026-04-14 10:00") + timedelta(seconds=2593)
    found = month_availability(
        policy("open2bizz"), date(2026, 4, 1), [Outage(local("2026-04-14 10:00"), lost)]
    )
    assert (found.met, str(found.percent)) == (False, "99.8999")


@pytest.mark.parametrize(("first", "total"), [("2026-03-01", 44_580), ("2026-10-01", 44_700)])
def test_a_month_has_its_real_minutes_when_the_clock_changes(first: str, total: int) -> None:
    assert month("qixium", first, []).total_seconds == total * 60


def test_the_second_pass_of_the_autumn_hour_is_another_hour() -> None:
    start, end = local("2026-10-25 02:30"), local("2026-10-25 02:30", fold=1)
    found = month_availability(policy("open2bizz"), date(2026, 10, 1), [Outage(start, end)])
    assert minutes(found) == 60


TERMS = {
    "oxygis": (Decimal("99.9"), False, Decimal("99.95"), False, False),
    "qixium": (Decimal("99.99"), False, None, False, False),
    "open2bizz": (Decimal("99.9"), True, None, False, False),
    "s4m-support": (Decimal("99.8"), False, None, False, True),
}


@pytest.mark.clause("OX-004", "OX-037", "QX-067", "QX-075", "OB-032", "S4-070", "S4-073")
@pytest.mark.parametrize("key", TERMS)
def test_how_binding_the_figure_is_and_who_measures_it(key: str) -> None:
    terms = policy(key).service.availability
    assert terms is not None
    told = (terms.target, terms.binding, terms.upstream, terms.compensation, terms.recorded_by_vendor)
    assert told == TERMS[key]


@pytest.mark.clause("OX-028", "OX-029", "OX-030")
@pytest.mark.parametrize(("which", "limit"), [("DATA_LOSS", 5), ("DOWNTIME", 60)])
def test_a_loss_is_met_only_strictly_below_its_limit(which: str, limit: int) -> None:
    found = next(each for each in policy("oxygis").service.recovery.limits if each.key == which)
    assert continuity(found, limit * 60 - 1) is ClockState.MET
    assert continuity(found, limit * 60) is ClockState.MISSED
    major = Exclusion.CLOUD_PROVIDER_MAJOR
    assert continuity(found, limit * 60 * 3, major) is ClockState.NOT_APPLICABLE
    assert continuity(found, limit * 60 * 3, Exclusion.THIRD_PARTY) is ClockState.MISSED


def test_an_agreement_without_an_availability_says_so() -> None:
    agreement = policy("open2bizz")
    silent = replace(agreement, service=replace(agreement.service, availability=None))
    with pytest.raises(TermMissing, match="availability"):
        month_availability(silent, date(2026, 4, 1), [])


seconds = st.integers(0, 40 * 86_400)
spans = st.lists(st.tuples(seconds, st.integers(0, 90_000)), max_size=6)


@settings(max_examples=60, deadline=None)
@given(outages=spans, excluded=spans)
def test_downtime_is_what_a_second_by_second_count_gives(
    outages: list[tuple[int, int]], excluded: list[tuple[int, int]]
) -> None:
    begin = local("2026-03-25 00:00")
    whole = (local("2026-05-01 00:00") - local("2026-04-01 00:00")).total_seconds()
    first = int((local("2026-04-01 00:00") - begin).total_seconds())
    down: set[int] = set()
    for start, length in outages:
        down.update(range(start // 60, (start + length) // 60))
    for start, length in excluded:
        down.difference_update(range(start // 60, (start + length) // 60))
    expected = sum(first <= minute * 60 < first + whole for minute in down)
    at = [(begin + timedelta(seconds=60 * (start // 60)), start, length) for start, length in outages]
    found = month_availability(
        policy("oxygis"),
        date(2026, 4, 1),
        [Outage(from_, begin + timedelta(seconds=60 * ((s + n) // 60))) for from_, s, n in at],
        [
            ExcludedTime(
                begin + timedelta(seconds=60 * (start // 60)),
                begin + timedelta(seconds=60 * ((start + length) // 60)),
                Exclusion.FORCE_MAJEURE,
            )
            for start, length in excluded
        ],
    )
    assert minutes(found) == expected
    assert found.met == (found.percent >= found.target)
