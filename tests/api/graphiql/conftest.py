"""A served portal and a browser for each test."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.api.graphiql.page import Served, serving
from tests.factories.chromium import MISSING, PROGRAM, Chromium, chromium


@pytest.fixture
async def portal(tmp_path: Path) -> AsyncIterator[Served]:
    async with serving(tmp_path) as served:
        yield served


@pytest.fixture
async def browser(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> AsyncIterator[Chromium | None]:
    """None where there is none on this machine, which is told."""
    if PROGRAM is None:
        with capsys.disabled():
            sys.stdout.write(MISSING)
        yield None
        return
    async with chromium(tmp_path / "profile") as running:
        yield running
