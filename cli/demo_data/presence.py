"""Whether the demo is there: complete, in part, or not at all."""

from pathlib import Path

from cli.demo_data.customers import CUSTOMERS
from cli.demo_data.records import demo_exists
from tenants.catalog.directory import TenantRecord
from tenants.catalog.models import TenantStatus
from tenants.catalog.queries import all_tenants
from tenants.databases.scopes import CatalogScope

SLUGS = frozenset(customer.slug for customer in CUSTOMERS)
NAMES = frozenset((customer.slug, customer.name) for customer in CUSTOMERS)
FINISHED = frozenset({TenantStatus.ACTIVE, TenantStatus.SUSPENDED})


async def demo_is_complete(catalog: CatalogScope, folder: Path) -> bool:
    """Its accounts are on file and all of its customers are in the catalog."""
    present = {tenant.slug for tenant in await demo_tenants(catalog) if tenant.status in FINISHED}
    return demo_exists(folder) and present >= SLUGS


async def has_demo_tenants(catalog: CatalogScope) -> bool:
    """At least one customer of the demo is there: its passwords lie readable in a file."""
    return bool(await demo_tenants(catalog))


async def demo_tenants(catalog: CatalogScope) -> list[TenantRecord]:
    """The customers of the demo that the catalog has, in whatever state.

    A real customer that happens to have the slug of one has another name: it is never taken for it.
    """
    return [tenant for tenant in await all_tenants(catalog) if (tenant.slug, tenant.name) in NAMES]
