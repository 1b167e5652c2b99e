"""Making the demo, making it again, and what the vendor sees of it."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, or_, select

from api.portal import Portal
from cli.demo_data.creation import create_demo
from cli.demo_data.customers import CUSTOMERS, OPERATORS
from cli.demo_data.presence import SLUGS, demo_is_complete, has_demo_tenants
from cli.demo_data.records import forget_accounts, read_accounts
from cli.demo_data.removal import remove_demo
from tenants.acts import SYSTEM
from tenants.catalog.directory import TenantRecord
from tenants.catalog.models import TenantStatus, WorkQueueItem
from tenants.catalog.operators import Operator
from tenants.catalog.queries import all_tenants
from tenants.catalog.service import create_tenant, set_status
from tenants.databases.engines import Engines
from tenants.databases.provisioning import database_exists, drop_database
from tenants.databases.scopes import CatalogScope
from tenants.databases.servers import Server
from tenants.jobs.service import rebuild_queue
from tenants.jobs.worker import Worker
from tenants.outbox.models import OutboxMessage
from tenants.tables import table
from tenants.tickets.models import Ticket
from tests.factories.demo import NOW, SMALL, installation_of, nobody_looks, open_demo

LATER = NOW + timedelta(seconds=60)
_O = table(OutboxMessage).c
_W = table(WorkQueueItem).c


async def test_of_each_ticket_only_the_newest_state_is_still_told(demo: Portal) -> None:
    tenant = await demo.tenants.by_slug(CUSTOMERS[-1].slug, NOW)
    left = or_(_O.delivered_at.is_(None), _O.delivered_at >= LATER)
    async with demo.tenants.scope(tenant).read() as reader:
        rows = await reader.rows(select(_O.subject_id, _O.revision).where(left))
        tickets = await reader.rows(select(table(Ticket).c.id, table(Ticket).c.revision))
    assert {(row.subject_id, row.revision) for row in rows} == {(row.id, row.revision) for row in tickets}


async def test_the_worker_fills_the_queue_and_a_rebuild_gives_the_same(demo: Portal) -> None:
    await Worker(demo.tenants, demo.catalog).visit_all(LATER)
    tenants = await all_tenants(demo.catalog)
    delivered = await queue_of(demo)
    for tenant in tenants:
        await rebuild_queue(demo.tenants, demo.catalog, tenant, LATER)
    assert await queue_of(demo) == delivered
    assert {row["tenant_id"] for row in delivered} == {tenant.id for tenant in tenants}


async def queue_of(demo: Portal) -> list[dict[str, Any]]:
    """The rows without the ids that they got on the way."""
    async with demo.catalog.read() as reader:
        rows = await reader.rows(select(table(WorkQueueItem)).order_by(_W.tenant_id, _W.number))
    return [{name: value for name, value in row._mapping.items() if name != "id"} for row in rows]


async def test_the_demo_is_complete_with_its_accounts_and_its_customers(demo: Portal, tmp_path: Path) -> None:
    folder = demo.settings.data
    assert await demo_is_complete(demo.catalog, folder)
    assert not await demo_is_complete(demo.catalog, tmp_path)
    first = await demo.tenants.by_slug(CUSTOMERS[0].slug, NOW)
    await set_status(demo.catalog, first.id, TenantStatus.PROVISIONING, actor=SYSTEM, now=NOW)
    complete = await demo_is_complete(demo.catalog, folder)
    await set_status(demo.catalog, first.id, TenantStatus.ACTIVE, actor=SYSTEM, now=NOW)
    assert not complete
    assert await has_demo_tenants(demo.catalog)


async def test_making_it_again_starts_over_and_leaves_other_customers_alone(
    server: Server, tmp_path: Path
) -> None:
    async with open_demo(server, tmp_path) as demo:
        before = read_accounts(tmp_path)
        gone = await all_tenants(demo.catalog)
        other = await new_customer(demo, NOW)
        forget_accounts(tmp_path)  # as if it had been stopped halfway
        after = await create_demo(installation_of(demo), NOW, nobody_looks, scale=SMALL)
        assert [one.email for one in after] == [one.email for one in before]
        assert not {one.password for one in after} & {one.password for one in before}
        slugs = [tenant.slug for tenant in await all_tenants(demo.catalog)]
        assert slugs == sorted([*SLUGS, other.slug])
        assert await operator_count(demo) == len(OPERATORS)
        place = demo.settings.servers()["main"]
        assert not [one.slug for one in gone if await database_exists(place, one.placement.database)]
        await remove_demo(demo.engines, tmp_path)
        assert [tenant.slug for tenant in await all_tenants(demo.catalog)] == [other.slug]
        assert await operator_count(demo) == 0
        assert not await has_demo_tenants(demo.catalog)


async def test_a_real_customer_with_the_slug_of_the_demo_is_never_removed(
    engines: Engines, catalog_scope: CatalogScope, tmp_path: Path
) -> None:
    slug = CUSTOMERS[0].slug
    real = await create_tenant(
        engines, slug=slug, name="Real", policy_key="qixium", locale="EN", actor=SYSTEM, now=NOW
    )
    await remove_demo(engines, tmp_path)
    assert [tenant.id for tenant in await all_tenants(catalog_scope)] == [real.id]
    assert await database_exists(engines.server(real.placement.server), real.placement.database)
    assert not await has_demo_tenants(catalog_scope)
    await drop_database(engines.server(real.placement.server), real.placement.database)


async def new_customer(demo: Portal, now: datetime) -> TenantRecord:
    return await create_tenant(
        demo.engines, slug="acme", name="Acme", policy_key="qixium", locale="EN", actor=SYSTEM, now=now
    )


async def operator_count(demo: Portal) -> int:
    async with demo.catalog.read() as reader:
        return int(await reader.scalar(select(func.count()).select_from(table(Operator))))
