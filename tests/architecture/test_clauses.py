"""`make clauses` tells truly what is carried out and tested."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT
from tests.clauses import Clause, carried_out, read_clauses, strangers, summary

CLAUSES = [
    Clause("QX-001", "enforce", "One."),
    Clause("QX-002", "show", "Two."),
    Clause("QX-003", "out", "Three."),
]


def test_the_agreements_hold_293_clauses_for_the_portal() -> None:
    kinds = [clause.kind for clause in read_clauses(ROOT / "docs" / "clauses.tsv")]
    assert (len(kinds), kinds.count("enforce") + kinds.count("show")) == (338, 293)


def test_policies_and_code_name_existing_clauses_only() -> None:
    clauses = read_clauses(ROOT / "docs" / "clauses.tsv")
    assert strangers(clauses, carried_out(ROOT, clauses)) == []


def test_a_clause_that_no_agreement_has_is_found() -> None:
    assert strangers(CLAUSES, {"QX-001": {"a"}, "QX-009": {"a"}, "RFC-123": {"a"}}) == ["QX-009"]


def test_the_sum_counts_what_is_the_portals() -> None:
    carried = {"QX-001": {"a.toml"}, "QX-002": {"b.py"}, "QX-003": {"c.py"}}
    told = summary(CLAUSES, carried, {"QX-002": {"test_b"}})
    assert told == "2 clauses to enforce or show: 2 carried out, 1 tested, 1 both"


def test_policy_files_and_code_carry_clauses_out(tmp_path: Path) -> None:
    for path, text in {
        "sla/policies/q.toml": 'clause = "QX-001"',
        "tenants/a/b.py": '"""Does QX-002."""',
    }.items():
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).write_text(text)
    carried = carried_out(tmp_path, CLAUSES)
    assert carried == {"QX-001": {"sla/policies/q.toml"}, "QX-002": {"tenants/a/b.py"}}


def test_a_text_carries_nothing_out_and_a_fact_only_what_is_shown(tmp_path: Path) -> None:
    (tmp_path / "sla" / "policies").mkdir(parents=True)
    (tmp_path / "sla" / "policies" / "q.toml").write_text(
        '[facts.A]\nvalues = ["X"]\nclause = "QX-001"\n\n[facts.B]\nvalues = ["X"]\nclause = "QX-002"\n\n'
        '[clauses.QX-003]\nnl = "Drie."\n'
    )
    carried = carried_out(tmp_path, CLAUSES)
    assert carried == {"QX-001": set(), "QX-002": {"sla/policies/q.toml"}}


@pytest.mark.parametrize(("ending", "complete"), [("", True), ("raise ValueError\n", False)])
def test_marks_are_gathered_however_they_are_set(ending: str, complete: bool, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.pytest.ini_options]\nmarkers = ["clause(id): x"]\n')
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_one.py").write_text(
        "import pytest\n"
        "@pytest.mark.parametrize('x', [pytest.param(1, marks=pytest.mark.clause('QX-001')), 2])\n"
        "@pytest.mark.clause('QX-002')\n"
        "def test_x(x): raise SystemExit\n"
    )
    (tmp_path / "tests" / "test_two.py").write_text(ending)
    program = "import sys, pathlib, tests.clauses as c; print(c.tested_by(pathlib.Path(sys.argv[1])))"
    done = subprocess.run(  # noqa: S603  # our own interpreter; pytest does not nest in one process
        [sys.executable, "-c", program, tmp_path], cwd=ROOT, check=True, capture_output=True, text=True
    )
    if complete:
        assert "'QX-001': {'test_one.py::test_x'}" in done.stdout
        assert "'QX-002': {'test_one.py::test_x'}" in done.stdout
    assert done.stdout.strip().endswith(f"{complete})")
