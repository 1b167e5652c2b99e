from collections.abc import Iterator
from pathlib import Path

import pytest

from auth.keys import KeyRing
from auth.passwords import Hasher


@pytest.fixture
def hasher() -> Iterator[Hasher]:
    hasher = Hasher(rounds=1_000)
    yield hasher
    hasher.close()


@pytest.fixture
def keys(tmp_path: Path) -> KeyRing:
    return KeyRing.create(tmp_path / "keys.json")


@pytest.fixture(autouse=True)
def _on_asyncio(anyio_backend: str) -> str:
    return anyio_backend
