"""One customer's database is brought to the head whole or not at all, in a process of its own."""

import os
import signal
from uuid import UUID, uuid4

import pytest

from bench.older import change, poison, put_back
from tenants.databases.errors import UpgradeFailed
from tenants.databases.migrations import head
from tenants.databases.provisioning import create_tenant_database, drop_database
from tenants.databases.revisions import SERVED_REVISIONS, TENANT_HEAD
from tenants.databases.servers import Server
from tenants.databases.upgrading import Upgrade, UpgradeProcess
from tenants.ids import new_id
from tests.conftest import NOW
from tests.factories.older import revision_in, schema_of


async def made(server: Server, revision: str) -> tuple[UUID, str]:
    tenant_id = new_id(NOW)
    database = f"t_{tenant_id.hex}"
    await create_tenant_database(server, database, tenant_id, epoch=1)
    await put_back(server, database, revision)
    return tenant_id, database


async def run(*upgrades: Upgrade) -> None:
    process = UpgradeProcess()
    try:
        for each in upgrades:
            await process.run(each)
    finally:
        process.close()


def die(step: str) -> None:
    """As when there is no memory left."""
    if step == "schema changed":
        os.kill(os.getpid(), signal.SIGKILL)


def test_the_revisions_that_are_served_end_with_the_newest_file() -> None:
    assert head("tenant") == TENANT_HEAD
    assert max(SERVED_REVISIONS) == TENANT_HEAD


async def test_a_revision_that_fails_leaves_nothing_of_itself_or_of_those_before_it(server: Server) -> None:
    tenant_id, database = await made(server, "0001")
    await poison(server, database)
    before = await schema_of(server, database)
    with pytest.raises(UpgradeFailed, match=r"ix_outbox_undelivered.* already exists"):
        await run(Upgrade(server, database, tenant_id))
    assert await schema_of(server, database) == before
    assert before[-1] == ("0001",)
    await change(server, database, "DROP INDEX ix_outbox_undelivered")
    await run(Upgrade(server, database, tenant_id))
    assert await revision_in(server, database) == TENANT_HEAD
    await drop_database(server, database)


async def test_a_process_that_is_killed_fails_its_customer_alone_and_is_replaced(server: Server) -> None:
    tenant_id, database = await made(server, "0002")
    before = await schema_of(server, database)
    process = UpgradeProcess()
    with pytest.raises(UpgradeFailed, match="killed"):
        await process.run(Upgrade(server, database, tenant_id, die))
    assert await schema_of(server, database) == before
    await process.run(Upgrade(server, database, tenant_id))
    process.close()
    assert await revision_in(server, database) == TENANT_HEAD
    await drop_database(server, database)


async def test_what_is_not_this_customers_database_is_not_touched(server: Server) -> None:
    _, database = await made(server, "0002")
    with pytest.raises(UpgradeFailed, match="not the database of tenant"):
        await run(Upgrade(server, database, uuid4()))
    assert await revision_in(server, database) == "0002"
    await drop_database(server, database)
    with pytest.raises(UpgradeFailed, match="missing"):
        await run(Upgrade(server, database, uuid4()))


async def test_a_database_of_a_newer_version_is_told_and_left(server: Server) -> None:
    tenant_id, database = await made(server, "0002")
    await change(server, database, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(UpgradeFailed, match="at revision 9999"):
        await run(Upgrade(server, database, tenant_id))
    assert await revision_in(server, database) == "9999"
    await drop_database(server, database)
