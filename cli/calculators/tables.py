"""Answers as a table on a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from rich.table import Table

from cli.calculators.stream import Calculator
from cli.calculators.values import Answer
from cli.common import plain_table


def answers_table(calculator: Calculator, answers: Sequence[Answer]) -> Table:
    """One row an answer; columns that no answer fills are left out."""
    columns = [name for name in calculator.columns if any(_cell(answer, name) for answer in answers)]
    table = plain_table(*(columns or calculator.columns[:1]))
    table.columns[-1].no_wrap, table.columns[-1].overflow = False, "fold"
    for answer in answers:
        table.add_row(*(_cell(answer, name) for name in columns))
    return table


def _cell(answer: Answer, name: str) -> str:
    if name == "answer":
        rest = {key: value for key, value in answer.items() if key not in {"id", "error"}}
        return ", ".join(f"{key}: {_plain(value)}" for key, value in rest.items())
    value: Any = answer
    for step in name.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    if name == "error" and isinstance(value, dict):
        clause = f" ({value['clause']})" if "clause" in value else ""
        return _plain(f"{value['code']}: {value['message']}{clause}")
    return _plain(value)


def _plain(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}" if value.second else f"{value:%Y-%m-%d %H:%M}"
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in str(value))
