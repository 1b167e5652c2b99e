"""Brings a data folder to the point where the portal can be opened."""

from api.settings import Settings
from auth.keys import KeyRing
from cli.common import fail, tell
from cli.portal import portal_of
from tenants.catalog.models import TenantStatus
from tenants.catalog.queries import all_tenants
from tenants.databases import migrations
from tenants.databases.errors import UpgradeFailed
from tenants.databases.provisioning import create_database, database_exists

SERVED = frozenset({TenantStatus.ACTIVE, TenantStatus.SUSPENDED})


def ensure_folder(settings: Settings) -> None:
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)


def ensure_keys(settings: Settings) -> None:
    """Makes the keys of a private installation; in production somebody has to decide where they live."""
    if settings.keys_path.exists():
        return
    if settings.in_production or settings.keys_file is not None:
        raise fail(
            f"There are no keys at {settings.keys_path}, and in production none are made silently: tokens and "
            "sealed fields depend on them. Make them once with `slaportal keys create`, keep a copy, and name "
            "the file to every process with SLAPORTAL_KEYS_FILE."
        )
    KeyRing.create(settings.keys_path)


async def ensure_catalog(settings: Settings) -> None:
    place = settings.catalog()
    server = settings.servers()[place.server]
    if not await database_exists(server, place.database):
        await create_database(server, place.database, "catalog")


async def ensure_current(settings: Settings) -> None:
    """Brings the databases of an earlier version of the portal to today's schema, one after another.

    A customer's that cannot be is told; the others are served all the same.
    """
    place, servers = settings.catalog(), settings.servers()
    await migrations.ensure_current(servers[place.server], place.database, "catalog")
    async with portal_of(settings) as portal:
        tenants = [tenant for tenant in await all_tenants(portal.catalog) if tenant.status in SERVED]
    for tenant in tenants:
        home = tenant.placement
        if home.server not in servers:
            tell(f"{tenant.slug}: its server {home.server} is in no DATABASE_URL; the others are served")
            continue
        try:
            if await migrations.ensure_current(servers[home.server], home.database, "tenant"):
                tell(f"{tenant.slug}: brought to today's schema")
        except UpgradeFailed as error:
            tell(f"{tenant.slug}: its database cannot be brought to today's schema: {error}")
