"""A backup is one consistent moment of one customer, and whatever is not that is refused."""

import asyncio
import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from tenants.databases.backups import Manifest, inspect_file, manifest_path, read_backup
from tenants.databases.errors import BackupUnreadable, DatabaseUnavailable, WrongDatabase
from tenants.databases.migrations import upgrade
from tenants.databases.revisions import TENANT_HEAD
from tenants.databases.servers import SqliteServer
from tenants.tables import CatalogTable, TenantTable
from tenants.upkeep.errors import WrongBackup
from tests.factories.acts import clock, run_act
from tests.factories.disk import refused_for_room
from tests.factories.portal import Customer, House
from tests.tenants.upkeep.conftest import back_up, damage, register, restored, sums

STEPS = ["copied", "checked", "manifest written", "in place"]
ONLY_FILES = pytest.mark.parametrize("server", ["sqlite"], indirect=True)


async def state(house: House) -> Any:
    """What a refused restore must leave: the row in the catalog, and no database beside the serving one."""
    async with house.portal.catalog.read() as reader:
        tables = CatalogTable.metadata.tables
        return [list(await reader.rows(select(tables[name]))) for name in ("tenant", "side_database")]


async def test_what_was_backed_up_is_there_again_after_a_restore(customer: Customer, file: Path) -> None:
    before = await sums(customer.house, customer.record)
    await back_up(customer, file)
    await register(await customer.client())
    assert await sums(customer.house, customer.record) != before
    tenant = await restored(customer, file)
    assert await sums(customer.house, tenant) == before


async def test_the_manifest_says_what_is_in_the_file(customer: Customer, file: Path) -> None:
    manifest = await back_up(customer, file)
    async with customer.scope.read() as reader:
        counted = {
            name: await reader.scalar(select(func.count()).select_from(kept))
            for name, kept in TenantTable.metadata.tables.items()
        }
    told = json.loads(manifest_path(file).read_text())
    assert told["rows"] == counted | {"alembic_version": 1}
    assert (told["tenant_id"], told["epoch"]) == (str(customer.record.id), 1)
    assert (told["revision"], told["slug"], told["policy_key"]) == (TENANT_HEAD, "alfa", "qixium")
    assert told["size"] == size_of(file)
    assert read_backup(file) == manifest
    assert [stat_of(each) for each in (file, manifest_path(file))] == [0o600, 0o600]
    assert sorted(each.name for each in file.parent.iterdir()) == ["alfa.db", "alfa.db.manifest.json"]


def size_of(path: Path) -> int:
    return path.stat().st_size


def stat_of(path: Path) -> int:
    return path.stat().st_mode & 0o777


async def test_a_backup_is_one_moment_however_much_is_written_meanwhile(
    customer: Customer, file: Path
) -> None:
    client, stop = await customer.client(), asyncio.Event()

    async def write() -> int:
        written = 0
        while not stop.is_set():
            assert (await register(client))["errors"] == []
            written += 1
        return written

    writing = asyncio.create_task(write())
    try:
        rows = []
        for number in range(3):
            await asyncio.sleep(0.1)
            rows.append((await back_up(customer, file.with_name(f"{number}.db"))).rows)
    finally:
        stop.set()
    assert await writing > 3
    first = rows[0]
    for each in rows:
        more = {name: each[name] - first[name] for name in ("ticket", "ticket_event", "outbox", "audit_log")}
        assert len(set(more.values())) == 1, more  # one of each for every ticket
        assert each["ticket"] > 1


async def test_a_path_is_taken_as_it_is_written(customer: Customer, file: Path) -> None:
    odd = file.parent / "50%41 of #1? really.db"
    manifest = await back_up(customer, odd)
    assert read_backup(odd) == manifest
    assert (await restored(customer, odd)).epoch == 2


def flip(at: float) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        content = bytearray(path.read_bytes())
        content[min(int(len(content) * at), len(content) - 1)] ^= 0xFF
        path.write_bytes(content)

    return change


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def become_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def become_another_database(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE notes (body TEXT)")


def hold_strange_values(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE tenant_identity SET tenant_id = x'00'")


def manifest_of_another(path: Path) -> None:
    told = json.loads(manifest_path(path).read_text())
    told["rows"]["ticket"] += 1
    manifest_path(path).write_text(json.dumps(told))


DAMAGE: dict[str, Callable[[Path], Any]] = {
    "first byte": flip(0),
    "header": lambda path: path.write_bytes(b"SQLite format 4\0" + path.read_bytes()[16:]),
    "early": flip(0.1),
    "middle": flip(0.5),
    "late": flip(0.9),
    "last byte": flip(1),
    "truncated": truncate,
    "empty": lambda path: path.write_bytes(b""),
    "text": lambda path: path.write_text("Dear customer,\n" * 500),
    "another database": become_another_database,
    "strange values": hold_strange_values,
    "gone": lambda path: path.unlink(),
    "a folder": become_a_folder,
    "manifest of another": manifest_of_another,
    "manifest missing": lambda path: manifest_path(path).unlink(),
    "manifest is no JSON": lambda path: manifest_path(path).write_bytes(b"\xff{"),
    "manifest is a list": lambda path: manifest_path(path).write_text("[]"),
    "manifest of the future": lambda path: manifest_path(path).write_text('{"format": 99}'),
}


async def test_a_file_that_is_no_sound_backup_is_refused_and_nothing_changes(
    customer: Customer, file: Path
) -> None:
    await back_up(customer, file)
    before = await state(customer.house), await sums(customer.house, customer.record)
    for name, harm in DAMAGE.items():
        folder = file.parent / name
        folder.mkdir()
        harmed = folder / file.name
        for each in (file, manifest_path(file)):
            shutil.copyfile(each, folder / each.name)
        harm(harmed)
        with pytest.raises(BackupUnreadable):
            await restored(customer, harmed)
    assert (await state(customer.house), await sums(customer.house, customer.record)) == before
    assert (await restored(customer, file)).epoch == 2  # the harm was what was refused


@ONLY_FILES
async def test_a_moment_in_the_manifest_that_is_none_is_refused(customer: Customer, file: Path) -> None:
    await back_up(customer, file)
    told = json.loads(manifest_path(file).read_text())
    for moment in (None, 7, "yesterday", ["2026"]):
        manifest_path(file).write_text(json.dumps(told | {"taken_at": moment}))
        with pytest.raises(BackupUnreadable):
            read_backup(file)


async def test_the_backup_of_another_customer_is_refused(customer: Customer, file: Path) -> None:
    other = await customer.house.tenant("bravo")
    await back_up(other, file)
    before = await state(customer.house)
    with pytest.raises(WrongBackup, match="bravo"):
        await restored(customer, file)
    assert await state(customer.house) == before


@ONLY_FILES
async def test_a_backup_of_a_newer_version_is_refused(customer: Customer, file: Path) -> None:
    await back_up(customer, file)
    rewrite(file, "UPDATE alembic_version SET version_num = '9999'")
    before = await state(customer.house)
    with pytest.raises(WrongBackup, match="9999"):
        await restored(customer, file)
    assert await state(customer.house) == before


def rewrite(file: Path, statement: str) -> Manifest:
    """Changes a backup and describes it anew."""
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(statement)
    manifest = inspect_file(file, clock())
    manifest_path(file).write_text(manifest.text())
    return manifest


async def test_a_backup_of_an_older_version_is_brought_to_todays_schema(
    customer: Customer, file: Path
) -> None:
    old = SqliteServer("old", file.parent)
    old.path("alfa").touch()
    await upgrade(old, "alfa", "tenant", "0001")
    key = customer.record.id.hex
    rewrite(file, f"INSERT INTO tenant_identity (tenant_id, epoch) VALUES ('{key}', 1)")  # noqa: S608  # our own
    assert inspect_file(file).revision == "0001"
    tenant = await restored(customer, file)
    async with customer.house.portal.tenants.scope(tenant).read() as reader:
        assert (
            await reader.scalar(select(func.count()).select_from(TenantTable.metadata.tables["ticket"])) == 0
        )
    assert await sums(customer.house, tenant)


@ONLY_FILES
async def test_a_log_that_lies_beside_a_backup_is_not_taken_for_a_part_of_it(
    customer: Customer, file: Path
) -> None:
    await back_up(customer, file)
    before = await sums(customer.house, customer.record)
    live = SqliteServer("live", file.parent).path("live")
    shutil.copyfile(file, live)
    with closing(sqlite3.connect(live)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("UPDATE organization SET name = 'Somebody else'")
        connection.commit()
        shutil.copyfile(f"{live}-wal", f"{file}-wal")
    tenant = await restored(customer, file)
    assert await sums(customer.house, tenant) == before


async def test_a_database_that_is_not_the_customers_is_not_kept_as_its_backup(
    customer: Customer, file: Path
) -> None:
    other = await customer.house.tenant("bravo")
    customer.record = replace(customer.record, placement=other.record.placement)
    with pytest.raises(WrongDatabase):
        await back_up(customer, file)
    assert list(file.parent.iterdir()) == []


async def test_what_cannot_be_reached_gives_no_backup(customer: Customer, file: Path) -> None:
    with pytest.raises(DatabaseUnavailable):
        await back_up(customer, file.parent / "no such folder" / "alfa.db")
    await damage(customer.house, customer.record, "missing")
    with pytest.raises(DatabaseUnavailable):
        await back_up(customer, file)
    assert list(file.parent.iterdir()) == []


@ONLY_FILES
async def test_a_damaged_database_gives_no_backup(customer: Customer, file: Path) -> None:
    await damage(customer.house, customer.record, "corrupt")
    with pytest.raises(DatabaseUnavailable):
        await back_up(customer, file)
    assert list(file.parent.iterdir()) == []


@pytest.mark.long
@pytest.mark.parametrize("step", STEPS)
async def test_a_backup_that_is_killed_leaves_no_file_of_that_name_or_a_whole_one(
    customer: Customer, file: Path, step: str
) -> None:
    settings = customer.house.portal.settings
    told = run_act(settings, "backup", {"slug": "alfa", "file": str(file)}, step)
    assert told == STEPS[: STEPS.index(step) + 1]
    if step == "in place":
        assert read_backup(file).slug == "alfa"
    else:
        assert file not in file.parent.iterdir()
        assert all(each.name.startswith(".") for each in file.parent.iterdir() if each != manifest_path(file))
    await back_up(customer, file)
    assert read_backup(file).slug == "alfa"


async def test_the_steps_that_are_killed_are_all_there_are(customer: Customer, file: Path) -> None:
    assert run_act(customer.house.portal.settings, "backup", {"slug": "alfa", "file": str(file)}) == STEPS


async def test_a_full_disk_leaves_nothing_behind_and_is_told_in_one_line(
    customer: Customer, file: Path
) -> None:
    """The limit on the size of files stands for the disk."""
    await customer.house.portal.engines.close()
    refused_for_room(customer.house.portal.settings, 100_000, "tenant", "backup", "alfa", "--to", str(file))
    assert list(file.parent.iterdir()) == []
