"""A small demo in a data folder of its own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from api.portal import Portal, open_portal
from auth.keys import KeyRing
from cli.demo_data.creation import Installation, create_demo
from tenants.databases.provisioning import create_database, drop_database
from tenants.databases.servers import Server
from tests.factories.portal import settings_for

NOW = datetime(2026, 11, 18, 14, 20, 30, 500_000, tzinfo=UTC)  # a Wednesday
SMALL = 0.02


def installation_of(portal: Portal) -> Installation:
    return Installation(
        engines=portal.engines,
        catalog=portal.catalog,
        tenants=portal.tenants,
        keys=portal.keys,
        hasher=portal.hasher,
        library=portal.library,
        folder=portal.settings.data,
    )


def nobody_looks(_name: str, _done: int, _total: int) -> None:
    """Progress that nobody watches."""


@asynccontextmanager
async def open_demo(server: Server, data: Path) -> AsyncIterator[Portal]:
    """A portal over a demo with as few tickets as it can have."""
    settings = settings_for(server, data)
    place = settings.servers()["main"]
    KeyRing.create(settings.keys_path)
    await create_database(place, settings.catalog_database, "catalog")
    portal = open_portal(settings)
    await create_demo(installation_of(portal), NOW, nobody_looks, scale=SMALL)
    yield portal
    await portal.close()
    await drop_database(place, settings.catalog_database)
