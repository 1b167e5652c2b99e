from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla.consultancy import billable_minutes, quote
from sla.errors import Refused
from sla.vocabulary import RefusalCode, WorkKind
from tests.sla.agreements import policy

STANDARD, NON_PLATFORM = WorkKind.STANDARD, WorkKind.NON_PLATFORM


@pytest.mark.clause("QX-098", "QX-099", "QX-100", "QX-101")
@pytest.mark.parametrize(
    ("tier", "work", "hours", "blocks", "billable", "total", "clause"),
    [
        ("SUPPORT", STANDARD, "1", 1, 4, "1000.00", "QX-098"),
        ("SUPPORT", STANDARD, "4", 1, 4, "1000.00", "QX-098"),
        ("SUPPORT", STANDARD, "4.5", 2, 8, "2000.00", "QX-098"),
        ("SUPPORT", STANDARD, "4.000000000000000000000000001", 2, 8, "2000.00", "QX-098"),
        ("QAAS", STANDARD, "1", 1, 4, "600.00", "QX-099"),
        ("QAAS", STANDARD, "4.5", 2, 8, "1200.00", "QX-099"),
        ("SUPPORT", NON_PLATFORM, "1", 1, 8, "2000.00", "QX-100"),
        ("QAAS", NON_PLATFORM, "3", 1, 8, "2000.00", "QX-100"),
        ("QAAS", NON_PLATFORM, "8.5", 2, 16, "4000.00", "QX-100"),
    ],
)
def test_qixium_consultancy_comes_in_whole_blocks(
    tier: str, work: WorkKind, hours: str, blocks: int, billable: int, total: str, clause: str
) -> None:
    found = quote(policy("qixium"), tier, work, Decimal(hours))
    assert (found.blocks, found.billable_hours, found.total) == (blocks, Decimal(billable), Decimal(total))
    assert found.currency == "EUR"
    assert found.clause is not None
    assert found.clause.key == clause


@pytest.mark.clause("QX-102")
def test_preparation_is_charged_for_work_that_is_not_on_qixium_only() -> None:
    six, three = Decimal(6), Decimal(3)
    legacy = quote(policy("qixium"), "SUPPORT", NON_PLATFORM, six, three)
    assert (legacy.estimated_hours, legacy.billable_hours, legacy.total) == (
        Decimal(9),
        Decimal(16),
        Decimal(4000),
    )
    usual = quote(policy("qixium"), "SUPPORT", STANDARD, six, three)
    assert (usual.estimated_hours, usual.billable_hours) == (six, Decimal(8))


@pytest.mark.parametrize("hours", ["0", "-1", "NaN", "Infinity", "100001"])
def test_hours_must_be_a_sensible_number(hours: str) -> None:
    with pytest.raises(Refused) as refused:
        quote(policy("qixium"), "SUPPORT", STANDARD, Decimal(hours))
    assert (refused.value.code, refused.value.path) == (RefusalCode.INVALID, ("estimatedHours",))


def test_preparation_cannot_be_negative() -> None:
    with pytest.raises(Refused) as refused:
        quote(policy("qixium"), "SUPPORT", NON_PLATFORM, Decimal(1), Decimal(-1))
    assert refused.value.path == ("preparationHours",)


@pytest.mark.clause("OB-034", "S4-006")
@pytest.mark.parametrize(
    ("key", "tier", "block", "total"),
    [
        ("oxygis", None, 0, "250.00"),
        ("open2bizz", None, 0, "250.00"),
        ("s4m-support", "DEFAULT", 8, "800.00"),
    ],
)
def test_an_agreement_without_a_rate_takes_the_one_of_the_contract(
    key: str, tier: str | None, block: int, total: str
) -> None:
    with pytest.raises(Refused) as refused:
        quote(policy(key), tier, STANDARD, Decimal("2.5"))
    assert refused.value.code is RefusalCode.FORBIDDEN_BY_CONTRACT
    found = quote(policy(key), tier, STANDARD, Decimal("2.5"), contract_rate=Decimal(100))
    assert (found.block_hours, found.blocks, found.total) == (block, bool(block), Decimal(total))


@pytest.mark.clause("QX-101")
def test_a_rate_of_the_contract_moves_no_rate_that_the_policy_names() -> None:
    found = quote(policy("qixium"), "SUPPORT", STANDARD, Decimal(4), contract_rate=Decimal("199.99"))
    assert (found.rate, found.total) == (Decimal("250.00"), Decimal("1000.00"))


@given(worked=st.integers(1, 10**6), block=st.sampled_from([4, 8]))
def test_worked_time_is_rounded_up_once_to_whole_blocks(worked: int, block: int) -> None:
    billed = billable_minutes(worked, block)
    assert billed % (block * 60) == 0
    assert 0 <= billed - worked < block * 60


def test_actual_costing_bills_what_was_worked() -> None:
    assert billable_minutes(61, 0) == 61
    assert billable_minutes(0, 4) == 0
