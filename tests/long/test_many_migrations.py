"""Some databases that cannot be migrated among many that can."""

from pathlib import Path

import pytest

from bench.migrations import count_migrations
from tenants.databases.provisioning import drop_database
from tenants.databases.servers import Server
from tests.factories.portal import settings_for

pytestmark = pytest.mark.long


async def test_3_poisoned_of_200_migrations_are_named_and_a_rerun_touches_these_only(
    server: Server, tmp_path: Path
) -> None:
    settings = settings_for(server, tmp_path)
    counts = await count_migrations(settings)
    assert (counts.first.done, len(counts.first.failed)) == (197, 3)
    assert counts.holds
    await drop_database(settings.servers()["main"], settings.catalog_database)
