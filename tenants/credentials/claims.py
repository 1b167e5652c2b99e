"""Compare-and-set: of any number of calls at once exactly one changes the row."""

from typing import Any, cast

from sqlalchemy import CursorResult, UpdateBase
from sqlalchemy.ext.asyncio import AsyncSession


class Lost(Exception):
    """Another call was first, or the row is not what it should be; the transaction is rolled back."""


async def changed(session: AsyncSession, statement: UpdateBase) -> int:
    """Runs an update or delete and gives how many rows it changed."""
    return cast("CursorResult[Any]", await session.execute(statement)).rowcount


async def claim(session: AsyncSession, statement: UpdateBase) -> None:
    """Runs an update that must change exactly one row. Lost otherwise."""
    if await changed(session, statement) != 1:
        raise Lost
