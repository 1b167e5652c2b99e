"""Every figure of a policy file comes from the clause that it names, and each language tells the same figures."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import pytest

from sla.policy import Policy
from sla.vocabulary import Text
from tests.sla import agreements
from tests.sla.agreements import committed, library, policy

KEYS = ("open2bizz", "oxygis", "qixium", "s4m-support")
FIGURE = re.compile(r"\d+")
WHOLE_DAY = "00:00-24:00"
CLAUSE = re.compile(r"[A-Z][A-Z0-9]-\d{3}")

# Figures that are no words of the agreement: order, other names, and the portal's default where it names none.
OWN = frozenset({"rank", "impact", "aliases", "card_block_hours"})
OWN_OF = {"s4m-support": frozenset({"block_hours"})}


def figures(text: object) -> set[int]:
    """The numbers in a text; zeros and whole days are ways of writing, and tell nothing."""
    return {int(run) for run in FIGURE.findall(str(text).replace(WHOLE_DAY, ""))} - {0}


def texts_of(agreement: Policy) -> Iterator[tuple[str, Text]]:
    """Everything that people read."""
    for clause in agreement.clauses:
        yield clause.key, clause.texts
    for priority in agreement.priorities:
        yield priority.key, priority.labels
    for tier in agreement.tiers:
        yield tier.key, tier.labels
    for step in agreement.service.workflow:
        yield f"step {step.number}", step.labels
    for scope in agreement.scopes:
        if scope.reason:
            yield scope.clause.key, scope.reason
    for rule in agreement.types.values():
        if rule.reason:
            yield rule.type, rule.reason


def every_clause() -> list[str]:
    return [clause.key for each in library().all() for clause in each.clauses]


@pytest.mark.clause(*every_clause())
@pytest.mark.parametrize("key", KEYS)
def test_every_language_tells_the_same_figures(key: str) -> None:
    for name, texts in texts_of(policy(key)):
        told = {locale: Counter(FIGURE.findall(text)) for locale, text in texts.items()}
        first = next(iter(told.values()))
        assert all(runs == first for runs in told.values()), f"{name}: {told}"


def rows(table: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Every table of the file but the clauses themselves."""
    for name, value in table.items():
        if name == "clauses":
            continue
        for below in value if isinstance(value, list) else [value]:
            if isinstance(below, Mapping):
                yield below
                yield from rows(below)


def clause_of(row: Mapping[str, Any], name: str) -> str | None:
    """The clause that a value comes from: its own, or that of its row."""
    own = row.get(f"{name}_clause", row.get("clause"))
    return own if isinstance(own, str) else None


def told(row: Mapping[str, Any], own: frozenset[str]) -> Iterator[tuple[str, object]]:
    """The values of a row in which figures of the agreement stand, tables of hours and bands among them."""
    for name, value in row.items():
        if isinstance(value, str) and CLAUSE.fullmatch(value):
            continue
        nested = isinstance(value, dict) or (isinstance(value, list) and isinstance([*value, 0][0], dict))
        if isinstance(value, bool) or name in own or (nested and name not in {"hours", "bands"}):
            continue
        yield name, value.isoformat() if isinstance(value, date) else value


@pytest.mark.clause(*every_clause())
@pytest.mark.parametrize("file", committed())
def test_every_figure_stands_in_the_clause_that_it_names(file: str) -> None:
    table = agreements.tables()[file]
    agreement = policy(table["key"])
    for row in rows(table):
        for name, value in told(row, OWN | OWN_OF.get(agreement.key, frozenset())):
            clause = clause_of(row, name)
            if clause is None:
                continue
            texts = agreement.clause(clause).texts
            missing = figures(value) - figures(next(iter(texts.values())))
            assert not missing, f"{name} = {value!r} names {clause}, which has no {missing}"
