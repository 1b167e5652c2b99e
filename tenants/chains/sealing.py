"""Seals the rows of an audit log one after another, in the order in which they were committed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Table, bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tenants.chains.form import FIRST, seal_of, told
from tenants.databases.scopes import Scope

BATCH = 500
"""Rows sealed in one transaction."""
_TURN = 0x5EA1  # the advisory lock of sealers; each database has its own


async def seal_batch(scope: Scope, log: Table, now: datetime, limit: int = BATCH) -> int:
    """Seals at most `limit` rows and says how many. Where nothing waits, nothing is written or locked.

    What was committed after a row was sealed comes after it; within one batch rows stand by moment and id.
    """
    async with scope.read() as reader:
        if await reader.first(select(log.c.id).where(log.c.sequence.is_(None)).limit(1)) is None:
            return 0
    async with scope.write() as session:
        return await _seal(await session.connection(), log, now, limit)


async def _seal(connection: AsyncConnection, log: Table, now: datetime, limit: int) -> int:
    await _take_turn(connection)
    waiting = select(log).where(log.c.sequence.is_(None)).order_by(log.c.id).limit(limit)
    rows = (await connection.execute(waiting)).all()
    if not rows:
        return 0
    last = select(log.c.sequence, log.c.seal).where(log.c.sequence.is_not(None))
    newest = (await connection.execute(last.order_by(log.c.sequence.desc()).limit(1))).first()
    sequence, seal = (newest.sequence, newest.seal) if newest else (0, FIRST)
    changes = _sealed(rows, sequence, seal, now)
    own = update(log).where(log.c.id == bindparam("key"), log.c.sequence.is_(None))
    places: dict[str, ColumnElement[Any]] = {
        name: bindparam(f"new_{name}") for name in ("sequence", "seal", "sealed_at")
    }
    await connection.execute(own.values(places), changes)
    return len(changes)


def _sealed(rows: Sequence[Row[Any]], sequence: int, seal: str, now: datetime) -> list[dict[str, object]]:
    changes: list[dict[str, object]] = []
    for row in sorted(rows, key=lambda row: (row.at, str(row.id))):
        sequence += 1
        sealed_at = max(now, row.at)  # the worker's moment was read before the row was
        place = {"sequence": sequence, "sealed_at": sealed_at}
        seal = seal_of(seal, told({**row._mapping, **place}))  # noqa: SLF001  # the documented way to a row's names
        changes.append(
            {"key": row.id, "new_sequence": sequence, "new_seal": seal, "new_sealed_at": sealed_at}
        )
    return changes


async def _take_turn(connection: AsyncConnection) -> None:
    """One sealer at a time: each reads the newest seal that the one before it committed (SQLite has one writer)."""
    if connection.dialect.name == "postgresql":
        await connection.execute(select(func.pg_advisory_xact_lock(_TURN)))
