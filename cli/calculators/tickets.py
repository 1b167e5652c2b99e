"""The ticket that a line describes, as the rules judge it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

import orjson

from cli.calculators.agreements import policy_of, tier_of
from cli.calculators.moments import maybe_moment, needed_moment
from cli.calculators.values import Line, LineRefused, flag, rows, shown, text, whole, word, words, wrong
from sla.clock import Event
from sla.errors import Refused
from sla.policy import Library, Policy
from sla.registration import Registration, Report, classify, register
from sla.scope import check_addenda
from sla.targets import Subject
from sla.vocabulary import (
    Channel,
    Environment,
    EventKind,
    Hosting,
    Origin,
    ProblemKind,
    RefusalCode,
    TicketStatus,
    TicketType,
)

SAAS_OUTAGE = "SAAS_OUTAGE"
TYPES = {"CHANGE": TicketType.CHANGE_REQUEST, SAAS_OUTAGE: TicketType.INCIDENT}
OUTAGE = "OUTAGE"
DATA_PROBLEM = "DATA_PROBLEM"
HOSTINGS = {"OXYGIS_CLOUD": Hosting.CLOUD, "SAAS": Hosting.CLOUD, "SELF_HOSTING": Hosting.SELF_HOSTED}
FACTS = (
    "policy",
    "version",
    "tier",
    "type",
    "priority",
    "impact",
    "urgency",
    "environment",
    "channel",
    "component",
    "problem_kind",
    "hosting",
    "addenda",
    "reason",
)
JUDGED = frozenset({"type", "priority", "impact", "urgency"})
_LEVEL = re.compile(r"(?:([A-Z])-?)?([0-9]{1,2})")
EVENT = frozenset({"at", "status", "priority", "type", "impact", "urgency", "reason", "by"})
EXCUSE = frozenset({"at", "reason", "taken_back"})
FIELDS = frozenset({"id", *FACTS, "registered_at", "first_response_at", "events", "excuses", "now"})
MOST_KEPT = 4096
UNSAID_REASON = "as the line says"


@dataclass(frozen=True, slots=True)
class Case:
    """A ticket, what happened to it, and the moment at which it is looked at."""

    subject: Subject
    events: tuple[Event, ...]
    now: datetime
    registration: Registration
    """The ticket as it is judged at `now`."""


class Happening(NamedTuple):
    """A row of the events: a new status, or what an operator judges, or both."""

    at: datetime
    status: TicketStatus | None
    judged: bool
    row: Line


class TicketReader:
    """Lines of one file are often alike: what the agreement makes of the same words is worked out once."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._kept: dict[bytes, tuple[Policy, str, Registration]] = {}

    def __call__(self, line: Line) -> Case:
        policy, tier, registration, at = self._registered(line)
        subject = Subject(policy, tier, registration, at)
        events, current = _events(line, subject)
        now = maybe_moment(line, "now", policy.zone)
        if now is None:
            return Case(subject, tuple(events), max([event.at for event in events], default=at), current)
        if now < at:
            raise wrong("now", "lies before registered_at")
        return Case(subject, tuple(events), now, _judged_at(subject.registration, events, now))

    def _registered(self, line: Line) -> tuple[Policy, str, Registration, datetime]:
        try:
            key = orjson.dumps({fact: line[fact] for fact in FACTS if fact in line})
        except TypeError:
            raise wrong("line", "holds values that are nested too deep") from None
        kept = self._kept.get(key)
        if kept is not None:
            policy, tier, registration = kept
            return policy, tier, registration, needed_moment(line, "registered_at", policy.zone)
        policy = policy_of(self._library, line)
        at = needed_moment(line, "registered_at", policy.zone)
        tier, report = _report(policy, line, at)
        registration = register(policy, tier, report)
        rule = policy.channel_rule(registration.channel)
        if rule is not None and rule.outside_hours is None:
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            self._kept[key] = policy, tier, registration
        return policy, tier, registration, at


def _report(policy: Policy, line: Line, at: datetime) -> tuple[str, Report]:
    """Tier and report; the tier may be the name of an addendum of an agreement with one tier."""
    addenda, level = words(line, "addenda"), text(line, "tier")
    if level is not None and level in policy.addenda:
        addenda, line = addenda | {level}, {**line, "tier": None}
    check_addenda(policy, addenda)
    kind, priority = _type_and_priority(policy, line)
    return tier_of(policy, line), Report(
        type=kind,
        at=at,
        origin=Origin.OPERATOR,
        environment=word(line, "environment", Environment) or Environment.PRODUCTION,
        channel=_channel(policy, line),
        component=text(line, "component"),
        problem_kind=word(line, "problem_kind", ProblemKind),
        hosting=word(line, "hosting", Hosting, HOSTINGS),
        addenda=addenda,
        urgency=_level(line.get("urgency"), "urgency"),
        impact=_level(line.get("impact"), "impact"),
        priority=priority,
        reason=text(line, "reason") or UNSAID_REASON,
    )


def _type_and_priority(policy: Policy, line: Line) -> tuple[TicketType, str | None]:
    if "type" not in line:
        raise wrong("type", "is missing")
    given, priority = text(line, "type"), _priority(line)
    said = TicketType.INCIDENT.value if given is None else given.strip().upper()
    if said == SAAS_OUTAGE:
        if policy.priority(OUTAGE) is None:
            raise _out_of_scope(policy, said)
        priority = priority or OUTAGE
    try:
        return TYPES.get(said) or TicketType(said), priority
    except ValueError:
        raise _out_of_scope(policy, said) from None


def _out_of_scope(policy: Policy, said: str) -> LineRefused:
    clause = policy.types_clause
    if said == DATA_PROBLEM:
        refused = (scope for scope in policy.scopes if DATA_PROBLEM in scope.components)
        clause = next((scope.clause for scope in refused), clause)
    message = f"type: this agreement has no tickets of type {shown(said)}"
    return LineRefused(RefusalCode.OUT_OF_SCOPE, message, clause)


def _priority(line: Line) -> str | None:
    """The key or an alias; a number is taken for one."""
    value = line.get("priority")
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    said = text(line, "priority")
    return said.strip().upper() if said else None


def _channel(policy: Policy, line: Line) -> Channel | None:
    said = text(line, "channel")
    if said is None:
        return policy.channels[0].channel
    try:
        return Channel(said.strip().upper())
    except ValueError:
        open_ones = ", ".join(rule.channel for rule in policy.channels if rule.accepted)
        message = f"channel: nothing can be registered through {shown(said)}; choose from {open_ones}"
        raise LineRefused(RefusalCode.CHANNEL_NOT_COVERED, message, policy.channels[0].clause) from None


def _level(value: Any, field: str) -> int | None:
    """Urgency and impact are 1, 2 and 3, also written as U1 and I-1."""
    if isinstance(value, str):
        letter = field[0].upper()
        match = _LEVEL.fullmatch(value.strip().upper())
        if match is None or match[1] not in {None, letter}:
            raise wrong(field, f"{shown(value)} must be a number such as 2, or {letter}2")
        value = int(match[2])
    return None if value is None else whole(value, field, most=99)


def _judged_at(first: Registration, events: Iterable[Event], at: datetime) -> Registration:
    for event in events:
        if isinstance(event.value, Registration) and event.at <= at:
            first = event.value
    return first


def _events(line: Line, subject: Subject) -> tuple[list[Event], Registration]:
    """What happened, and the registration after the last classification."""
    zone, registered = subject.policy.zone, subject.registered_at
    found: list[Event] = []
    current = subject.registration
    for number, happening in _in_order(line, zone, registered):
        try:
            current = _told(found, subject, current, happening)
        except (LineRefused, Refused) as refused:
            raise refused.below(f"events[{number}]") from None
    responded = maybe_moment(line, "first_response_at", zone)
    if responded is not None:
        at = _not_before(responded, registered, "first_response_at")
        found.insert(_place(found, at), Event(at, EventKind.RESPONSE))
    if line.get("excuses"):
        found += rows(line, "excuses", EXCUSE, partial(_excuse, zone, registered))
    return found, current


def _place(told: list[Event], responded: datetime) -> int:
    """Where the response stands: first of its instant, as a message may close a ticket.

    Only a ticket that was closed before is reopened first: who answers at that very moment answers an open one.
    """
    place = next((index for index, event in enumerate(told) if event.at >= responded), len(told))
    statuses = [event.value for event in told[:place] if event.kind is EventKind.STATUS]
    if statuses and statuses[-1] is TicketStatus.CLOSED:
        for index, event in enumerate(told[place:], start=place):
            if event.at == responded and event.kind is EventKind.STATUS:
                return index + 1
    return place


def _in_order(line: Line, zone: str, registered: datetime) -> list[tuple[int, Happening]]:
    """What happened, with the numbers of the rows, in order of time; one instant stays in the order given."""

    def read(row: Line) -> Happening:
        status = word(row, "status", TicketStatus)
        judged = not JUDGED.isdisjoint(row) and any(row.get(name) is not None for name in JUDGED)
        if status is None and not judged:
            raise wrong("status", "is missing: an event needs a status or a priority")
        return Happening(_not_before(needed_moment(row, "at", zone), registered, "at"), status, judged, row)

    if line.get("events") is None:
        return []
    return sorted(enumerate(rows(line, "events", EVENT, read), start=1), key=lambda numbered: numbered[1].at)


def _excuse(zone: str, registered: datetime, row: Line) -> Event:
    at = maybe_moment(row, "at", zone) or registered
    reason = text(row, "reason")
    if not (reason or "").strip():
        raise wrong("reason", "is missing: say why the times do not apply")
    value = False if flag(row, "taken_back") else None
    return Event(_not_before(at, registered, "at"), EventKind.EXCUSE, value, reason)


def _told(found: list[Event], subject: Subject, current: Registration, told: Happening) -> Registration:
    """Adds what the row tells, and gives the registration as it stands after it."""
    row = told.row
    if told.judged:
        current = classify(
            subject.policy,
            subject.tier,
            current,
            type=word(row, "type", TicketType, TYPES),
            impact=_level(row.get("impact"), "impact"),
            urgency=_level(row.get("urgency"), "urgency"),
            priority=_priority(row),
            reason=text(row, "reason") or UNSAID_REASON,
        )
        found.append(Event(told.at, EventKind.CLASSIFIED, current))
    if told.status is not None:
        if told.status is TicketStatus.CLOSED and text(row, "by") == "VENDOR":
            found.append(Event(told.at, EventKind.RESPONSE))
        found.append(Event(told.at, EventKind.STATUS, told.status))
    return current


def _not_before(at: datetime, registered: datetime, field: str) -> datetime:
    if at < registered:
        raise wrong(field, "lies before registered_at")
    return at
