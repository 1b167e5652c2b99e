"""A customer's database is copied row by row between any two servers, and nothing of it changes."""

import asyncio
import os
import signal
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Uuid, bindparam, column, insert, select, text
from sqlalchemy import table as lightweight
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel

from tenants.agents.models import Agent
from tenants.contracts.models import Contract
from tenants.databases.contents import digest, rows_per_table
from tenants.databases.copying import FOREIGN_KEYS, copy_rows, filling, nobody_looks, snapshot_of
from tenants.databases.engines import Engines
from tenants.databases.errors import CopyMismatch, DatabaseUnavailable, TargetNotEmpty
from tenants.databases.loading import _until_read
from tenants.databases.migrations import upgrade
from tenants.databases.provisioning import drop_database
from tenants.databases.revisions import TENANT_HEAD
from tenants.databases.scopes import TenantScope
from tenants.databases.servers import Placement, Server
from tenants.ids import new_id
from tenants.tables import TenantTable, table
from tests.conftest import NOW
from tests.factories.databases import without_schema
from tests.factories.everything import ids_of_everything
from tests.factories.portal import House
from tests.tenants.databases.conftest import NewDatabase

CONTRACT: dict[str, Any] = {
    "reference": "C-1",
    "status": "ACTIVE",
    "policy_key": "qixium",
    "policy_version": date(2025, 6, 18),
    "tier": "SUPPORT",
    "starts_on": date(2026, 1, 1),
    "created_at": NOW,
}
OLD_CONTRACT = lightweight(
    "contract", *(column(name, table(Contract).c[name].type) for name in ("id", *CONTRACT))
)
OLD_TERM = text("""INSERT INTO contract_override (id, contract_id, term, value, reference)
  VALUES (:id, :contract, 'response.HIGH', '60 minutes', 'AGR-9')""").bindparams(
    bindparam("id", type_=Uuid()), bindparam("contract", type_=Uuid())
)


async def without_identity(connection: AsyncConnection) -> dict[str, str]:
    found = await digest(connection)
    del found["tenant_identity"]
    return found


async def entities(server: Server, place: str, tenant_id: UUID) -> dict[str, list[str]]:
    """Every row of every table but the identity's, as the portal itself reads it."""
    engines = Engines({server.name: server}, Placement(server.name, "no_catalog"))
    scope = TenantScope(engines.tenant(tenant_id, Placement(server.name, place)), tenant_id, epoch=1)
    models: list[type[SQLModel]] = [mapper.class_ for mapper in TenantTable._sa_registry.mappers]
    async with scope.write() as session:
        found = {
            str(table(model).name): sorted(repr(row) for row in await session.scalars(select(model)))
            for model in models
        }
    await engines.close()
    del found["tenant_identity"]
    return found


async def agents(server: Server, place: str, count: int) -> list[UUID]:
    keys = [new_id(NOW) for _ in range(count)]
    async with filling(server, place) as connection:
        rows = [{"id": key, "name": f"Agent {number}"} for number, key in enumerate(keys)]
        await connection.execute(insert(table(Agent)), rows)
    return keys


async def test_a_customer_with_one_of_everything_arrives_as_it_was(
    house: House, target_server: Server, new_database: NewDatabase
) -> None:
    customer = await house.tenant("alfa")
    await ids_of_everything(customer, await house.operator())
    await house.session(customer.owner)
    place, tenant_id = customer.record.placement.database, customer.record.id
    server = house.portal.engines.servers["main"]
    target_place = await new_database(target_server, tenant_id)
    told: dict[str, int] = {}
    async with (
        snapshot_of(server, place) as source,
        filling(target_server, target_place) as target,
    ):
        copied = await copy_rows(source, target, told.__setitem__)
    async with snapshot_of(server, place) as source, snapshot_of(target_server, target_place) as target:
        expected = await rows_per_table(source)
        assert await rows_per_table(target) == expected
        assert await without_identity(target) == await without_identity(source)
    del expected["tenant_identity"]
    assert copied == expected
    assert {name: count for name, count in told.items() if count} == {
        name: count for name, count in expected.items() if count
    }
    assert await entities(target_server, target_place, tenant_id) == await entities(server, place, tenant_id)


async def test_many_rows_are_told_as_they_are_copied(
    server: Server, target_server: Server, new_database: NewDatabase
) -> None:
    tenant_id = new_id(NOW)
    place = await new_database(server, tenant_id)
    target_place = await new_database(target_server, tenant_id)
    await agents(server, place, 1201)
    told: list[int] = []
    async with snapshot_of(server, place) as source, filling(target_server, target_place) as target:
        copied = await copy_rows(
            source, target, lambda name, rows: told.append(rows) if name == "agent" else None
        )
        assert await without_identity(target) == await without_identity(source)
    assert copied["agent"] == told[-1] == 1201
    assert told == sorted(told)


async def test_a_copy_is_of_one_moment(
    server: Server, target_server: Server, new_database: NewDatabase
) -> None:
    place = await new_database(server, new_id(NOW))
    target_place = await new_database(target_server, new_id(NOW))
    await agents(server, place, 2)
    async with snapshot_of(server, place) as source:
        await rows_per_table(source)
        await agents(server, place, 3)
        async with filling(target_server, target_place) as target:
            assert (await copy_rows(source, target, nobody_looks))["agent"] == 2


async def test_an_old_revision_is_copied_as_it_is_and_can_be_upgraded(
    server: Server, target_server: Server
) -> None:
    place, target_place = await without_schema(server), await without_schema(target_server)
    for each, name in ((server, place), (target_server, target_place)):
        await upgrade(each, name, "tenant", "0001")
    async with filling(server, place) as connection:
        contract = uuid4()
        await connection.execute(insert(OLD_CONTRACT), [{"id": contract, **CONTRACT}])
        await connection.execute(OLD_TERM, {"id": uuid4(), "contract": contract})
    async with snapshot_of(server, place) as source, filling(target_server, target_place) as target:
        copied = await copy_rows(source, target, nobody_looks)
        assert await digest(target) == await digest(source)
    assert (copied["contract"], copied["contract_override"]) == (1, 1)
    await upgrade(target_server, target_place, "tenant")
    async with snapshot_of(target_server, target_place) as target:
        assert await target.scalar(text("SELECT layer FROM contract_override")) == "SPECIFIC_AGREEMENT"
    await drop_database(server, place)
    await drop_database(target_server, target_place)


async def test_another_revision_is_refused_and_every_difference_named(
    server: Server, target_server: Server, new_database: NewDatabase
) -> None:
    place, target_place = await without_schema(server), await new_database(target_server, new_id(NOW))
    await upgrade(server, place, "tenant", "0001")
    async with filling(server, place) as connection:
        await connection.execute(text("CREATE TABLE aside (id INTEGER PRIMARY KEY)"))
        await connection.execute(text("ALTER TABLE agent ADD COLUMN name_day DATE"))
    async with snapshot_of(server, place) as source, filling(target_server, target_place) as target:
        with pytest.raises(CopyMismatch) as refused:
            await copy_rows(source, target, nobody_looks)
    told = str(refused.value)
    assert f"revision 0001 in the source, {TENANT_HEAD} in the target" in told
    assert "table aside is only in the source" in told
    assert "column agent.name_day is only in the source" in told
    assert "column contract_override.layer is only in the target" in told
    await drop_database(server, place)


async def test_a_database_without_a_schema_is_refused(
    server: Server, target_server: Server, new_database: NewDatabase
) -> None:
    place, target_place = await without_schema(target_server), await new_database(server, new_id(NOW))
    async with snapshot_of(server, target_place) as source, filling(target_server, place) as target:
        with pytest.raises(CopyMismatch, match="no schema"):
            await copy_rows(source, target, nobody_looks)
    await drop_database(target_server, place)


async def test_a_target_with_rows_is_refused(
    server: Server, target_server: Server, new_database: NewDatabase
) -> None:
    place, target_place = (
        await new_database(server, new_id(NOW)),
        await new_database(target_server, new_id(NOW)),
    )
    await agents(server, place, 1)
    await agents(target_server, target_place, 2)
    async with snapshot_of(server, place) as source, filling(target_server, target_place) as target:
        with pytest.raises(TargetNotEmpty, match="agent has 2"):
            await copy_rows(source, target, nobody_looks)
        assert (await rows_per_table(target))["agent"] == 2


async def test_a_failure_in_the_middle_leaves_the_target_empty(
    server: Server, target_server: Server, new_database: NewDatabase
) -> None:
    place, target_place = (
        await new_database(server, new_id(NOW)),
        await new_database(target_server, new_id(NOW)),
    )
    await agents(server, place, 1201)

    def fail(name: str, rows: int) -> None:
        if rows:
            raise ZeroDivisionError(name)

    with pytest.raises(ZeroDivisionError):
        async with snapshot_of(server, place) as source, filling(target_server, target_place) as target:
            await copy_rows(source, target, fail)
    async with snapshot_of(target_server, target_place) as target:
        assert {name for name, count in (await rows_per_table(target)).items() if count} == {
            "tenant_identity"
        }


@pytest.mark.parametrize("lost", ["source", "target"])
async def test_a_connection_that_is_lost_is_told_and_nothing_is_kept(
    postgres: Server, new_database: NewDatabase, lost: str
) -> None:
    place, target_place = (
        await new_database(postgres, new_id(NOW)),
        await new_database(postgres, new_id(NOW)),
    )
    await agents(postgres, place, 5)

    async def copy() -> None:
        async with snapshot_of(postgres, place) as source, filling(postgres, target_place) as target:
            process = {"source": source, "target": target}[lost]
            pid = await process.scalar(text("SELECT pg_backend_pid()")) or 0
            await copy_rows(
                source, target, lambda _name, rows: os.kill(pid, signal.SIGTERM) if rows else None
            )

    with pytest.raises(DatabaseUnavailable):
        await copy()
    async with snapshot_of(postgres, target_place) as target:
        assert (await rows_per_table(target))["agent"] == 0


async def test_a_stream_that_breaks_off_between_two_rows_is_not_taken_for_whole() -> None:
    async def break_off() -> None:
        raise ConnectionResetError("gone")

    async def write_all() -> list[bytes]:
        reading = asyncio.create_task(break_off())
        return [piece async for piece in _until_read(pieces, reading)]

    pieces: asyncio.Queue[bytes | None] = asyncio.Queue()
    for piece in (b"half", None):
        pieces.put_nowait(piece)
    with pytest.raises(ConnectionResetError):
        await write_all()
    assert pieces.empty()


async def test_a_digest_sees_one_changed_value_and_no_order(
    server: Server, target_server: Server, new_database: NewDatabase
) -> None:
    places = [
        (each, await new_database(each, new_id(NOW))) for each in (server, target_server, target_server)
    ]
    rows = [{"id": uuid4(), "name": name} for name in ("Anna", "Bram", "Bram")]
    orders = (rows, rows[::-1], [*rows[:2], {**rows[2], "name": "bram"}])
    found = []
    for (each, place), given in zip(places, orders, strict=True):
        async with filling(each, place) as connection:
            await connection.execute(insert(table(Agent)), given)
            found.append((await digest(connection))["agent"])
    assert found[0] == found[1] != found[2]


async def test_moments_of_one_instant_have_one_digest(sqlite: Server, new_database: NewDatabase) -> None:
    found = []
    for at in (NOW, datetime.fromisoformat("2026-03-10T10:00:00+01:00")):
        async with filling(sqlite, await new_database(sqlite, new_id(NOW))) as connection:
            await connection.execute(
                insert(table(Contract)), [{"id": UUID(int=1), **CONTRACT, "created_at": at}]
            )
            found.append((await digest(connection))["contract"])
    assert found[0] == found[1]


async def test_references_are_kept_by_the_database_after_a_copy_as_before(
    server: Server, postgres: Server, new_database: NewDatabase
) -> None:
    place, target_place = await new_database(server, new_id(NOW)), await new_database(postgres, new_id(NOW))

    async def references() -> list[tuple[str, ...]]:
        async with snapshot_of(postgres, target_place) as connection:
            return [tuple(row) for row in await connection.execute(FOREIGN_KEYS)]

    before = await references()
    async with snapshot_of(server, place) as source, filling(postgres, target_place) as target:
        await copy_rows(source, target, nobody_looks)
    assert len(before) > 20
    assert await references() == before
