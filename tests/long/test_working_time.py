"""Millions of answers of the engine against a count minute by minute."""

from __future__ import annotations

from random import Random

import pytest

from tests.sla.comparing import PLACES, compare, some_week

pytestmark = pytest.mark.long

CALENDARS, PAIRS = 1_000, 800
LEAST_COMPARED = 2_500_000


def test_millions_of_answers_are_those_of_a_minute_by_minute_count() -> None:
    compared = 0
    for seed in range(CALENDARS):
        chance = Random(seed)
        free = {chance.randrange(-3, 4) for _ in range(chance.choice((0, 0, 1, 2)))}
        compared += compare(chance.choice(PLACES), some_week(chance), free, seed, PAIRS)
    assert compared >= LEAST_COMPARED
