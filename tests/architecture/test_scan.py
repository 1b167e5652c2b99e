"""No kept file names a registry or a machine, and nothing is left unfinished or switched off."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.architecture.scan import findings, kept_texts
from tests.architecture.tree import ROOT, kept_files


def test_no_kept_file_says_what_it_may_not() -> None:
    assert [hit for path, text in kept_texts(ROOT).items() for hit in findings(path, text)] == []


# An @ stands where the word is broken, so that this file passes its own scan.
@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("README.md", "https://py@pi.org/simple"),
        ("requirements.lock", "--index-url https://files.python@hosted.org/"),
        ("api/static/graphiql/react.min.js", "https://www.npm@js.com/package/react"),
        ("api/static/graphiql/index.html", "<script src='https://unp@kg.com/react'>"),
        ("Makefile", "docker pull regis@try.example.com/image"),
        ("docs/a.md", "http://regis@try.local:8080/simple"),
        ("docs/a.md", "cd /wo@rk/main"),
        ("tests/test_a.py", "Path('/ro@ot/.cache/thing')"),
        ("docs/a.md", "see /ho@me/someone/project"),
        ("a.toml", "path = 'C:\\Us@ers\\me'"),
        ("api/a.py", "# TO@DO: later"),
        ("docs/a.md", "FIX@ME"),
        ("tests/test_a.py", "@pytest.mark.sk@ip(reason='slow')"),
        ("tests/test_a.py", "pytest.mark.xf@ail"),
        ("tests/test_a.py", "pytest.importor@skip('x')"),
        ("sla/a.py", "raise NotImplemented@Error"),
    ],
)
def test_a_forbidden_text_is_found(path: str, text: str) -> None:
    cleaned = text.replace("@", "") if not text.startswith("@") else "@" + text[1:].replace("@", "")
    assert [hit.rsplit(":", 1)[0] for hit in findings(path, f"fine\n{cleaned}\n")] == [path]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("tenants/tables.py", "class Base(SQLModel, registry=registry(metadata=metadata)): ..."),
        ("tenants/tables.py", "mapper.registry.metadata.create_all()"),
        ("docs/a.md", "GET /tickets/home/list and ../home/x/y"),
        ("pyproject.toml", "xfail_strict = true"),
        ("api/static/graphiql/react.min.js", "/* HAC" + "K for old browsers */"),
    ],
)
def test_an_innocent_text_passes(path: str, text: str) -> None:
    assert findings(path, text) == []


def test_new_files_are_scanned_and_ignored_and_binary_ones_are_not(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)  # noqa: S607  # the developer's git
    (tmp_path / ".gitignore").write_text("var/\n")
    (tmp_path / "var").mkdir()
    for name in ("var/data.txt", "new.txt"):
        (tmp_path / name).write_text("text")
    (tmp_path / "picture.png").write_bytes(b"\x89\0")
    assert [path.as_posix() for path in kept_files(tmp_path)] == [".gitignore", "new.txt", "picture.png"]
    assert sorted(kept_texts(tmp_path)) == [".gitignore", "new.txt"]
