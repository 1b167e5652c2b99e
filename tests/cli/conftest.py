"""A data folder with a small demo in it, and the command line over it."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.portal import open_portal
from api.settings import read_settings
from auth.keys import KeyRing
from cli.demo_data.creation import create_demo
from cli.main import build
from tenants.databases.provisioning import create_database
from tests.factories.demo import SMALL, installation_of, nobody_looks

Slaportal = Callable[..., Result]


@pytest.fixture(scope="session")
def demo_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As `slaportal demo create` leaves it, with fewer tickets."""
    data = tmp_path_factory.mktemp("data")
    asyncio.run(_fill(data))
    return data


async def _fill(data: Path) -> None:
    settings = read_settings({}, data=data, password_rounds=1000)
    KeyRing.create(settings.keys_path)
    place = settings.catalog()
    await create_database(settings.servers()[place.server], place.database, "catalog")
    portal = open_portal(settings)
    await create_demo(installation_of(portal), datetime.now(UTC), nobody_looks, scale=SMALL)
    await portal.close()


@pytest.fixture
def slaportal(tmp_path: Path) -> Slaportal:
    """Runs a command with nothing in its environment but an empty data folder."""
    environment = {"DATA": str(tmp_path), "DATABASE_URL": None, "SLAPORTAL_KEYS_FILE": None, "PORT": None}

    def call(*words: str, stdin: str | bytes | None = None, **given: str) -> Result:
        return CliRunner().invoke(build(), list(words), input=stdin, env=environment | given)

    return call
