"""The tables of a policy file that are not about tickets, one function each."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TypeVar

from sla import service_terms as terms
from sla.bookings import LEADS
from sla.fields import Fields
from sla.policy_calendars import support_hours
from sla.policy_rows import Names, amount_of, closed
from sla.service_terms import Exclusion, Frequency, OutageScope, Period, PeriodUnit, ServiceTerms
from sla.terms import Clause, Limit
from sla.vocabulary import ClockKind, Hosting
from sla.week import DAY_NAMES

_PERIOD = re.compile(r"([1-9]\d{0,3}) (minute|hour|day|working day|week|month|year)s?", re.ASCII)
_MONTHS = re.compile(r"[1-9][0-9]? months?")
_NTH = re.compile(r"([1-4])(?:st|nd|rd|th) (mon|tues|wednes|thurs|fri|satur|sun)day")
_READING = re.compile(r"([01]\d|2[0-3]):([0-5]\d)", re.ASCII)
RACI = frozenset("RACI")
Part = TypeVar("Part")


def service_terms(top: Fields, names: Names, zone: str) -> ServiceTerms:
    """Everything beside tickets; each part may be missing but the order of precedence."""
    return ServiceTerms(
        precedence=_precedence(top.table("precedence"), names),
        availability=_maybe(top, "availability", names, _availability),
        maintenance=_maintenance(top.maybe_table("maintenance"), names, zone),
        amendments=_maybe(top, "amendments", names, _amendments) or terms.AmendmentTerms(),
        leads={name: _leads(row, name, names) for name, row in top.tables("leads")},
        fair_use=_maybe(top, "fair_use", names, _fair_use),
        releases=_maybe(top, "releases", names, _releases),
        recovery=_maybe(top, "recovery", names, _recovery) or terms.RecoveryTerms(),
        accounts=_maybe(top, "accounts", names, _accounts) or terms.AccountTerms(),
        matrix=_maybe(top, "matrix", names, _matrix),
        workflow=tuple(_step(row, names) for row in top.rows("workflow")),
        features=tuple(_feature(row, name, names) for name, row in top.tables("features")),
        facts=tuple(_fact(row, name, names) for name, row in top.tables("facts")),
        practice=tuple(_practice(row, names) for row in top.rows("practice")),
        levels=tuple(_level(row, names) for row in top.rows("levels")),
        history=_history(top, names),
        change_types=tuple(_change_type(row, name, names) for name, row in top.tables("change_types")),
        limits={name: _limits(row, names) for name, row in top.tables("limits")},
        periods={name: _longest(row, names) for name, row in top.tables("periods")},
    )


def period(row: Fields, key: str, *units: PeriodUnit) -> Period:
    """A stretch of clock or calendar time in one of these units (any when none is named)."""
    text = row.text(key)
    match = _PERIOD.fullmatch(text)
    found = Period(int(match[1]), PeriodUnit(f"{match[2]}s")) if match else None
    if found is None or (units and found.unit not in units):
        examples = " or ".join(f'"2 {unit}"' for unit in units or (PeriodUnit.HOURS, PeriodUnit.DAYS))
        raise row.wrong(key, f"{text!r} must be written as {examples}")
    return found


def _days(row: Fields, key: str) -> int:
    found = period(row, key, PeriodUnit.DAYS, PeriodUnit.WEEKS)
    return found.count * (7 if found.unit is PeriodUnit.WEEKS else 1)


def _minutes(row: Fields, key: str) -> int:
    found = period(row, key, PeriodUnit.MINUTES, PeriodUnit.HOURS)
    return found.count * (60 if found.unit is PeriodUnit.HOURS else 1)


def _maybe(top: Fields, key: str, names: Names, read: Callable[[Fields, Names], Part]) -> Part | None:
    row = top.maybe_table(key)
    return None if row is None else read(row, names)


def _precedence(row: Fields, names: Names) -> terms.Precedence:
    layers = tuple(row.choice_of("layers", terms.Layer, word) for word in row.words("layers"))
    if sorted(layers) != sorted(terms.Layer):
        raise row.wrong("layers", f"must name each of {', '.join(terms.Layer)} once, the strongest first")
    return closed(row, terms.Precedence(layers, names.maybe_clause(row, "clause")))


def _accounts(row: Fields, names: Names) -> terms.AccountTerms:
    vendor_only = names.maybe_clause(row, "administrators_by_vendor_only")
    return closed(row, terms.AccountTerms(vendor_only, names.maybe_clause(row, "contacts_only")))


def _percent(row: Fields, key: str) -> Decimal:
    value = row.decimal(key)
    if value > 100:
        raise row.wrong(key, "is a percentage: at most 100")
    return value


def _availability(row: Fields, names: Names) -> terms.AvailabilityTerms:
    upstream, shortest = row.has("upstream"), row.has("shortest_outage")
    return closed(
        row,
        terms.AvailabilityTerms(
            target=_percent(row, "target"),
            clause=names.clause(row),
            binding=row.flag("binding", otherwise=True),
            least_minutes=_minutes(row, "shortest_outage") if shortest else 0,
            least_clause=names.clause(row, "shortest_outage_clause") if shortest else None,
            scopes=row.choices("scopes", OutageScope) if row.has("scopes") else frozenset(OutageScope),
            exclusions=_excluded(row, "exclusions", names),
            upstream=_percent(row, "upstream") if upstream else None,
            upstream_clause=names.clause(row, "upstream_clause") if upstream else None,
            recorded_by_vendor=row.flag("recorded_by_vendor", otherwise=False),
            recorded_clause=names.maybe_clause(row, "recorded_by_vendor_clause"),
            compensation=row.flag("compensation", otherwise=False),
            compensation_clause=names.maybe_clause(row, "compensation_clause"),
        ),
    )


def _excluded(row: Fields, key: str, names: Names) -> Mapping[Exclusion, Clause]:
    below = row.maybe_table(key)
    if below is None:
        return {}
    return {below.choice_of(name, Exclusion, name): names.clause(below, name) for name in below.names()}


def _maintenance(row: Fields | None, names: Names, zone: str) -> terms.MaintenanceTerms:
    if row is None:
        return terms.MaintenanceTerms()
    standard = row.maybe_table("standard_times")
    notice, budget, evening = row.has("notice"), row.has("budget"), row.has("not_before")
    return closed(
        row,
        terms.MaintenanceTerms(
            notice_days=_days(row, "notice") if notice else None,
            notice_clause=names.clause(row, "notice_clause") if notice else None,
            details_clause=names.maybe_clause(row, "details_clause"),
            not_before=_reading(row, "not_before") if evening else None,
            not_before_clause=names.clause(row, "not_before_clause") if evening else None,
            release_clause=names.maybe_clause(row, "release_clause"),
            emergency_clause=names.maybe_clause(row, "emergency_clause"),
            standard_times=None
            if standard is None
            else support_hours(standard, "standard_times", zone, names),
            budget_minutes=_minutes(row, "budget") if budget else None,
            budget_clause=names.clause(row, "budget_clause") if budget else None,
        ),
    )


def _reading(row: Fields, key: str) -> int:
    text = row.text(key)
    match = _READING.fullmatch(text)
    if match is None:
        raise row.wrong(key, f'{text!r} must be written as "18:00"')
    return int(match[1]) * 3600 + int(match[2]) * 60


def _amendments(row: Fields, names: Names) -> terms.AmendmentTerms:
    notice, leaving = row.has("notice"), row.has("termination")
    return closed(
        row,
        terms.AmendmentTerms(
            notice_days=_days(row, "notice") if notice else None,
            notice_clause=names.clause(row, "notice_clause") if notice else None,
            at_once_clause=names.maybe_clause(row, "at_once_clause"),
            termination_days=_days(row, "termination") if leaving else None,
            termination_clause=names.clause(row, "termination_clause") if leaving else None,
            signatures=frozenset(row.words("signatures")),
            signatures_clause=names.maybe_clause(row, "signatures_clause"),
        ),
    )


def _leads(row: Fields, name: str, names: Names) -> Mapping[str, terms.Lead]:
    if name not in LEADS:
        raise row.wrong("", f"is not known; write {' or '.join(LEADS)}")
    leads = {}
    for tier in row.names():
        line = row.table(row.known(tier, tier, names.tiers))
        found = period(line, "lead", PeriodUnit.DAYS, PeriodUnit.WORKING_DAYS)
        working = found.unit is PeriodUnit.WORKING_DAYS
        leads[tier] = closed(line, terms.Lead(found.count, working, names.clause(line)))
    return leads


def _fair_use(row: Fields, names: Names) -> terms.FairUseTerms:
    return closed(
        row,
        terms.FairUseTerms(
            days=_days(row, "days"),
            times=row.number("times", 1, 1000),
            clause=names.clause(row),
            grace_days=_days(row, "grace"),
            grace_clause=names.clause(row, "grace_clause"),
            acute_clause=names.clause(row, "acute_clause"),
            peaks_clause=names.clause(row, "peaks_clause"),
        ),
    )


def _releases(row: Fields, names: Names) -> terms.ReleaseTerms:
    text = row.text("day")
    match = _NTH.fullmatch(text)
    if match is None:
        raise row.wrong("day", f'{text!r} must be written as "1st monday"')
    return closed(
        row,
        terms.ReleaseTerms(
            since=row.day("since"),
            weekday=DAY_NAMES.index(match[2][:3]),
            nth=int(match[1]),
            indicative=row.flag("indicative", otherwise=True),
            clause=names.clause(row),
            rollout_days=_days(row, "rollout"),
            rollout_clause=names.clause(row, "rollout_clause"),
            rings=tuple(_ring(line, names) for line in row.rows("rings")),
            rings_clause=names.clause(row, "rings_clause"),
            exception_tiers=row.among("exceptions", names.tiers),
            exception_clause=names.clause(row, "exceptions_clause"),
        ),
    )


def _ring(row: Fields, names: Names) -> terms.Ring:
    return closed(row, terms.Ring(row.text("key"), row.among("tiers", names.tiers), names.clause(row)))


def _recovery(row: Fields, names: Names) -> terms.RecoveryTerms:
    aged = row.has("oldest_backup")
    return closed(
        row,
        terms.RecoveryTerms(
            objectives=tuple(_objective(line, names) for line in row.rows("objectives")),
            limits=tuple(_continuity(line, names) for line in row.rows("limits")),
            backups=tuple(_backup(line, names) for line in row.rows("backups")),
            oldest_hours=period(row, "oldest_backup", PeriodUnit.HOURS).count if aged else None,
            oldest_clause=names.clause(row, "oldest_backup_clause") if aged else None,
        ),
    )


def _objective(row: Fields, names: Names) -> terms.Objective:
    return closed(
        row,
        terms.Objective(
            key=row.text("key"),
            hours=period(row, "within", PeriodUnit.HOURS).count,
            risk_percent=row.maybe_number("risk_percent", 0, 100),
            binding=row.flag("binding", otherwise=False),
            clause=names.clause(row),
        ),
    )


def _continuity(row: Fields, names: Names) -> terms.ContinuityLimit:
    return closed(
        row,
        terms.ContinuityLimit(
            key=row.text("key"),
            minutes=_minutes(row, "below"),
            clause=names.clause(row),
            exceptions=_excluded(row, "exceptions", names),
        ),
    )


def _backup(row: Fields, names: Names) -> terms.BackupPlan:
    units = (PeriodUnit.DAYS, PeriodUnit.WEEKS, PeriodUnit.MONTHS, PeriodUnit.YEARS)
    return closed(
        row,
        terms.BackupPlan(
            key=row.text("key"),
            every=row.choice("every", Frequency),
            keep=period(row, "keep", *units) if row.has("keep") else None,
            clause=names.clause(row),
        ),
    )


def _matrix(row: Fields, names: Names) -> terms.Matrix:
    columns = row.table("column_clauses")
    clauses = {
        columns.choice_of(name, Hosting, name): names.clause(columns, name) for name in columns.names()
    }
    rows = tuple(_matrix_row(line, names) for line in row.rows("rows"))
    return closed(row, terms.Matrix(rows, names.clause(row), clauses))


def _matrix_row(row: Fields, names: Names) -> terms.MatrixRow:
    key, labels, footnote = row.text("key"), row.texts("label"), names.maybe_clause(row, "footnote")
    cells = {form: row.words(form.lower()) if row.has(form.lower()) else None for form in Hosting}
    return closed(row, terms.MatrixRow(key, labels, footnote, cells))


def _step(row: Fields, names: Names) -> terms.WorkflowStep:
    number, labels, clause = row.number("step", 1, 99), row.texts("label"), names.clause(row)
    below = row.table("raci")
    raci = {party: below.text(party) for party in below.names()}
    if not RACI.issuperset(raci.values()) or list(raci.values()).count("A") != 1:
        raise row.wrong("raci", "gives each party one of R, A, C, I, and exactly one of them A")
    return closed(row, terms.WorkflowStep(number, labels, raci, clause))


def _feature(row: Fields, name: str, names: Names) -> terms.Feature:
    clause = names.clause(row)
    values = {tier: row.text(tier) for tier in names.tiers}
    return closed(row, terms.Feature(name, values, clause))


def _fact(row: Fields, name: str, names: Names) -> terms.Fact:
    return closed(row, terms.Fact(name, row.words("values"), names.clause(row)))


def _practice(row: Fields, names: Names) -> terms.Practice:
    bands = []
    for line in row.rows("bands"):
        percent, text = line.number("percent", 1, 100), line.text("within")
        within = None if _MONTHS.fullmatch(text) else amount_of(line, "within", text)
        bands.append(closed(line, terms.Band(percent, text, within)))
    return closed(
        row,
        terms.Practice(
            clock=row.choice("clock", ClockKind),
            priorities=row.among("priorities", names.priorities),
            bands=tuple(bands),
            binding=row.flag("binding", otherwise=False),
            clause=names.clause(row),
        ),
    )


def _level(row: Fields, names: Names) -> terms.Level:
    return closed(row, terms.Level(row.text("scale"), row.number("level", 1, 9), names.clause(row)))


def _history(top: Fields, names: Names) -> tuple[terms.Revision, ...]:
    row = top.maybe_table("history")
    if row is None:
        return ()
    clause, days = names.clause(row), row.days("versions")
    if list(days) != sorted(days, reverse=True):
        raise row.wrong("versions", "must be in order, the newest first")
    return closed(row, tuple(terms.Revision(on, clause) for on in days))


def _change_type(row: Fields, name: str, names: Names) -> terms.ChangeType:
    rank, authorised = row.number("rank", 1, 9), row.flag("authorised", otherwise=False)
    return closed(row, terms.ChangeType(name, rank, authorised, names.clause(row)))


def _limits(row: Fields, names: Names) -> Mapping[str, Limit]:
    limits = {}
    for tier in row.names():
        line = row.table(row.known(tier, tier, names.tiers))
        limits[tier] = closed(line, Limit(line.number("limit", 0, 999), names.clause(line)))
    return limits


def _longest(row: Fields, names: Names) -> Limit:
    return closed(row, Limit(_days(row, "most"), names.clause(row)))
