"""A scope is the only thing that opens a session; its database cannot be chosen or changed (OX-012, QX-122)."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.expression import Executable

from tenants.databases.database import Rows, rows_over
from tenants.databases.engines import OpenDatabase
from tenants.databases.errors import StaleEpoch
from tenants.databases.models import TenantIdentity
from tenants.tables import table

_EPOCH = select(table(TenantIdentity).c.tenant_id, table(TenantIdentity).c.epoch).with_for_update(read=True)


_WORK = "left work at"

AskAttention = Callable[[UUID, datetime], Awaitable[None]]


def leaves_work(session: AsyncSession, now: datetime) -> None:
    """Notes that this transaction makes work for the worker: it is asked to come before the transaction commits."""
    session.info[_WORK] = now


class Reader:
    """Reads over one connection, one statement after another."""

    def __init__(self, run: Rows) -> None:
        self._run = run
        self._turn = asyncio.Lock()

    async def rows(
        self, statement: Executable, values: Mapping[str, Any] | None = None
    ) -> Sequence[Row[Any]]:
        """All rows. `values` are those of the statement's parameters: so it can be built once."""
        async with self._turn:
            return await self._run(statement, values)

    async def first(self, statement: Executable, values: Mapping[str, Any] | None = None) -> Row[Any] | None:
        found = await self.rows(statement, values)
        return found[0] if found else None

    async def scalar(self, statement: Executable) -> Any:
        found = await self.first(statement)
        return None if found is None else found[0]


async def reader_of(session: AsyncSession) -> Reader:
    """A reader inside a writing transaction: it sees what the transaction has written."""
    await session.flush()
    return Reader(rows_over(await session.connection()))


class Scope:
    """Reads and writes of one database."""

    def __init__(self, database: OpenDatabase) -> None:
        self._database = database

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Reader]:
        async with self._database.read() as run:
            yield Reader(run)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """A transaction that commits once at the end of the block; an exception rolls it back.

        Raises `StaleEpoch` when the tenant has moved, `DatabaseUnavailable` when locked or unreachable.
        """
        async with self._database.write() as session:
            await self._check(session)
            yield session
            await self._before_commit(session)

    @asynccontextmanager
    async def record(self) -> AsyncIterator[AsyncSession]:
        """A short transaction of its own for facts about attempts, kept although the call is refused."""
        async with self.write() as session:
            yield session

    async def _check(self, session: AsyncSession) -> None:
        """What must hold before anything is written."""

    async def _before_commit(self, session: AsyncSession) -> None:
        """What must have happened when the transaction commits."""


class CatalogScope(Scope):
    """The vendor's own database."""


class TenantScope(Scope):
    """One customer's database at one epoch."""

    def __init__(
        self, database: OpenDatabase, tenant_id: UUID, epoch: int, ask_attention: AskAttention | None = None
    ) -> None:
        super().__init__(database)
        self.tenant_id = tenant_id
        self.epoch = epoch
        self._ask_attention = ask_attention

    async def _check(self, session: AsyncSession) -> None:
        # Shared on PostgreSQL: whoever freezes the database waits for the writers, and they see the new epoch.
        rows = (await session.execute(_EPOCH)).all()
        if [(row.tenant_id, row.epoch) for row in rows] != [(self.tenant_id, self.epoch)]:
            raise StaleEpoch(f"tenant {self.tenant_id} is not at epoch {self.epoch} here any more")

    async def _before_commit(self, session: AsyncSession) -> None:
        worked_at = session.info.get(_WORK)
        if worked_at is None or self._ask_attention is None:
            return
        await session.flush()
        # Before the commit: a crash between the two costs an idle visit, never lost work.
        await self._ask_attention(self.tenant_id, worked_at)
