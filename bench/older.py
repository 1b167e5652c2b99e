"""Databases as an earlier version left them, and one kind of fault that makes their migration fail."""

from sqlalchemy import Connection, text

from alembic import command
from tenants.databases.connections import open_engine
from tenants.databases.migrations import alembic_config
from tenants.databases.servers import Server

POISONABLE = "0002"
"""The revision after which a poisoned database goes no further."""

POISON = "CREATE INDEX ix_outbox_undelivered ON outbox (topic)"


async def put_back(server: Server, database: str, revision: str) -> None:
    """Takes a customer's database back to an earlier revision; its role keeps its rights."""

    def run(connection: Connection) -> None:
        config = alembic_config("tenant")
        config.attributes["connection"] = connection
        command.downgrade(config, revision)

    engine = open_engine(server, database)
    async with engine.execution_options(writes=True).connect() as connection, connection.begin():
        await connection.run_sync(run)
    await engine.dispose()


async def change(server: Server, database: str, statement: str) -> None:
    """Does something to a database that the portal does not know of."""
    engine = open_engine(server, database)
    async with engine.execution_options(writes=True).begin() as connection:
        await connection.execute(text(statement))
    await engine.dispose()


async def poison(server: Server, database: str) -> None:
    """Puts something in the way of revision 0003."""
    await change(server, database, POISON)
