"""What somebody does to a log past its protection is found, and where."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Update, delete, select, text, update

from tenants.chains.form import FIRST, seal_of, told
from tenants.chains.sealing import seal_batch
from tenants.chains.verifying import PAGE, Breach, Head, verify_log
from tenants.databases.scopes import Scope
from tenants.ids import new_id
from tests.tenants.audit.conftest import Tamper
from tests.tenants.audit.logs import LATER, MOMENT, add, log_of, sealed, verified


@pytest.fixture
async def chain(scope: Scope) -> Scope:
    """Five entries, sealed."""
    await add(scope, 5)
    await seal_batch(scope, log_of(scope), LATER)
    return scope


def column_set(scope: Scope, sequence: int, column: str, value: object) -> Update:
    log = log_of(scope)
    return update(log).where(log.c.sequence == sequence).values({column: value})


async def test_a_whole_chain_holds_and_tells_its_newest_seal(chain: Scope) -> None:
    found, rows = await verified(chain), await sealed(chain)
    assert (found.rows, found.broken, found.unsealed, found.holds) == (5, None, 0, True)
    assert found.head == Head(5, rows[-1].seal)


async def test_an_empty_log_holds(scope: Scope) -> None:
    found = await verified(scope)
    assert (found.rows, found.head, found.holds) == (0, None, True)


@pytest.mark.parametrize("column", ["event", "address", "request_id", "actor_kind", "subject_type"])
async def test_a_changed_entry_is_found(chain: Scope, tamper: Tamper, column: str) -> None:
    async with tamper(chain) as session:
        await session.execute(column_set(chain, 3, column, "other"))
    found = await verified(chain)
    assert found.broken
    assert (found.broken.breach, found.broken.sequence) == (Breach.CHANGED_ROW, 3)
    assert found.broken.entry_id == str((await sealed(chain))[2].id)
    assert not found.holds


@pytest.mark.parametrize("column", ["detail", "before", "after"])
async def test_what_was_before_and_after_is_sealed_too(chain: Scope, tamper: Tamper, column: str) -> None:
    log = log_of(chain)
    async with tamper(chain) as session:
        await session.execute(update(log).where(log.c.sequence == 2).values({column: {"x": 1}}))
    found = (await verified(chain)).broken
    assert found
    assert (found.breach, found.sequence) == (Breach.CHANGED_ROW, 2)


@pytest.mark.parametrize("column", ["at", "sealed_at"])
async def test_moments_are_sealed_to_the_microsecond(chain: Scope, tamper: Tamper, column: str) -> None:
    log = log_of(chain)
    async with tamper(chain) as session:
        moment = (await sealed_moment(chain, column)) + timedelta(microseconds=1)
        await session.execute(update(log).where(log.c.sequence == 5).values({column: moment}))
    found = (await verified(chain)).broken
    assert found
    assert (found.breach, found.sequence) == (Breach.CHANGED_ROW, 5)


async def sealed_moment(scope: Scope, column: str) -> datetime:
    moment: datetime = getattr((await sealed(scope))[4], column)
    return moment


async def test_a_row_that_is_no_row_any_more_is_found(chain: Scope, tamper: Tamper) -> None:
    async with tamper(chain) as session:
        if session.dialect.name != "sqlite":
            return  # PostgreSQL keeps no JSON that is none
        await session.execute(text("UPDATE audit_log SET detail = '{' WHERE sequence = 4"))
    found = (await verified(chain)).broken
    assert found
    assert (found.breach, found.sequence) == (Breach.CHANGED_ROW, 4)


@pytest.mark.parametrize("gone", [1, 3])
async def test_a_missing_entry_is_found(chain: Scope, tamper: Tamper, gone: int) -> None:
    async with tamper(chain) as session:
        await session.execute(delete(log_of(chain)).where(log_of(chain).c.sequence == gone))
    found = (await verified(chain)).broken
    assert found
    assert (found.breach, found.sequence, found.entry_id) == (Breach.MISSING_ROW, gone, None)


@pytest.mark.parametrize("place", [0, -1])
async def test_an_entry_that_was_put_before_the_first_one_is_found(
    chain: Scope, tamper: Tamper, place: int
) -> None:
    forged = {"sequence": place, "seal": FIRST, "sealed_at": LATER}
    async with tamper(chain) as session:
        await session.execute(log_of(chain).insert(), [_row(0) | forged])
    found = (await verified(chain)).broken
    assert found
    assert (found.breach, found.sequence) == (Breach.NO_SUCH_PLACE, place)


async def test_a_missing_entry_is_found_although_the_others_move_up(chain: Scope, tamper: Tamper) -> None:
    async with tamper(chain) as session:
        await session.execute(text("DELETE FROM audit_log WHERE sequence = 3"))
        for number in (4, 5):
            await session.execute(column_set(chain, number, "sequence", number - 1))
    found = (await verified(chain)).broken
    assert found
    assert (found.breach, found.sequence) == (Breach.CHANGED_ROW, 3)


async def test_a_forged_seal_is_told_from_a_changed_row(chain: Scope, tamper: Tamper) -> None:
    async with tamper(chain) as session:
        await session.execute(column_set(chain, 2, "seal", "f" * 64))
    found = (await verified(chain)).broken
    assert found
    assert (found.breach, found.sequence) == (Breach.FORGED_SEAL, 2)


async def test_an_entry_that_was_changed_and_sealed_again_breaks_the_next_one(
    chain: Scope, tamper: Tamper
) -> None:
    async with tamper(chain) as session:
        await session.execute(text("UPDATE audit_log SET event = 'other' WHERE sequence = 3"))
    rows = await sealed(chain)
    forged = seal_of(rows[1].seal, told(rows[2]._mapping))
    async with tamper(chain) as session:
        await session.execute(column_set(chain, 3, "seal", forged))
    found = (await verified(chain)).broken
    assert found
    assert found.sequence == 4


async def test_only_a_kept_seal_tells_that_a_whole_log_was_written_anew(chain: Scope, tamper: Tamper) -> None:
    kept = (await verified(chain)).head
    assert kept
    log, seal = log_of(chain), FIRST
    async with tamper(chain) as session:
        await session.execute(text("UPDATE audit_log SET event = 'other' WHERE sequence = 1"))
    rows = await sealed(chain)
    async with tamper(chain) as session:
        for row in rows:
            seal = seal_of(seal, told(row._mapping))
            await session.execute(update(log).where(log.c.id == row.id).values(seal=seal))
    assert (await verified(chain)).holds
    async with chain.read() as reader:
        found = (await verify_log(reader, log, LATER, lambda *_: None, kept)).broken
    assert found
    assert (found.breach, found.sequence) == (Breach.OTHER_THAN_KEPT, 5)


async def test_only_a_kept_seal_tells_that_the_end_was_cut_off(chain: Scope, tamper: Tamper) -> None:
    kept = (await verified(chain)).head
    async with tamper(chain) as session:
        await session.execute(text("DELETE FROM audit_log WHERE sequence > 3"))
    assert (await verified(chain)).holds
    async with chain.read() as reader:
        found = (await verify_log(reader, log_of(chain), LATER, lambda *_: None, kept)).broken
    assert found
    assert (found.breach, found.sequence) == (Breach.MISSING_ROW, 4)


async def test_an_entry_that_waits_for_more_than_a_minute_is_reported(chain: Scope) -> None:
    await add(chain, 2, MOMENT + timedelta(hours=1))
    late = MOMENT + timedelta(hours=1, minutes=1, milliseconds=1)
    assert (await verified(chain, late - timedelta(milliseconds=1))).holds
    found = await verified(chain, late)
    assert (found.unsealed, found.broken, found.holds) == (1, None, False)


async def test_a_long_chain_is_read_page_by_page(scope: Scope) -> None:
    log, count = log_of(scope), PAGE + 3
    async with scope.write() as session:
        await session.execute(log.insert(), [_row(number) for number in range(count)])
    while await seal_batch(scope, log, LATER):
        pass
    shown: list[tuple[int, int]] = []
    async with scope.read() as reader:
        found = await verify_log(reader, log, LATER, lambda *told: shown.append(told))
        newest = await reader.scalar(select(log.c.seal).where(log.c.sequence == count))
    assert found.head == Head(count, newest)
    assert shown == [(0, count), (PAGE, count), (count, count)]
    assert found.holds


def _row(number: int) -> dict[str, object]:
    return {
        "id": new_id(MOMENT),
        "at": MOMENT + timedelta(microseconds=number),
        "event": "user_updated",
        "actor_kind": "SYSTEM",
        "detail": {},
    }
