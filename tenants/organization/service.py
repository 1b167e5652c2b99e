"""The customer's own row: its lock orders competing acts, its counters give numbers."""

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from tenants.organization.models import Organization
from tenants.tables import table

_O = table(Organization).c


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
