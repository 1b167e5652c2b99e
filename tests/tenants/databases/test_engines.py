"""What the databases of one server share, and what they do not."""

from random import Random

from sqlalchemy import bindparam, func, literal, select, text
from sqlalchemy.sql.expression import Executable

from tenants.audit.models import AuditEntry
from tenants.databases.admission import Admission
from tenants.databases.engines import Engines
from tenants.databases.provisioning import create_tenant_database, drop_database
from tenants.databases.scopes import TenantScope
from tenants.databases.servers import Placement
from tenants.ids import new_id
from tenants.tables import table
from tests.conftest import NOW
from tests.factories.portal import Client, Customer, House
from tests.factories.tickets import History

ENTRY = table(AuditEntry).c
ASKED = "{ organization { slug hourCards { number } } tickets(first: 3) { nodes { subject } totalCount } }"


async def scope_of(engines: Engines) -> TenantScope:
    key = new_id(NOW)
    await create_tenant_database(engines.server("main"), f"t_{key.hex}", key, epoch=1)
    return TenantScope(engines.tenant(key, Placement("main", f"t_{key.hex}")), key, epoch=1)


async def drop(engines: Engines, *scopes: TenantScope) -> None:
    await engines.close()
    for scope in scopes:
        await drop_database(engines.server("main"), f"t_{scope.tenant_id.hex}")


async def test_the_database_of_a_second_tenant_compiles_nothing_again(house: House) -> None:
    compiled = house.portal.engines._houses["main"].compiled.statements
    agent = await house.operator()
    counts = []
    for slug in ("alfa", "bravo"):
        customer = await house.tenant(slug)
        past = await History.of(customer, agent)
        await (await past.register("2026-03-10 09:00")).answer("2026-03-10 10:00")
        assert "errors" not in await (await customer.client()).call(ASKED)
        await customer.deliver()
        counts.append(len(compiled))
    assert counts[0] > 20
    assert counts[1] == counts[0]


async def test_a_statement_that_one_tenant_compiled_carries_no_value_of_it_to_another(
    engines: Engines,
) -> None:
    chance, scopes = Random(0), [await scope_of(engines), await scope_of(engines)]
    for _ in range(60):
        for scope in scopes:
            word, words = f"w{chance.random()}", [f"w{chance.random()}" for _ in range(chance.randint(1, 4))]
            limit, mine = chance.randint(1, 5), scope.tenant_id
            statements: list[tuple[Executable, object]] = [
                (select(literal(word)), word),
                (select(literal(mine, type_=ENTRY.id.type)).limit(limit), mine),
                (select(func.coalesce(bindparam("x", word), literal("y"))), word),
                (select(literal(word).in_(words)), False),
                (select(literal(words[-1]).in_(words)), True),
                (text("SELECT CAST(:word AS TEXT)").bindparams(word=word), word),
            ]
            async with scope.read() as reader:
                for statement, expected in statements:
                    assert await reader.scalar(statement) == expected
                assert await reader.first(select(func.count()).where(ENTRY.id == mine)) == (0,)
    await drop(engines, *scopes)


async def test_a_server_without_a_free_connection_makes_one_request_wait_and_no_other(house: House) -> None:
    house.portal.engines._houses["main"].admission = Admission(1, wait=1)
    busy, other = await house.tenant("alfa"), await house.tenant("bravo")
    client = await other.client()
    async with busy.scope.write():
        refused = await house.http.post("/graphql", json={"query": ASKED}, headers=signed(client))
        assert refused.status_code == 503
        assert refused.headers["Retry-After"] == "5"
        assert "data" not in refused.json()
    for customer in (other, busy):
        assert await slug_of(customer) == customer.record.slug


def signed(client: Client) -> dict[str, str]:
    return {"Authorization": f"Bearer {client.token}"}


async def slug_of(customer: Customer) -> str:
    found = await (await customer.client()).data("{ organization { slug } }")
    return str(found["organization"]["slug"])
