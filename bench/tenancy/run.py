"""All figures of tenancy, each printed as soon as it is known."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from bench.tenancy.crowd import Load, crowd_figures
from bench.tenancy.figures import Figure, Say
from bench.tenancy.memory import MANY, memory_figures
from bench.tenancy.opening import opening_figures
from bench.tenancy.templates import template_figures
from bench.tenancy.upkeep import upkeep_figures


@dataclass(frozen=True, slots=True)
class Size:
    """How many customers there are, and what they do."""

    sqlite: int = MANY
    postgres: Load = field(default_factory=Load)
    migrated: int = 200
    tickets: int = 20_000
    rounds: int = 3


SMALL = Size(
    migrated=20,
    tickets=2_000,
    rounds=1,
    sqlite=1_000,
    postgres=Load(customers=150, rush=1_000, turns=2, count=200),
)


async def tenancy_figures(size: Size, say: Say, tell: Callable[[str], None]) -> list[Figure]:
    """`tell` is given one line for each figure."""
    groups: list[Callable[[], Awaitable[list[Figure]]]] = [
        lambda: template_figures(say),
        lambda: opening_figures(say),
        lambda: memory_figures(say, size.sqlite),
        lambda: crowd_figures(size.postgres, say),
        lambda: upkeep_figures(size.migrated, size.tickets, size.rounds, say),
    ]
    found: list[Figure] = []
    for measure in groups:
        figures = await measure()
        for figure in figures:
            tell(figure.line())
        found += figures
    return found
