"""The lock pins everything by hash and names no address; each direct dependency says what it is for."""

from __future__ import annotations

import pytest

from tests.architecture.lock import declared, entries, lock_faults, unexplained
from tests.architecture.tree import ROOT

HASH = "sha256:" + "0" * 64
PROJECT = '[project]\ndependencies = [\n  "a_b[x]>=1", {}\n]\n'


@pytest.fixture(scope="module")
def lock() -> str:
    return (ROOT / "requirements.lock").read_text()


@pytest.fixture(scope="module")
def pyproject() -> str:
    return (ROOT / "pyproject.toml").read_text()


def test_the_lock_pins_everything_by_hash(lock: str) -> None:
    assert lock_faults(lock) == []


def test_the_lock_holds_every_direct_dependency(lock: str, pyproject: str) -> None:
    assert set(declared(pyproject)) - {name for name, _ in entries(lock)} == set()


def test_each_direct_dependency_says_what_it_is_for(pyproject: str) -> None:
    assert unexplained(pyproject) == []


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        (f"a>=1 \\\n    --hash={HASH}", "not pinned"),
        ("a==1", "no hash"),
        ("a==1 \\\n    --hash=sha256:0\n    # via b", "no hash"),
        (f"--index-url somewhere\na==1 \\\n    --hash={HASH}", "address"),
        (f"a @ file:///a.whl \\\n    --hash={HASH}", "address"),
    ],
)
def test_a_fault_in_the_lock_is_found(entry: str, fault: str) -> None:
    good = f"z[e]==1.0 ; sys_platform == 'linux' \\\n    --hash={HASH}\n    # via\n    #   b\n"
    assert lock_faults(good) == []
    assert [found.split(":")[0] for found in lock_faults(good + entry)] == [fault]


def test_a_dependency_without_a_reason_is_found() -> None:
    assert unexplained(PROJECT.format("# because")) == []
    assert unexplained(PROJECT.format("")) == ["a-b"]
    assert unexplained(PROJECT.format("#")) == ["a-b"]
