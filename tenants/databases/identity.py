"""The row that says whose database this is, changed by nobody but those who move and restore."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError

from tenants.databases.connections import lacks_table
from tenants.databases.copying import filling, snapshot_of
from tenants.databases.database import unavailable
from tenants.databases.errors import DatabaseUnavailable
from tenants.databases.models import TenantIdentity
from tenants.databases.servers import Server, SqliteServer
from tenants.tables import table

PATIENCE = "SET LOCAL lock_timeout = '5s'"
"""As long as SQLite waits: a writer that never ends must not keep a tenant from being served."""

_I = table(TenantIdentity).c


async def freeze(server: Server, database: str, tenant_id: UUID, epoch: int) -> bool:
    """Nobody writes here any more: waits for those who do, and whoever comes later finds another epoch.

    Whether it is that tenant's database at that epoch, also where it was frozen before.
    Raises `DatabaseUnavailable`, also where a writer does not end.
    """
    return await _set_epoch(server, database, tenant_id, epoch, -epoch)


async def thaw(server: Server, database: str, tenant_id: UUID, epoch: int) -> bool:
    """Takes `freeze` back; where it is not frozen, waits for nobody. Raises `DatabaseUnavailable`."""
    free = select(_I.epoch).where(_I.tenant_id == tenant_id, _I.epoch == epoch)
    with _legible():
        async with snapshot_of(server, database) as connection:
            if (await connection.execute(free)).first():
                return True
    return await _set_epoch(server, database, tenant_id, epoch, epoch)


async def _set_epoch(server: Server, database: str, tenant_id: UUID, epoch: int, to: int) -> bool:
    mine = (_I.tenant_id == tenant_id, func.abs(_I.epoch) == epoch)
    with _legible():
        async with filling(server, database) as connection:
            if not isinstance(server, SqliteServer):
                await connection.exec_driver_sql(PATIENCE)
            done = await connection.execute(update(_I.tenant_id.table).where(*mine).values(epoch=to))
            return done.rowcount == 1


@contextmanager
def _legible() -> Iterator[None]:
    """A database without the table is as good as one that cannot be opened."""
    try:
        with unavailable():
            yield
    except DBAPIError as error:
        if lacks_table(error.orig):
            raise DatabaseUnavailable(str(error.orig)) from error
        raise


async def revision_of(server: Server, database: str) -> str:
    """The revision of its schema. Raises `DatabaseUnavailable`."""
    with unavailable():
        async with snapshot_of(server, database) as connection:
            found: str = (
                await connection.execute(text("SELECT version_num FROM alembic_version"))
            ).scalar_one()
            return found
