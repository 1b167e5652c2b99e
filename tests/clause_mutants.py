"""Changes each figure, flag and set of each policy file once, and runs the clause tests: `make clauses-mutate`.

Every change must make at least one of them fail. A change that no test notices is listed, and the exit code is 1.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from _pytest.runner import runtestprotocol
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from sla.errors import PolicyFileWrong
from sla.policy_checks import mistakes
from sla.policy_file import policy_from
from tests.clauses import CLAUSE_ID
from tests.sla import agreements

ROOT = Path(__file__).resolve().parents[1]
FIGURE = re.compile(r"\d+")
NO_TERMS = frozenset({"key", "section", "document", "zone", "locale", "provider", "name", "holidays"})
AT_ONCE = 2

Place = tuple[str | int, ...]


@dataclass(frozen=True)
class Mutant:
    """One change: where, from what, to what."""

    file: str
    place: Place
    old: object
    new: object

    def __str__(self) -> str:
        path = "".join(f"[{step + 1}]" if isinstance(step, int) else f".{step}" for step in self.place)
        return f"{self.file}: {path.removeprefix('.')}: {self.old!r} -> {self.new!r}"


def mutants_of(file: str, table: Mapping[str, Any]) -> Iterator[Mutant]:
    """Every change of the file, in its order. Names of things and ids of clauses are no figures."""
    for place, value in _leaves((), table):
        if place[-1] in NO_TERMS and len(place) in {1, 3}:
            continue
        for new in _changes(value):
            yield Mutant(file, place, value, new)


def _leaves(place: Place, value: Any) -> Iterator[tuple[Place, Any]]:
    """The values that are no tables; a list of words is one value."""
    if isinstance(value, dict):
        for key, below in value.items():
            yield from _leaves((*place, key), below)
    elif isinstance(value, list) and any(isinstance(each, dict | date) for each in value):
        for number, below in enumerate(value):
            yield from _leaves((*place, number), below)
    else:
        yield place, value


def _changes(value: Any) -> Iterator[object]:
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield _other(value)
    elif isinstance(value, date):
        yield value + timedelta(days=1)
    elif isinstance(value, list):
        yield value[1:] if value else ["NEW"]
    elif isinstance(value, str) and not CLAUSE_ID.fullmatch(value):
        for match in FIGURE.finditer(value):
            other = str(_other(int(match[0]))).zfill(len(match[0]))
            yield value[: match.start()] + other + value[match.end() :]


def _other(figure: int) -> int:
    return figure - 1 if figure > 1 else figure + 1


def changed(table: Mapping[str, Any], mutant: Mutant) -> dict[str, Any]:
    """The file with the change made."""
    copy: Any = deepcopy(table)
    below = copy
    for step in mutant.place[:-1]:
        below = below[step]
    below[mutant.place[-1]] = mutant.new
    return dict(copy)


def check(file: str, table: Mapping[str, Any]) -> None:
    """Raises PolicyFileWrong where the file is refused when it is loaded."""
    for mistake in mistakes(policy_from(file, table)):
        raise PolicyFileWrong(file, mistake.place, mistake.problem)


class Hunt:
    """A pytest plugin: once the clause tests are collected, each mutant is tried in a process of its own."""

    def __init__(self, mutants: Sequence[Mutant], tables: dict[str, dict[str, Any]]) -> None:
        self._mutants = mutants
        self._tables = tables
        self.survivors: list[Mutant] = []
        self.refused = 0

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [item for item in items if item.get_closest_marker("clause")]

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        console = Console(stderr=True)
        running: dict[int, Mutant] = {}
        if _one_fails(session.items):
            raise pytest.UsageError("a clause test fails before anything is changed: run `make test`")
        with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
            task = progress.add_task("clause mutants", total=len(self._mutants))
            for mutant in self._mutants:
                if len(running) >= AT_ONCE:
                    self._wait(running)
                    progress.advance(task)
                child = os.fork()
                if child == 0:
                    os._exit(self._try(session, mutant))
                running[child] = mutant
            while running:
                self._wait(running)
                progress.advance(task)
        return True

    def _wait(self, running: dict[int, Mutant]) -> None:
        child, status = os.wait()
        mutant, code = running.pop(child), os.waitstatus_to_exitcode(status)
        self.refused += code == 2
        if code == 0:
            self.survivors.append(mutant)
            sys.stdout.write(f"survives: {mutant}\n")
            sys.stdout.flush()

    def _try(self, session: pytest.Session, mutant: Mutant) -> int:
        """0: no test noticed; 1: one failed; 2: the file is refused when it is loaded."""
        table = changed(self._tables[mutant.file], mutant)
        try:
            check(mutant.file, table)
        except PolicyFileWrong:
            return 2
        tables = self._tables | {mutant.file: table}
        agreements.tables = lambda: tables  # in the child only
        agreements.library.cache_clear()
        items = sorted(session.items, key=lambda item: not _likely(item, mutant))
        return int(_one_fails(items))


def _one_fails(items: Iterable[pytest.Item]) -> bool:
    return any(report.failed for item in items for report in runtestprotocol(item, log=False))


def _likely(item: pytest.Item, mutant: Mutant) -> bool:
    """Tests that bear a clause of the agreement go first, and the tests of figures before all."""
    if "figure" in item.nodeid:
        return True
    prefix = {"oxygis": "OX", "qixium": "QX", "open2bizz": "OB", "s4m": "S4"}
    own = next(clause for name, clause in prefix.items() if mutant.file.startswith(name))
    return any(str(id).startswith(own) for mark in item.iter_markers("clause") for id in mark.args)


def main(arguments: list[str]) -> int:
    """The exit code: 1 where a change survives."""
    parser = argparse.ArgumentParser(prog="python -m tests.clause_mutants", description=__doc__)
    parser.add_argument("--only", default="", help="places that hold this text, such as qixium or targets")
    parser.add_argument("--list", action="store_true", help="list the changes and run nothing")
    given = parser.parse_args(arguments)
    tables = agreements.committed()
    mutants = [
        mutant
        for file, table in tables.items()
        for mutant in mutants_of(file, table)
        if given.only in str(mutant)
    ]
    if given.list:
        sys.stdout.writelines(f"{mutant}\n" for mutant in mutants)
        return 0
    hunt = Hunt(mutants, tables)
    code = pytest.main(
        ["-q", "-p", "no:cacheprovider", "--no-header", str(ROOT / "tests" / "sla")], plugins=[hunt]
    )
    if code not in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}:
        return int(code)
    killed = len(mutants) - len(hunt.survivors) - hunt.refused
    sys.stdout.write(
        f"{len(mutants)} changes: {killed} make a clause test fail, {hunt.refused} are refused when loaded, "
        f"{len(hunt.survivors)} survive\n"
    )
    return int(bool(hunt.survivors))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
