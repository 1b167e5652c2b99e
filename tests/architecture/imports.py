"""What a module imports and which outside names it touches, read from its syntax tree."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

from tests.architecture.budgets import functions

# What a feature of `tenants` shows to the others.
OPEN_MODULES = frozenset({"errors", "ids", "service"})
ENGINE_MAKERS = frozenset(
    {"async_engine_from_config", "create_async_engine", "create_engine", "engine_from_config"}
)
DRIVERS = frozenset({"aiosqlite", "asyncpg", "psycopg", "sqlite3"})
CLOCKS = frozenset(
    {"datetime.date.today", "datetime.datetime.now", "datetime.datetime.today", "datetime.datetime.utcnow"}
    | {
        "sqlalchemy.func.current_timestamp",
        "sqlalchemy.func.now",
        "time.localtime",
        "time.time",
        "time.time_ns",
    }
)
# Standard modules by which `sla` could reach a clock, a disk that it was not told of, or the network.
IMPURE = frozenset(
    {"asyncio", "http", "os", "random", "secrets", "socket", "sqlite3", "subprocess", "time", "urllib"}
)


def hidden_imports(path: str, text: str) -> list[str]:
    """Lines that import inside a function."""
    lines = {
        node.lineno
        for function in functions(ast.parse(text))
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    return [f"{path}:{line}" for line in sorted(lines)]


def uses(path: str, text: str, wanted: Callable[[str], bool]) -> list[str]:
    """Where a module touches a name of another library that `wanted` picks, whatever it is called there."""
    found = {(line, name) for line, name in outside_names(ast.parse(text)) if wanted(name)}
    return [f"{path}:{line} {name}" for line, name in sorted(found)]


def makes_connection(name: str) -> bool:
    library, last = name.split(".", maxsplit=1)[0], name.rsplit(".", 1)[-1]
    if library in {"sqlalchemy", "sqlmodel"}:
        return last in ENGINE_MAKERS
    return library in DRIVERS and last in {"connect", "create_pool"}


def imports_by_call(name: str) -> bool:
    return name in {"__import__", "importlib.import_module", "importlib.metadata.EntryPoint"}


def reads_clock(name: str) -> bool:
    return name in CLOCKS


def imported_libraries(text: str) -> set[str]:
    """Top-level names of the absolute imports of a module, wherever they stand."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names


def impure_imports(path: str, text: str) -> list[str]:
    """Find what the rules may not import: whatever is installed, and what reaches clock, disk or network."""
    allowed = (sys.stdlib_module_names - IMPURE) | {"sla"}
    return [f"{path} imports {name}" for name in sorted(imported_libraries(text) - allowed)]


def feature_breaches(edges: Iterable[tuple[str, str]], shared: frozenset[str]) -> list[str]:
    """List the imports by which one feature of `tenants` reaches into another; `shared` ones may be used."""
    return sorted(
        f"{importer} imports {imported}"
        for importer, imported in edges
        if (theirs := _feature(imported)) is not None
        and (mine := _feature(importer)) is not None
        and mine != theirs
        and theirs not in shared
        and imported.split(".")[2] not in OPEN_MODULES
    )


def cycle(edges: Iterable[tuple[str, str]]) -> list[str]:
    """One circle of imports, or nothing."""
    graph: dict[str, set[str]] = {}
    for importer, imported in edges:
        graph.setdefault(importer, set()).add(imported)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def outside_names(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """(line, full dotted name) of everything imported that the code mentions, aliases resolved."""
    bound = dict(_bindings(tree))
    inner = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.Attribute) and id(node) not in inner:
            name = _dotted(node, bound)
            if name is not None:
                yield node.lineno, name


def _feature(module: str) -> str | None:
    parts = module.split(".")
    return parts[1] if parts[0] == "tenants" and len(parts) > 2 else None


def _bindings(tree: ast.AST) -> Iterator[tuple[str, str]]:
    yield "__import__", "__import__"
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.split(".")[0]
                yield (alias.asname, alias.name) if alias.asname else (top, top)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                yield alias.asname or alias.name, f"{node.module}.{alias.name}"


def _dotted(node: ast.expr, bound: Mapping[str, str]) -> str | None:
    if isinstance(node, ast.Name):
        return bound.get(node.id)
    if isinstance(node, ast.Attribute):
        owner = _dotted(node.value, bound)
        return owner and f"{owner}.{node.attr}"
    return None
