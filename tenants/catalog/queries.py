"""Reads of the catalog over all customers."""

from collections.abc import Sequence

from sqlalchemy import select

from tenants.catalog.directory import TenantRecord, record_of
from tenants.catalog.models import Tenant
from tenants.databases.scopes import CatalogScope
from tenants.tables import table

_T = table(Tenant)


async def all_tenants(catalog: CatalogScope) -> Sequence[TenantRecord]:
    """Every customer in whatever state, by slug."""
    async with catalog.read() as reader:
        return [record_of(row) for row in await reader.rows(select(_T).order_by(_T.c.slug))]
