"""One customer's database after another: one that cannot be reached is named, and the others are visited."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from api.portal import Portal
from tenants.catalog.directory import TenantRecord
from tenants.databases.errors import DatabaseUnavailable, StaleEpoch, UnknownServer, WrongDatabase
from tenants.databases.scopes import TenantScope

AWAY = (DatabaseUnavailable, StaleEpoch, UnknownServer, WrongDatabase)
"""What keeps one customer from being visited, and none of the others."""


@asynccontextmanager
async def visiting(portal: Portal, tenant: TenantRecord) -> AsyncIterator[TenantScope]:
    """The scope of a customer in whatever state, opened beside those in use."""
    async with portal.engines.scan(tenant.id, tenant.placement) as database:
        yield TenantScope(database, tenant.id, tenant.epoch, portal.tenants.ask_attention)


def away(error: Exception) -> str:
    """What is said of a customer that could not be visited."""
    return f"cannot be reached: {str(error) or type(error).__name__}"
