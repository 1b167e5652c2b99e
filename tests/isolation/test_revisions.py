"""This version serves customers that are not migrated yet, and tells one that it cannot serve to come back."""

import pytest

from bench.older import change
from tenants.databases.revisions import SERVED_REVISIONS, TENANT_HEAD
from tests.factories.older import put_customers_back, revision_in
from tests.factories.portal import House
from tests.isolation.conftest import code_of
from tests.isolation.test_states import asked, check_neighbour, registered


@pytest.mark.parametrize("revision", ["0001", "9999"])
async def test_a_customer_at_a_revision_that_is_not_served_waits_alone(house: House, revision: str) -> None:
    behind, other = await house.tenant("alfa"), await house.tenant("bravo")
    client, neighbour = await behind.client(), await other.client()
    database = behind.record.placement.database
    server = house.portal.engines.server("main")
    await house.portal.engines.close()
    await change(server, database, f"UPDATE alembic_version SET version_num = '{revision}'")  # noqa: S608  # ours
    for answer in (await asked(client), await registered(client)):
        assert code_of(answer) == (503, "INTERNAL_SERVER_ERROR")
        assert answer.headers["Retry-After"] == "5"
        assert revision not in answer.text
    await check_neighbour(neighbour)
    await change(server, database, f"UPDATE alembic_version SET version_num = '{TENANT_HEAD}'")  # noqa: S608  # ours
    assert (await asked(client)).json() == {"data": {"organization": {"slug": "alfa"}}}


@pytest.mark.parametrize("revision", sorted(SERVED_REVISIONS - {TENANT_HEAD}))
async def test_customers_before_and_after_their_migration_are_served_by_one_process(
    house: House, revision: str
) -> None:
    behind, other = await house.tenant("alfa"), await house.tenant("bravo")
    client, neighbour = await behind.client(), await other.client()
    await put_customers_back(house, [behind], revision)
    assert (await asked(client)).json() == {"data": {"organization": {"slug": "alfa"}}}
    assert (await registered(client)).json()["data"]["registerTicket"]["errors"] == []
    assert await behind.deliver() == 1
    await check_neighbour(neighbour)
    home = behind.record.placement
    assert await revision_in(house.portal.engines.server(home.server), home.database) == revision
