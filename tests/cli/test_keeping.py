"""`slaportal tenant backup` and `restore`, and `slaportal doctor`: answers, exit codes and one-line messages."""

import asyncio
import json
import shutil
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from api.portal import Portal, open_portal
from api.settings import read_settings
from tenants.acts import SYSTEM
from tenants.catalog.directory import TenantRecord
from tenants.catalog.models import Tenant, TenantStatus
from tenants.catalog.queries import all_tenants
from tenants.catalog.service import set_status
from tenants.databases.identity import freeze
from tenants.databases.provisioning import drop_database, remove_files
from tenants.databases.servers import SqliteServer
from tenants.ids import new_id
from tenants.tables import table
from tenants.upkeep.keeping import keep_backups
from tests.cli.conftest import Slaportal
from tests.factories.databases import write_identity

Act = Callable[[Portal, TenantRecord], Awaitable[Any]]


@pytest.fixture
def data(demo_data: Path, tmp_path: Path) -> Path:
    """A copy of the demo that a test may damage."""
    return Path(shutil.copytree(demo_data, tmp_path / "data"))


@pytest.fixture
def call(slaportal: Slaportal, data: Path) -> Slaportal:
    return partial(slaportal, DATA=str(data))


def on_portal(data: Path, act: Act) -> str:
    """Does something to the first customer beside the command line; gives its slug."""

    async def run() -> str:
        portal = open_portal(read_settings({}, data=data))
        tenant = (await all_tenants(portal.catalog))[0]
        await act(portal, tenant)
        await portal.close()
        return tenant.slug

    return asyncio.run(run())


async def nothing(_portal: Portal, _tenant: TenantRecord) -> None:
    """Only the slug is wanted."""


def refused(done: Result, code: int, words: str) -> None:
    assert done.exit_code == code, done.output
    (line,) = done.stderr.splitlines()
    assert line.startswith("Error: ")
    assert words in line
    assert done.stdout == ""


def test_a_backup_tells_path_and_sum_and_is_restored_with_yes_alone(
    call: Slaportal, data: Path, tmp_path: Path
) -> None:
    slug, file = on_portal(data, nothing), tmp_path / "kept.db"
    done = call("tenant", "backup", slug, "--to", str(file), "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert (told["path"], told["manifest"]) == (str(file), f"{file}.manifest.json")
    assert told["rows"]["ticket"] > 0
    assert len(told["sha256"]) == 64
    epoch = json.loads(call("tenant", "show", slug, "--json").stdout)["epoch"]

    dry = call("tenant", "restore", slug, str(file), "--dry-run")
    assert (dry.exit_code, dry.stdout) == (0, "")
    assert "Nothing was changed." in dry.stderr
    checked = json.loads(call("tenant", "restore", slug, str(file), "--dry-run", "--yes", "--json").stdout)
    assert (checked["restored"], checked["manifest"]["sha256"]) == (False, told["sha256"])
    unsure = call("tenant", "restore", slug, str(file))
    assert unsure.exit_code == 2
    assert "--yes" in unsure.stderr
    assert json.loads(call("tenant", "show", slug, "--json").stdout)["epoch"] == epoch

    sure = call("tenant", "restore", slug, str(file), "--yes", "--json")
    assert sure.exit_code == 0, sure.output
    answer = json.loads(sure.stdout)
    assert (answer["restored"], answer["tenant"]["epoch"]) == (True, epoch + 1)
    assert answer["manifest"]["rows"] == told["rows"]


def test_a_backup_writes_over_nothing_unless_told(call: Slaportal, data: Path, tmp_path: Path) -> None:
    slug, file = on_portal(data, nothing), tmp_path / "kept.db"
    file.write_text("mine")
    refused(call("tenant", "backup", slug, "--to", str(file)), 1, "is there already")
    assert file.read_text() == "mine"
    assert call("tenant", "backup", slug, "--to", str(file), "--force").exit_code == 0
    refused(call("tenant", "backup", slug, "--to", str(tmp_path / "no" / "kept.db")), 1, "no folder")
    refused(call("tenant", "backup", "nobody", "--to", str(tmp_path / "x.db")), 1, "no such tenant")
    assert not (tmp_path / "x.db").exists()


def test_a_restore_needs_a_file_or_a_moment(call: Slaportal, data: Path, tmp_path: Path) -> None:
    slug, missing = on_portal(data, nothing), str(tmp_path / "missing.db")
    refused(call("tenant", "restore", slug, "--yes"), 2, "--at")
    refused(call("tenant", "restore", slug, missing, "--at", "2026-01-01", "--yes"), 2, "--at")
    refused(call("tenant", "restore", slug, missing, "--yes"), 1, "there is no file")
    (tmp_path / "text.db").write_text("Dear customer")
    refused(call("tenant", "restore", slug, str(tmp_path / "text.db"), "--yes"), 1, "cannot be restored")


def test_the_portals_own_backups_are_restored_by_a_moment_that_is_kept(call: Slaportal, data: Path) -> None:
    now = datetime.now(UTC)

    async def keep(portal: Portal, _tenant: TenantRecord) -> None:
        every = portal.settings.backup_intervals()
        await keep_backups(portal.yard(lambda: now), every, now)

    slug = on_portal(data, keep)
    refused(call("tenant", "restore", slug, "--at", "2001-01-01", "--yes"), 1, "no backup is kept")
    refused(call("tenant", "restore", slug, "--at", "2999-01-01", "--yes"), 1, "future")
    moment = (now + timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%S")
    while datetime.now(UTC) < now + timedelta(seconds=1):
        pass
    done = call("tenant", "restore", slug, "--at", moment, "--yes")
    assert done.exit_code == 0, done.output
    assert now.isoformat() in done.stderr


def test_a_healthy_installation_is_told_so(call: Slaportal) -> None:
    done = call("doctor")
    assert (done.exit_code, done.stdout) == (0, ""), done.output
    assert "0 with something wrong" in done.stderr
    found = json.loads(call("doctor", "--json").stdout)
    assert [each["problems"] for each in found] == [[]] * len(found)
    assert sum(each["tenant"] is not None for each in found) == 5


async def lose(portal: Portal, tenant: TenantRecord) -> None:
    await drop_database(portal.engines.server("main"), tenant.placement.database)


def file_of(portal: Portal, tenant: TenantRecord) -> Path:
    server = portal.engines.server("main")
    assert isinstance(server, SqliteServer)
    return server.path(tenant.placement.database)


async def overwrite(portal: Portal, tenant: TenantRecord) -> None:
    path = file_of(portal, tenant)
    remove_files(path)
    path.write_bytes(b"garbage" * 10_000)


async def break_a_page(portal: Portal, tenant: TenantRecord) -> None:
    """Below a table that opening does not read."""
    path = file_of(portal, tenant)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (size,) = connection.execute("PRAGMA page_size").fetchone()
        (page,) = connection.execute(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'ticket_event'"
        ).fetchone()
    content = bytearray(path.read_bytes())
    content[(page - 1) * size : page * size] = b"\xff" * size
    path.write_bytes(content)


async def drop_a_table(portal: Portal, tenant: TenantRecord) -> None:
    with closing(sqlite3.connect(file_of(portal, tenant))) as connection:
        connection.execute("DROP TABLE tenant_identity")


async def swap(portal: Portal, tenant: TenantRecord) -> None:
    await write_identity(
        portal.engines.server("main"), tenant.placement.database, new_id(tenant.created_at), 1
    )


async def leave_behind(portal: Portal, tenant: TenantRecord) -> None:
    with closing(sqlite3.connect(file_of(portal, tenant))) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '0001'")


async def freeze_it(portal: Portal, tenant: TenantRecord) -> None:
    await freeze(portal.engines.server("main"), tenant.placement.database, tenant.id, tenant.epoch)


async def forget_its_server(portal: Portal, tenant: TenantRecord) -> None:
    async with portal.catalog.write() as session:
        t = table(Tenant)
        await session.execute(t.update().where(t.c.id == tenant.id).values(server="eu9"))


async def leave_moving(portal: Portal, tenant: TenantRecord) -> None:
    await set_status(portal.catalog, tenant.id, TenantStatus.MOVING, actor=SYSTEM, now=tenant.created_at)


async def fail_it(portal: Portal, tenant: TenantRecord) -> None:
    await set_status(portal.catalog, tenant.id, TenantStatus.FAILED, actor=SYSTEM, now=tenant.created_at)


async def leave_unfinished(portal: Portal, tenant: TenantRecord) -> None:
    await set_status(
        portal.catalog, tenant.id, TenantStatus.PROVISIONING, actor=SYSTEM, now=tenant.created_at
    )


BAD: dict[str, tuple[Act, str]] = {
    "missing": (lose, "not reachable"),
    "corrupt": (overwrite, "not reachable"),
    "corrupt inside": (break_a_page, "integrity"),
    "without identity": (drop_a_table, "identity"),
    "swapped": (swap, "identity"),
    "behind": (leave_behind, "revision"),
    "frozen": (freeze_it, "takes no writes"),
    "server unknown": (forget_its_server, "eu9"),
    "left moving": (leave_moving, "in the middle of a move"),
    "failed": (fail_it, "could not be made"),
    "unfinished": (leave_unfinished, "not made yet"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_wrong_with_a_customer_is_told_with_its_name_and_no_others(
    call: Slaportal, data: Path, case: str
) -> None:
    act, words = BAD[case]
    slug = on_portal(data, act)
    done = call("doctor")
    assert done.exit_code == 1, done.output
    _, line = done.stdout.splitlines()  # below the heading
    assert line.split()[0] == slug
    assert words in line
    asked = call("doctor", "--json")
    assert asked.exit_code == 1
    found = {each["tenant"]: each["problems"] for each in json.loads(asked.stdout) if each["tenant"]}
    assert len(found.pop(slug)) == 1
    assert set(map(tuple, found.values())) == {()}


def test_a_customer_whose_changes_are_in_no_backup_is_told(call: Slaportal, data: Path) -> None:
    old = datetime.now(UTC) - timedelta(hours=2)

    async def keep_and_change(portal: Portal, tenant: TenantRecord) -> None:
        every = portal.settings.backup_intervals()
        await keep_backups(portal.yard(lambda: old), every, old)
        with closing(sqlite3.connect(file_of(portal, tenant))) as connection, connection:
            connection.execute("UPDATE organization SET name = 'Changed'")

    slug = on_portal(data, keep_and_change)
    done = call("doctor")
    assert done.exit_code == 1, done.output
    _, line = done.stdout.splitlines()
    assert line.split()[0] == slug
    assert f"changes since {old:%Y-%m-%d %H:%M} UTC" in line


def test_a_customer_that_is_marked_for_deletion_is_not_looked_at(call: Slaportal, data: Path) -> None:
    slug = on_portal(data, lose)
    assert call("tenant", "delete", slug).exit_code == 0
    assert call("doctor").exit_code == 0
