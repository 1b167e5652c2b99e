"""Importing a module has no effect: no file, no connection, no engine, no thread."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.architecture.tree import PACKAGES, ROOT, module_name, read_python

PROBE = Path(__file__).with_name("import_probe.py")

EAGER = {
    "writes": "open('made', 'w').close()",
    "touches": "from pathlib import Path; Path('touched').touch()",
    "makes_folder": "import os; os.mkdir('folder')",
    "reads": "open('data.toml').close()",
    "opens_database": "import sqlite3; sqlite3.connect(':memory:').close()",
    "connects": "import socket; socket.socket().connect_ex(('127.0.0.1', 9))",
    "starts": "import subprocess; subprocess.run(['true'])",
}


def test_importing_the_project_has_no_effect() -> None:
    modules = [module_name(path) for path in read_python(ROOT, *PACKAGES)]
    assert _effects(ROOT, [name for name in modules if not name.endswith("__main__")]) == []


def test_each_effect_of_an_import_is_found(tmp_path: Path) -> None:
    (tmp_path / "data.toml").touch()
    for name, text in {"calm": "import json", **EAGER}.items():
        (tmp_path / f"{name}_module.py").write_text(text)
    found = _effects(tmp_path, ["calm_module", *(f"{name}_module" for name in EAGER)])

    told = {name: [line for line in found if line.startswith(f"{name}_module: ")] for name in EAGER}
    assert [name for name in EAGER if not told[name]] == []
    assert not any("calm_module" in line for line in found)


def test_what_outlives_an_import_is_found(tmp_path: Path) -> None:
    (tmp_path / "eager.py").write_text(
        "import threading, sqlalchemy\n"
        "engine = sqlalchemy.create_engine('sqlite://')\n"
        "threading.Thread(target=threading.Event().wait, name='waits', daemon=True).start()\n"
    )
    assert _effects(tmp_path, ["eager"]) == ["engine Engine(sqlite://)", "thread waits"]


def _effects(folder: Path, modules: list[str]) -> list[str]:
    done = subprocess.run(  # noqa: S603  # our own interpreter and our own file
        [sys.executable, PROBE, folder, *modules],
        cwd=folder,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()
