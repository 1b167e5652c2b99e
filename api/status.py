"""How the agreement is being kept over a period."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated
from zoneinfo import ZoneInfo

import strawberry
from strawberry.types import Info

from api.access import Access, holds
from api.consultancy import minutes_left
from api.context import Context
from api.enums import ClockKind, ClockState
from api.fields import query
from api.http_errors import BadUserInput
from api.loaders import loading_of
from api.loading import Loading
from api.scalars import hours
from tenants.contracts.errors import NoContractInForce
from tenants.contracts.service import agreement_in_force
from tenants.tickets.attainment import Outcome, Period, clock_counts, outcome

EARLIEST, LATEST = date(1970, 1, 1), date(9998, 12, 31)


@holds(Access.TENANT)
@strawberry.type
class ClockCount:
    kind: ClockKind
    state: ClockState
    late: bool
    tickets: int


@holds(Access.TENANT)
@strawberry.type(
    description="A clock counts in the period in which it was decided: when it stopped or was breached, "
    "whichever came first. Excused ones count nowhere."
)
class Attainment:
    decided: int
    in_time: int
    percent: Decimal | None


@holds(Access.TENANT)
@strawberry.type
class MonthAvailability:
    month: str
    percent: Decimal
    target: Decimal | None
    met: bool | None


@holds(Access.TENANT)
@strawberry.type
class SlaStatus:
    from_: date = strawberry.field(name="from")
    to: date
    clocks: list[ClockCount] = strawberry.field(
        description="Tickets that were open at some time in the period, by the present state of their clocks."
    )
    response: Attainment
    resolution: Attainment
    availability: list[MonthAvailability] = strawberry.field(
        description="The months that were measured; empty while nothing measures."
    )
    hours_left: Decimal


@strawberry.type
class StatusQueries:
    @query(
        Access.TENANT,
        description="How the agreement is being kept: open clocks, attainment, availability, over a period.",
    )
    async def sla_status(
        self,
        info: Info[Context, None],
        from_: Annotated[date | None, strawberry.argument(name="from")] = strawberry.UNSET,
        to: date | None = strawberry.UNSET,
    ) -> SlaStatus | None:
        loading = await loading_of(info.context)
        zone = await _zone(loading)
        today = loading.now.astimezone(zone).date()
        last = to or today
        first = from_ or last.replace(day=1)
        if not EARLIEST <= first <= last <= LATEST:
            raise BadUserInput(f"Give a period from {EARLIEST} to {LATEST}, the first day before the last.")
        return await _status(loading, first, last, _period(first, last, zone))


async def _status(loading: Loading, first: date, last: date, period: Period) -> SlaStatus:
    reader, now = loading.reader, loading.now
    counts = [count for kind in ClockKind for count in await clock_counts(reader, kind, period, now)]
    return SlaStatus(
        from_=first,
        to=last,
        clocks=[
            ClockCount(kind=count.kind, state=count.state, late=count.late, tickets=count.tickets)
            for count in counts
        ],
        response=_attainment(await outcome(reader, ClockKind.RESPONSE, period, now)),
        resolution=_attainment(await outcome(reader, ClockKind.RESOLUTION, period, now)),
        availability=[],
        hours_left=hours(await minutes_left(loading)),
    )


async def _zone(loading: Loading) -> ZoneInfo:
    """The days of a report are those of the agreement's zone."""
    try:
        agreement = await agreement_in_force(loading.reader, loading.library, loading.now)
    except NoContractInForce:
        return ZoneInfo("UTC")
    return ZoneInfo(agreement.policy.zone)


def _period(first: date, last: date, zone: ZoneInfo) -> Period:
    return Period(
        datetime.combine(first, time(), zone).astimezone(UTC),
        datetime.combine(last + timedelta(days=1), time(), zone).astimezone(UTC),
    )


def _attainment(counted: Outcome) -> Attainment:
    """Percent with one decimal, half up; none where nothing was decided."""
    percent = None
    if counted.decided:
        share = Decimal(100 * counted.in_time) / counted.decided
        percent = share.quantize(Decimal("0.1"), ROUND_HALF_UP)
    return Attainment(decided=counted.decided, in_time=counted.in_time, percent=percent)
