"""What an agreement says beside tickets: availability, maintenance, notices, releases, recovery, roles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from sla.terms import Amount, Clause, Limit, SupportHours
from sla.vocabulary import ClockKind, Hosting, Text


class Layer(StrEnum):
    """Where a term can stand; the policy says which goes before which (OB-003, QX-005)."""

    SPECIFIC_AGREEMENT = "SPECIFIC_AGREEMENT"
    GENERAL_TERMS = "GENERAL_TERMS"
    POLICY = "POLICY"


class PeriodUnit(StrEnum):
    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"
    WORKING_DAYS = "working days"
    WEEKS = "weeks"
    MONTHS = "months"
    YEARS = "years"


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of the clock or the calendar as the text has it; a week is seven days."""

    count: int
    unit: PeriodUnit

    def __str__(self) -> str:
        return f"{self.count} {self.unit}"


@dataclass(frozen=True, slots=True)
class Precedence:
    """The layers, the one that prevails first."""

    layers: tuple[Layer, ...]
    clause: Clause | None


class OutageScope(StrEnum):
    FULL = "FULL"
    PARTIAL = "PARTIAL"
    NON_PRODUCTION = "NON_PRODUCTION"


class Exclusion(StrEnum):
    """Why time may not count as downtime; which of them an agreement takes is its own."""

    PLANNED_MAINTENANCE = "PLANNED_MAINTENANCE"
    EMERGENCY_SECURITY = "EMERGENCY_SECURITY"
    FORCE_MAJEURE = "FORCE_MAJEURE"
    THIRD_PARTY = "THIRD_PARTY"
    EXTERNAL_NETWORK = "EXTERNAL_NETWORK"
    CUSTOMER_CAUSED = "CUSTOMER_CAUSED"
    CUSTOMER_REQUESTED = "CUSTOMER_REQUESTED"
    CLOUD_PROVIDER_MAJOR = "CLOUD_PROVIDER_MAJOR"


@dataclass(frozen=True, slots=True)
class AvailabilityTerms:
    """`target` in percent of the calendar month; a contiguous outage under `least_minutes` is none.

    Only outages of these `scopes` are downtime. `binding` false is an aim that gives no right to compensation;
    `recorded_by_vendor` leaves the measurement to the vendor alone (S4-073).
    """

    target: Decimal
    clause: Clause
    binding: bool
    least_minutes: int
    least_clause: Clause | None
    scopes: frozenset[OutageScope]
    exclusions: Mapping[Exclusion, Clause]
    upstream: Decimal | None = None
    upstream_clause: Clause | None = None
    recorded_by_vendor: bool = False
    recorded_clause: Clause | None = None
    compensation: bool = False
    compensation_clause: Clause | None = None


@dataclass(frozen=True, slots=True)
class MaintenanceTerms:
    """Notice in local wall-clock days; a start before `not_before` (seconds after midnight) needs a reason.

    `standard_times` are the hours in which service maintenance is usual, `budget_minutes` what maintenance that
    causes severity-1 faults may take in a month. What the agreement does not say is None.
    """

    notice_days: int | None = None
    notice_clause: Clause | None = None
    details_clause: Clause | None = None
    not_before: int | None = None
    not_before_clause: Clause | None = None
    release_clause: Clause | None = None
    emergency_clause: Clause | None = None
    standard_times: SupportHours | None = None
    budget_minutes: int | None = None
    budget_clause: Clause | None = None


@dataclass(frozen=True, slots=True)
class AmendmentTerms:
    """How the agreement itself may change. Days are whole local days; None where the text says nothing.

    `signatures` are the parties without whose signature a new version is not in force (OB-004).
    """

    notice_days: int | None = None
    notice_clause: Clause | None = None
    at_once_clause: Clause | None = None
    termination_days: int | None = None
    termination_clause: Clause | None = None
    signatures: frozenset[str] = frozenset()
    signatures_clause: Clause | None = None


@dataclass(frozen=True, slots=True)
class Lead:
    """Days beforehand: working days of the tier's calendar, or calendar days."""

    days: int
    working: bool
    clause: Clause


@dataclass(frozen=True, slots=True)
class FairUseTerms:
    """Excessive: more than `times` the mean of the comparables on each of `days` days in a row (QX-136)."""

    days: int
    times: int
    clause: Clause
    grace_days: int
    grace_clause: Clause
    acute_clause: Clause
    peaks_clause: Clause


@dataclass(frozen=True, slots=True)
class Ring:
    """A release ring and the tiers that may have it; the first is where a tenant begins."""

    key: str
    tiers: frozenset[str]
    clause: Clause


@dataclass(frozen=True, slots=True)
class ReleaseTerms:
    """One release a month, on the `weekday` (Monday 0) with this `nth` in the month, rolled out in days."""

    since: date
    weekday: int
    nth: int
    indicative: bool
    clause: Clause
    rollout_days: int
    rollout_clause: Clause
    rings: tuple[Ring, ...]
    rings_clause: Clause
    exception_tiers: frozenset[str]
    exception_clause: Clause


@dataclass(frozen=True, slots=True)
class Objective:
    """How soon service is back after a loss, in real time; never binding where `binding` is false."""

    key: str
    hours: int
    risk_percent: int | None
    binding: bool
    clause: Clause


@dataclass(frozen=True, slots=True)
class ContinuityLimit:
    """A maximum loss of data or of service: strictly less than `minutes`, but for the exceptions (OX-028)."""

    key: str
    minutes: int
    clause: Clause
    exceptions: Mapping[Exclusion, Clause]


class Frequency(StrEnum):
    HOURLY = "HOURLY"
    DAILY = "DAILY"
    WEEKLY = "WEEKLY"


@dataclass(frozen=True, slots=True)
class BackupPlan:
    """`keep` None: the agreement gives no retention."""

    key: str
    every: Frequency
    keep: Period | None
    clause: Clause


@dataclass(frozen=True, slots=True)
class RecoveryTerms:
    """`oldest_hours` is how old a back-up may be at most (RPO)."""

    objectives: tuple[Objective, ...] = ()
    limits: tuple[ContinuityLimit, ...] = ()
    backups: tuple[BackupPlan, ...] = ()
    oldest_hours: int | None = None
    oldest_clause: Clause | None = None


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One layer of shared responsibility; a cell that no contract fills is None, and is never invented."""

    key: str
    labels: Text
    footnote: Clause | None
    cells: Mapping[Hosting, tuple[str, ...] | None]


@dataclass(frozen=True, slots=True)
class Matrix:
    rows: tuple[MatrixRow, ...]
    clause: Clause
    column_clauses: Mapping[Hosting, Clause]


@dataclass(frozen=True, slots=True)
class WorkflowStep:
    """A step of the ticket process: who is Responsible, Accountable, Consulted, Informed."""

    number: int
    labels: Text
    raci: Mapping[str, str]
    clause: Clause


@dataclass(frozen=True, slots=True)
class Feature:
    """What each tier has of something, in a word: YES, BASIC, 4."""

    key: str
    values: Mapping[str, str]
    clause: Clause


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that the agreement tells and nothing is computed from."""

    key: str
    values: tuple[str, ...]
    clause: Clause


@dataclass(frozen=True, slots=True)
class Band:
    """In practice so many percent were done within this time; `within` None is not working time."""

    percent: int
    text: str
    within: Amount | None


@dataclass(frozen=True, slots=True)
class Practice:
    """Percentile bands of a clock for some priorities: for reports, never a due moment (QX-045)."""

    clock: ClockKind
    priorities: frozenset[str]
    bands: tuple[Band, ...]
    binding: bool
    clause: Clause


@dataclass(frozen=True, slots=True)
class Level:
    """A step of the scale of impact or urgency, 1 the gravest."""

    scale: str
    level: int
    clause: Clause


@dataclass(frozen=True, slots=True)
class Revision:
    """An entry of the change history."""

    on: date
    clause: Clause


@dataclass(frozen=True, slots=True)
class ChangeType:
    """`authorised`: may be carried out without a further decision; `rank` 1 goes first."""

    key: str
    rank: int
    authorised: bool
    clause: Clause


@dataclass(frozen=True, slots=True)
class AccountTerms:
    """Who manages accounts. Clauses are None where the agreement does not speak of it.

    `administrators_by_vendor_only`: only the vendor makes, changes or ends accounts that manage others (OX-016).
    `contacts_only`: only named contacts ask for accounts and rights (OB-040), which the portal keeps to everywhere.
    """

    administrators_by_vendor_only: Clause | None = None
    contacts_only: Clause | None = None


@dataclass(frozen=True, slots=True)
class ServiceTerms:
    """Everything beside tickets; a part that the agreement does not have is None or empty."""

    precedence: Precedence
    availability: AvailabilityTerms | None = None
    maintenance: MaintenanceTerms = field(default_factory=MaintenanceTerms)
    amendments: AmendmentTerms = field(default_factory=AmendmentTerms)
    leads: Mapping[str, Mapping[str, Lead]] = field(default_factory=dict)
    fair_use: FairUseTerms | None = None
    releases: ReleaseTerms | None = None
    recovery: RecoveryTerms = field(default_factory=RecoveryTerms)
    accounts: AccountTerms = field(default_factory=AccountTerms)
    matrix: Matrix | None = None
    workflow: tuple[WorkflowStep, ...] = ()
    features: tuple[Feature, ...] = ()
    facts: tuple[Fact, ...] = ()
    practice: tuple[Practice, ...] = ()
    levels: tuple[Level, ...] = ()
    history: tuple[Revision, ...] = ()
    change_types: tuple[ChangeType, ...] = ()
    limits: Mapping[str, Mapping[str, Limit]] = field(default_factory=dict)
    periods: Mapping[str, Limit] = field(default_factory=dict)
