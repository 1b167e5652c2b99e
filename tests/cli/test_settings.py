"""A wrong setting is told in one line that says which one, never by a traceback."""

from pathlib import Path

import pytest

from api.settings import read_settings
from tests.cli.conftest import Slaportal

LIST = ("tenant", "list")
NO_SERVER = "expected postgresql://USER@HOST:PORT/DATABASE"
WRONG = [
    ("DATABASE_URL", "garbage", f"DATABASE_URL: {NO_SERVER} or sqlite:///FOLDER"),
    ("DATABASE_URL", "postgresql://u:geheim@h:54x2/x", f"DATABASE_URL: {NO_SERVER} or sqlite:///FOLDER"),
    ("DATABASE_URL_EU2", "mysql://h/x", f"DATABASE_URL_EU2: {NO_SERVER} or sqlite:///FOLDER"),
    ("DATABASE_URL", "postgresql://h:99999/x", f"DATABASE_URL: {NO_SERVER} or sqlite:///FOLDER"),
    ("DATABASE_ADMIN_URL", "garbage", f"DATABASE_ADMIN_URL: {NO_SERVER}"),
    ("SLAPORTAL_POLICIES", "/nonexistent", "SLAPORTAL_POLICIES: /nonexistent is no folder"),
    (
        "SLAPORTAL_CONSOLE_HOSTS",
        '["localhost"]',
        'SLAPORTAL_CONSOLE_HOSTS: ["localhost"] is no host: write names with commas between them, no ports',
    ),
    (
        "SLAPORTAL_ANONYMOUS_COST_PER_MINUTE",
        "9999",
        "SLAPORTAL_COST_PER_MINUTE and SLAPORTAL_ANONYMOUS_COST_PER_MINUTE must be at least SLAPORTAL_REQUEST_COST",
    ),
]


@pytest.mark.parametrize(("name", "value", "said"), WRONG)
def test_a_wrong_setting_is_told_by_its_name(slaportal: Slaportal, name: str, value: str, said: str) -> None:
    done = slaportal(*LIST, **{name: value})
    assert (done.exit_code, done.stderr) == (2, f"Error: {said}\n")


def test_the_vendors_hosts_have_commas_between_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLAPORTAL_CONSOLE_HOSTS", "desk.example.com, [::1]")
    assert read_settings({}).console_hosts == ("desk.example.com", "[::1]")


@pytest.mark.parametrize("words", [("keys", "create"), ("keys", "list"), ("mails", "list")])
def test_a_keys_file_where_none_can_be_is_told(slaportal: Slaportal, words: tuple[str, ...]) -> None:
    done = slaportal(*words, SLAPORTAL_KEYS_FILE="/dev/null/x/keys.json")
    assert (done.exit_code, len(done.stderr.splitlines())) == (1, 1), done.stderr
    assert "/dev/null/x" in done.stderr


@pytest.mark.parametrize("kind", ["signing", "fields"])
def test_what_is_no_keys_file_is_told_so_and_left_as_it_is(
    slaportal: Slaportal, tmp_path: Path, kind: str
) -> None:
    path = tmp_path / "keys.json"
    path.write_text('{"a":1}')
    path.chmod(0o600)
    done = slaportal("keys", "rotate", kind, "--yes")
    assert (done.exit_code, len(done.stderr.splitlines())) == (1, 1), done.stderr
    assert "lacks keys" in done.stderr
    assert path.read_text() == '{"a":1}'


def test_a_wrong_agreement_is_told(slaportal: Slaportal, tmp_path: Path) -> None:
    assert slaportal("keys", "create").exit_code == 0
    (tmp_path / "wrong.toml").write_text("x = [")
    done = slaportal(*LIST, SLAPORTAL_POLICIES=str(tmp_path))
    assert done.exit_code == 1
    assert "SLAPORTAL_POLICIES" in done.stderr
