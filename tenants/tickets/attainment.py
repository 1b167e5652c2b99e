"""How the clocks of a customer's tickets came out over a period, counted in the database."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select

from sla.vocabulary import ClockKind, ClockState
from tenants.databases.scopes import Reader
from tenants.tickets.queries import TICKET, late_at

JUDGED = (ClockState.RUNNING, ClockState.PAUSED, ClockState.MET, ClockState.MISSED)


@dataclass(frozen=True, slots=True)
class Period:
    """From `start` up to, but not at, `end`."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many clocks were decided in the period, and how many of those in time."""

    decided: int
    in_time: int


@dataclass(frozen=True, slots=True)
class StateCount:
    kind: ClockKind
    state: ClockState
    late: bool
    tickets: int


async def clock_counts(reader: Reader, kind: ClockKind, period: Period, now: datetime) -> list[StateCount]:
    """Tickets that were open at some time in the period, by the present state of their clock."""
    clock = kind.value.lower()
    state, late = TICKET.c[f"{clock}_state"], case((late_at(clock, now), 1), else_=0)
    statement = (
        select(state.label("state"), late.label("late"), func.count().label("tickets"))
        .where(TICKET.c.registered_at < period.end)
        .where(or_(TICKET.c.closed_at.is_(None), TICKET.c.closed_at >= period.start))
        .group_by("state", "late")
        .order_by("state", "late")
    )
    rows = await reader.rows(statement)
    return [StateCount(kind, ClockState(row.state), bool(row.late), row.tickets) for row in rows]


async def outcome(reader: Reader, kind: ClockKind, period: Period, now: datetime) -> Outcome:
    """A clock counts where it was decided: when it stopped or was breached, whichever came first.

    Excused ones, those without a target and those still open count nowhere.
    """
    row = await reader.first(_outcome(kind.value.lower(), period, now))
    return Outcome(row.decided, row.in_time or 0) if row else Outcome(0, 0)


def _outcome(clock: str, period: Period, now: datetime) -> Select[Any, Any]:
    columns = TICKET.c
    breached = case(
        (columns[f"{clock}_breached_at"].is_not(None), columns[f"{clock}_breached_at"]),
        (late_at(clock, now), columns[f"{clock}_due_at"]),
    )
    stopped = columns[f"{clock}_stopped_at"]
    decided_at: ColumnElement[Any] = func.coalesce(breached, stopped)
    return select(
        func.count().label("decided"), func.sum(case((breached.is_(None), 1), else_=0)).label("in_time")
    ).where(
        and_(
            columns[f"{clock}_state"].in_(JUDGED),
            decided_at >= period.start,
            decided_at < period.end,
        )
    )
