"""A portal with two customers and an operator, served by a process of its own."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from api.ids import encode_id
from auth.permissions import OperatorRole
from tenants.acts import SYSTEM
from tenants.consultancy.service import create_card
from tenants.databases.revisions import TENANT_HEAD
from tenants.databases.servers import Server
from tests.factories.older import put_customers_back
from tests.factories.portal import open_house
from tests.factories.serving import served
from tests.main_job.job import Job


@pytest.fixture
def revision() -> str:
    """The schema of both customers' databases."""
    return TENANT_HEAD


@pytest.fixture
async def job(server: Server, tmp_path: Path, revision: str) -> AsyncIterator[Job]:
    async with open_house(server, tmp_path, worker=True) as house:
        customer, stranger = await house.tenant("zonnedael"), await house.tenant("noordster", tier="QAAS")
        operator = await house.operator(OperatorRole.SUPPORT, OperatorRole.CONSULTANT)
        async with customer.scope.write() as session:
            now = datetime.now(UTC)
            card = await create_card(session, block_hours=4, blocks=3, expires_on=None, actor=SYSTEM, now=now)
        if revision != TENANT_HEAD:
            await put_customers_back(house, (customer, stranger), revision)
        async with served(house):
            yield Job(house, customer, stranger, operator, encode_id("HourCard", card.id))
