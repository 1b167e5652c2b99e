"""Short ways to say a ticket in a test."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from copy import deepcopy
from datetime import datetime
from functools import lru_cache
from importlib import resources
from typing import Any
from zoneinfo import ZoneInfo

from sla.clock import Event
from sla.deadlines import Verdict, judge
from sla.layers import Agreed, policy_with
from sla.policy import Library, Policy
from sla.policy_checks import mistakes
from sla.policy_file import policy_from
from sla.registration import Registration, Report, register
from sla.targets import Subject
from sla.vocabulary import (
    Channel,
    Environment,
    EventKind,
    Hosting,
    Origin,
    ProblemKind,
    TicketStatus,
    TicketType,
)

TIERS = {"qixium": "SUPPORT", "s4m-support": "EXTENDED"}


def committed() -> dict[str, dict[str, Any]]:
    """The policy files as they are parsed, by name."""
    folder = resources.files("sla").joinpath("policies")
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda f: f.name)
    return {file.name: tomllib.loads(file.read_text(encoding="utf-8")) for file in files}


tables: Callable[[], dict[str, dict[str, Any]]] = committed
"""What gives the policy files; `tests.clause_mutants` puts changed ones in its place."""


@lru_cache(maxsize=1)
def library() -> Library:
    return Library(policy_from(name, table) for name, table in tables().items())


def policy(key: str) -> Policy:
    return library().get(key)


def changed(key: str, change: Callable[[dict[str, Any]], None]) -> Policy:
    """The agreement with a change made to its file; the file may not come to make no sense."""
    for name, table in tables().items():
        if table["key"] == key:
            other = deepcopy(table)
            change(other)
            found = policy_from(name, other)
            assert not list(mistakes(found))
            return found
    raise LookupError(key)


def read_as(key: str, **readings: str) -> Policy:
    """The agreement with what its text leaves open read otherwise."""
    return changed(key, lambda table: table["readings"].update(readings))


def local(text: str, zone: str = "Europe/Amsterdam", *, fold: int = 0) -> datetime:
    """The instant of a local reading, such as 2026-03-10 09:00."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold)


def ticket(
    key: str,
    registered: str,
    priority: str | None = None,
    *,
    tier: str | None = None,
    type: TicketType = TicketType.INCIDENT,
    environment: Environment = Environment.PRODUCTION,
    channel: Channel | None = None,
    component: str | None = None,
    problem_kind: ProblemKind | None = None,
    hosting: Hosting | None = None,
    addenda: frozenset[str] = frozenset(),
    urgency: int | None = None,
    impact: int | None = None,
    agreed: tuple[Agreed, ...] = (),
) -> Subject:
    """A ticket as an operator enters it, with the vendor's priority where one is given."""
    level = tier or TIERS.get(key)
    agreement = policy_with(policy(key), level, agreed)
    at = local(registered, agreement.zone)
    report = Report(
        type=type,
        at=at,
        origin=Origin.OPERATOR,
        environment=environment,
        channel=channel,
        component=component,
        problem_kind=problem_kind,
        hosting=hosting,
        addenda=addenda,
        urgency=urgency,
        impact=impact,
        priority=priority,
        reason="agreed by telephone",
    )
    return Subject(agreement, level, register(agreement, level, report), at)


def verdict(subject: Subject, now: str | None = None, events: Sequence[Event] = ()) -> Verdict:
    at = subject.registered_at if now is None else local(now, subject.policy.zone)
    return judge(subject, events, at)


def status(at: str, value: TicketStatus, zone: str = "Europe/Amsterdam") -> Event:
    return Event(local(at, zone), EventKind.STATUS, value)


def response(at: str, zone: str = "Europe/Amsterdam") -> Event:
    return Event(local(at, zone), EventKind.RESPONSE)


def classified(at: str, registration: Registration) -> Event:
    return Event(local(at), EventKind.CLASSIFIED, registration)


def excused(at: str, reason: str, *, taken_back: bool = False) -> Event:
    return Event(local(at), EventKind.EXCUSE, False if taken_back else None, reason)
