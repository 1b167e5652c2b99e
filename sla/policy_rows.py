"""The tables of a policy file, one function each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from sla.fields import Fields
from sla.scope import component_key
from sla.terms import (
    MOST_CONTACTS,
    MOST_WORKING_DAYS,
    Amount,
    AutoClose,
    ChannelRule,
    Classification,
    Clause,
    ClockClauses,
    ClockStart,
    ConsultancyTerms,
    EnvironmentRule,
    Limit,
    Outcome,
    Priority,
    PriorityRule,
    Rate,
    ScopeRule,
    Statuses,
    SupportHours,
    Target,
    Tier,
    TypeRule,
    amount_from,
)
from sla.vocabulary import (
    Channel,
    ClockKind,
    Environment,
    Hosting,
    Origin,
    ProblemKind,
    TicketStatus,
    TicketType,
    WorkKind,
)

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Names:
    """What the rows of a file may refer to."""

    clauses: Mapping[str, Clause]
    readings: Mapping[str, str] = field(default_factory=dict)
    hours: Mapping[str, SupportHours] = field(default_factory=dict)
    tiers: Mapping[str, Tier] = field(default_factory=dict)
    priorities: Mapping[str, Priority] = field(default_factory=dict)
    addenda: Mapping[str, str] = field(default_factory=dict)

    def clause(self, row: Fields, key: str = "clause") -> Clause:
        return self.clauses[row.known(key, row.text(key), self.clauses)]

    def maybe_clause(self, row: Fields, key: str) -> Clause | None:
        return self.clause(row, key) if row.has(key) else None

    def holds(self, row: Fields) -> bool:
        """Whether the row's `when` agrees with the readings that the file has chosen."""
        when = row.maybe_table("when")
        return when is None or all(self.readings.get(key) == value for key, value in when.mapping().items())


def tier(row: Fields, name: str, names: Names) -> Tier:
    calendar = row.known("calendar", row.text("calendar"), names.hours)
    return closed(row, Tier(name, row.texts("label"), calendar, names.maybe_clause(row, "clause")))


def priority(row: Fields, name: str, names: Names) -> Priority:
    return closed(
        row,
        Priority(
            key=name,
            rank=row.number("rank", 1, 9),
            labels=row.texts("label"),
            clause=names.clause(row),
            types=row.choices("types", TicketType),
            aliases=frozenset(row.words("aliases")),
        ),
    )


def type_rule(row: Fields, name: str, names: Names) -> TypeRule:
    covered = row.flag("covered", otherwise=True)
    clocks = row.flag("clocks", otherwise=covered)
    given = row.maybe_text("priority")
    return closed(
        row,
        TypeRule(
            type=row.choice_of("", TicketType, name),
            covered=covered,
            clocks=clocks,
            clause=names.clause(row),
            reason=row.maybe_texts("reason") if covered and clocks else row.texts("reason"),
            priority=row.known("priority", given, names.priorities) if given else None,
        ),
    )


def classification(row: Fields, names: Names) -> Classification:
    matrix: list[tuple[str, ...]] = []
    clauses: list[Clause] = []
    for line in row.rows("matrix"):
        matrix.append(tuple(line.known("priorities", p, names.priorities) for p in line.words("priorities")))
        clauses.append(names.clause(line))
        line.close()
    for number, cells in enumerate(matrix, start=1):
        if len(cells) != len(matrix):
            problem = f"has {len(cells)} priorities; the matrix needs as many in each row as it has rows, {len(matrix)}"
            raise row.wrong(f"matrix[{number}].priorities", problem)
    return closed(
        row,
        Classification(
            rule=row.choice("priority", PriorityRule),
            clause=names.clause(row),
            mandatory_types=row.choices("mandatory_types", TicketType),
            wish=row.flag("wish", otherwise=True),
            impact=row.maybe_number("impact", 1, max(1, len(matrix))),
            matrix=tuple(matrix),
            matrix_clauses=tuple(clauses),
        ),
    )


def channel_rule(row: Fields, names: Names) -> ChannelRule:
    start = row.maybe_text("clock_start")
    return closed(
        row,
        ChannelRule(
            channel=row.choice("channel", Channel),
            accepted=row.flag("accepted", otherwise=True),
            clause=names.clause(row),
            origins=row.choices("origins", Origin),
            tiers=row.among("tiers", names.tiers),
            priorities=row.among("priorities", names.priorities),
            outside_hours=row.among("outside_hours", names.priorities) if row.has("outside_hours") else None,
            clock_start=row.choice_of("clock_start", ClockStart, start) if start else ClockStart.AT_ONCE,
            start_clause=names.maybe_clause(row, "start_clause"),
            narrow_clause=names.maybe_clause(row, "narrow_clause"),
            receipt_counts=row.flag("receipt_counts", otherwise=False),
        ),
    )


def environment_rule(row: Fields, names: Names) -> EnvironmentRule:
    given = row.maybe_text("priority")
    return closed(
        row,
        EnvironmentRule(
            environments=row.choices("environments", Environment),
            clause=names.clause(row),
            priority=row.known("priority", given, names.priorities) if given else None,
            best_effort=row.flag("best_effort", otherwise=False),
            raise_clause=names.maybe_clause(row, "raise_clause"),
        ),
    )


def _components(row: Fields, key: str) -> frozenset[str]:
    """As they are compared: "Data Manager" is DATA_MANAGER."""
    return frozenset(component_key(component) for component in row.words(key))


def scope_rule(row: Fields, names: Names) -> ScopeRule:
    outcome = row.choice("outcome", Outcome)
    figures, addendum = row.maybe_text("tier"), row.maybe_text("unless_addendum")
    return closed(
        row,
        ScopeRule(
            outcome=outcome,
            clause=names.clause(row),
            reason=row.maybe_texts("reason") if outcome is Outcome.COVERED else row.texts("reason"),
            components=_components(row, "components"),
            other_components=_components(row, "other_components"),
            types=row.choices("types", TicketType),
            problem_kinds=row.choices("problem_kinds", ProblemKind),
            environments=row.choices("environments", Environment),
            hosting=row.choices("hosting", Hosting),
            unless_addendum=row.known("unless_addendum", addendum, names.addenda) if addendum else None,
            tier=row.known("tier", figures, names.tiers) if figures else None,
        ),
    )


def targets(row: Fields, names: Names) -> tuple[Target, ...]:
    """One row gives the targets of both clocks; none when its `when` asks for another reading."""
    holds = names.holds(row)
    given, calendar = row.maybe_text("priority"), row.maybe_text("calendar")
    base = Target(
        place=row.place,
        clock=ClockKind.RESPONSE,
        amount=None,
        clause=names.maybe_clause(row, "clause"),
        priority=row.known("priority", given, names.priorities) if given else None,
        tiers=row.among("tiers", names.tiers),
        types=row.choices("types", TicketType),
        channels=row.choices("channels", Channel),
        calendar=row.known("calendar", calendar, names.hours) if calendar else None,
    )
    both = tuple(_target(row, names, base, clock) for clock in ClockKind if row.has(clock.lower()))
    return closed(row, both if holds else ())


def _target(row: Fields, names: Names, base: Target, clock: ClockKind) -> Target:
    name = clock.lower()
    target = replace(
        base,
        clock=clock,
        amount=amount_of(row, name, row.text(name)),
        clause=names.maybe_clause(row, f"{name}_clause") or base.clause,
        strict=row.flag(f"{name}_strictly_before", otherwise=False),
    )
    if target.clause is None:
        raise row.wrong("clause", "is missing")
    return target


def amount_of(row: Fields, key: str, text: str) -> Amount | None:
    """Working time as the text has it; None is best effort."""
    try:
        return amount_from(text)
    except ValueError:
        expected = '"2 hours", "5 days", "1 week" or "best effort"'
        raise row.wrong(key, f"{text!r} must be written as {expected}") from None


def clock_clauses(row: Fields | None, names: Names) -> ClockClauses:
    if row is None:
        return ClockClauses()
    return closed(
        row,
        ClockClauses(
            start=names.maybe_clause(row, "start_clause"),
            hours=names.maybe_clause(row, "hours_clause"),
            response_stop=names.maybe_clause(row, "response_stop_clause"),
            resolution_run=names.maybe_clause(row, "resolution_run_clause"),
            handling=names.maybe_clause(row, "handling_starts_at_response"),
            excuse=names.maybe_clause(row, "excuse_clause"),
        ),
    )


def statuses(row: Fields, names: Names) -> Statuses:
    changes = row.table("transitions")
    transitions = {status: changes.choices(status, TicketStatus) for status in TicketStatus}
    changes.close()
    pauses = row.maybe_table("pauses")
    paused = {} if pauses is None else {clock: pauses.choices(clock, TicketStatus) for clock in ClockKind}
    if pauses is not None:
        pauses.close()
    return closed(
        row,
        Statuses(
            transitions=transitions,
            clause=names.maybe_clause(row, "clause"),
            pauses=paused,
            pause_clause=names.maybe_clause(row, "pause_clause"),
            clauses=_status_clauses(row.maybe_table("clauses"), names),
        ),
    )


def _status_clauses(row: Fields | None, names: Names) -> dict[TicketStatus, Clause]:
    if row is None:
        return {}
    return {row.choice_of(name, TicketStatus, name): names.clause(row, name) for name in row.names()}


def auto_close(row: Fields | None, names: Names) -> AutoClose | None:
    if row is None:
        return None
    return closed(
        row,
        AutoClose(
            status=row.choice("status", TicketStatus),
            working_days=row.number("working_days", 1, MOST_WORKING_DAYS),
            by_itself=row.flag("by_itself", otherwise=False),
            clause=names.clause(row),
        ),
    )


def contact_limits(row: Fields, names: Names) -> dict[str, Limit]:
    limits = {}
    for key in names.tiers:
        line = row.table(key)
        limits[key] = closed(
            line, Limit(line.number("limit", 1, MOST_CONTACTS), names.maybe_clause(line, "clause"))
        )
    return closed(row, limits)


def consultancy(row: Fields, names: Names) -> ConsultancyTerms:
    return closed(
        row,
        ConsultancyTerms(
            currency=row.text("currency"),
            rates=tuple(_rate(line, names) for line in row.rows("rates")),
            card_block_hours=row.maybe_number("card_block_hours", 1, 24),
            misuse_needs_confirmation=row.flag("misuse_needs_confirmation", otherwise=False),
            free_question_minutes=row.maybe_number("free_question_minutes", 0, 480) or 0,
            free_question_clause=names.maybe_clause(row, "free_question_clause"),
            confirmation_clause=names.maybe_clause(row, "confirmation_clause"),
            approval_clause=names.maybe_clause(row, "approval_clause"),
            alignment_clause=names.maybe_clause(row, "alignment_clause"),
            bug_clause=names.maybe_clause(row, "bug_clause"),
            misuse_clause=names.maybe_clause(row, "misuse_clause"),
            tariff_clause=names.maybe_clause(row, "tariff_clause"),
        ),
    )


def _rate(row: Fields, names: Names) -> Rate:
    return closed(
        row,
        Rate(
            work=row.choices("work", WorkKind),
            tiers=row.among("tiers", names.tiers),
            hourly=row.decimal("hourly") if row.has("hourly") else None,
            block_hours=row.number("block_hours", 0, 24),
            with_preparation=row.flag("with_preparation", otherwise=False),
            clause=names.maybe_clause(row, "clause"),
            preparation_clause=names.maybe_clause(row, "preparation_clause"),
        ),
    )


def closed(row: Fields, value: Row) -> Row:
    """The value, once nothing is left in the row."""
    row.close()
    return value
