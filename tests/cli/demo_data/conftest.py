from collections.abc import AsyncIterator

import pytest

from api.portal import Portal
from tenants.databases.servers import Server
from tests.factories.demo import open_demo


@pytest.fixture(autouse=True)
def _on_asyncio(anyio_backend: str) -> str:
    return anyio_backend


@pytest.fixture(scope="session")
async def demo(
    server: Server, tmp_path_factory: pytest.TempPathFactory, anyio_backend: str
) -> AsyncIterator[Portal]:
    """Made once for all tests that only look at it."""
    assert anyio_backend == "asyncio"
    async with open_demo(server, tmp_path_factory.mktemp("demo")) as portal:
        yield portal
