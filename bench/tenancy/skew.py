"""Some customers ask more often than others: what the databases that must be opened for that cost."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from sqlalchemy import event
from sqlalchemy.pool import Pool

from bench.tenancy.work import Work

EXPONENT = 1.06
"""Of Zipf's law: of 500 customers a fifth then asks four fifths of the questions."""

AT_ONCE = 8
WRITES = 0.05


@dataclass(slots=True)
class Skew:
    """Seconds of the best turn of each, and connections made in the skewed turns for each operation of theirs."""

    skewed: float = float("inf")
    cached: float = float("inf")
    opened: float = 0.0

    @property
    def share(self) -> float:
        """The skewed load's throughput as a share of the cached one's."""
        return self.cached / self.skewed


async def measure_skew(work: Work, tokens: Mapping[str, str], fitting: int, turns: int, count: int) -> Skew:
    """Turns of `count` operations, A B A B: over all customers, and over as many as fit in the cache.

    Each of them warms up first: its operations of one turn are run without looking at the time.
    """
    slugs = sorted(tokens)
    weights = [1 / rank**EXPONENT for rank in range(1, len(slugs) + 1)]
    dice = random.Random(106)
    found, made = Skew(), 0
    for _ in range(turns):
        await _seconds(work, tokens, dice.choices(slugs, weights, k=count))
        with _counted() as opened:
            seconds = await _seconds(work, tokens, dice.choices(slugs, weights, k=count))
        found.skewed = min(found.skewed, seconds)
        made += len(opened)
        for slug in slugs[:fitting]:
            await work.page(tokens[slug], slug)
        found.cached = min(found.cached, await _seconds(work, tokens, dice.choices(slugs[:fitting], k=count)))
    found.opened = made / (turns * count)
    return found


async def _seconds(work: Work, tokens: Mapping[str, str], drawn: Sequence[str]) -> float:
    """How long these operations take, most of them pages of tickets."""
    queue = iter(list(enumerate(drawn)))

    async def run() -> None:
        for number, slug in queue:
            if number % round(1 / WRITES) == 0:
                await work.write(slug)
            else:
                await work.page(tokens[slug], slug)

    begin = perf_counter()
    await asyncio.gather(*[run() for _ in range(AT_ONCE)])
    return perf_counter() - begin


@contextmanager
def _counted() -> Iterator[list[Any]]:
    """The connections that are made meanwhile, whoever makes them."""
    made: list[Any] = []

    def note(connection: Any, _record: object) -> None:
        made.append(connection)

    event.listen(Pool, "connect", note)
    try:
        yield made
    finally:
        event.remove(Pool, "connect", note)
