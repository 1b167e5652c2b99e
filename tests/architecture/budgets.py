"""How long a file and a function may be."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from statistics import median

FILE_LINES = 400
FUNCTION_LINES = 40
MEDIAN_LINES = 120


def long_files(sources: Mapping[str, str], limit: int = FILE_LINES) -> list[str]:
    lengths = {path: len(text.splitlines()) for path, text in sources.items()}
    return [f"{path} has {length} lines" for path, length in lengths.items() if length > limit]


def long_functions(sources: Mapping[str, str], limit: int = FUNCTION_LINES) -> list[str]:
    """Functions over `limit` lines, counted from `def` to the last line, docstring included."""
    return [
        f"{path}:{function.lineno} {function.name} has {length} lines"
        for path, text in sources.items()
        for function in functions(ast.parse(text))
        if (length := (function.end_lineno or function.lineno) - function.lineno + 1) > limit
    ]


def median_length(sources: Mapping[str, str]) -> float:
    """Empty files do not count: they would flatter the figure."""
    return median(len(text.splitlines()) for text in sources.values() if text.strip())


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
