"""A row of one customer cannot be written in the database of another, whatever is done with it in between."""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import make_transient, make_transient_to_detached

from tenants.consultancy.models import HourCard, HourCardEntry
from tenants.contracts.models import Contract, ContractAddendum
from tenants.databases.errors import ForeignRow
from tenants.ids import new_id
from tests.conftest import NOW
from tests.factories.contents import contents
from tests.factories.portal import Customer, House

Write = Callable[[AsyncSession, Contract], Awaitable[Any]]


async def add(session: AsyncSession, row: Contract) -> None:
    session.add(row)


async def add_after_a_change(session: AsyncSession, row: Contract) -> None:
    row.reference = "C-geheim"
    session.add(row)


async def add_all(session: AsyncSession, row: Contract) -> None:
    session.add_all([_card(), row])


async def merge(session: AsyncSession, row: Contract) -> None:
    await session.merge(row)


async def merge_without_loading(session: AsyncSession, row: Contract) -> None:
    await session.merge(row, load=False)


async def merge_all(session: AsyncSession, row: Contract) -> None:
    await session.run_sync(lambda own: own.merge_all([row]))


async def save_in_bulk(session: AsyncSession, row: Contract) -> None:
    await session.run_sync(lambda own: own.bulk_save_objects([row]))


async def delete(session: AsyncSession, row: Contract) -> None:
    await session.delete(row)


WAYS = [add, add_after_a_change, add_all, merge, merge_without_loading, merge_all, save_in_bulk, delete]


def _card() -> HourCard:
    return HourCard(
        id=new_id(NOW), number="HC-0001", block_hours=4, purchased_minutes=480, created_at=NOW
    )  # fmt: skip


async def loaded(session: AsyncSession) -> Contract:
    return (await session.execute(select(Contract))).scalars().one()


async def refused(customer: Customer, write: Write, row: Contract) -> BaseException:
    """What the write of this row in the customer's database ends with; nothing of it may have landed there."""
    before = await contents(customer.scope, frozenset())
    with pytest.raises((ForeignRow, InvalidRequestError)) as told:
        async with customer.scope.write() as session:
            await write(session, row)
    assert await contents(customer.scope, frozenset()) == before
    return told.value


@pytest.fixture
async def pair(house: House) -> tuple[Customer, Customer]:
    return await house.tenant("alfa"), await house.tenant("bravo")


@pytest.mark.parametrize("write", WAYS)
async def test_a_row_loaded_in_one_tenant_is_not_written_in_another(
    pair: tuple[Customer, Customer], write: Write
) -> None:
    a, b = pair
    async with a.scope.write() as session:
        row = await loaded(session)
        await refused(b, write, row)  # while the session is open
    assert isinstance(await refused(b, write, row), ForeignRow)  # and after it was closed


@pytest.mark.parametrize("write", WAYS)
async def test_a_row_that_was_made_transient_still_belongs_to_its_tenant(
    pair: tuple[Customer, Customer], write: Write
) -> None:
    a, b = pair
    async with a.scope.write() as session:
        row = await loaded(session)
        make_transient(row)
    await refused(b, write, row)
    make_transient_to_detached(row)
    await refused(b, write, row)


async def test_a_row_that_was_new_in_one_tenant_is_not_new_in_another(
    pair: tuple[Customer, Customer],
) -> None:
    a, b = pair
    async with a.scope.write() as session:
        written, withdrawn = _card(), _card()
        session.add_all([written, withdrawn])
        session.expunge(withdrawn)
    for row in (written, withdrawn):
        assert isinstance(await refused(b, add, row), ForeignRow)  # type: ignore[arg-type]  # any row


async def test_a_row_that_claims_to_have_been_loaded_is_not_believed(
    pair: tuple[Customer, Customer],
) -> None:
    row = _card()
    make_transient_to_detached(row)
    assert isinstance(await refused(pair[1], add, row), ForeignRow)  # type: ignore[arg-type]  # any row


async def test_a_row_that_refers_to_one_of_another_tenant_is_refused_by_the_database(
    pair: tuple[Customer, Customer],
) -> None:
    a, b = pair
    async with a.scope.write() as session:
        contract, card = await loaded(session), _card()
        session.add(card)
    children = (
        ContractAddendum(id=new_id(NOW), contract_id=contract.id, key="ADD", starts_on=date(2026, 1, 1)),
        HourCardEntry(
            id=new_id(NOW),
            card_id=card.id,
            sequence=1,
            at=NOW,
            kind="PURCHASE",
            minutes=480,
            balance_minutes=480,
        ),
    )
    before = await contents(b.scope, frozenset())
    for child in children:
        with pytest.raises(IntegrityError):
            async with b.scope.write() as session:
                session.add(child)
    assert await contents(b.scope, frozenset()) == before


async def test_a_row_may_leave_its_own_session_and_come_back(pair: tuple[Customer, Customer]) -> None:
    a, _ = pair
    async with a.scope.write() as session:
        row = await loaded(session)
        session.expunge(row)
        row.reference = "C-nieuw"
        session.add(row)
    async with a.scope.write() as session:
        assert (await loaded(session)).reference == "C-nieuw"


async def test_by_design_values_are_free_a_new_row_with_them_is_a_new_row(
    pair: tuple[Customer, Customer],
) -> None:
    a, b = pair
    async with a.scope.write() as session:
        values = (await loaded(session)).model_dump()
    async with b.scope.write() as session:
        session.add(Contract(**values | {"id": new_id(NOW)}))
    async with b.scope.write() as session:
        assert len((await session.execute(select(Contract))).scalars().all()) == 2
