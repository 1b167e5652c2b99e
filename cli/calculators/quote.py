"""What consultancy costs."""

from __future__ import annotations

from typing import ClassVar

from cli.calculators.agreements import policy_of, tier_of
from cli.calculators.values import Answer, Line, decimal, number_out, required, word, wrong
from sla.consultancy import quote
from sla.policy import Library
from sla.vocabulary import WorkKind

ALIASES = {"NON_QIXIUM": WorkKind.NON_PLATFORM}


class QuoteCalculator:
    """`{id, policy, tier, work, hours, preparation_hours?, contract_rate?}` -> blocks, rate and total.

    Hours are numbers, money is decimal text without VAT; `contract_rate` is for agreements that name no rate.
    """

    columns: ClassVar[tuple[str, ...]] = (
        "id",
        "block_hours",
        "blocks",
        "billable_hours",
        "rate",
        "total",
        "currency",
        "error",
    )

    fields: ClassVar[frozenset[str]] = frozenset(
        {"id", "policy", "version", "tier", "work", "hours", "preparation_hours", "contract_rate"}
    )

    def __init__(self, library: Library) -> None:
        self._library = library

    def __call__(self, line: Line) -> Answer:
        policy = policy_of(self._library, line)
        preparation, rate = line.get("preparation_hours"), line.get("contract_rate")
        agreed = None if rate is None else decimal(rate, "contract_rate")
        if agreed is not None and agreed < 0:
            raise wrong("contract_rate", "must not be negative")
        work = word(line, "work", WorkKind, ALIASES) or WorkKind.STANDARD
        found = quote(
            policy,
            tier_of(policy, line, lambda key: policy.rate(key, work)),
            work,
            decimal(required(line, "hours"), "hours"),
            None if preparation is None else decimal(preparation, "preparation_hours"),
            agreed,
        )
        return {
            "block_hours": found.block_hours,
            "blocks": found.blocks,
            "billable_hours": number_out(found.billable_hours),
            "rate": str(found.rate),
            "total": str(found.total),
            "currency": found.currency,
        }
