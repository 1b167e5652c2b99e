"""Moving the catalog itself: with every process stopped, for they find it by their settings."""

from tenants.databases.contents import rows_per_table
from tenants.databases.copying import Told, copy_rows, filling, snapshot_of
from tenants.databases.engines import Engines
from tenants.databases.provisioning import create_database
from tenants.upkeep.errors import AlreadyThere, CopyDiffers


async def copy_catalog(engines: Engines, to: str, told: Told) -> int:
    """How many rows the catalog on the server `to` has now; the old one stays as it is, and is no longer true.

    Raises `UnknownServer`, `AlreadyThere`, `DatabaseUnavailable`, `CopyFailed` (there is a catalog with rows already)
    or `CopyDiffers`; then the new one is empty.
    """
    old = engines.catalog_placement
    source, target = engines.server(old.server), engines.server(to)
    if to == old.server:
        raise AlreadyThere(f"the catalog is on {to}")
    await create_database(target, old.database, "catalog")
    async with snapshot_of(source, old.database) as reading, filling(target, old.database) as writing:
        copied = await copy_rows(reading, writing, told)
        if await rows_per_table(reading) != await rows_per_table(writing):
            raise CopyDiffers("the two catalogs do not have the same number of rows")
    return sum(copied.values())
