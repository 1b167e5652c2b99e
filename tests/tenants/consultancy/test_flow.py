"""Asked for, quoted, confirmed, worked."""

from datetime import date, timedelta
from typing import Any

import pytest

from auth.keys import KeyRing
from tenants.consultancy.changes import status_at
from tenants.consultancy.errors import NotConfirmed
from tenants.consultancy.models import ConsultancyConfirmation, ConsultancyStatus
from tenants.databases.scopes import TenantScope
from tests.tenants.consultancy.desk import NOW, Desk, nothing_changes, open_desk


def sums(request: Any) -> tuple[str, int, int, int, int | None]:
    """Status, hours confirmed, worked and billed, and cents to be invoiced."""
    minutes = (request.confirmed_minutes, request.worked_minutes, request.billed_minutes)
    confirmed, worked, billed = (value // 60 for value in minutes)
    return str(request.status), confirmed, worked, billed, request.billed_cents


@pytest.mark.clause("QX-096")
async def test_from_request_to_work_without_a_card(desk: Desk) -> None:
    request_id = await desk.request()
    assert sums(await desk.stored(request_id)) == ("REQUESTED", 0, 0, 0, None)
    quote = await desk.quote(request_id, "5")
    assert sums(await desk.stored(request_id)) == ("QUOTED", 0, 0, 0, None)
    await desk.confirm(request_id, quote.digest)
    assert sums(await desk.stored(request_id)) == ("CONFIRMED", 8, 0, 0, 0)
    await desk.work(request_id, "3")
    assert sums(await desk.stored(request_id)) == ("IN_PROGRESS", 8, 3, 4, 1000_00)
    await desk.work(request_id, "1")
    assert sums(await desk.stored(request_id)) == ("IN_PROGRESS", 8, 4, 4, 1000_00)
    await desk.work(request_id, "4")
    assert sums(await desk.stored(request_id)) == ("IN_PROGRESS", 8, 8, 8, 2000_00)


@pytest.mark.clause("S4-006")
async def test_a_card_pays_the_quoted_blocks_and_work_beyond_them_needs_another_quote(
    tenant_scope: TenantScope, keys: KeyRing
) -> None:
    desk = await open_desk(tenant_scope, keys, "s4m-support", "EXTENDED", 120_00)
    card = await desk.card(blocks=2, block_hours=8)
    request_id = await desk.confirmed("4", card=card.id)
    assert await desk.ledger(card.id) == [("PURCHASE", 960, 960), ("RESERVATION", -480, 480)]
    await desk.work(request_id, "4")
    assert sums(await desk.stored(request_id)) == ("IN_PROGRESS", 8, 4, 8, 0)
    async with nothing_changes(desk):
        with pytest.raises(NotConfirmed) as refused:
            await desk.work(request_id, "5")
    assert refused.value.values == {"confirmed": "8"}
    assert refused.value.clause is not None
    assert refused.value.clause.key == "S4-006"
    await desk.agree(request_id, "1", card=card.id)
    await desk.work(request_id, "5")
    assert sums(await desk.stored(request_id)) == ("IN_PROGRESS", 16, 9, 16, 0)
    assert (await desk.ledger(card.id))[-1] == ("RESERVATION", -480, 0)


async def test_what_the_card_does_not_pay_is_invoiced(desk: Desk) -> None:
    card = await desk.card(blocks=1)
    request_id = await desk.confirmed("4", card=card.id)
    await desk.agree(request_id, "4", now=NOW + timedelta(seconds=1))
    await desk.work(request_id, "5")
    assert sums(await desk.stored(request_id)) == ("IN_PROGRESS", 8, 5, 8, 1000_00)


async def test_actual_costing_bills_what_was_worked(tenant_scope: TenantScope, keys: KeyRing) -> None:
    desk = await open_desk(tenant_scope, keys, "open2bizz", "STANDARD", 110_00)
    request_id = await desk.confirmed("10")
    await desk.work(request_id, "2.5")
    found = await desk.stored(request_id)
    assert (found.billed_minutes, found.billed_cents) == (150, 275_00)


async def test_work_goes_on_under_the_old_confirmation_while_a_further_quote_waits(desk: Desk) -> None:
    request_id = await desk.confirmed("4")
    await desk.quote(request_id, "8")
    await desk.work(request_id, "4")
    assert sums(await desk.stored(request_id)) == ("QUOTED", 4, 4, 4, 1000_00)
    with pytest.raises(NotConfirmed):
        await desk.work(request_id, "0.05")


async def test_declining_a_further_quote_leaves_what_was_confirmed(desk: Desk) -> None:
    request_id = await desk.confirmed("4")
    confirmed = (await desk.stored(request_id)).quote_id
    await desk.quote(request_id, "8")
    await desk.decline(request_id)
    found = await desk.stored(request_id)
    assert sums(found) == ("CONFIRMED", 4, 0, 0, 0)
    assert found.quote_id == confirmed


async def test_declining_the_only_quote_ends_the_request_with_its_reason(desk: Desk) -> None:
    request_id = await desk.request()
    await desk.quote(request_id, "8")
    await desk.decline(request_id, "Te duur.")
    found = await desk.stored(request_id)
    assert (found.status, found.decline_reason) == ("DECLINED", "Te duur.")
    assert await desk.count(ConsultancyConfirmation) == 0


async def test_every_step_is_on_the_audit_log_with_figures_before_and_after(desk: Desk) -> None:
    card = await desk.card(blocks=2)
    minutes = [NOW + timedelta(minutes=step) for step in range(4)]
    request_id = await desk.request(now=minutes[0])
    quote = await desk.quote(request_id, "5", now=minutes[1])
    await desk.confirm(request_id, quote.digest, card=card.id, now=minutes[2])
    await desk.work(request_id, "3", now=minutes[3])
    told = await desk.audit()
    assert [event.removeprefix("consultancy_") for event, _ in told] == [
        "requested",
        "quoted",
        "confirmed",
        "work_recorded",
    ]
    confirmed, worked = told[2][1], told[3][1]
    assert confirmed["quote"] == quote.digest
    assert confirmed["card"] == str(card.id)
    assert (confirmed["before"]["confirmed_minutes"], confirmed["after"]["confirmed_minutes"]) == (0, 480)
    assert (worked["before"]["billed_minutes"], worked["after"]["billed_minutes"]) == (0, 240)
    assert worked["minutes"] == 180


def test_a_quote_that_nobody_answered_falls_away_by_itself() -> None:
    later = NOW + timedelta(seconds=1)
    assert status_at("QUOTED", NOW, 0, 0, NOW) is ConsultancyStatus.QUOTED
    assert status_at("QUOTED", NOW, 0, 0, later) is ConsultancyStatus.EXPIRED
    assert status_at("QUOTED", NOW, 240, 0, later) is ConsultancyStatus.CONFIRMED
    assert status_at("QUOTED", NOW, 240, 60, later) is ConsultancyStatus.IN_PROGRESS
    assert status_at("DECLINED", NOW, 0, 0, later) is ConsultancyStatus.DECLINED
    assert status_at("REQUESTED", None, 0, 0, later) is ConsultancyStatus.REQUESTED


async def test_work_of_the_day_of_the_confirmation_may_be_recorded_later(desk: Desk) -> None:
    request_id = await desk.confirmed("4")
    await desk.work(request_id, "1", on=date(2026, 3, 10), now=NOW + timedelta(days=20))
    assert (await desk.stored(request_id)).worked_minutes == 60


async def test_near_midnight_the_day_of_the_agreement_and_that_of_utc_both_count(desk: Desk) -> None:
    """23:30 UTC on the 10th is 00:30 on the 11th in Amsterdam."""
    request_id = await desk.confirmed("4", now=NOW.replace(hour=23, minute=30))
    later = NOW.replace(hour=23, minute=45)
    await desk.work(request_id, "1", on=date(2026, 3, 10), now=later)
    await desk.work(request_id, "1", on=date(2026, 3, 11), now=later)
    with pytest.raises(NotConfirmed):
        await desk.work(request_id, "1", on=date(2026, 3, 9), now=later)
