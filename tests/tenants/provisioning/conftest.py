"""A portal whose databases are dropped, and orders to it."""

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tenants.acts import SYSTEM
from tenants.catalog.directory import TenantRecord
from tenants.catalog.queries import all_tenants
from tenants.databases.servers import Server
from tenants.provisioning.orders import add_order, checked_order
from tests.factories.portal import House, open_house

GIVEN = {
    "slug": "acme",
    "name": "Acme BV",
    "locale": "NL",
    "policy_key": "qixium",
    "tier": "SUPPORT",
    "administrator_email": "anna@acme.example",
    "administrator_name": "Anna de Vries",
}


@pytest.fixture
async def house(server: Server, tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(server, tmp_path) as opened:
        yield opened
        await tenants(opened)


async def tenants(house: House) -> list[TenantRecord]:
    """All that are in the catalog; their databases are dropped after the test."""
    found = list(await all_tenants(house.portal.catalog))
    house.databases += [
        each.placement.database for each in found if each.placement.database not in house.databases
    ]
    return found


async def ordered(house: House, *, lease: bool, now: datetime, **changed: Any) -> UUID:
    """The id of a tenant that is ordered."""
    wanted = checked_order(house.portal.library, **(GIVEN | changed), now=now)
    async with house.portal.catalog.write() as session:
        return await add_order(session, wanted, server="main", actor=SYSTEM, now=now, lease=lease)
