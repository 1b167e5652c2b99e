"""Customers as an earlier version left them, in the catalog and in their databases."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text, update

from bench.older import put_back
from tenants.catalog.models import Tenant
from tenants.databases.connections import open_engine
from tenants.databases.servers import Server, SqliteServer
from tenants.tables import table
from tests.factories.portal import Customer, House

_T = table(Tenant).c
SQLITE_SCHEMA = ("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name",)
POSTGRES_SCHEMA = (
    """SELECT table_name, column_name, data_type, is_nullable, column_default, character_maximum_length,
         row_number() OVER (PARTITION BY table_name ORDER BY ordinal_position) FROM information_schema.columns
       WHERE table_schema = 'public' ORDER BY table_name, ordinal_position""",
    "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY indexname",
    """SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
       WHERE connamespace = 'public'::regnamespace ORDER BY conrelid::regclass::text, conname""",
)


async def schema_of(server: Server, database: str) -> list[tuple[Any, ...]]:
    """Tables, columns, indexes and constraints as the database itself tells them, and the revision."""
    asked = SQLITE_SCHEMA if isinstance(server, SqliteServer) else POSTGRES_SCHEMA
    engine = open_engine(server, database)
    found: list[tuple[Any, ...]] = []
    async with engine.connect() as connection:
        for statement in (*asked, "SELECT version_num FROM alembic_version"):
            found += [tuple(row) for row in (await connection.execute(text(statement))).all()]
    await engine.dispose()
    return found


async def revision_in(server: Server, database: str) -> str:
    revision: str = (await schema_of(server, database))[-1][0]
    return revision


async def put_customers_back(house: House, customers: Sequence[Customer], revision: str = "0002") -> None:
    """To an earlier revision, as the catalog knows too."""
    await house.portal.engines.close()
    for customer in customers:
        home = customer.record.placement
        await put_back(house.portal.engines.server(home.server), home.database, revision)
        async with house.portal.catalog.write() as session:
            mine = update(Tenant).where(_T.id == customer.record.id)
            await session.execute(mine.values(revision=revision))
