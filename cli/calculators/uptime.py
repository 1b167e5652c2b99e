"""The availability of a month."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import ClassVar

from cli.calculators.agreements import policy_of
from cli.calculators.moments import maybe_moment, month, needed_moment
from cli.calculators.values import Answer, Line, number_out, required, rows, text, word, wrong
from sla.availability import ExcludedTime, Outage, month_availability
from sla.policy import Library
from sla.service_terms import Exclusion, OutageScope

MINUTE = 60
OUTAGE = frozenset({"start", "end", "scope", "cause"})
EXCLUSION = frozenset({"start", "end", "reason", "announced_at"})
REASONS = {
    "ANNOUNCED_MAINTENANCE": Exclusion.PLANNED_MAINTENANCE,
    "ANNOUNCED_WINDOW": Exclusion.PLANNED_MAINTENANCE,
    "MAINTENANCE": Exclusion.PLANNED_MAINTENANCE,
    "MAINTENANCE_WINDOW": Exclusion.PLANNED_MAINTENANCE,
    "REGULAR_MAINTENANCE": Exclusion.PLANNED_MAINTENANCE,
    "SERVICE_MAINTENANCE": Exclusion.PLANNED_MAINTENANCE,
    "REGULAR": Exclusion.PLANNED_MAINTENANCE,
    "RELEASE": Exclusion.PLANNED_MAINTENANCE,
    "EMERGENCY": Exclusion.EMERGENCY_SECURITY,
    "EMERGENCY_MAINTENANCE": Exclusion.EMERGENCY_SECURITY,
    "SECURITY": Exclusion.EMERGENCY_SECURITY,
    "SECURITY_EMERGENCY": Exclusion.EMERGENCY_SECURITY,
    "CUSTOMER": Exclusion.CUSTOMER_CAUSED,
    "CUSTOMER_REQUEST": Exclusion.CUSTOMER_REQUESTED,
    "INTERNET": Exclusion.EXTERNAL_NETWORK,
    "CLOUD_PROVIDER": Exclusion.CLOUD_PROVIDER_MAJOR,
}
SCOPES = {
    "ALL": OutageScope.FULL,
    "ALL_USERS": OutageScope.FULL,
    "PRODUCTION": OutageScope.FULL,
    "FULL_PRODUCTION": OutageScope.FULL,
    "DEGRADED": OutageScope.PARTIAL,
    "PARTIAL_USERS": OutageScope.PARTIAL,
    "SOME_USERS": OutageScope.PARTIAL,
    "TEST": OutageScope.NON_PRODUCTION,
    "ACCEPTANCE": OutageScope.NON_PRODUCTION,
}


class UptimeCalculator:
    """`{id, policy, month, outages, exclusions}` -> minutes, percent to 4 decimals, target and whether it is met."""

    columns: ClassVar[tuple[str, ...]] = (
        "id",
        "total_minutes",
        "downtime_minutes",
        "percent",
        "target",
        "met",
        "error",
    )

    fields: ClassVar[frozenset[str]] = frozenset(
        {"id", "policy", "version", "tier", "month", "outages", "exclusions"}
    )

    def __init__(self, library: Library) -> None:
        self._library = library

    def __call__(self, line: Line) -> Answer:
        policy = policy_of(self._library, line)
        required(line, "outages")
        found = month_availability(
            policy,
            month(line, "month"),
            list(rows(line, "outages", OUTAGE, partial(_outage, policy.zone))),
            list(rows(line, "exclusions", EXCLUSION, partial(_exclusion, policy.zone))),
        )
        return {
            "total_minutes": _minutes(found.total_seconds),
            "downtime_minutes": _minutes(found.downtime_seconds),
            "percent": str(found.percent),
            "target": str(found.target),
            "met": found.met,
        }


def _outage(zone: str, row: Line) -> Outage:
    start, end = _span(zone, row)
    scope = word(row, "scope", OutageScope, SCOPES) or OutageScope.FULL
    return Outage(start, end, scope, _cause(row))


def _cause(row: Line) -> Exclusion | None:
    """A cause is told in free words; only those that an agreement may exclude mean something here."""
    said = (text(row, "cause") or "").strip().upper().replace(" ", "_").replace("-", "_")
    return REASONS.get(said) or (Exclusion(said) if said in Exclusion.__members__ else None)


def _span(zone: str, row: Line) -> tuple[datetime, datetime]:
    start, end = needed_moment(row, "start", zone), needed_moment(row, "end", zone)
    if end < start:
        raise wrong("end", "lies before the start")
    return start, end


def _exclusion(zone: str, row: Line) -> ExcludedTime:
    start, end = _span(zone, row)
    reason = word(row, "reason", Exclusion, REASONS)
    if reason is None:
        raise wrong("reason", "is missing")
    return ExcludedTime(start, end, reason, maybe_moment(row, "announced_at", zone))


def _minutes(seconds: int) -> int | float:
    return number_out(Decimal(seconds) / MINUTE)
