"""When there is no export, there is nothing of it where it should have gone."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from tenants.acts import SYSTEM
from tenants.catalog.models import TenantStatus
from tenants.catalog.service import set_status
from tenants.databases.errors import StaleEpoch
from tenants.leaving.errors import ExportNotWritten, FolderTaken, NotExportableNow
from tenants.leaving.export import plan_export
from tests.conftest import NOW
from tests.factories.contents import audit_log
from tests.factories.portal import Customer
from tests.factories.serving import ROOT, environment_of
from tests.tenants.leaving.conftest import exported, lines_of

STARTED, DONE = "tenant_export_started", "tenant_exported"


async def on_record(customer: Customer) -> list[list[str]]:
    """What both records tell of exports."""
    scopes = (customer.scope, customer.house.portal.catalog)
    return [
        [entry.event for entry in await audit_log(scope) if entry.event in {STARTED, DONE}]
        for scope in scopes
    ]


def left(folder: Path) -> list[str]:
    """What lies where an export should go, and beside it."""
    return sorted(path.name for path in folder.parent.iterdir() if path.name.startswith(folder.name))


async def test_an_export_is_on_the_customers_record_and_on_the_vendors(
    alfa: Customer, tmp_path: Path
) -> None:
    done = await exported(alfa, tmp_path / "out")
    assert await on_record(alfa) == [[STARTED, DONE]] * 2
    for scope in (alfa.scope, alfa.house.portal.catalog):
        (entry,) = await audit_log(scope, DONE)
        assert (entry.actor_kind, entry.subject_id) == ("SYSTEM", alfa.record.id)
        assert entry.detail == {"manifest_sha256": done.manifest_sha256, "rows": sum(done.rows.values())}
    assert STARTED in [entry["event"] for entry in lines_of(done.path, "audit_log")]


async def test_a_suspended_customer_takes_its_data_along(alfa: Customer, tmp_path: Path) -> None:
    catalog = alfa.house.portal.catalog
    suspended = await set_status(catalog, alfa.record.id, TenantStatus.SUSPENDED, actor=SYSTEM, now=NOW)
    done = await exported(alfa, tmp_path / "out", suspended)
    assert len(lines_of(done.path, "ticket")) == 1
    assert await on_record(alfa) == [[STARTED, DONE]] * 2


@pytest.mark.parametrize("status", [TenantStatus.PROVISIONING, TenantStatus.MOVING])
async def test_a_customer_that_is_being_made_or_moved_is_not_exported(
    alfa: Customer, tmp_path: Path, status: TenantStatus
) -> None:
    portal, folder = alfa.house.portal, tmp_path / "out"
    moving = await set_status(portal.catalog, alfa.record.id, status, actor=SYSTEM, now=NOW)
    with pytest.raises(NotExportableNow, match="alfa is"):
        await exported(alfa, folder, moving)
    with pytest.raises(NotExportableNow, match="alfa is"):
        await plan_export(portal.engines, moving, folder)
    assert left(folder) == []
    assert await on_record(alfa) == [[], []]


async def test_a_customer_that_has_moved_meanwhile_is_not_exported_from_its_old_place(
    alfa: Customer, tmp_path: Path
) -> None:
    async with alfa.scope.write() as session:
        await session.execute(text("UPDATE tenant_identity SET epoch = 2"))
    with pytest.raises(StaleEpoch):
        await exported(alfa, tmp_path / "out")
    assert left(tmp_path / "out") == []


async def test_what_is_there_already_is_left_alone(alfa: Customer, tmp_path: Path) -> None:
    folder, file = tmp_path / "out", tmp_path / "out" / "mine.txt"
    folder.mkdir()
    file.write_text("mine")
    for taken in (folder, file):
        with pytest.raises(FolderTaken, match=str(taken)):
            await exported(alfa, taken)
        with pytest.raises(FolderTaken):
            await plan_export(alfa.house.portal.engines, alfa.record, taken)
    assert left(folder) == ["out"]
    assert file.read_text() == "mine"
    assert await on_record(alfa) == [[], []]


async def test_an_empty_folder_is_filled(alfa: Customer, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    done = await exported(alfa, tmp_path / "out")
    assert lines_of(done.path, "ticket")
    assert left(tmp_path / "out") == ["out"]


async def test_a_folder_in_no_folder_cannot_be_made(alfa: Customer, tmp_path: Path) -> None:
    with pytest.raises(ExportNotWritten, match="No such file"):
        await exported(alfa, tmp_path / "nowhere" / "out")


async def test_a_folder_that_somebody_fills_meanwhile_is_theirs(alfa: Customer, tmp_path: Path) -> None:
    folder = tmp_path / "out"

    def fill(_done: int, _total: int) -> None:
        folder.mkdir(exist_ok=True)
        (folder / "theirs.txt").touch()

    with pytest.raises(ExportNotWritten, match="not empty"):
        await exported(alfa, folder, show=fill)
    assert left(folder) == ["out"]
    assert [path.name for path in folder.iterdir()] == ["theirs.txt"]


async def test_an_export_that_fails_half_way_leaves_nothing_but_its_start_on_record(
    alfa: Customer, tmp_path: Path
) -> None:
    def fail(done: int, _total: int) -> None:
        if done:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await exported(alfa, tmp_path / "out", show=fail)
    assert left(tmp_path / "out") == []
    assert await on_record(alfa) == [[STARTED]] * 2


async def test_an_export_that_is_killed_leaves_nothing_in_its_place_and_can_be_made_again(
    alfa: Customer, tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    words = [sys.executable, "-m", "tests.factories.exporting", "alfa", str(folder), "8"]
    killed = subprocess.run(  # noqa: S603, ASYNC221  # our own interpreter and module; nobody else waits
        words, cwd=ROOT, env=environment_of(alfa.house.portal.settings), check=False, capture_output=True
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    (part,) = left(folder)
    assert part.startswith("out.part-")
    assert list((tmp_path / part / "data").iterdir())
    done = await exported(alfa, folder)
    assert lines_of(done.path, "ticket")
    assert await on_record(alfa) == [[STARTED, STARTED, DONE]] * 2
