"""Databases beside those of a portal: empty ones, and ones of an earlier revision."""

from uuid import UUID, uuid4

from sqlalchemy import select, text

from tenants.databases.connections import open_engine
from tenants.databases.copying import filling, snapshot_of
from tenants.databases.models import TenantIdentity
from tenants.databases.provisioning import create_database
from tenants.databases.servers import Server, SqliteServer
from tenants.tables import table


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


async def write_identity(server: Server, database: str, tenant_id: UUID, epoch: int) -> None:
    """Makes it the database of this tenant at this epoch, whatever it was."""
    identity = table(TenantIdentity)
    async with filling(server, database) as connection:
        await connection.execute(identity.delete())
        await connection.execute(identity.insert(), {"tenant_id": tenant_id, "epoch": epoch})


async def epoch_of(server: Server, database: str) -> int:
    """The epoch that stands in it, negative where it is frozen."""
    async with snapshot_of(server, database) as connection:
        found: int = (await connection.execute(select(table(TenantIdentity).c.epoch))).scalar_one()
        return found
