"""Operators whose requests come at the same moment."""

import asyncio

import pytest
from sqlalchemy import select

from tenants.agents.models import Agent, WorkSession
from tenants.tables import table
from tests.api.conftest import NewCustomer
from tests.factories.contents import audit_log
from tests.factories.portal import Customer, House

ASKED = "{ organization { slug } }"
FIELDS = "tickets { totalCount } a: organization { slug } b: organization { contactLimit }"


@pytest.fixture
async def customer(new_customer: NewCustomer) -> Customer:
    return await new_customer()


@pytest.mark.parametrize("more", [1, 6])
async def test_root_fields_of_operators_at_once_wait_for_no_connection_of_their_own_request(
    shared_house: House, customer: Customer, more: int
) -> None:
    operator = await shared_house.operator(email=f"mia{more}@vendor.example")
    client = await shared_house.session(operator, customer.record.slug)
    await client.data(ASKED)
    slug, names = customer.record.slug, [f"more{number}" for number in range(more)]
    asked = " ".join((FIELDS, *(f"{name}: organization {{ slug }}" for name in names)))
    answers = await asyncio.gather(*(client.call(f"{{ {asked} }}") for _ in range(10)))
    expected = {"tickets": {"totalCount": 0}, "a": {"slug": slug}, "b": {"contactLimit": 3}}
    assert answers == [{"data": expected | {name: {"slug": slug} for name in names}}] * 10


async def test_first_requests_at_once_open_one_work_session(shared_house: House, customer: Customer) -> None:
    operator = await shared_house.operator(email="noor@vendor.example")
    client = await shared_house.session(operator, customer.record.slug)
    answers = await asyncio.gather(*(client.call(ASKED) for _ in range(6)))
    assert answers == [{"data": {"organization": {"slug": customer.record.slug}}}] * 6
    opened = await audit_log(customer.scope, "work_session_opened")
    async with customer.scope.read() as reader:
        sessions = await reader.rows(select(table(WorkSession).c.id, table(WorkSession).c.agent_id))
    assert [(entry.subject_id, entry.actor_id) for entry in opened] == [tuple(row) for row in sessions]
    assert [row.agent_id for row in sessions] == [operator.id]


async def test_an_operator_who_comes_back_is_known_under_the_present_name(
    shared_house: House, customer: Customer
) -> None:
    operator = await shared_house.operator(email="olga@vendor.example")
    async with customer.scope.write() as session:
        session.add(Agent(id=operator.id, name="Before the wedding"))
    await (await shared_house.session(operator, customer.record.slug)).data(ASKED)
    agent = table(Agent).c
    async with customer.scope.read() as reader:
        assert await reader.scalar(select(agent.name).where(agent.id == operator.id)) == "Jan Jansen"
