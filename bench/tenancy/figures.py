"""A figure with its bound, as one line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Say = Callable[[str], None]
"""Is told what is being done."""


@dataclass(frozen=True, slots=True)
class Figure:
    """`bound` is what `value` may be at most, or must be at least; None where it only informs."""

    what: str
    value: float
    bound: float | None = None
    at_most: bool = True
    unit: str = ""

    @property
    def holds(self) -> bool:
        if self.bound is None:
            return True
        return self.value <= self.bound if self.at_most else self.value >= self.bound

    def line(self) -> str:
        told = f"{self.what}: {self.value:,.4g}{self.unit}"
        if self.bound is None:
            return told
        limit = "at most" if self.at_most else "at least"
        return f"{told}, {limit} {self.bound:,g}{self.unit}, {'ok' if self.holds else 'MISSED'}"
