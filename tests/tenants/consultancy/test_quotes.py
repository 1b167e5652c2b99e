"""What a quote says, and when there is none."""

from datetime import timedelta
from decimal import Decimal

import pytest

import sla.errors
from auth.keys import KeyRing
from sla.vocabulary import RefusalCode, TicketType, WorkKind
from tenants.consultancy.errors import HoursOutOfRange, NeverBillable, UnknownRequest, ValidityOutOfRange
from tenants.consultancy.models import ConsultancyQuote
from tenants.consultancy.quotes import checked_minutes
from tenants.databases.scopes import TenantScope
from tenants.ids import new_id
from tenants.refusals import Malformed
from tests.tenants.consultancy.desk import NOW, Desk, nothing_changes, open_desk


def figures(quote: ConsultancyQuote) -> tuple[int, int, int, int]:
    """Block size and blocks, billable hours, euros."""
    return quote.block_hours, quote.blocks, quote.billable_minutes // 60, quote.total_cents // 100


@pytest.mark.clause("QX-098")
async def test_support_is_quoted_in_half_days_of_1000_euros(desk: Desk) -> None:
    request_id = await desk.request()
    quote = await desk.quote(request_id, "1")
    assert figures(quote) == (4, 1, 4, 1000)
    assert (quote.hourly_rate_cents, quote.currency, quote.clause_key) == (250_00, "EUR", "QX-098")
    assert figures(await desk.quote(request_id, "4")) == (4, 1, 4, 1000)
    assert figures(await desk.quote(request_id, "4.5")) == (4, 2, 8, 2000)


@pytest.mark.clause("QX-099")
async def test_qaas_is_quoted_in_half_days_of_600_euros(tenant_scope: TenantScope, keys: KeyRing) -> None:
    desk = await open_desk(tenant_scope, keys, tier="QAAS")
    request_id = await desk.request()
    assert figures(await desk.quote(request_id, "1")) == (4, 1, 4, 600)
    assert figures(await desk.quote(request_id, "4")) == (4, 1, 4, 600)
    assert figures(await desk.quote(request_id, "4.5")) == (4, 2, 8, 1200)


@pytest.mark.clause("QX-100", "QX-101")
async def test_work_off_the_platform_costs_qaas_customers_250_in_whole_days(
    tenant_scope: TenantScope, keys: KeyRing
) -> None:
    desk = await open_desk(tenant_scope, keys, tier="QAAS")
    quote = await desk.quote(await desk.request(), "3", kind=WorkKind.NON_PLATFORM)
    assert figures(quote) == (8, 1, 8, 2000)


@pytest.mark.clause("QX-102")
async def test_preparation_is_charged_off_the_platform_only(desk: Desk) -> None:
    request_id = await desk.request()
    elsewhere = await desk.quote(request_id, "6", kind=WorkKind.NON_PLATFORM, preparation="3")
    assert figures(elsewhere) == (8, 2, 16, 4000)
    assert (elsewhere.estimated_minutes, elsewhere.preparation_minutes) == (360, 180)
    assert figures(await desk.quote(request_id, "3", preparation="3")) == (4, 1, 4, 1000)


@pytest.mark.clause("OB-034")
async def test_actual_costing_is_hours_times_the_rate_of_the_contract(
    tenant_scope: TenantScope, keys: KeyRing
) -> None:
    desk = await open_desk(tenant_scope, keys, "open2bizz", "STANDARD", 110_00)
    quote = await desk.quote(await desk.request(), "2.5")
    assert (quote.block_hours, quote.blocks, quote.billable_minutes) == (0, 0, 150)
    assert quote.total_cents == 275_00


@pytest.mark.clause("S4-006")
async def test_a_tariff_on_the_contract_is_quoted_in_the_blocks_of_the_agreement(
    tenant_scope: TenantScope, keys: KeyRing
) -> None:
    desk = await open_desk(tenant_scope, keys, "s4m-support", "EXTENDED", 120_00)
    assert figures(await desk.quote(await desk.request(), "9")) == (8, 2, 16, 1920)


async def test_without_any_tariff_there_is_no_quote(tenant_scope: TenantScope, keys: KeyRing) -> None:
    desk = await open_desk(tenant_scope, keys, "s4m-support", "EXTENDED")
    request_id = await desk.request()
    async with nothing_changes(desk):
        with pytest.raises(sla.errors.Refused) as refused:
            await desk.quote(request_id, "9")
    assert refused.value.code is RefusalCode.FORBIDDEN_BY_CONTRACT


@pytest.mark.clause("QX-025")
async def test_a_bug_is_never_quoted(desk: Desk) -> None:
    bug, question = await desk.ticket(TicketType.BUG), await desk.ticket(TicketType.QUESTION)
    request_id = await desk.request(ticket_id=bug)
    async with nothing_changes(desk):
        with pytest.raises(NeverBillable):
            await desk.quote(request_id, "1")
    assert (await desk.quote(await desk.request(ticket_id=question), "1")).blocks == 1


async def test_a_new_quote_takes_the_place_of_the_old_one_which_is_kept(desk: Desk) -> None:
    request_id = await desk.request()
    first, second = await desk.quote(request_id, "2"), await desk.quote(request_id, "2")
    assert first.digest != second.digest
    assert len(first.digest) == 64
    assert (await desk.stored(request_id)).quote_id == second.id
    assert await desk.count(ConsultancyQuote) == 2


async def test_a_quote_needs_hours_within_their_range(desk: Desk) -> None:
    request_id = await desk.request()
    async with nothing_changes(desk):
        with pytest.raises(HoursOutOfRange) as refused:
            await desk.quote(request_id, "-1")
        with pytest.raises(HoursOutOfRange) as prepared:
            await desk.quote(request_id, "1", kind=WorkKind.NON_PLATFORM, preparation="-1")
    assert (refused.value.path, refused.value.limit) == ("estimatedHours", 2000)
    assert prepared.value.path == "preparationHours"


@pytest.mark.parametrize(
    "hours", ["0", "-1", "2000.05", "0.01", "NaN", "sNaN", "Infinity", "-Infinity", "1E-1000000", "1E+999999"]
)
def test_hours_are_positive_whole_minutes_up_to_2000_hours(hours: str) -> None:
    with pytest.raises(HoursOutOfRange):
        checked_minutes(Decimal(hours), "hours")


def test_hours_at_both_ends_of_their_range_are_minutes() -> None:
    assert checked_minutes(Decimal("0.05"), "hours") == 3
    assert checked_minutes(Decimal(2000), "hours") == 120_000


async def test_a_quote_is_valid_for_thirty_days_unless_told_otherwise(desk: Desk) -> None:
    request_id = await desk.request()
    assert (await desk.quote(request_id, "1")).valid_until == NOW + timedelta(days=30)
    tomorrow = NOW + timedelta(days=1)
    assert (await desk.quote(request_id, "1", valid_until=tomorrow)).valid_until == tomorrow


async def test_a_quote_is_valid_until_some_moment_within_a_year(desk: Desk) -> None:
    request_id = await desk.request()
    async with nothing_changes(desk):
        for wanted in (NOW, NOW - timedelta(days=1), NOW + timedelta(days=366)):
            with pytest.raises(ValidityOutOfRange):
                await desk.quote(request_id, "1", valid_until=wanted)
        with pytest.raises(Malformed):
            await desk.quote(request_id, "1", valid_until=(NOW + timedelta(days=1)).replace(tzinfo=None))


async def test_an_unknown_request_is_not_quoted(desk: Desk) -> None:
    with pytest.raises(UnknownRequest):
        await desk.quote(new_id(NOW), "1")
