"""`slaportal audit`: what is whole is told so, what is broken is named, an export is verified without the portal."""

import asyncio
import csv
import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from api.portal import open_portal
from api.settings import read_settings
from cli.demo_data.customers import CUSTOMERS
from tenants.audit.service import seal_new_entries
from tenants.catalog.audit import seal_catalog_entries
from tenants.catalog.queries import all_tenants
from tests.cli.conftest import Slaportal

SLUG = CUSTOMERS[0].slug


@pytest.fixture
def data(demo_data: Path, tmp_path: Path) -> str:
    """A copy of the demo whose logs the worker has sealed."""
    data = tmp_path / "sealed"
    shutil.copytree(demo_data, data)
    asyncio.run(seal(data))
    return str(data)


async def seal(data: Path) -> None:
    portal, now = open_portal(read_settings({}, data=data, password_rounds=1000)), datetime.now(UTC)
    for tenant in await all_tenants(portal.catalog):
        while await seal_new_entries(portal.tenants.scope(tenant), now):
            pass
    await seal_catalog_entries(portal.catalog, now)
    await portal.close()


def database_of(slaportal: Slaportal, data: str) -> Path:
    shown = json.loads(slaportal("tenant", "show", SLUG, "--json", "--data", data).stdout)
    return Path(data) / "databases" / f"{shown['database']}.db"


def tamper(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit_log'"
        for (name,) in connection.execute(triggers).fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(statement)


def told(slaportal: Slaportal, data: str, *words: str) -> tuple[int, list[dict[str, Any]]]:
    done = slaportal("audit", "verify", *words, "--json", "--data", data)
    return done.exit_code, json.loads(done.stdout)


def test_whole_logs_hold(slaportal: Slaportal, data: str) -> None:
    code, found = told(slaportal, data, "--all", "--catalog")
    assert code == 0
    assert [each["log"] for each in found] == [*sorted(c.slug for c in CUSTOMERS), "(catalog)"]
    for each in found:
        assert (each["holds"], each["broken"], each["unsealed"]) == (True, None, 0)
        assert each["entries"] == each["head"]["sequence"] > 0
    table = slaportal("audit", "verify", SLUG, "--data", data)
    assert table.exit_code == 0
    assert found[[e["log"] for e in found].index(SLUG)]["head"]["seal"] in table.stdout


def test_a_changed_entry_is_named(slaportal: Slaportal, data: str) -> None:
    tamper(database_of(slaportal, data), "UPDATE audit_log SET event = 'x' WHERE sequence = 7")
    code, (found,) = told(slaportal, data, SLUG)
    assert code == 1
    assert (found["broken"]["breach"], found["broken"]["sequence"]) == ("CHANGED_ROW", 7)
    done = slaportal("audit", "verify", SLUG, "--data", data)
    assert done.exit_code == 1
    assert "entry 7 was changed" in done.stdout


def test_unsealed_entries_are_reported(slaportal: Slaportal, demo_data: Path) -> None:
    code, (found,) = told(slaportal, str(demo_data), SLUG)
    assert code == 1
    assert found["unsealed"] > 0
    assert found["broken"] is None


def test_a_kept_seal_tells_that_the_end_was_cut_off(slaportal: Slaportal, data: str, tmp_path: Path) -> None:
    heads = tmp_path / "heads.json"
    heads.write_text(slaportal("audit", "head", "--all", "--catalog", "--json", "--data", data).stdout)
    assert told(slaportal, data, "--all", "--catalog", "--kept", str(heads))[0] == 0
    tamper(database_of(slaportal, data), "DELETE FROM audit_log WHERE sequence > 5")
    assert told(slaportal, data, SLUG)[0] == 0
    code, (found,) = told(slaportal, data, SLUG, "--kept", str(heads))
    assert code == 1
    assert (found["broken"]["breach"], found["broken"]["sequence"]) == ("MISSING_ROW", 6)


@pytest.mark.parametrize("ending", ["jsonl", "csv"])
def test_an_export_is_verified_without_an_installation(
    slaportal: Slaportal, data: str, tmp_path: Path, ending: str
) -> None:
    path = tmp_path / f"log.{ending}"
    done = slaportal("audit", "export", SLUG, "--to", str(path), "--data", data)
    assert done.exit_code == 0, done.stderr
    whole = slaportal("audit", "verify", "--file", str(path), "--json")
    assert whole.exit_code == 0
    (found,) = json.loads(whole.stdout)
    assert found["entries"] > 10
    text = path.read_text()
    path.write_text(text.replace("ticket_registered", "ticket_closed", 1))
    assert slaportal("audit", "verify", "--file", str(path)).exit_code == 1
    lines = text.splitlines(keepends=True)
    path.write_text("".join(lines[:5] + lines[6:]))
    assert slaportal("audit", "verify", "--file", str(path)).exit_code == 1
    again = slaportal("audit", "export", SLUG, "--to", str(path), "--data", data)
    assert (again.exit_code, len(again.stderr.splitlines())) == (1, 1)


def seals(path: Path) -> Iterator[tuple[str, str]]:
    """What an outsider works out with nothing but the words of the documentation, beside what stands there."""
    previous = "0" * 64
    for line in path.read_text().splitlines():
        row = json.loads(line)
        stored = row.pop("seal")
        text = json.dumps(row, sort_keys=True, separators=(",", ":"))
        previous = sha256((previous + text).encode()).hexdigest()
        yield previous, stored


def test_an_outsider_works_the_seals_out_with_a_few_lines(
    slaportal: Slaportal, data: str, tmp_path: Path
) -> None:
    path = tmp_path / "log.jsonl"
    assert slaportal("audit", "export", SLUG, "--to", str(path), "--data", data).exit_code == 0
    found = list(seals(path))
    assert len(found) > 10
    assert [derived for derived, _ in found] == [stored for _, stored in found]


def test_a_spreadsheet_runs_nothing_of_an_export(slaportal: Slaportal, data: str, tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    with closing(sqlite3.connect(database_of(slaportal, data))) as connection, connection:
        connection.execute(
            "INSERT INTO audit_log (id, at, event, actor_kind, detail, address) VALUES (?, ?, ?, ?, ?, ?)",
            ("f" * 32, "2026-01-01 00:00:00.000000", "=1+1", "SYSTEM", "{}", "@SUM(A1)"),
        )
        connection.execute("UPDATE audit_log SET sequence = 999999, seal = '=1' WHERE event = '=1+1'")
    assert slaportal("audit", "export", SLUG, "--to", str(path), "--data", data).exit_code == 0
    with path.open(newline="") as file:
        *_, last = csv.reader(file)
    assert "'=1+1" in last
    assert "'@SUM(A1)" in last
    assert not [cell for cell in last if cell.startswith(("=", "+", "-", "@"))]


def exported(slaportal: Slaportal, data: str, path: Path) -> Path:
    done = slaportal("audit", "export", SLUG, "--to", str(path), "--data", data)
    assert done.exit_code == 0, done.stderr
    return path


def kept(slaportal: Slaportal, data: str, path: Path) -> Path:
    path.write_text(slaportal("audit", "head", "--all", "--catalog", "--json", "--data", data).stdout)
    return path


def test_nothing_is_exported_of_a_log_with_an_entry_that_cannot_be_read(
    slaportal: Slaportal, data: str, tmp_path: Path
) -> None:
    tamper(database_of(slaportal, data), "UPDATE audit_log SET at = 'garbage' WHERE sequence = 7")
    for ending in ("jsonl", "csv"):
        done = slaportal("audit", "export", SLUG, "--to", str(tmp_path / f"log.{ending}"), "--data", data)
        assert done.exit_code == 1
        assert "entry 7 cannot be read" in done.stderr
    assert list(tmp_path.glob("log*")) == []


def test_a_file_is_compared_with_the_seal_of_its_own_log(
    slaportal: Slaportal, data: str, tmp_path: Path
) -> None:
    heads, path = (
        kept(slaportal, data, tmp_path / "heads.json"),
        exported(slaportal, data, tmp_path / "a.jsonl"),
    )

    def code(*words: str) -> int:
        done = slaportal("audit", "verify", *words, "--file", str(path), "--kept", str(heads))
        assert done.exit_code != 2 or len(done.stderr.splitlines()) == 1
        return done.exit_code

    other = next(customer.slug for customer in CUSTOMERS if customer.slug != SLUG)
    assert code() == 2, "whose log is it?"
    assert (code(SLUG), code(other), code("--catalog")) == (0, 1, 1)
    assert (code("nobody"), code(SLUG, other), code("--all")) == (2, 2, 2)
    heads.write_text(json.dumps({SLUG: json.loads(heads.read_text())[SLUG]}))
    assert (code(), code(other)) == (0, 2)
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))
    assert code() == 1, "its end was cut off"
    heads.write_text("{}")
    assert (code(), code(SLUG)) == (2, 2)


@pytest.mark.parametrize("added", ['{"a":1,', '{"event":"other",', "{ "])
def test_a_line_of_an_export_says_nothing_that_is_not_sealed(
    slaportal: Slaportal, data: str, tmp_path: Path, added: str
) -> None:
    path = exported(slaportal, data, tmp_path / "log.jsonl")
    lines = path.read_text().splitlines(keepends=True)
    lines[4] = added + lines[4].removeprefix("{")
    path.write_text("".join(lines))
    done = slaportal("audit", "verify", "--file", str(path), "--json")
    assert done.exit_code == 1
    assert json.loads(done.stdout)[0]["broken"]["sequence"] == 5


def test_a_log_that_was_kept_and_is_not_there_any_more_is_named(
    slaportal: Slaportal, data: str, tmp_path: Path
) -> None:
    heads = kept(slaportal, data, tmp_path / "heads.json")
    facts = json.loads(heads.read_text())
    heads.write_text(json.dumps(facts | {"gone": facts[SLUG]}))
    code, found = told(slaportal, data, "--all", "--catalog", "--kept", str(heads))
    assert code == 1
    assert [each["log"] for each in found if not each["holds"]] == ["gone"]
    assert told(slaportal, data, SLUG, "--kept", str(heads))[0] == 0
    heads.write_text(json.dumps({"gone": facts[SLUG]}))
    done = slaportal("audit", "verify", SLUG, "--kept", str(heads), "--data", data)
    assert f"No seal was kept of {SLUG}: nothing to compare with." in done.stderr.splitlines()


def test_the_log_of_a_customer_that_is_marked_for_deletion_is_looked_at(
    slaportal: Slaportal, data: str, tmp_path: Path
) -> None:
    for act in ("suspend", "delete"):
        assert slaportal("tenant", act, SLUG, "--data", data).exit_code == 0
    assert [each["log"] for each in told(slaportal, data, "--all")[1]].count(SLUG) == 1
    assert told(slaportal, data, SLUG)[0] == 0
    exported(slaportal, data, tmp_path / "log.jsonl")


def test_a_customer_that_is_being_moved_is_named(slaportal: Slaportal, data: str) -> None:
    catalog = Path(data) / "databases" / "slaportal_catalog.db"
    with closing(sqlite3.connect(catalog)) as connection, connection:
        connection.execute("UPDATE tenant SET status = 'MOVING' WHERE slug = ?", (SLUG,))
    code, found = told(slaportal, data, "--all")
    assert code == 1
    assert ["not looked at" in each["problem"] for each in found if each["log"] == SLUG] == [True]


def test_the_other_seals_are_printed_although_one_log_cannot_be_read(slaportal: Slaportal, data: str) -> None:
    database_of(slaportal, data).unlink()
    done = slaportal("audit", "head", "--all", "--catalog", "--json", "--data", data)
    assert done.exit_code == 1
    others = {customer.slug for customer in CUSTOMERS} - {SLUG}
    assert json.loads(done.stdout).keys() == others | {"(catalog)"}
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"{SLUG}: cannot be reached")


def test_wrong_usage_is_told_in_one_line(slaportal: Slaportal, data: str, tmp_path: Path) -> None:
    nonsense = tmp_path / "nonsense.csv"
    nonsense.write_text("a,b\n")
    for words, code in (
        (("verify",), 2),
        (("head",), 2),
        (("verify", "nobody"), 1),
        (("export", SLUG, "--to", str(tmp_path / "x.txt")), 2),
        (("export", SLUG, "--to", str(tmp_path / "no" / "x.csv")), 1),
        (("verify", "--file", str(nonsense)), 1),
        (("verify", "--file", str(tmp_path / "nothing.jsonl")), 1),
        (("verify", SLUG, "--kept", str(nonsense)), 2),
    ):
        done = slaportal("audit", *words, "--data", data)
        assert (done.exit_code, len(done.stderr.splitlines())) == (code, 1), (words, done.stderr)
