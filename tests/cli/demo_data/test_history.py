"""What the demo's customers went through, as the rules made it."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select, update

from api.portal import Portal
from cli.demo_data.customers import CUSTOMERS, Customer
from sla.vocabulary import TicketStatus
from tenants.consultancy.models import ConsultancyRequest, ConsultancyStatus, HourCard
from tenants.contacts.models import Contact
from tenants.contracts.models import Contract, ContractSignature
from tenants.databases.scopes import TenantScope
from tenants.tables import table
from tenants.tickets.models import Ticket, TicketEvent
from tenants.tickets.verification import verify_clocks
from tests.factories.demo import NOW

_T = table(Ticket).c
every_customer = pytest.mark.parametrize("customer", CUSTOMERS, ids=lambda customer: customer.slug)


async def scope_of(demo: Portal, customer: Customer) -> TenantScope:
    return demo.tenants.scope(await demo.tenants.by_slug(customer.slug, NOW))


@every_customer
async def test_no_ticket_is_older_than_contract_and_policy_version(demo: Portal, customer: Customer) -> None:
    policy = demo.library.get(customer.policy_key)
    async with (await scope_of(demo, customer)).read() as reader:
        contract = await reader.first(select(table(Contract)))
        first = await reader.scalar(select(func.min(_T.registered_at)))
        last = await reader.scalar(select(func.max(table(TicketEvent).c.at)))
    assert contract is not None
    assert policy.version <= contract.starts_on <= first.astimezone(ZoneInfo(policy.zone)).date()
    assert first > NOW - timedelta(days=18 * 31)
    assert last <= NOW


@every_customer
async def test_every_customer_has_a_contract_that_both_parties_signed(
    demo: Portal, customer: Customer
) -> None:
    async with (await scope_of(demo, customer)).read() as reader:
        contract = await reader.first(select(table(Contract)))
        signatures = await reader.rows(select(table(ContractSignature)))
        contacts = await reader.scalar(
            select(func.count()).select_from(table(Contact)).where(table(Contact).c.slot.is_not(None))
        )
    assert contract is not None
    assert (contract.status, contract.tier) == ("ACTIVE", customer.tier)
    assert {signature.party for signature in signatures} == {"CUSTOMER", "PROVIDER"}
    assert all(signature.signed_on <= contract.starts_on for signature in signatures)
    assert contacts == demo.library.get(customer.policy_key).contact_limit(customer.tier).value


@every_customer
async def test_tickets_stand_in_every_status(demo: Portal, customer: Customer) -> None:
    async with (await scope_of(demo, customer)).read() as reader:
        found = await reader.rows(select(_T.status).distinct())
    assert {row.status for row in found} == set(TicketStatus)


@every_customer
async def test_numbers_follow_the_order_of_registration(demo: Portal, customer: Customer) -> None:
    async with (await scope_of(demo, customer)).read() as reader:
        rows = await reader.rows(select(_T.number).order_by(_T.registered_at, _T.id))
    numbers = [row.number for row in rows]
    assert numbers == sorted(numbers)
    assert len(numbers) >= 8


@every_customer
async def test_all_stored_clocks_follow_from_the_events(demo: Portal, customer: Customer) -> None:
    async with (await scope_of(demo, customer)).read() as reader:
        verified = await verify_clocks(reader, demo.library)
    assert verified.tickets >= 8
    assert verified.differences == ()


async def test_a_clock_that_somebody_touched_is_found(demo: Portal) -> None:
    scope = await scope_of(demo, CUSTOMERS[0])
    async with scope.read() as reader:
        before = await reader.first(select(_T.id, _T.number, _T.next_due_at).limit(1))
    assert before is not None
    wrong = NOW + timedelta(days=400)
    await _write_due(scope, before.id, wrong)
    async with scope.read() as reader:
        found = (await verify_clocks(reader, demo.library)).differences
    await _write_due(scope, before.id, before.next_due_at)
    assert [(one.number, one.column, one.stored, one.derived) for one in found] == [
        (before.number, "next_due_at", wrong, before.next_due_at)
    ]


async def _write_due(scope: TenantScope, ticket_id: object, at: object) -> None:
    async with scope.write() as session:
        await session.execute(update(Ticket).where(_T.id == ticket_id).values(next_due_at=at))


@every_customer
async def test_consultancy_has_come_as_far_as_the_tariff_allows(demo: Portal, customer: Customer) -> None:
    async with (await scope_of(demo, customer)).read() as reader:
        rows = await reader.rows(select(table(ConsultancyRequest).c.status))
        cards = await reader.rows(select(table(HourCard).c.block_hours))
    statuses = {row.status for row in rows}
    if customer.policy_key == "oxygis":
        assert statuses == {ConsultancyStatus.REQUESTED}
    else:
        wanted = {"REQUESTED", "QUOTED", "DECLINED", "CONFIRMED", "IN_PROGRESS"}
        assert statuses == wanted
    assert [card.block_hours for card in cards] == [8 if customer.policy_key == "s4m-support" else 4]
