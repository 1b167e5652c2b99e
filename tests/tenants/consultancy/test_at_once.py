"""Calls that come at the same moment."""

import asyncio
from collections import Counter
from uuid import UUID

import pytest
from sqlalchemy.exc import IntegrityError

from tenants.consultancy.errors import InsufficientHours, NotConfirmed, NothingQuoted
from tenants.consultancy.models import ConsultancyConfirmation, ConsultancyRequest, HourCardEntry
from tenants.consultancy.queries import minutes_left
from tenants.ids import new_id
from tests.tenants.consultancy.desk import NOW, TODAY, Desk


@pytest.mark.clause("S4-006")
async def test_of_ten_confirmations_at_once_a_card_for_three_pays_three(desk: Desk) -> None:
    card = await desk.card(blocks=3)
    waiting: list[tuple[UUID, str]] = []
    for _ in range(10):
        request_id = await desk.request()
        waiting.append((request_id, (await desk.quote(request_id, "2")).digest))
    calls = [desk.confirm(request_id, digest, card=card.id) for request_id, digest in waiting]
    answers = Counter(type(answer) for answer in await asyncio.gather(*calls, return_exceptions=True))
    assert answers == {ConsultancyRequest: 3, InsufficientHours: 7}
    assert [balance for _, _, balance in await desk.ledger(card.id)] == [720, 480, 240, 0]
    assert await desk.count(ConsultancyConfirmation) == 3


async def test_a_quote_confirmed_by_many_at_once_is_confirmed_and_paid_once(desk: Desk) -> None:
    card = await desk.card(blocks=9)
    request_id = await desk.request()
    digest = (await desk.quote(request_id, "2")).digest
    calls = [desk.confirm(request_id, digest, card=card.id) for _ in range(6)]
    answers = Counter(type(answer) for answer in await asyncio.gather(*calls, return_exceptions=True))
    assert answers == {ConsultancyRequest: 1, NothingQuoted: 5}
    assert len(await desk.ledger(card.id)) == 2


async def test_work_recorded_by_many_at_once_stays_within_what_was_confirmed(desk: Desk) -> None:
    request_id = await desk.confirmed("4")
    calls = [desk.work(request_id, "1") for _ in range(7)]
    answers = Counter(type(answer) for answer in await asyncio.gather(*calls, return_exceptions=True))
    assert answers == {ConsultancyRequest: 4, NotConfirmed: 3}
    found = await desk.stored(request_id)
    assert (found.worked_minutes, found.billed_minutes, found.billed_cents) == (240, 240, 1000_00)


@pytest.mark.parametrize(("sequence", "balance"), [(1, 0), (2, -1)])
async def test_the_database_itself_refuses_a_second_line_of_a_number_and_a_negative_balance(
    desk: Desk, sequence: int, balance: int
) -> None:
    card = await desk.card(blocks=1)
    entry = HourCardEntry(
        id=new_id(NOW),
        card_id=card.id,
        sequence=sequence,
        at=NOW,
        kind="RESERVATION",
        minutes=-241,
        balance_minutes=balance,
    )
    with pytest.raises(IntegrityError):
        async with desk.scope.write() as session:
            session.add(entry)
    assert len(await desk.ledger(card.id)) == 1


async def test_hours_left_are_those_of_cards_that_have_not_expired(desk: Desk) -> None:
    await desk.card(blocks=1, expires_on=TODAY)
    card = await desk.card(blocks=2)
    await desk.confirmed("1", card=card.id)
    async with desk.scope.read() as reader:
        assert await minutes_left(reader, TODAY) == 480
        assert await minutes_left(reader, TODAY.replace(day=11)) == 240
