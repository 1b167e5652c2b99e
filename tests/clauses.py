"""Which clause of the agreements is carried out and tested where: `make clauses`.

A clause counts as carried out when a term of a policy file or the code names its id: that its text stands in a
file is not enough, and to enforce it takes more than a fact or a feature that is told. It counts as tested when a
test bears its mark, other than the tests of all figures at once. Kinds `enforce` and `show` are the portal's; the
others are for people and only listed in the sum.
"""

from __future__ import annotations

import csv
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("api", "auth", "cli", "sla", "tenants")
PORTAL_KINDS = frozenset({"enforce", "show"})
CLAUSE_HEADER = re.compile(r"^\[clauses\..*$", re.MULTILINE)
TOLD = re.compile(r"^\[(?:facts|features)\.[^\n]*\n(?:[^\[\n].*\n|\n)*", re.MULTILINE)
CLAUSE_ID = re.compile(r"\b[A-Z][A-Z0-9]{1,3}-\d{3}\b")
WIDTH = 160
MOST_MARKED = 80
"""A mark with more clauses than that is one of a test of all figures, which proves none of them alone."""


@dataclass(frozen=True)
class Clause:
    id: str
    kind: str
    text: str


class MarkCollector:
    """A pytest plugin that gathers the clause marks of the collected tests and runs none of them."""

    def __init__(self) -> None:
        self.tests: dict[str, set[str]] = defaultdict(set)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        for item in session.items:
            for mark in item.iter_markers("clause"):
                for clause in mark.args if len(mark.args) <= MOST_MARKED else ():
                    self.tests[clause].add(item.nodeid.split("[")[0].removeprefix("tests/"))


def read_clauses(path: Path) -> list[Clause]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [Clause(row["id"], row["kind"], row["clause"]) for row in rows]


def named_in(
    files: Iterable[Path], root: Path, *, but: re.Pattern[str] = CLAUSE_HEADER
) -> dict[str, set[str]]:
    """Clause id -> files that name it outside of what matches `but`."""
    found: dict[str, set[str]] = defaultdict(set)
    for file in files:
        for clause in CLAUSE_ID.findall(but.sub("", CLAUSE_HEADER.sub("", file.read_text(encoding="utf-8")))):
            found[clause].add(file.relative_to(root).as_posix())
    return found


def carried_out(root: Path, clauses: Iterable[Clause]) -> dict[str, set[str]]:
    """Clause id -> files that carry it out; what is only told carries out no clause that is to be enforced."""
    policies = [*root.glob("sla/policies/*.toml")]
    code = [file for package in PACKAGES for file in (root / package).rglob("*.py")]
    told, enforced = named_in([*policies, *code], root), named_in([*policies, *code], root, but=TOLD)
    ids = {clause.id for clause in clauses if clause.kind == "enforce"}
    return {id: enforced.get(id, set()) if id in ids else files for id, files in told.items()}


def tested_by(root: Path) -> tuple[dict[str, set[str]], bool]:
    """Clause id -> tests that bear its mark, and whether every test file could be read."""
    collector = MarkCollector()
    options = ["--collect-only", "-p", "no:cacheprovider", str(root / "tests")]
    with redirect_stdout(StringIO()):
        code = pytest.main(options, plugins=[collector])
    return collector.tests, code in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)


def table(
    clauses: Iterable[Clause], carried: Mapping[str, set[str]], tested: Mapping[str, set[str]]
) -> Table:
    shown = Table("id", "kind", "text", "carried out by", "tested by", show_lines=False)
    for clause in clauses:
        shown.add_row(
            clause.id,
            clause.kind,
            clause.text,
            "\n".join(sorted(carried.get(clause.id, ()))) or "open",
            "\n".join(sorted(tested.get(clause.id, ()))) or "open",
        )
    return shown


def summary(
    clauses: Iterable[Clause], carried: Mapping[str, set[str]], tested: Mapping[str, set[str]]
) -> str:
    ids = [clause.id for clause in clauses if clause.kind in PORTAL_KINDS]
    done = sum(1 for id in ids if carried.get(id))
    proved = sum(1 for id in ids if tested.get(id))
    both = sum(1 for id in ids if carried.get(id) and tested.get(id))
    return f"{len(ids)} clauses to enforce or show: {done} carried out, {proved} tested, {both} both"


def strangers(clauses: Iterable[Clause], *named: Mapping[str, set[str]]) -> list[str]:
    """Ids of an agreement that are named somewhere and that the agreements do not have."""
    known = {clause.id for clause in clauses}
    agreements = {id.split("-")[0] for id in known}
    mentioned = {id for names in named for id in names if id.split("-")[0] in agreements}
    return sorted(mentioned - known)


def main() -> None:
    clauses = read_clauses(ROOT / "docs" / "clauses.tsv")
    carried = carried_out(ROOT, clauses)
    tested, complete = tested_by(ROOT)
    console = Console() if sys.stdout.isatty() else Console(width=WIDTH)
    console.print(table((c for c in clauses if c.kind in PORTAL_KINDS), carried, tested))
    console.print(summary(clauses, carried, tested))
    unknown = strangers(clauses, carried, tested)
    if unknown:
        sys.exit(f"no such clause: {', '.join(unknown)}")
    if not complete:
        sys.exit("some tests could not be read: run `make test`")


if __name__ == "__main__":
    main()
