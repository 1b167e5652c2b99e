"""Money, durations, and objects that hold only what was asked for."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from operator import itemgetter
from typing import Any, TypeVar

import strawberry
from sqlalchemy import Row
from strawberry.types.scalar import ScalarDefinition

from api.access import Access, holds

T = TypeVar("T")


def iso_duration(value: timedelta) -> str:
    """ISO 8601 in hours, minutes and seconds, never days: `PT16H`, `-PT1H30M`, `PT0S`."""
    seconds = round(value.total_seconds())
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    parts = [f"{hours}H" if hours else "", f"{minutes}M" if minutes else "", f"{seconds}S" if seconds else ""]
    return f"{sign}PT{''.join(parts) or '0S'}"


DURATION: ScalarDefinition = strawberry.scalar(
    name="Duration", description="ISO 8601, in hours, minutes and seconds.", serialize=iso_duration
)


@holds(Access.SIGNED_IN)
@strawberry.type
class Money:
    amount: Decimal
    currency: str


def money(cents: int, currency: str = "EUR") -> Money:
    return Money(amount=Decimal(cents).scaleb(-2), currency=currency)


def hours(minutes: int) -> Decimal:
    """Minutes as hours: 90 -> 1.5, 480 -> 8."""
    value = Decimal(minutes) / 60
    exact = value.quantize(Decimal("0.01"))
    return exact.normalize() if exact != exact.to_integral() else exact.to_integral()


def partly(cls: type[T], values: dict[str, Any]) -> T:
    """An object of a schema type that holds only the fields that were asked for."""
    made = object.__new__(cls)
    made.__dict__ = values
    return made


def picked(row: Row[Any], columns: Mapping[str, str]) -> Callable[[Row[Any]], dict[str, Any]]:
    """Takes the attributes (attribute -> column) out of `row` and of others of the same statement."""
    names = tuple(columns)
    places = [row._fields.index(column) for column in columns.values()]
    if not places:
        return lambda _row: {}
    if len(places) == 1:
        return lambda row: {names[0]: row[places[0]]}
    take = itemgetter(*places)
    return lambda row: dict(zip(names, take(row), strict=True))
