"""The portal backs up by itself each customer that changed, and keeps files and rows in step."""

import fcntl
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from tenants.acts import SYSTEM
from tenants.catalog.models import Tenant, TenantStatus
from tenants.catalog.service import set_status
from tenants.catalog.upkeep import Backup
from tenants.databases.backups import manifest_path, read_backup
from tenants.databases.servers import SqliteServer
from tenants.tables import TenantTable, table
from tenants.upkeep.deleting import backup_folder
from tenants.upkeep.errors import BeyondRetention
from tenants.upkeep.keeping import backup_at, backups_of, keep_backup, keep_backups, thin_out_backups
from tenants.upkeep.retention import kept
from tests.factories.portal import Customer, House
from tests.tenants.upkeep.conftest import damage, yard_of

EVERY = {"main": timedelta(minutes=4)}
START = datetime(2026, 11, 18, 14, 20, 30, tzinfo=UTC)
ONLY_FILES = pytest.mark.parametrize("server", ["sqlite"], indirect=True)


async def round_at(house: House, at: datetime, every: Mapping[str, timedelta] = EVERY) -> int:
    """What the worker does at one moment."""
    return await keep_backups(yard_of(house, at), every, at)


async def change(customer: Customer, name: str) -> None:
    async with customer.scope.write() as session:
        await session.execute(update(TenantTable.metadata.tables["organization"]).values(name=name))
    if not isinstance(customer.house.portal.engines.server("main"), SqliteServer):
        # A server counts what a connection did when it is closed, or a minute later.
        await customer.house.portal.engines.close()


async def protected_at(customer: Customer) -> datetime | None:
    async with customer.house.portal.catalog.read() as reader:
        found: datetime | None = await reader.scalar(
            select(table(Tenant).c.protected_at).where(table(Tenant).c.id == customer.record.id)
        )
        return found


async def files_of(customer: Customer) -> set[str]:
    folder = backup_folder(yard_of(customer.house).backups, customer.record.id)
    return {str(each.relative_to(folder.parent)) for each in folder.iterdir()} if folder.exists() else set()


async def rows_of(customer: Customer) -> set[str]:
    rows = await backups_of(yard_of(customer.house), customer.record.id)
    return {name for row in rows for name in (row.file, manifest_path(Path(row.file)).as_posix())}


def name_in(path: Path) -> Any:
    """The customer's name in a backup."""
    return read_backup(path).name


async def test_only_who_changed_is_backed_up_and_the_others_are_noted(house: House) -> None:
    alfa, bravo = await house.tenant("alfa"), await house.tenant("bravo")
    await house.portal.engines.close()
    assert await round_at(house, START) == 2
    await change(alfa, "Alfa II")
    later = START + timedelta(minutes=4)
    assert await round_at(house, later) == 1
    assert [len(await backups_of(yard_of(house), each.record.id)) for each in (alfa, bravo)] == [2, 1]
    assert await protected_at(bravo) == later
    newest = (await backups_of(yard_of(house), alfa.record.id))[0]
    assert name_in(yard_of(house).backups / newest.file) == "Alfa II"


@ONLY_FILES
async def test_a_backup_is_no_change(house: House) -> None:
    """Neither are reading and closing: an idle customer is backed up once."""
    alfa = await house.tenant("alfa")
    assert await round_at(house, START) == 1
    client = await alfa.client()
    await client.data("{ organization { slug } }")
    taken = await round_at(house, START + timedelta(minutes=5))
    await client.data("{ organization { slug } }")
    for minutes in (10, 15, 20, 25):
        assert await round_at(house, START + timedelta(minutes=minutes)) <= taken
        taken = 0


async def test_a_customer_is_backed_up_no_more_often_than_its_servers_interval(house: House) -> None:
    alfa = await house.tenant("alfa")
    await house.portal.engines.close()
    assert await round_at(house, START) == 1
    await change(alfa, "Alfa II")
    assert await round_at(house, START + timedelta(minutes=3)) == 0
    assert await protected_at(alfa) == START
    assert await round_at(house, START + timedelta(minutes=4), {}) == 0
    assert await round_at(house, START + timedelta(minutes=4), {"main": timedelta(hours=1)}) == 0
    assert await round_at(house, START + timedelta(minutes=4)) == 1
    assert await protected_at(alfa) == START + timedelta(minutes=4)


async def test_the_suspended_are_backed_up_and_the_deleted_are_not(house: House) -> None:
    for status, taken in ((TenantStatus.SUSPENDED, 1), (TenantStatus.DELETED, 0), (TenantStatus.MOVING, 0)):
        tenant = await house.tenant(f"a{status.lower()}")
        await set_status(house.portal.catalog, tenant.record.id, status, actor=SYSTEM, now=START)
        assert await round_at(house, START) == taken


@pytest.mark.parametrize("way", ["missing", "wrong identity", "corrupt"])
async def test_one_that_cannot_be_backed_up_stops_no_other(house: House, way: str) -> None:
    alfa, bravo = await house.tenant("alfa"), await house.tenant("bravo")
    await damage(house, alfa.record, way)
    assert await round_at(house, START) == 1
    assert await protected_at(bravo) == START
    assert await protected_at(alfa) is None
    assert await files_of(alfa) == set()


async def test_one_process_at_a_time_keeps_backups(house: House) -> None:
    await house.tenant("alfa")
    backups = yard_of(house).backups
    backups.mkdir(parents=True)
    with (backups / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert await round_at(house, START) == 0
        assert await thin_out_backups(yard_of(house, START), START) == 0
    assert await round_at(house, START) == 1


async def keep(customer: Customer, at: datetime) -> None:
    await keep_backup(yard_of(customer.house, at), customer.record, "stamp", at)


@ONLY_FILES
async def test_files_and_rows_stay_in_step_while_they_are_thinned_out(house: House) -> None:
    alfa = await house.tenant("alfa")
    ages = [400, 380, 300, 299, 298, 200, 31, 29.5, 29.4, 10, 9.9, 6, 5.99, 5.98, 1, 0.05, 0.04, 0]
    moments = [START - timedelta(days=days) for days in ages]
    for moment in moments:
        await keep(alfa, moment)
    rows = await backups_of(yard_of(house), alfa.record.id)
    assert {row.taken_at for row in rows} == kept(moments, START)
    assert await files_of(alfa) == await rows_of(alfa)


@ONLY_FILES
async def test_those_of_a_customer_that_does_not_change_are_thinned_out_too(house: House) -> None:
    alfa = await house.tenant("alfa")
    for minutes in range(0, 60, 10):
        await keep(alfa, START + timedelta(minutes=minutes))
    assert len(await backups_of(yard_of(house), alfa.record.id)) == 6
    later = START + timedelta(days=1)
    assert await thin_out_backups(yard_of(house, later), later) == 4  # one of each of the two hours stays
    later = START + timedelta(days=400)
    assert await thin_out_backups(yard_of(house, later), later) == 1
    (newest,) = await backups_of(yard_of(house), alfa.record.id)
    assert newest.taken_at == START + timedelta(minutes=50)
    assert await files_of(alfa) == await rows_of(alfa)


@ONLY_FILES
async def test_what_a_kill_left_between_file_and_row_is_put_right(house: House) -> None:
    alfa = await house.tenant("alfa")
    await keep(alfa, START)
    await keep(alfa, START + timedelta(minutes=5))
    yard = yard_of(house)
    newest, oldest = await backups_of(yard, alfa.record.id)
    async with yard.catalog.write() as session:  # killed before the row was written
        await session.execute(delete(Backup).where(table(Backup).c.id == newest.id))
    folder = backup_folder(yard.backups, alfa.record.id)
    (folder / ".20260101T000000.000000Z.db.0a0b0c0d.db").write_text("a draft")
    (folder / "20260101T000000.000000Z.db.manifest.json").write_text("{}")  # before its file got its name
    (folder / "20260101T000001.000000Z.db").write_text("somebody's notes")
    await keep(alfa, START + timedelta(minutes=10))
    taken = [row.taken_at for row in await backups_of(yard, alfa.record.id)]
    assert taken == [START + timedelta(minutes=10), newest.taken_at, oldest.taken_at]
    assert await files_of(alfa) == await rows_of(alfa)


@ONLY_FILES
async def test_a_kill_while_files_are_removed_leaves_rows_that_go_the_next_time(house: House) -> None:
    alfa = await house.tenant("alfa")
    for minutes in (0, 10, 20):
        await keep(alfa, START + timedelta(minutes=minutes))
    yard = yard_of(house)
    oldest = (await backups_of(yard, alfa.record.id))[-1]
    (yard.backups / oldest.file).unlink()
    later = START + timedelta(days=1)
    with pytest.raises(BeyondRetention):  # its row alone restores nothing
        await backup_at(yard, alfa.record.id, oldest.taken_at, later)
    assert await thin_out_backups(yard_of(house, later), later) == 2
    assert await files_of(alfa) == await rows_of(alfa)


@ONLY_FILES
async def test_a_moment_gives_the_newest_backup_of_before_and_none_that_is_not_kept(house: House) -> None:
    alfa = await house.tenant("alfa")
    moments = [START + timedelta(minutes=minutes) for minutes in (0, 10, 20)]
    yard = yard_of(house)
    with pytest.raises(BeyondRetention, match="none"):
        await backup_at(yard, alfa.record.id, START, START)
    for moment in moments:
        await keep(alfa, moment)
    second, now = timedelta(seconds=1), START + timedelta(hours=1)
    for moment in moments:
        for asked in (moment, moment + second):
            path = await backup_at(yard, alfa.record.id, asked, now)
            assert read_backup(path).taken_at == moment
    with pytest.raises(BeyondRetention, match="14:20:29"):
        await backup_at(yard, alfa.record.id, START - second, now)
    with pytest.raises(BeyondRetention, match="future"):
        await backup_at(yard, alfa.record.id, now + second, now)


@ONLY_FILES
async def test_a_committed_change_is_in_a_backup_less_than_five_minutes_later(house: House) -> None:
    """The worker's clock is simulated: a round each half minute, and half a minute for the round itself."""
    alfa = await house.tenant("alfa")
    every = house.portal.settings.backup_intervals()
    tick = timedelta(seconds=15)
    changed: dict[str, datetime] = {}
    saved: dict[str, datetime] = {}
    now = START
    for number in range(120):
        now += tick
        await change(alfa, f"Alfa {number}")
        changed[f"Alfa {number}"] = now
        if number % 4 == 3 and await round_at(house, now, every):
            newest = (await backups_of(yard_of(house), alfa.record.id))[0]
            last = int(name_in(yard_of(house).backups / newest.file).split()[1])
            saved |= {name: now for name in changed if name not in saved and int(name.split()[1]) <= last}
    waited = [saved[name] - changed[name] for name in saved]
    assert len(saved) > 100
    assert max(waited) < timedelta(minutes=5)
    unsaved = [now - changed[name] for name in changed if name not in saved]
    assert max(unsaved, default=timedelta()) < timedelta(minutes=5)


async def test_the_backups_of_two_databases_in_a_row_are_told_apart(house: House) -> None:
    """The same counters in another database are another fingerprint."""
    alfa = await house.tenant("alfa")
    bravo = await house.tenant("bravo")
    await house.portal.engines.close()
    await round_at(house, START)
    one, two = [(await backups_of(yard_of(house), each.record.id))[0].fingerprint for each in (alfa, bravo)]
    assert one != two
