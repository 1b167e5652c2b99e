"""What work costs once it is done: whole blocks of the confirmed quotes, in the order of confirming."""

from collections.abc import Iterable
from dataclasses import dataclass

from sla.consultancy import billable_minutes


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A confirmed quote; `by_card` where an hour card has paid for it."""

    minutes: int
    block_hours: int
    rate_cents: int
    by_card: bool


@dataclass(frozen=True, slots=True)
class Bill:
    """`minutes` are billed in whole blocks; `cents` of it remain to be invoiced."""

    minutes: int
    cents: int


def bill_of(confirmed: Iterable[Confirmed], worked_minutes: int) -> Bill:
    """Fills the quotes one after another with the whole of the work, so that it is rounded up once (S4-006).

    Never more than was confirmed, and nothing without a confirmation (QX-096).
    """
    left, minutes, cents = worked_minutes, 0, 0
    for quote in confirmed:
        used = min(left, quote.minutes)
        billed = min(billable_minutes(used, quote.block_hours), quote.minutes)
        left -= used
        minutes += billed
        cents += 0 if quote.by_card else _price(billed, quote.rate_cents)
    return Bill(minutes, cents)


def hours_text(minutes: int) -> str:
    """Minutes as decimal hours for people: 90 is `1.5`, 480 is `8`."""
    return f"{minutes / 60:.2f}".rstrip("0").rstrip(".")


def _price(minutes: int, rate_cents: int) -> int:
    """Half a cent is rounded up, as in the quote."""
    return (minutes * rate_cents * 2 + 60) // 120
