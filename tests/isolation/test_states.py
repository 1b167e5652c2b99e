"""A tenant that cannot be served gets its own answer; its neighbours notice nothing."""

import resource
from typing import Any

import pytest
from sqlalchemy import text

from tenants.acts import SYSTEM
from tenants.catalog.models import Tenant, TenantStatus
from tenants.catalog.service import set_status
from tenants.databases.administration import administering
from tenants.databases.copying import filling
from tenants.databases.engines import Engines
from tenants.databases.provisioning import drop_database
from tenants.databases.scopes import TenantScope
from tenants.databases.servers import PostgresServer, Server, SqliteServer
from tenants.tables import table
from tests.conftest import NOW
from tests.factories.portal import PASSWORD, SIGN_IN, Client, Customer, House
from tests.isolation.conftest import bearer, code_of, post

ASKED = "{ organization { slug } }"
REGISTER = """mutation($input: RegisterTicketInput!) { registerTicket(input: $input) {
  ticket { number } errors { code } } }"""
TICKET = {"type": "BUG", "subject": "?", "description": "?"}


@pytest.fixture
async def pair(house: House) -> tuple[Client, Client]:
    """The owner of a tenant that is about to fail, and that of its neighbour."""
    failing, other = await house.tenant("alfa"), await house.tenant("bravo")
    return await failing.client(), await other.client()


async def asked(client: Client) -> Any:
    return await post(client.house, ASKED, None, bearer(client))


async def registered(client: Client) -> Any:
    return await post(client.house, REGISTER, {"input": TICKET}, bearer(client))


async def check_neighbour(other: Client) -> None:
    """The neighbour reads and writes."""
    assert (await asked(other)).json() == {"data": {"organization": {"slug": "bravo"}}}
    assert (await registered(other)).json()["data"]["registerTicket"]["errors"] == []


async def move_to(house: House, slug: str, status: TenantStatus) -> None:
    tenant = await house.portal.tenants.by_slug(slug, NOW)
    await set_status(house.portal.catalog, tenant.id, status, actor=SYSTEM, now=NOW)
    house.portal.tenants._seen.clear()  # as after the second that an answer is kept


async def signed_in(house: House, slug: str) -> Any:
    given = {"input": {"email": f"anna@{slug}.example", "password": PASSWORD}}
    return await post(house, SIGN_IN, given, ("Portal-Tenant", slug))


REFUSED = {
    TenantStatus.SUSPENDED: (403, "FORBIDDEN"),
    TenantStatus.PROVISIONING: (403, "FORBIDDEN"),
    TenantStatus.FAILED: (403, "FORBIDDEN"),
    TenantStatus.MOVING: (503, "INTERNAL_SERVER_ERROR"),
    TenantStatus.DELETED: (403, "FORBIDDEN"),
}


async def test_a_tenant_that_is_not_active_is_told_so_after_sign_in_and_nobody_before(
    house: House, pair: tuple[Client, Client]
) -> None:
    client, other = pair
    for status, refused in REFUSED.items():
        await move_to(house, "alfa", status)
        for answer in (await asked(client), await registered(client)):
            assert code_of(answer) == refused
            assert ("Retry-After" in answer.headers) is (status is TenantStatus.MOVING)
        assert (await signed_in(house, "alfa")).content == (await signed_in(house, "nobody")).content
        assert (await signed_in(house, "bravo")).json()["data"]["signIn"]["errors"] == []
        await check_neighbour(other)
        await move_to(house, "alfa", TenantStatus.ACTIVE)
        assert (await asked(client)).json() == {"data": {"organization": {"slug": "alfa"}}}


async def test_a_missing_database_makes_its_tenant_wait_and_is_never_made_anew(
    house: House, pair: tuple[Client, Client]
) -> None:
    client, other = pair
    server = house.portal.engines.server("main")
    await house.portal.engines.close()
    tenant = await house.portal.tenants.by_slug("alfa", NOW)
    await drop_database(server, tenant.placement.database)
    for answer in (await asked(client), await registered(client), await signed_in(house, "alfa")):
        assert code_of(answer) == (503, "INTERNAL_SERVER_ERROR")
        assert answer.headers["Retry-After"] == "5"
        assert tenant.placement.database not in answer.text
    await check_neighbour(other)
    if isinstance(server, SqliteServer):
        assert not server.path(tenant.placement.database).exists()


async def test_the_database_of_another_tenant_in_the_wrong_place_serves_nobody(
    house: House, pair: tuple[Client, Client]
) -> None:
    client, other = pair
    server = house.portal.engines.server("main")
    third = await house.tenant("charlie")
    await house.portal.engines.close()
    tenant = await house.portal.tenants.by_slug("alfa", NOW)
    await swap(server, third, tenant.placement.database)
    for answer in (await asked(client), await registered(client), await signed_in(house, "alfa")):
        assert code_of(answer) == (503, "INTERNAL_SERVER_ERROR")
        assert "charlie" not in answer.text
    await check_neighbour(other)


async def swap(server: Server, other: Customer, database: str) -> None:
    """Puts the other customer's database where one of this name was."""
    await drop_database(server, database)
    name = other.record.placement.database
    if isinstance(server, PostgresServer):
        async with administering(server) as connection:
            for kind in ("DATABASE", "ROLE"):
                await connection.exec_driver_sql(f'ALTER {kind} "{name}" RENAME TO "{database}"')
    else:
        server.path(name).replace(server.path(database))


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)  # elsewhere a row that is held is waited for
async def test_a_database_that_another_process_holds_makes_writers_wait_and_readers_not(
    house: House, pair: tuple[Client, Client]
) -> None:
    client, other = pair
    server = house.portal.engines.server("main")
    tenant = await house.portal.tenants.by_slug("alfa", NOW)
    others = Engines({"main": server}, tenant.placement)
    blocker = TenantScope(others.catalog(), tenant.id, epoch=1)
    async with blocker.write() as session:
        await session.execute(text("UPDATE organization SET name = 'Held'"))
        assert (await asked(client)).json() == {"data": {"organization": {"slug": "alfa"}}}
        await check_neighbour(other)
        answer = await registered(client)
        assert code_of(answer) == (503, "INTERNAL_SERVER_ERROR")
        assert answer.headers["Retry-After"] == "5"
    await others.close()
    assert (await registered(client)).json()["data"]["registerTicket"]["errors"] == []


@pytest.mark.parametrize("server", ["postgres"], indirect=True)  # a file has no connections to break
async def test_broken_connections_cost_their_tenant_a_retry_and_nobody_else(
    house: House, pair: tuple[Client, Client]
) -> None:
    client, other = pair
    tenant = await house.portal.tenants.by_slug("alfa", NOW)
    async with house.portal.catalog.read() as reader:
        broken = await reader.rows(
            text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name").bindparams(
                name=tenant.placement.database
            )
        )
    assert broken
    answers = [await asked(client) for _ in range(len(broken) + 1)]
    assert {answer.status_code for answer in answers} <= {200, 503}
    assert answers[-1].json() == {"data": {"organization": {"slug": "alfa"}}}
    await check_neighbour(other)


async def test_a_process_that_missed_a_move_writes_nothing(house: House, pair: tuple[Client, Client]) -> None:
    client, other = pair
    tenant = await house.portal.tenants.by_slug("alfa", NOW)
    async with house.portal.tenants.scope(tenant).write() as session:
        await session.execute(text("UPDATE tenant_identity SET epoch = 2"))
    assert code_of(await registered(client)) == (503, "INTERNAL_SERVER_ERROR")
    async with house.portal.tenants.scope(tenant).read() as reader:
        assert await reader.scalar(text("SELECT count(*) FROM ticket")) == 0
    await check_neighbour(other)


async def spoil(house: House, slug: str, spoiled: str) -> None:
    """Makes the customer's database what a crash, a bad disk or a lost server would."""
    tenant = await house.portal.tenants.by_slug(slug, NOW)
    home, server = tenant.placement, house.portal.engines.server("main")
    await house.portal.engines.close()
    if spoiled == "on a server that refuses connections":
        away = PostgresServer("away", "postgresql://postgres@127.0.0.1:9/postgres")
        house.portal.engines._servers["away"] = away
        house.portal.engines._houses["away"] = house.portal.engines._houses["main"]
        row = table(Tenant)
        async with house.portal.catalog.write() as session:
            await session.execute(row.update().where(row.c.slug == slug).values(server="away"))
        house.portal.tenants._seen.clear()
    elif spoiled == "corrupt" and isinstance(server, SqliteServer):
        for path in server.folder.glob(f"{home.database}.db-*"):
            path.unlink()
        server.path(home.database).write_bytes(b"no database " * 1000)
    elif spoiled == "half-made":
        async with filling(server, home.database) as connection:
            await connection.execute(text("DELETE FROM tenant_identity"))
    else:
        async with filling(server, home.database) as connection:
            await connection.execute(text("DROP TABLE tenant_identity"))


@pytest.mark.parametrize("spoiled", ["corrupt", "half-made", "on a server that refuses connections"])
async def test_what_is_wrong_with_one_database_is_told_to_its_own_customer_alone(
    house: House, pair: tuple[Client, Client], spoiled: str
) -> None:
    client, other = pair
    await spoil(house, "alfa", spoiled)
    for answer in (await asked(client), await registered(client), await signed_in(house, "alfa")):
        assert code_of(answer) == (503, "INTERNAL_SERVER_ERROR")
        assert answer.headers["Retry-After"] == "5"
    await check_neighbour(other)


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)  # a server's disk is not ours to fill
async def test_a_disk_that_is_full_makes_its_customer_wait_and_loses_nothing(
    pair: tuple[Client, Client],
) -> None:
    """The limit on the size of files stands for the disk."""
    client, other = pair
    assert (await registered(client)).json()["data"]["registerTicket"]["errors"] == []
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, before[1]))
    try:
        answer = await registered(client)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert code_of(answer) == (503, "INTERNAL_SERVER_ERROR")
    assert answer.headers["Retry-After"] == "5"
    assert (await registered(client)).json()["data"]["registerTicket"]["ticket"]["number"] == "T-000002"
    await check_neighbour(other)
