"""No file over 400 lines, no function over 40, the median file under 120."""

from __future__ import annotations

import re

import pytest

from tests.architecture.budgets import MEDIAN_LINES, long_files, long_functions, median_length
from tests.architecture.tree import ROOT, read_python

# A revision is written once from the tables, and is a record afterwards.
REVISION = re.compile(r"alembic/\w+/versions/")


@pytest.fixture(scope="module")
def sources() -> dict[str, str]:
    return {path: text for path, text in read_python(ROOT).items() if not REVISION.match(path)}


def test_no_file_is_too_long(sources: dict[str, str]) -> None:
    assert long_files(sources) == []


def test_no_function_is_too_long(sources: dict[str, str]) -> None:
    assert long_functions(sources) == []


def test_half_of_the_files_are_short(sources: dict[str, str]) -> None:
    assert median_length(sources) < MEDIAN_LINES


def test_a_file_may_have_its_budget_and_not_a_line_more() -> None:
    sources = {"full.py": "a = 1\n" * 400, "over.py": "a = 1\n" * 401}
    assert long_files(sources) == ["over.py has 401 lines"]


def test_a_function_may_have_its_budget_and_not_a_line_more() -> None:
    full = "def full():\n" + "    a = 1\n" * 39
    over = "class C:\n    async def over(self):\n" + "        a = 1\n" * 40
    assert long_functions({"a.py": full + over}) == ["a.py:42 over has 41 lines"]


def test_empty_files_do_not_flatter_the_median() -> None:
    assert median_length({"a.py": "a = 1\n" * 200, "b.py": "", "c.py": "\n"}) == 200
