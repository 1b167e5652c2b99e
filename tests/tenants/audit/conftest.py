"""Both audit logs: a customer's and the vendor's."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import partial

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from tenants.databases.scopes import CatalogScope, Scope, TenantScope
from tenants.databases.servers import Server
from tests.tenants.audit.logs import tampering

Tamper = Callable[[Scope], AbstractAsyncContextManager[AsyncConnection]]


@pytest.fixture(params=["tenant", "catalog"])
def scope(request: pytest.FixtureRequest, tenant_scope: TenantScope, catalog_scope: CatalogScope) -> Scope:
    return tenant_scope if request.param == "tenant" else catalog_scope


@pytest.fixture
def tamper(server: Server) -> Tamper:
    """Opens a log's database for somebody who owns it."""
    return partial(tampering, server)
