"""Databases of an earlier version are brought to today's schema, with what is in them."""

from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from tenants.databases.connections import open_engine
from tenants.databases.errors import UpgradeFailed
from tenants.databases.migrations import ensure_current, upgrade
from tenants.databases.provisioning import create_database, drop_database
from tenants.databases.servers import Server, SqliteServer
from tenants.ids import new_id
from tests.factories.databases import without_schema

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
CONTRACT = """INSERT INTO contract (id, reference, status, policy_key, policy_version, tier, starts_on, created_at)
  VALUES (:id, 'C-1', 'ACTIVE', 'qixium', :day, 'SUPPORT', :day, :at)"""
TERM = """INSERT INTO contract_override (id, contract_id, term, value, reference)
  VALUES (:id, :contract, 'response.HIGH', '60 minutes', 'AGR-9')"""


def key(value: UUID, server: Server) -> object:
    return value.hex if isinstance(server, SqliteServer) else value


async def test_a_term_agreed_before_there_were_layers_is_of_the_specific_agreement(server: Server) -> None:
    name = await without_schema(server)
    await upgrade(server, name, "tenant", "0001")
    engine = open_engine(server, name)
    contract, term = key(new_id(NOW), server), key(new_id(NOW), server)
    day: object = date(2026, 3, 1)
    at: object = NOW
    if isinstance(server, SqliteServer):
        day, at = "2026-03-01", "2026-03-10 09:00:00"
    async with engine.execution_options(writes=True).begin() as connection:
        await connection.execute(text(CONTRACT), {"id": contract, "day": day, "at": at})
        await connection.execute(text(TERM), {"id": term, "contract": contract})
    assert await ensure_current(server, name, "tenant")
    async with engine.connect() as connection:
        found = (await connection.execute(text("SELECT term, value, layer FROM contract_override"))).all()
    await engine.dispose()
    assert [tuple(row) for row in found] == [("response.HIGH", "60 minutes", "SPECIFIC_AGREEMENT")]
    assert not await ensure_current(server, name, "tenant")
    await drop_database(server, name)


async def test_a_database_of_a_newer_version_is_left_as_it_is(server: Server) -> None:
    name = f"newer_{uuid4().hex}"
    await create_database(server, name, "catalog")
    engine = open_engine(server, name)
    async with engine.execution_options(writes=True).begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(UpgradeFailed, match="9999"):
        await ensure_current(server, name, "catalog")
    async with engine.connect() as connection:
        assert await connection.scalar(text("SELECT version_num FROM alembic_version")) == "9999"
    await engine.dispose()
    await drop_database(server, name)


async def test_a_database_that_is_missing_or_empty_cannot_be_brought_along(server: Server) -> None:
    with pytest.raises(UpgradeFailed):
        await ensure_current(server, f"gone_{uuid4().hex}", "tenant")
    name = await without_schema(server)
    with pytest.raises(UpgradeFailed):
        await ensure_current(server, name, "tenant")
    await drop_database(server, name)


@pytest.mark.parametrize("history", ["catalog", "tenant"])
async def test_a_database_made_today_is_current(server: Server, history: str) -> None:
    name = f"new_{uuid4().hex}"
    await create_database(server, name, history)  # type: ignore[arg-type] # one of the two histories
    assert not await ensure_current(server, name, history)  # type: ignore[arg-type] # as above
    await drop_database(server, name)
