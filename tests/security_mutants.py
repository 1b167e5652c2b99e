"""Takes each protection of the portal out, one at a time, and runs its tests: `make test-mutants`.

A mutant is a patch in `tests/security/mutants`, with a head that says which line of the list of attacks it stands for,
the requirement of OWASP ASVS 5.0, what holds the line, and which tests must fail. Exactly those may fail, of all in
their modules, and by what they assert. The exit code is 1 otherwise.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

ROOT = Path(__file__).resolve().parents[1]
MUTANTS = ROOT / "tests" / "security" / "mutants"
COPIED = ("alembic", "api", "auth", "bench", "cli", "docs", "sla", "tenants", "tests", "pyproject.toml")
COPIED_FILES = ("alembic.ini", "schema.graphql", "Makefile", "README.md", "requirements.lock")
HEAD = re.compile(r"^(Line|ASVS|Holds|Fails): (.+)$", re.MULTILINE)
AT_ONCE = 2
MINUTES = 5
WITHOUT_POSTGRES = ("-k", "not postgres")


class BadMutant(Exception):
    """The patch lacks part of its head."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """A protection that is taken out: of which line, by which requirement, where it stands, what must fail."""

    name: str
    line: str
    asvs: tuple[str, ...]
    holds: str
    fails: frozenset[str]

    @property
    def modules(self) -> list[str]:
        return sorted({test.partition("::")[0] for test in self.fails})


def read_mutants(folder: Path = MUTANTS) -> list[Mutant]:
    """All of them, by name. Raises `BadMutant`."""
    return [_read(path) for path in sorted(folder.glob("*.patch"))]


def _read(path: Path) -> Mutant:
    head, _, _diff = path.read_text(encoding="utf-8").partition("\ndiff --git ")
    told: dict[str, list[str]] = {}
    for match in HEAD.finditer(head):
        told.setdefault(match[1], []).append(match[2].strip())
    if set(told) != {"Line", "ASVS", "Holds", "Fails"} or len(told["Line"]) != 1:
        raise BadMutant(f"{path.name} needs one Line, and ASVS, Holds and Fails")
    asvs = tuple(word for text in told["ASVS"] for word in re.findall(r"\d+\.\d+\.\d+", text))
    return Mutant(path.stem, told["Line"][0], asvs, "; ".join(told["Holds"]), frozenset(told["Fails"]))


def copy_project(target: Path) -> None:
    """The code and its tests, without data and environment."""
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, target / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, target / name)
    for name in COPIED_FILES:
        shutil.copy2(ROOT / name, target / name)


def run_tests(
    folder: Path, modules: Sequence[str], *options: str, minutes: int = MINUTES
) -> tuple[frozenset[str], str]:
    """The tests that failed, without their parameters, and what went wrong besides; `options` are pytest's."""
    with tempfile.TemporaryDirectory(prefix="report-") as place:
        return _run(folder, [*options, *modules], Path(place) / "report.xml", minutes)


def _run(folder: Path, words: Sequence[str], report: Path, minutes: int) -> tuple[frozenset[str], str]:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        f"--junitxml={report}",
        *words,
    ]
    environment = os.environ | {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(  # noqa: S603  # our own interpreter over our own tests
            command,
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=minutes * 60,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return frozenset(), f"the tests took over {minutes} minutes"
    if not report.exists():
        return frozenset(), done.stdout[-2_000:]
    failed, broken = set(), []
    for case in ET.parse(report).getroot().iter("testcase"):  # noqa: S314  # written by pytest a moment ago
        test = f"{str(case.get('classname')).replace('.', '/')}.py::{str(case.get('name')).partition('[')[0]}"
        if case.find("failure") is not None:
            failed.add(test)
        if (error := case.find("error")) is not None:
            broken.append(f"{test}: {str(error.get('message'))[:200]}")
    return frozenset(failed), "; ".join(broken)


def try_mutant(mutant: Mutant) -> str:
    """Empty when exactly the named tests fail; otherwise what happened instead."""
    with tempfile.TemporaryDirectory(prefix="mutant-") as place:
        folder = Path(place)
        copy_project(folder)
        patch = MUTANTS / f"{mutant.name}.patch"
        applied = subprocess.run(  # noqa: S603  # a patch of ours
            ["git", "apply", "--recount", str(patch)],  # noqa: S607  # whichever git made the clone
            cwd=folder,
            env=os.environ | {"GIT_CEILING_DIRECTORIES": str(folder.parent)},
            capture_output=True,
            text=True,
            check=False,
        )
        if applied.returncode:
            return f"the patch does not fit any more: {applied.stderr.strip()[:300]}"
        # A protection that is gone is gone on either database; only some are the business of PostgreSQL alone.
        verdict = _verdict(mutant, *run_tests(folder, mutant.modules, *WITHOUT_POSTGRES))
        return verdict and _verdict(mutant, *run_tests(folder, mutant.modules))


def _verdict(mutant: Mutant, failed: frozenset[str], broken: str) -> str:
    told = []
    if broken:
        told.append(broken)
    if missing := mutant.fails - failed:
        told.append(f"no failure of {', '.join(sorted(missing))}")
    if others := failed - mutant.fails:
        told.append(f"also fails {', '.join(sorted(others))}")
    return "; ".join(told)


def unchanged(mutants: Iterable[Mutant]) -> str:
    """Empty when every test that is named exists and passes as long as nothing is taken out."""
    modules = sorted({module for mutant in mutants for module in mutant.modules})
    options = ("-n", str(AT_ONCE), "-m", "not long", *WITHOUT_POSTGRES)
    failed, broken = run_tests(ROOT, modules, *options, minutes=MINUTES * 6)
    return "; ".join(filter(None, (broken, ", ".join(sorted(failed)))))


def hunt(mutants: Sequence[Mutant]) -> Iterator[tuple[Mutant, str]]:
    """Each mutant with what went wrong, as they are done."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        running = {pool.submit(try_mutant, mutant): mutant for mutant in mutants}
        for done in as_completed(running):
            yield running[done], done.result()


def main(arguments: list[str]) -> int:
    """The exit code: 1 where a protection can be taken out without exactly its tests failing."""
    parser = argparse.ArgumentParser(prog="python -m tests.security_mutants", description=__doc__)
    parser.add_argument(
        "--only", nargs="+", default=[""], help="names that hold one of these texts, such as sign-in or token"
    )
    parser.add_argument("--list", action="store_true", help="list the mutants and run nothing")
    given = parser.parse_args(arguments)
    mutants = [mutant for mutant in read_mutants() if any(text in mutant.name for text in given.only)]
    if given.list:
        sys.stdout.writelines(f"{mutant.name}: {mutant.line}\n" for mutant in mutants)
        return 0
    console = Console(stderr=True)
    if problem := unchanged(mutants):
        console.print(f"A test fails before anything is taken out: {problem}", markup=False)
        return 1
    wrong = 0
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("protections", total=len(mutants))
        for number, (mutant, problem) in enumerate(hunt(mutants), start=1):
            progress.advance(task)
            if not console.is_terminal and number % 20 == 0:
                console.print(f"{number} of {len(mutants)} protections tried")
            if problem:
                wrong += 1
                sys.stdout.write(f"{mutant.name}: {problem}\n")
                sys.stdout.flush()
    held = len(mutants) - wrong
    sys.stdout.write(
        f"{len(mutants)} protections taken out: {held} make exactly their tests fail, {wrong} do not\n"
    )
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
