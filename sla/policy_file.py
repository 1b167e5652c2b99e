"""Reading a policy file: TOML in, a Policy out, or PolicyFileWrong."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from sla import policy_rows as rows
from sla.agreement import Policy
from sla.errors import PolicyFileWrong, UnknownZone
from sla.fields import Fields
from sla.policy_calendars import support_hours
from sla.policy_checks import mistakes
from sla.policy_lines import PolicyLines
from sla.policy_rows import Names
from sla.policy_service import service_terms
from sla.terms import Clause, TypeRule
from sla.vocabulary import Locale, TicketType
from sla.zones import zone_named

FORM = "Texts stand in double quotes, lists in [ ], and each name = value on a line of its own"
_KEY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_AT_LINE = re.compile(r"at line (\d+)")


def read_policy(file: str, content: bytes) -> Policy:
    """The policy that the file describes; `file` is the name that errors tell. Raises PolicyFileWrong."""
    policy, found = check_policy(file, content)
    if policy is None or found:
        raise found[0]
    return policy


def check_policy(file: str, content: bytes) -> tuple[Policy | None, list[PolicyFileWrong]]:
    """The policy and all that is wrong with the file: the first mistake of form, else every one of sense."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return None, [PolicyFileWrong(file, "TOML", "is no UTF-8 text: save the file as UTF-8", line)]
    lines = PolicyLines(text)
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = _AT_LINE.search(str(error))
        line = int(at[1]) if at else lines.unclosed or text.count("\n") + 1
        return None, [PolicyFileWrong(file, "TOML", f"{error}. {FORM}", line)]
    except (
        ValueError,
        RecursionError,
    ):  # What the parser cannot take; the line that it stands in is a long one
        longest = max(enumerate(text.split("\n"), start=1), key=lambda numbered: len(numbered[1]))[0]
        problem = "holds a number with thousands of digits, or lists that are nested hundreds deep"
        return None, [PolicyFileWrong(file, "TOML", problem, longest)]
    try:
        policy = policy_from(file, table)
    except PolicyFileWrong as wrong:
        return None, [PolicyFileWrong(file, wrong.place, wrong.problem, lines.of(wrong.place) or 1)]
    return policy, [
        PolicyFileWrong(file, mistake.place, mistake.problem, lines.of(mistake.place) or 1)
        for mistake in mistakes(policy)
    ]


def policy_from(file: str, table: Mapping[str, object]) -> Policy:
    """The policy that a parsed file describes, whether or not it makes sense. Raises PolicyFileWrong."""
    top = Fields(file, "", table)
    policy = _policy(top)
    top.close()
    return policy


def _policy(top: Fields) -> Policy:
    key, version, document, zone = _key(top), top.day("version"), top.text("document"), _zone(top)
    names = _names(top, _clauses(top, key, document, version), zone)
    return Policy(
        key=key,
        version=version,
        name=top.text("name"),
        provider=top.text("provider"),
        document=document,
        zone=zone,
        default_locale=top.choice("locale", Locale),
        tiers=tuple(names.tiers.values()),
        priorities=tuple(sorted(names.priorities.values(), key=lambda priority: priority.rank)),
        clauses=tuple(names.clauses.values()),
        hours=names.hours,
        types=_types(top, names),
        types_clause=names.clause(top, "types_clause"),
        classification=rows.classification(top.table("classification"), names),
        channels=tuple(rows.channel_rule(row, names) for row in top.rows("channels")),
        environments=tuple(rows.environment_rule(row, names) for row in top.rows("environments")),
        scopes=tuple(rows.scope_rule(row, names) for row in top.rows("scopes")),
        addenda=names.addenda,
        targets=tuple(target for row in top.rows("targets") for target in rows.targets(row, names)),
        clocks=rows.clock_clauses(top.maybe_table("clocks"), names),
        statuses=rows.statuses(top.table("statuses"), names),
        auto_close=rows.auto_close(top.maybe_table("auto_close"), names),
        contact_limits=rows.contact_limits(top.table("contacts"), names),
        consultancy=rows.consultancy(top.table("consultancy"), names),
        service=service_terms(top, names, zone),
        readings=names.readings,
    )


def _key(top: Fields) -> str:
    key = top.text("key")
    if not _KEY.fullmatch(key):
        raise top.wrong("key", f"{key!r} must be of small letters, digits and hyphens, such as acme-support")
    return key


def _zone(top: Fields) -> str:
    name = top.text("zone")
    try:
        zone_named(name)
    except UnknownZone:
        raise top.wrong("zone", f"{name!r} is no time zone; write one such as Europe/Amsterdam") from None
    return name


def _names(top: Fields, clauses: dict[str, Clause], zone: str) -> Names:
    readings = top.maybe_table("readings")
    words = {} if readings is None else {key: str(word) for key, word in readings.mapping().items()}
    names = Names(clauses, words, addenda=_addenda(top))
    calendars = top.tables("calendars")
    names = replace(names, hours={name: support_hours(row, name, zone, names) for name, row in calendars})
    names = replace(names, tiers={name: rows.tier(row, name, names) for name, row in top.tables("tiers")})
    priorities = top.tables("priorities")
    return replace(names, priorities={name: rows.priority(row, name, names) for name, row in priorities})


def _clauses(top: Fields, key: str, document: str, version: date) -> dict[str, Clause]:
    clauses = {}
    for name, row in top.tables("clauses"):
        section = row.text("section")
        texts = row.rest_as_texts()
        clauses[name] = Clause(f"{key}/{version.isoformat()}/{name}", name, document, version, section, texts)
    return clauses


def _types(top: Fields, names: Names) -> dict[TicketType, TypeRule]:
    rules = (rows.type_rule(row, name, names) for name, row in top.tables("types"))
    return {rule.type: rule for rule in rules}


def _addenda(top: Fields) -> dict[str, str]:
    """Every name of an addendum, aliases included, with its key."""
    addenda: dict[str, str] = {}
    for name, row in top.tables("addenda"):
        for alias in (name, *row.words("aliases")):
            if addenda.setdefault(alias, name) != name:
                raise row.wrong("aliases", f"{alias!r} is a name of {addenda[alias]} already")
        row.close()
    return addenda
