"""What is refused on the way from a request to an invoice, with nothing changed."""

from datetime import date, timedelta

import pytest
from sqlalchemy import update

from sla.vocabulary import TicketType
from tenants.consultancy import service
from tenants.consultancy.errors import (
    HourCardExpired,
    HoursOutOfRange,
    InsufficientHours,
    NeverBillable,
    NotConfirmed,
    NothingQuoted,
    NotOpenForQuotes,
    QuoteChanged,
    QuoteExpired,
    UnknownHourCard,
    UnknownRequest,
    WorkInTheFuture,
)
from tenants.consultancy.models import ConsultancyConfirmation, HourCard
from tenants.contacts.errors import ContactRemoved, NotANamedContact
from tenants.contacts.service import remove_contact
from tenants.contracts.models import Contract
from tenants.ids import new_id
from tenants.refusals import Malformed, Missing, TooLong
from tenants.tickets.errors import UnknownTicket
from tenants.tickets.models import Ticket
from tests.tenants.consultancy.desk import NOW, TODAY, Desk, library, nothing_changes


async def test_a_request_needs_a_subject_and_a_ticket_that_exists(desk: Desk) -> None:
    async with nothing_changes(desk):
        for subject, error in (("  ", Missing), ("x" * 201, TooLong)):
            with pytest.raises(error):
                async with desk.scope.write() as session:
                    await service.request_consultancy(
                        session, subject=subject, description="?", act=desk.customer()
                    )
        with pytest.raises(UnknownTicket):
            await desk.request(ticket_id=new_id(NOW))


async def test_a_contact_who_was_removed_neither_asks_nor_confirms(desk: Desk) -> None:
    request_id = await desk.request()
    quote = await desk.quote(request_id, "1")
    async with desk.scope.write() as session:
        await remove_contact(session, desk.contact_id, actor=desk.vendor().actor, now=NOW)
    async with nothing_changes(desk):
        with pytest.raises(ContactRemoved):
            await desk.request()
        with pytest.raises(ContactRemoved):
            await desk.confirm(request_id, quote.digest)


async def test_the_vendor_does_not_answer_for_the_customer(desk: Desk) -> None:
    request_id = await desk.request()
    quote = await desk.quote(request_id, "1")
    async with nothing_changes(desk):
        with pytest.raises(NotANamedContact):
            async with desk.scope.write() as session:
                await service.confirm_consultancy(session, library(), request_id, quote.digest, desk.vendor())


@pytest.mark.clause("QX-096")
async def test_work_without_a_confirmation_is_refused(desk: Desk) -> None:
    request_id = await desk.request()
    async with nothing_changes(desk):
        with pytest.raises(NotConfirmed):
            await desk.work(request_id, "8")
    await desk.quote(request_id, "8")
    async with nothing_changes(desk):
        with pytest.raises(NotConfirmed) as refused:
            await desk.work(request_id, "8")
    assert refused.value.clause is not None
    assert refused.value.clause.key == "QX-096"
    assert (await desk.stored(request_id)).billed_cents is None


async def test_only_the_quote_on_the_table_can_be_confirmed(desk: Desk) -> None:
    request_id = await desk.request()
    with pytest.raises(NothingQuoted):
        await desk.confirm(request_id, "0" * 64)
    old = await desk.quote(request_id, "1")
    await desk.quote(request_id, "9")
    async with nothing_changes(desk):
        with pytest.raises(QuoteChanged):
            await desk.confirm(request_id, old.digest)
        with pytest.raises(UnknownRequest):
            await desk.confirm(new_id(NOW), old.digest)


async def test_a_quote_is_confirmed_once(desk: Desk) -> None:
    request_id = await desk.request()
    quote = await desk.quote(request_id, "1")
    await desk.confirm(request_id, quote.digest)
    async with nothing_changes(desk):
        with pytest.raises(NothingQuoted):
            await desk.confirm(request_id, quote.digest)
        with pytest.raises(NothingQuoted):
            await desk.decline(request_id)
    assert await desk.count(ConsultancyConfirmation) == 1


async def test_a_quote_holds_until_its_last_moment_and_not_after(desk: Desk) -> None:
    first, second = await desk.request(), await desk.request()
    end = NOW + timedelta(days=1)
    late = await desk.quote(first, "1", valid_until=end)
    in_time = await desk.quote(second, "1", valid_until=end)
    async with nothing_changes(desk):
        with pytest.raises(QuoteExpired):
            await desk.confirm(first, late.digest, now=end + timedelta(microseconds=1))
    await desk.confirm(second, in_time.digest, now=end)


@pytest.mark.clause("QX-101")
async def test_a_quote_of_another_tariff_than_todays_has_changed(desk: Desk) -> None:
    request_id = await desk.request()
    quote = await desk.quote(request_id, "1")
    async with desk.scope.write() as session:
        await session.execute(update(Contract).values(tier="QAAS"))
    async with nothing_changes(desk):
        with pytest.raises(QuoteChanged):
            await desk.confirm(request_id, quote.digest)


@pytest.mark.clause("QX-025")
async def test_what_turns_out_to_be_a_bug_is_neither_confirmed_nor_worked(desk: Desk) -> None:
    ticket_id = await desk.ticket(TicketType.QUESTION)
    first, second = await desk.request(ticket_id=ticket_id), await desk.request(ticket_id=ticket_id)
    await desk.agree(first, "4")
    quote = await desk.quote(second, "4")
    async with desk.scope.write() as session:
        await session.execute(update(Ticket).values(type="BUG"))
    async with nothing_changes(desk):
        with pytest.raises(NeverBillable):
            await desk.confirm(second, quote.digest)
        with pytest.raises(NeverBillable):
            await desk.work(first, "1")


async def test_a_declined_request_takes_no_more_quotes(desk: Desk) -> None:
    request_id = await desk.request()
    with pytest.raises(NothingQuoted):
        await desk.decline(request_id)
    quote = await desk.quote(request_id, "1")
    await desk.decline(request_id)
    async with nothing_changes(desk):
        with pytest.raises(NotOpenForQuotes):
            await desk.quote(request_id, "1")
        with pytest.raises(NothingQuoted):
            await desk.confirm(request_id, quote.digest)


async def test_work_lies_between_the_confirmation_and_today(desk: Desk) -> None:
    request_id = await desk.confirmed("4")
    async with nothing_changes(desk):
        with pytest.raises(WorkInTheFuture):
            await desk.work(request_id, "1", on=TODAY + timedelta(days=1))
        with pytest.raises(NotConfirmed) as refused:
            await desk.work(request_id, "1", on=TODAY - timedelta(days=1))
        with pytest.raises(HoursOutOfRange):
            await desk.work(request_id, "-1")
    assert refused.value.path == "workedOn"


async def test_a_card_that_cannot_pay_confirms_nothing(desk: Desk) -> None:
    request_id = await desk.request()
    quote = await desk.quote(request_id, "5")
    small = await desk.card(blocks=1)
    expired = await desk.card(blocks=9, expires_on=TODAY - timedelta(days=1))
    async with nothing_changes(desk):
        with pytest.raises(InsufficientHours) as refused:
            await desk.confirm(request_id, quote.digest, card=small.id)
        with pytest.raises(HourCardExpired):
            await desk.confirm(request_id, quote.digest, card=expired.id)
        with pytest.raises(UnknownHourCard):
            await desk.confirm(request_id, quote.digest, card=new_id(NOW))
    assert refused.value.values == {"left": "4", "needed": "8"}
    last_day = await desk.card(blocks=2, expires_on=TODAY)
    await desk.confirm(request_id, quote.digest, card=last_day.id)


async def test_a_card_has_whole_blocks_of_four_or_eight_hours(desk: Desk) -> None:
    with pytest.raises(Malformed):
        await desk.card(blocks=1, block_hours=5)
    for blocks in (0, -1, 501):
        with pytest.raises(HoursOutOfRange):
            await desk.card(blocks=blocks)
    assert await desk.count(HourCard) == 0
    card = await desk.card(blocks=3, block_hours=8, expires_on=date(2027, 1, 1))
    assert (card.number, card.purchased_minutes) == ("H-0001", 1440)
