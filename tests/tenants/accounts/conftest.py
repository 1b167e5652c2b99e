from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from auth.keys import KeyRing
from auth.passwords import Hasher
from auth.plane import Plane
from tenants.databases.scopes import TenantScope
from tests.factories.accounts import Someone, account_plane, add_account


@pytest.fixture(autouse=True)
def _on_asyncio(anyio_backend: str) -> str:
    return anyio_backend


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
