"""The customer's own row: its lock orders competing acts, its counters give numbers."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from tenants.organization.models import Organization
from tenants.tables import table

_O = table(Organization).c


async def found_organization(
    session: AsyncSession, *, tenant_id: UUID, slug: str, name: str, locale: str, now: datetime
) -> bool:
    """Whether the row was made now; of two calls at once one makes it, and the other waits and finds it there."""
    dialect = (await session.connection()).dialect.name
    insert = sqlite_insert if dialect == "sqlite" else postgresql_insert
    values = {"id": tenant_id, "slug": slug, "name": name, "locale": locale, "created_at": now}
    counters = {"last_ticket_number": 0, "last_card_number": 0}
    made = insert(Organization).values(values | counters).on_conflict_do_nothing().returning(_O.id)
    return (await session.execute(made)).first() is not None


async def lock_organization(session: AsyncSession) -> None:
    """Holds the row until the transaction ends. SQLite's one writer needs no row lock, PostgreSQL does."""
    await session.execute(select(_O.id).with_for_update())


async def next_ticket_number(session: AsyncSession) -> str:
    """`T-000123`: unique within the customer, never given twice, ascending."""
    statement = update(Organization).values(last_ticket_number=_O.last_ticket_number + 1)
    value = (await session.execute(statement.returning(_O.last_ticket_number))).scalar_one()
    return f"T-{value:06}"


async def next_card_number(session: AsyncSession) -> str:
    """`H-0007`: the number of an hour card."""
    statement = update(Organization).values(last_card_number=_O.last_card_number + 1)
    value = (await session.execute(statement.returning(_O.last_card_number))).scalar_one()
    return f"H-{value:04}"
