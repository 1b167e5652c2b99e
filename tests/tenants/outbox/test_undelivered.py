"""The worker takes a batch out of a backlog without reading or sorting the rest of it, or what was delivered."""

from datetime import timedelta

from sqlalchemy import insert, text

from bench.older import change
from tenants.databases.scopes import TenantScope
from tenants.databases.servers import Server
from tenants.ids import new_id
from tenants.outbox.models import OutboxMessage
from tenants.outbox.service import take_undelivered
from tenants.tables import table
from tests.conftest import NOW

DELIVERED, BACKLOG, BATCH = 4_000, 2_000, 200
INDEX = "ix_outbox_undelivered"


async def fill(scope: TenantScope) -> None:
    async with scope.write() as session:
        messages: list[dict[str, object]] = [
            {
                "id": new_id(NOW + timedelta(seconds=number)),
                "topic": "ticket_changed",
                "subject_id": new_id(NOW),
                "revision": number,
                "payload": {},
                "created_at": NOW,
                "delivered_at": NOW if number < DELIVERED else None,
            }
            for number in range(DELIVERED + BACKLOG)
        ]
        await session.execute(insert(table(OutboxMessage)), messages)


async def test_the_oldest_undelivered_messages_come_out_of_their_index_in_order(
    tenant_scope: TenantScope, server: Server
) -> None:
    await fill(tenant_scope)
    # As the server does by itself after a while; a customer's role may not.
    await change(server, f"t_{tenant_scope.tenant_id.hex}", "ANALYZE")
    asked = "SELECT * FROM outbox WHERE delivered_at IS NULL ORDER BY id LIMIT 200"
    async with tenant_scope.write() as session:
        sqlite = (await session.connection()).dialect.name == "sqlite"
        explain = "EXPLAIN QUERY PLAN" if sqlite else "EXPLAIN"
        locked = "" if sqlite else " FOR UPDATE SKIP LOCKED"
        rows = await session.execute(text(f"{explain} {asked}{locked}"))
        plan = "\n".join(str(tuple(row)) for row in rows)
        found = await take_undelivered(session, BATCH)
    assert INDEX in plan, plan
    assert "sort" not in plan.lower(), plan
    assert "temp b-tree" not in plan.lower(), plan
    assert [row.revision for row in found] == list(range(DELIVERED, DELIVERED + BATCH))
