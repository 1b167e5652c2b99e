"""`slaportal tenant export`: a customer's data in a folder, or one line that says why not."""

import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from hashlib import sha256
from pathlib import Path

from cli.demo_data.customers import CUSTOMERS
from tests.cli.conftest import Slaportal
from tests.cli.test_run import PROGRAM, ROOT

SLUG = CUSTOMERS[0].slug
LIMIT = 200_000
"""Bytes that a file may grow to: enough for the databases' logs, not for the tickets."""
LIMITED = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({LIMIT}, {LIMIT})); {PROGRAM}"


def left(folder: Path) -> list[str]:
    """What lies where the export should go, and beside it."""
    return sorted(path.name for path in folder.parent.glob(f"{folder.name}*"))


@contextmanager
def suspended(slaportal: Slaportal, data: Path) -> Iterator[None]:
    assert slaportal("tenant", "suspend", SLUG, "--data", str(data)).exit_code == 0
    yield
    assert slaportal("tenant", "resume", SLUG, "--data", str(data)).exit_code == 0


def test_an_export_tells_where_it_is_and_what_is_in_it(
    slaportal: Slaportal, demo_data: Path, tmp_path: Path
) -> None:
    folder, words = tmp_path / "out", ("tenant", "export", SLUG, "--data", str(demo_data), "--to")
    done = slaportal(*words, str(folder), "--json")
    assert done.exit_code == 0
    facts = json.loads(done.stdout)
    assert facts["path"] == str(folder)
    assert facts["manifest_sha256"] == sha256((folder / "manifest.json").read_bytes()).hexdigest()
    for table, rows in facts["rows"].items():
        assert len((folder / "data" / f"{table}.jsonl").read_bytes().splitlines()) == rows
    assert facts["rows"]["ticket"] > 0
    again = slaportal(*words, str(folder))
    assert (again.exit_code, len(again.stderr.splitlines())) == (1, 1)
    assert "--to" in again.stderr
    with suspended(slaportal, demo_data):
        told = slaportal(*words, str(tmp_path / "later"))
        assert (told.exit_code, told.stdout) == (0, "")
        assert "README.md" in told.stderr
    assert (tmp_path / "later" / "README.md").exists()


def test_a_dry_run_counts_and_writes_nothing(slaportal: Slaportal, demo_data: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    words = ("tenant", "export", SLUG, "--data", str(demo_data), "--to", str(folder), "--dry-run")
    planned = json.loads(slaportal(*words, "--json").stdout)["rows"]
    told = slaportal(*words)
    assert told.exit_code == 0
    assert "Nothing was written" in told.stderr
    assert dict(line.split() for line in told.stdout.splitlines()[1:]) == {
        table: str(rows) for table, rows in planned.items()
    }
    assert left(folder) == []


def test_on_a_terminal_the_rows_are_counted(slaportal: Slaportal, demo_data: Path, tmp_path: Path) -> None:
    words = ("tenant", "export", SLUG, "--data", str(demo_data), "--to", str(tmp_path / "out"), "--json")
    done = slaportal(*words, FORCE_COLOR="1")
    total = sum(json.loads(done.stdout)["rows"].values())
    assert f"{total}/{total}" in done.stderr


def test_a_disk_that_is_full_is_told_in_one_line_and_nothing_is_left(
    slaportal: Slaportal, demo_data: Path, tmp_path: Path
) -> None:
    data, folder = tmp_path / "var", tmp_path / "out"
    shutil.copytree(demo_data, data)
    shown = json.loads(slaportal("tenant", "show", SLUG, "--json", "--data", str(data)).stdout)
    with closing(sqlite3.connect(data / "databases" / f"{shown['database']}.db")) as connection, connection:
        connection.execute("UPDATE ticket SET description = ?", ["lang " * LIMIT])
    words = [
        sys.executable,
        "-c",
        LIMITED,
        "tenant",
        "export",
        SLUG,
        "--data",
        str(data),
        "--to",
        str(folder),
    ]
    done = subprocess.run(words, cwd=ROOT, check=False, capture_output=True, text=True)  # noqa: S603  # ours
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line == "Error: The export cannot be written, and nothing of it is left: File too large."
    assert left(folder) == []


def test_who_cannot_be_exported_is_told_in_one_line(
    slaportal: Slaportal, demo_data: Path, tmp_path: Path
) -> None:
    refused = slaportal("tenant", "export", "nobody", "--data", str(demo_data), "--to", str(tmp_path / "out"))
    assert refused.exit_code == 1
    assert "no such tenant" in refused.stderr
    nowhere = str(tmp_path / "not" / "there")
    refused = slaportal("tenant", "export", SLUG, "--data", str(demo_data), "--to", nowhere)
    assert (refused.exit_code, len(refused.stderr.splitlines())) == (1, 1)
    assert slaportal("tenant", "export", SLUG).exit_code == 2
