"""Counts of tries, kept in the database, so that every process and every restart knows them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Table, case, delete, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from auth.throttle import ThrottleCount, ThrottleKey, next_count
from tenants.ids import new_id


async def admit(session: AsyncSession, throttle: Table, keys: Sequence[ThrottleKey], now: datetime) -> bool:
    """Counts one try under every key; False, and nothing counted, where one of them has to wait."""
    # Always in the same order: two calls that lock the same rows cannot wait for each other.
    counts = []
    for key in sorted(keys, key=lambda each: each.key):
        count = next_count(key, await _locked(session, throttle, key.key, now), now)
        if count is None:
            return False
        counts.append((key.key, count))
    for key_hash, count in counts:
        values = {
            "tries": count.tries,
            "window_started_at": count.window_started_at,
            "blocked_until": count.blocked_until,
        }
        await session.execute(update(throttle).where(throttle.c.key == key_hash).values(values))
    return True


async def take_back(
    session: AsyncSession, throttle: Table, clear: Sequence[ThrottleKey], give_back: Sequence[ThrottleKey]
) -> None:
    """Wipes the counts of `clear`, and takes one try off those of `give_back`."""
    for key in sorted({*clear, *give_back}, key=lambda each: each.key):
        row = throttle.c.key == key.key
        if key in clear:
            await session.execute(delete(throttle).where(row))
        else:
            fewer = case((throttle.c.tries > 0, throttle.c.tries - 1), else_=0)
            await session.execute(update(throttle).where(row).values(tries=fewer))


async def _locked(session: AsyncSession, throttle: Table, key: str, now: datetime) -> ThrottleCount | None:
    """The row of the key, made if need be, and locked until the transaction ends.

    One statement: between two, a success elsewhere could take the row back.
    """
    fresh = {"id": new_id(now), "key": key, "tries": 0, "window_started_at": now, "blocked_until": now}
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    statement = insert(throttle).values(fresh)
    locked = statement.on_conflict_do_update(index_elements=["key"], set_={"key": key})
    columns = (throttle.c.tries, throttle.c.window_started_at, throttle.c.blocked_until)
    row = (await session.execute(locked.returning(*columns))).one()
    return ThrottleCount(*row) if row.tries else None
