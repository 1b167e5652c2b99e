"""Every line of the list of attacks has a protection whose loss a test notices, and the page says so."""

from pathlib import Path

from tests.architecture.tree import ROOT
from tests.security_lines import DOCUMENT, by_line, security_markdown
from tests.security_mutants import MUTANTS, read_mutants


def test_every_line_has_a_protection_that_is_taken_out_once() -> None:
    without = [f"{area}: {key}" for (area, key), own in by_line(read_mutants()).items() if not own]
    assert without == []


def test_the_page_is_printed_from_the_mutants() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == security_markdown(read_mutants()), "run `make schema`"


def test_every_test_that_must_fail_exists() -> None:
    lost = [
        (mutant.name, test)
        for mutant in read_mutants()
        for test in mutant.fails
        if f"def {test.partition('::')[2]}(" not in _text(ROOT / test.partition("::")[0])
    ]
    assert lost == []


def test_nothing_but_patches_lies_among_the_mutants() -> None:
    assert [path.name for path in MUTANTS.iterdir() if path.suffix != ".patch"] == []


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""
