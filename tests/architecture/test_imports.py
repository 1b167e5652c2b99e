"""Imports point down, in plain sight, in no circle; connections and clocks have one place each."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import grimp
import pytest

from tests.architecture import imports
from tests.architecture.tree import PACKAGES, ROOT, read_python

# The catalog and the databases are no features; `credentials` is what accounts and operators have in common,
# `chains` what the audit logs of customers and of the vendor have.
SHARED_FOLDERS = frozenset({"catalog", "chains", "credentials", "databases"})
CONTRACT_BREAKERS = {
    "layers": ("tenants/late.py", "import api\n"),
    "pure-rules": ("sla/late.py", "import sqlalchemy\n"),
    "edge": ("cli/late.py", "import starlette\n"),
    "secrets": ("api/late.py", "import passlib.hash\n"),
}


@pytest.fixture(scope="module")
def sources() -> dict[str, str]:
    return read_python(ROOT, *PACKAGES, "alembic")


@pytest.fixture(scope="module")
def edges() -> list[tuple[str, str]]:
    graph = grimp.build_graph(*PACKAGES, cache_dir=None)
    return [(m, other) for m in graph.modules for other in graph.find_modules_directly_imported_by(m)]


def test_no_import_hides_in_a_function() -> None:
    assert [
        hit for path, text in read_python(ROOT).items() for hit in imports.hidden_imports(path, text)
    ] == []


def test_no_import_is_a_call(sources: dict[str, str]) -> None:
    """But for the one table of commands, which is loaded by need: see docs/decisions/0008."""
    assert [
        hit
        for path, text in sources.items()
        if path != "cli/loading.py"
        for hit in imports.uses(path, text, imports.imports_by_call)
    ] == []


def test_the_calculators_start_without_the_servers_parts() -> None:
    needed = grimp.build_graph(*PACKAGES, cache_dir=None).find_upstream_modules("cli.sla")
    assert {module.split(".")[0] for module in needed} == {"cli", "sla"}


def test_connections_are_made_in_tenants_databases_only(sources: dict[str, str]) -> None:
    outside = {path: text for path, text in sources.items() if not path.startswith("tenants/databases/")}
    assert [
        hit for path, text in outside.items() for hit in imports.uses(path, text, imports.makes_connection)
    ] == []


def test_only_the_edge_the_worker_and_the_command_line_read_the_clock(sources: dict[str, str]) -> None:
    blind = {
        path: text
        for path, text in sources.items()
        if not path.startswith("cli/") and path != "api/clock.py" and Path(path).name != "worker.py"
    }
    assert [
        hit for path, text in blind.items() for hit in imports.uses(path, text, imports.reads_clock)
    ] == []


def test_the_rules_import_pure_standard_modules_only(sources: dict[str, str]) -> None:
    rules = {path: text for path, text in sources.items() if path.startswith("sla/")}
    assert rules
    assert [hit for path, text in rules.items() for hit in imports.impure_imports(path, text)] == []


def test_features_call_each_others_service_only(edges: list[tuple[str, str]]) -> None:
    assert imports.feature_breaches(edges, SHARED_FOLDERS) == []


def test_imports_make_no_circle() -> None:
    # Two schema types may name each other; what runs when a module is imported may not.
    graph = grimp.build_graph(*PACKAGES, cache_dir=None, exclude_type_checking_imports=True)
    running = [(m, other) for m in graph.modules for other in graph.find_modules_directly_imported_by(m)]
    assert imports.cycle(running) == []


@pytest.mark.parametrize("contract", CONTRACT_BREAKERS)
def test_each_contract_refuses_what_it_names(contract: str, tmp_path: Path) -> None:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for package in PACKAGES:
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").touch()
    assert _lint_imports(contract, tmp_path) == 0

    path, text = CONTRACT_BREAKERS[contract]
    (tmp_path / path).write_text(text)
    assert _lint_imports(contract, tmp_path) == 1


@pytest.mark.parametrize(
    "text",
    [
        "def f():\n    import json\n",
        "def f():\n    from a import b\n",
        "class C:\n    async def f(self):\n        import a.b as c\n",
    ],
)
def test_a_hidden_import_is_found(text: str) -> None:
    assert len(imports.hidden_imports("a.py", text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "import importlib as i\nx = i.import_module('a')\n",
        "x = __import__('a')\n",
        "from importlib.metadata import EntryPoint as E\nx = E('a', 'b:c', 'd').load()\n",
    ],
)
def test_an_import_by_a_call_is_found(text: str) -> None:
    assert len(imports.uses("a.py", text, imports.imports_by_call)) == 1


def test_an_import_at_the_top_is_not_hidden() -> None:
    assert imports.hidden_imports("a.py", "import a\nfrom b import c\ndef f():\n    return c\n") == []


@pytest.mark.parametrize(
    "text",
    [
        "from sqlalchemy.ext.asyncio import create_async_engine as make\nengine = make('')\n",
        "import sqlalchemy as sa\nengine = sa.create_engine('')\n",
        "import sqlite3\n\nconnect = sqlite3.connect\n",
        "from sqlite3 import connect\n\ndef f():\n    return connect('')\n",
        "import asyncpg\n\nasync def f():\n    return await asyncpg.create_pool()\n",
    ],
)
def test_a_connection_is_found_under_any_alias(text: str) -> None:
    assert len(imports.uses("a.py", text, imports.makes_connection)) == 1


def test_naming_a_drivers_type_makes_no_connection() -> None:
    text = "import asyncpg\n\ndef f(c: asyncpg.Connection) -> None:\n    c.connect()\n"
    assert imports.uses("a.py", text, imports.makes_connection) == []


@pytest.mark.parametrize(
    "text",
    [
        "from datetime import UTC, datetime\nx = datetime.now(UTC)\n",
        "import datetime as dt\nx = dt.date.today()\n",
        "from time import time\nx = time()\n",
        "from sqlalchemy import func\nx = func.now()\n",
    ],
)
def test_reading_the_clock_is_found(text: str) -> None:
    assert len(imports.uses("a.py", text, imports.reads_clock)) == 1


def test_a_stopwatch_is_no_clock() -> None:
    assert imports.uses("a.py", "import time\nx = time.monotonic()\n", imports.reads_clock) == []


@pytest.mark.parametrize("text", ["import orjson\n", "import api.context\n", "def f():\n    import time\n"])
def test_an_impure_import_of_the_rules_is_found(text: str) -> None:
    assert len(imports.impure_imports("sla/a.py", text)) == 1


def test_the_rules_may_use_dates_and_themselves() -> None:
    assert imports.impure_imports("sla/a.py", "import datetime\nfrom sla.policy import Policy\n") == []


@pytest.mark.parametrize(
    ("module", "breaches"), [("models", 1), ("queries", 1), ("service", 0), ("errors", 0)]
)
def test_a_feature_reaching_into_another_is_found(module: str, breaches: int) -> None:
    edges = [("tenants.tickets.service", f"tenants.contacts.{module}")]
    assert len(imports.feature_breaches(edges, SHARED_FOLDERS)) == breaches


def test_a_feature_may_use_its_own_tables_and_what_all_share() -> None:
    own = ("tenants.tickets.service", "tenants.tickets.models")
    common = ("tenants.tickets.service", "tenants.tables")
    databases = ("tenants.tickets.service", "tenants.databases.scopes")
    assert imports.feature_breaches([own, common, databases], SHARED_FOLDERS) == []


def test_a_circle_is_found() -> None:
    assert len(imports.cycle([("a", "b"), ("b", "c"), ("c", "a")])) == 4
    assert imports.cycle([("a", "b"), ("b", "c"), ("a", "c")]) == []


def _lint_imports(contract: str, folder: Path) -> int:
    # The folder first on the path: the packages of the project must not be looked at instead.
    program = (
        "import sys; sys.path.insert(0, '.'); from importlinter.cli import lint_imports_command as c; c()"
    )
    done = subprocess.run(  # noqa: S603  # our own interpreter and a fixed program
        [sys.executable, "-c", program, "--no-logo", "--no-cache", "--contract", contract],
        cwd=folder,
        check=False,
        capture_output=True,
    )
    return done.returncode
