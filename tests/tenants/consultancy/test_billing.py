"""Whole blocks of what was worked, rounded up once over the total."""

import pytest

from tenants.consultancy.billing import Bill, Confirmed, bill_of, hours_text

HALF_DAY = Confirmed(minutes=240, block_hours=4, rate_cents=250_00, by_card=False)
BY_CARD = Confirmed(minutes=240, block_hours=4, rate_cents=250_00, by_card=True)
AS_WORKED = Confirmed(minutes=150, block_hours=0, rate_cents=110_01, by_card=False)
TWO_DAYS = Confirmed(minutes=960, block_hours=8, rate_cents=250_00, by_card=False)


@pytest.mark.clause("QX-096")
def test_without_a_confirmation_nothing_is_billed() -> None:
    assert bill_of([], 480) == Bill(0, 0)


def test_without_work_nothing_is_billed() -> None:
    assert bill_of([HALF_DAY], 0) == Bill(0, 0)


def test_a_begun_block_is_billed_whole_and_an_untouched_one_not() -> None:
    assert bill_of([TWO_DAYS], 1) == Bill(480, 2000_00)
    assert bill_of([TWO_DAYS], 480) == Bill(480, 2000_00)
    assert bill_of([TWO_DAYS], 481) == Bill(960, 4000_00)


def test_the_total_is_rounded_once_over_several_quotes() -> None:
    """3 and 2 hours are 5: two blocks, where each by itself rounded up would be two as well, but 3 + 3 + 3 not."""
    assert bill_of([HALF_DAY, HALF_DAY, HALF_DAY], 9 * 60) == Bill(720, 3000_00)
    assert bill_of([HALF_DAY, HALF_DAY, HALF_DAY], 8 * 60) == Bill(480, 2000_00)


def test_never_more_is_billed_than_was_confirmed() -> None:
    assert bill_of([HALF_DAY], 9_999) == Bill(240, 1000_00)


def test_what_a_card_paid_is_not_invoiced() -> None:
    assert bill_of([BY_CARD], 60) == Bill(240, 0)
    assert bill_of([BY_CARD, HALF_DAY], 300) == Bill(480, 1000_00)


def test_without_blocks_the_minutes_are_billed_as_they_are_to_the_cent() -> None:
    assert bill_of([AS_WORKED], 90) == Bill(90, 165_02)
    assert bill_of([AS_WORKED], 1) == Bill(1, 1_83)


def test_minutes_are_told_in_decimal_hours() -> None:
    assert [hours_text(minutes) for minutes in (0, 3, 90, 480)] == ["0", "0.05", "1.5", "8"]
