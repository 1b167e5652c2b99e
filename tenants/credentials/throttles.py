"""Counts of tries, kept in the database, so that every process and every restart knows them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Table, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from auth.throttle import Attempt, ThrottleCount, ThrottleKey, next_count, taken_back
from tenants.ids import new_id

FORGOTTEN_AFTER = timedelta(days=1)  # longer than any window


async def admit(session: AsyncSession, throttle: Table, keys: Sequence[ThrottleKey], now: datetime) -> bool:
    """Counts one try under every key; False, and nothing counted, where one of them has to wait."""
    counts = []
    for key in sorted(keys, key=lambda each: each.order):
        count = next_count(key, await _locked(session, throttle, key.key, now), now)
        if count is None:
            return False
        counts.append((key, count))
    for key, count in counts:
        await _write(session, throttle, key, count)
    return True


async def admit_attempt(
    session: AsyncSession, throttle: Table, attempt: Attempt, now: datetime
) -> Sequence[ThrottleKey]:
    """Counts one try of a password, and gives what it was counted under: nothing where it has to wait.

    From a familiar place only that place's own count matters. Whatever the outcome, as much is read and written;
    only what address or tenant refuse leaves no row behind, so that a flood of made-up names does not fill a disk.
    """
    familiar = await is_familiar(session, throttle, attempt.familiar, now)
    wide = sorted(attempt.wide, key=lambda each: each.order)
    before = {key: await _locked(session, throttle, key.key, now) for key in wide}
    after = {key: next_count(key, count, now) for key, count in before.items()}
    if not familiar and None in after.values():
        return ()
    for key in (attempt.account, attempt.place):
        before[key] = await _locked(session, throttle, key.key, now)
        after[key] = next_count(key, before[key], now)
    counting = [attempt.place] if familiar else list(after)
    admitted = all(after[key] is not None for key in counting)
    for key, count in before.items():
        counted = after[key] if admitted and key in counting else None
        await _write(session, throttle, key, counted or count)
    return counting if admitted else ()


async def is_familiar(session: AsyncSession, throttle: Table, familiar: str, now: datetime) -> bool:
    """Whether somebody came in from that place lately (`remember`)."""
    until = await session.scalar(select(throttle.c.blocked_until).where(throttle.c.key == familiar))
    return until is not None and until > now


async def take_back(
    session: AsyncSession, throttle: Table, clear: Sequence[ThrottleKey], give_back: Sequence[ThrottleKey]
) -> None:
    """Wipes the counts of `clear`, and takes one try off those of `give_back`."""
    for key in sorted({*clear, *give_back}, key=lambda each: each.order):
        row = throttle.c.key == key.key
        if key in clear:
            await session.execute(delete(throttle).where(row))
            continue
        columns = (throttle.c.tries, throttle.c.window_started_at, throttle.c.blocked_until)
        found = (await session.execute(select(*columns).where(row).with_for_update())).first()
        if found is not None:
            await _write(session, throttle, key, taken_back(key, ThrottleCount(*found)))


async def remember(
    session: AsyncSession, throttle: Table, familiar: str, now: datetime, until: datetime
) -> None:
    """Keeps that somebody came in from a place (`auth.throttle.familiar_key`); forgets what is long over.

    It is the last that a transaction does with counts: what others hold is passed over, so nobody waits in a ring.
    """
    await _locked(session, throttle, familiar, now)
    same = throttle.c.key == familiar
    await session.execute(update(throttle).where(same).values(window_started_at=now, blocked_until=until))
    over = select(throttle.c.id).where(throttle.c.blocked_until < now - FORGOTTEN_AFTER)
    await session.execute(delete(throttle).where(throttle.c.id.in_(over.with_for_update(skip_locked=True))))


async def _write(session: AsyncSession, throttle: Table, key: ThrottleKey, count: ThrottleCount) -> None:
    values = {
        "tries": count.tries,
        "window_started_at": count.window_started_at,
        "blocked_until": count.blocked_until,
    }
    await session.execute(update(throttle).where(throttle.c.key == key.key).values(values))


async def _locked(session: AsyncSession, throttle: Table, key: str, now: datetime) -> ThrottleCount:
    """The row of the key, made if need be, and locked until the transaction ends.

    One statement: between two, a success elsewhere could take the row back.
    """
    fresh = {"id": new_id(now), "key": key, "tries": 0, "window_started_at": now, "blocked_until": now}
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    statement = insert(throttle).values(fresh)
    locked = statement.on_conflict_do_update(index_elements=["key"], set_={"key": key})
    columns = (throttle.c.tries, throttle.c.window_started_at, throttle.c.blocked_until)
    return ThrottleCount(*(await session.execute(locked.returning(*columns))).one())
