from pathlib import Path

import pytest

from auth.keys import KeyRing
from tenants.databases.scopes import TenantScope
from tests.tenants.consultancy.desk import Desk, open_desk


@pytest.fixture(autouse=True)
def _on_asyncio(anyio_backend: str) -> str:
    return anyio_backend


@pytest.fixture
def keys(tmp_path: Path) -> KeyRing:
    return KeyRing.create(tmp_path / "keys.json")


@pytest.fixture
async def desk(tenant_scope: TenantScope, keys: KeyRing) -> Desk:
    """Qixium, tier SUPPORT."""
    return await open_desk(tenant_scope, keys)
