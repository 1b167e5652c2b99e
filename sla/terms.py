"""The rows of a policy: what an agreement says, each with the clause that says so."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from sla.calendar import WorkCalendar
from sla.vocabulary import (
    Channel,
    ClockKind,
    Environment,
    Hosting,
    Origin,
    ProblemKind,
    Text,
    TicketStatus,
    TicketType,
    WorkKind,
)


@dataclass(frozen=True, slots=True)
class Clause:
    """`id` is unique over policies and versions, `key` is the clause's own name, such as QX-030."""

    id: str
    key: str
    document: str
    version: date
    section: str
    texts: Text


@dataclass(frozen=True, slots=True)
class Priority:
    """Rank 1 is the most urgent; `types` says which tickets may have it (all that have clocks when empty).

    `aliases` are other words for it that the agreement or its customers use.
    """

    key: str
    rank: int
    labels: Text
    clause: Clause
    types: frozenset[TicketType] = frozenset()
    aliases: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Tier:
    """`calendar` is the key of its support hours, `clause` what makes it a level of its own."""

    key: str
    labels: Text
    calendar: str
    clause: Clause | None = None


@dataclass(frozen=True, slots=True)
class Limit:
    """A number that may not be exceeded; `clause` is None where the agreement names none (default)."""

    value: int
    clause: Clause | None


@dataclass(frozen=True, slots=True)
class SupportHours:
    """A calendar of the policy and the clause that gives it."""

    key: str
    calendar: WorkCalendar
    clause: Clause


class Unit(StrEnum):
    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"
    WEEKS = "weeks"


@dataclass(frozen=True, slots=True)
class Amount:
    """Working time as the text has it: a day is the calendar's own day, a week five of them."""

    count: int
    unit: Unit

    def __str__(self) -> str:
        return f"{self.count} {self.unit if self.count > 1 else self.unit[:-1]}"

    def seconds(self, calendar: WorkCalendar) -> int:
        if self.unit is Unit.MINUTES:
            return self.count * 60
        if self.unit is Unit.HOURS:
            return self.count * 3600
        days = self.count * (5 if self.unit is Unit.WEEKS else 1)
        return days * calendar.day_seconds


MOST = 1_000_000
MOST_PLACES = 6
MOST_CONTACTS = 999
MOST_WORKING_DAYS = 366
_AMOUNT = re.compile(r"([1-9]\d{0,3}) (minute|hour|day|week)s?", re.ASCII)
_NUMBER = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})?")


def amount_from(text: str) -> Amount | None:
    """Working time as it is written, such as "2 hours"; None is "best effort". Raises ValueError."""
    if text == "best effort":
        return None
    match = _AMOUNT.fullmatch(text)
    if match is None:
        raise ValueError(text)
    return Amount(int(match[1]), Unit(f"{match[2]}s"))


def decimal_from(text: str) -> Decimal:
    """A price or percentage as it is written, such as "250.00". Raises ValueError, which says what to write."""
    if not _NUMBER.fullmatch(text):
        raise ValueError('must be a number in quotes, such as "250.00"')
    value = Decimal(text)
    if value < 0:
        raise ValueError("must not be negative")
    if value > MOST or -int(value.as_tuple().exponent) > MOST_PLACES:
        raise ValueError(f"must be at most {MOST}, with at most {MOST_PLACES} places after the point")
    return value


@dataclass(frozen=True, slots=True)
class Target:
    """What is allowed for one clock; `amount` None is best effort, `strict` asks for strictly earlier.

    `place` is the row of the policy file; `reference` is the written agreement that the amount comes from,
    None where it is the policy's own.
    """

    clock: ClockKind
    amount: Amount | None
    clause: Clause | None
    priority: str | None = None
    tiers: frozenset[str] = frozenset()
    types: frozenset[TicketType] = frozenset()
    channels: frozenset[Channel] = frozenset()
    calendar: str | None = None
    strict: bool = False
    reference: str | None = None
    place: str = ""

    @property
    def written(self) -> str:
        """The amount as policy files write it."""
        return "best effort" if self.amount is None else str(self.amount)


@dataclass(frozen=True, slots=True)
class TypeRule:
    """`covered`: part of support; `clocks`: times are promised; `reason` is told where either is missing."""

    type: TicketType
    covered: bool
    clocks: bool
    clause: Clause
    reason: Text | None = None
    priority: str | None = None


class ClockStart(StrEnum):
    AT_ONCE = "at_once"
    NEXT_WORKING_DAY = "next_working_day"
    NEXT_OPEN_MOMENT = "next_open_moment"


@dataclass(frozen=True, slots=True)
class ChannelRule:
    """Who may register through a channel, in which tiers, and when its clocks start.

    `priorities` limits the channel to those; `outside_hours` are those accepted outside the support hours
    (None: all), and `narrow_clause` says so where it is not `clause`; `receipt_counts` lets the vendor give the
    moment of receipt instead of that of registration.
    """

    channel: Channel
    accepted: bool
    clause: Clause
    origins: frozenset[Origin]
    tiers: frozenset[str] = frozenset()
    priorities: frozenset[str] = frozenset()
    outside_hours: frozenset[str] | None = None
    clock_start: ClockStart = ClockStart.AT_ONCE
    start_clause: Clause | None = None
    narrow_clause: Clause | None = None
    receipt_counts: bool = False


@dataclass(frozen=True, slots=True)
class EnvironmentRule:
    """What is special outside production."""

    environments: frozenset[Environment]
    clause: Clause
    priority: str | None = None
    best_effort: bool = False
    raise_clause: Clause | None = None


class Outcome(StrEnum):
    """What a component comes to: within support, outside it (work needs a quote), or not taken on."""

    COVERED = "covered"
    OUTSIDE = "outside"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class ScopeRule:
    """The first rule that fits a report decides; empty sets fit everything.

    `unless_addendum` makes it fit only without that addendum; `tier` gives the figures of another tier.
    """

    outcome: Outcome
    clause: Clause
    reason: Text | None = None
    components: frozenset[str] = frozenset()
    other_components: frozenset[str] = frozenset()
    types: frozenset[TicketType] = frozenset()
    problem_kinds: frozenset[ProblemKind] = frozenset()
    environments: frozenset[Environment] = frozenset()
    hosting: frozenset[Hosting] = frozenset()
    unless_addendum: str | None = None
    tier: str | None = None


class PriorityRule(StrEnum):
    """Where a priority comes from until an operator classifies."""

    GIVEN = "given"
    DEFAULT = "default"
    MATRIX = "matrix"


@dataclass(frozen=True, slots=True)
class Classification:
    """How tickets get their priority, and the clauses that forbid a customer to set it."""

    rule: PriorityRule
    clause: Clause
    mandatory_types: frozenset[TicketType] = frozenset()
    wish: bool = True
    impact: int | None = None
    matrix: tuple[tuple[str, ...], ...] = ()
    matrix_clauses: tuple[Clause, ...] = ()


@dataclass(frozen=True, slots=True)
class ClockClauses:
    """The clauses that say when clocks start, run and stop, where the agreement has them.

    `handling`: the resolution clock runs from the actual response instead of from registration (OB-030).
    """

    start: Clause | None = None
    hours: Clause | None = None
    response_stop: Clause | None = None
    resolution_run: Clause | None = None
    handling: Clause | None = None
    excuse: Clause | None = None

    def told(self) -> tuple[Clause | None, ...]:
        """Those that hold for every ticket, whatever calendar it counts on."""
        return (self.start, self.response_stop, self.resolution_run)


@dataclass(frozen=True, slots=True)
class Statuses:
    """Allowed changes, the statuses in which a clock does not run, and the clause that describes each status."""

    transitions: Mapping[TicketStatus, frozenset[TicketStatus]]
    clause: Clause | None
    pauses: Mapping[ClockKind, frozenset[TicketStatus]]
    pause_clause: Clause | None
    clauses: Mapping[TicketStatus, Clause]


@dataclass(frozen=True, slots=True)
class AutoClose:
    """`by_itself`: the portal closes; else the vendor is only entitled to."""

    status: TicketStatus
    working_days: int
    by_itself: bool
    clause: Clause


@dataclass(frozen=True, slots=True)
class Rate:
    """The price of an hour; `hourly` None is the contract's own rate, `block_hours` 0 is actual costing.

    `with_preparation`: hours of preparation are charged too.
    """

    work: frozenset[WorkKind]
    tiers: frozenset[str]
    hourly: Decimal | None
    block_hours: int
    with_preparation: bool
    clause: Clause | None
    preparation_clause: Clause | None = None


@dataclass(frozen=True, slots=True)
class ConsultancyTerms:
    """What work outside support asks for. Clauses are None where the agreement does not speak of it."""

    currency: str
    rates: tuple[Rate, ...]
    card_block_hours: int | None
    misuse_needs_confirmation: bool = False
    free_question_minutes: int = 30
    free_question_clause: Clause | None = None
    confirmation_clause: Clause | None = None
    approval_clause: Clause | None = None
    alignment_clause: Clause | None = None
    bug_clause: Clause | None = None
    misuse_clause: Clause | None = None
    tariff_clause: Clause | None = None
