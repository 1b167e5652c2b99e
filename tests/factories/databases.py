"""Databases beside those of a portal: empty ones, and ones of an earlier revision."""

from uuid import uuid4

from sqlalchemy import text

from tenants.databases.connections import open_engine
from tenants.databases.provisioning import create_database
from tenants.databases.servers import Server, SqliteServer


async def without_schema(server: Server) -> str:
    """The name of a database without a schema."""
    name = f"old_{uuid4().hex}"
    if isinstance(server, SqliteServer):
        server.folder.mkdir(parents=True, exist_ok=True)
        server.path(name).touch()
    else:
        await create_database(server, name, "catalog")
        engine = open_engine(server, name)
        async with engine.begin() as connection:
            await connection.execute(text("DROP SCHEMA public CASCADE"))
            await connection.execute(text("CREATE SCHEMA public"))
        await engine.dispose()
    return name
