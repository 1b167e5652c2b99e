from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from auth.keys import KeyRing
from auth.passwords import Hasher
from auth.plane import Plane
from tenants.databases.engines import Engines
from tenants.databases.provisioning import create_tenant_database, drop_database
from tenants.databases.scopes import TenantScope
from tenants.databases.servers import Placement, Server
from tests.factories.accounts import Someone, account_plane, add_account


@pytest.fixture(autouse=True)
def _on_asyncio(anyio_backend: str) -> str:
    return anyio_backend


@pytest.fixture
async def tenant_scope(server: Server) -> AsyncIterator[TenantScope]:
    """A database of its own for each test: the audit log lets nobody empty it."""
    tenant_id = uuid4()
    place = Placement("main", f"t_{tenant_id.hex}")
    await create_tenant_database(server, place.database, tenant_id, epoch=1)
    engines = Engines({"main": server}, place)
    yield TenantScope(engines.tenant(tenant_id, place), tenant_id, epoch=1)
    await engines.close()
    await drop_database(server, place.database)


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 3, 10, 9, 0, 10, tzinfo=UTC)


@pytest.fixture
def hasher() -> Iterator[Hasher]:
    hasher = Hasher(rounds=1_000, workers=2, queue=200)
    yield hasher
    hasher.close()


@pytest.fixture
def keys(tmp_path: Path) -> KeyRing:
    return KeyRing.create(tmp_path / "keys.json")


@pytest.fixture
def plane(tenant_scope: TenantScope, keys: KeyRing, hasher: Hasher) -> Plane:
    return account_plane(tenant_scope, keys, hasher)


@pytest.fixture
async def anna(tenant_scope: TenantScope, keys: KeyRing, hasher: Hasher) -> Someone:
    return await add_account(tenant_scope, keys, hasher)
