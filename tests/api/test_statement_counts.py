"""How many statements an answer takes: it never grows with the number of rows."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, event

from bench.question import DOCUMENT
from tests.api.conftest import NewCustomer
from tests.factories.portal import Client, House
from tests.factories.tickets import History


@contextmanager
def tenant_statements() -> Iterator[list[str]]:
    """The statements that reach any tenant's database meanwhile; the catalog's row is kept for a second."""
    found: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_others: Any) -> None:
        if "FROM tenant " not in " ".join(statement.split()):
            found.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", note)


@pytest.fixture(scope="module")
async def past(shared_house: House, new_customer: NewCustomer) -> History:
    return await History.of(await new_customer(), await shared_house.operator())


async def statements_of_a_page(client: Client) -> list[str]:
    await client.data(DOCUMENT, {"first": 50})  # connections look once whose database they reach
    with tenant_statements() as found:
        await client.data(DOCUMENT, {"first": 50})
    return found


async def test_a_page_of_tickets_takes_three_statements_however_many_tickets_it_holds(past: History) -> None:
    client = await past.customer.client()
    for hour in ("09", "10", "11"):
        await past.register(f"2026-03-10 {hour}:00")
        session, page, contacts = await statements_of_a_page(client)
        assert "FROM account JOIN session" in " ".join(session.split())
        assert "FROM ticket" in page
        assert "FROM contact" in contacts


async def test_a_page_reads_only_the_columns_that_its_fields_are_made_of(past: History) -> None:
    client = await past.customer.client()
    await past.register("2026-03-11 09:00")
    with tenant_statements() as found:
        await client.data("{ tickets(first: 5) { nodes { number } } }")
    page = next(statement for statement in found if "FROM ticket" in statement)
    assert page.partition("FROM")[0].split() == [
        "SELECT",
        "ticket.id,",
        "ticket.number,",
        "ticket.registered_at",
    ]
