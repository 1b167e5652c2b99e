"""The tables of each agreement as they were signed: doors, statuses, targets, rates, limits."""

from __future__ import annotations

import pytest

from sla.registration import Report, register
from sla.scope import Facts, coverage
from sla.vocabulary import Channel, ClockKind, Environment, Origin, TicketStatus, TicketType
from tests.sla.agreements import local, policy

KEYS = ("open2bizz", "oxygis", "qixium", "s4m-support")
NEW, WORK, ASK, BUILD, DONE = TicketStatus
FREE = {NEW: {WORK, ASK, BUILD, DONE}, WORK: {ASK, BUILD, DONE}, ASK: {WORK, BUILD, DONE}}

# channel: (clause, who, tiers, only these priorities, those outside hours, start, whether receipt counts)
DOORS: dict[str, list[tuple[str, str, str, str, str, str | None, str, bool]]] = {
    "open2bizz": [
        ("EMAIL", "OB-043", "OPERATOR", "", "", None, "next_working_day", True),
        ("PORTAL", "OB-043", "CUSTOMER OPERATOR", "", "", None, "next_working_day", False),
        ("API", "OB-043", "INTEGRATION OPERATOR", "", "", None, "next_working_day", False),
        ("PHONE", "OB-042", "OPERATOR", "", "", "P1", "at_once", True),
    ],
    "oxygis": [
        ("PORTAL", "OX-025", "CUSTOMER OPERATOR", "", "", None, "at_once", False),
        ("PHONE", "OX-025", "OPERATOR", "", "", None, "at_once", True),
        ("EMAIL", "OX-025", "OPERATOR", "", "", None, "at_once", True),
        ("API", "OX-025", "INTEGRATION OPERATOR", "", "", None, "at_once", False),
    ],
    "qixium": [
        ("PORTAL", "QX-037", "CUSTOMER OPERATOR", "", "", None, "at_once", False),
        ("API", "QX-037", "INTEGRATION OPERATOR", "", "", None, "at_once", False),
        ("PHONE", "QX-056", "OPERATOR", "", "OUTAGE", None, "at_once", True),
        ("MONITORING", "QX-055", "MONITORING OPERATOR", "", "OUTAGE", None, "at_once", True),
    ],
    "s4m-support": [
        ("PORTAL", "S4-013", "CUSTOMER OPERATOR", "", "", None, "at_once", False),
        ("API", "S4-013", "INTEGRATION OPERATOR", "", "", None, "at_once", False),
        ("EMAIL", "S4-014", "OPERATOR", "EXTENDED", "", None, "at_once", False),
    ],
}


def told(words: object) -> str:
    return " ".join(sorted(str(word) for word in words))  # type: ignore[attr-defined] # a set of words


@pytest.mark.clause(
    "OX-025",
    "QX-037",
    "QX-056",
    "OB-013",
    "OB-042",
    "OB-043",
    "OB-044",
    "S4-013",
    "S4-014",
    "S4-015",
    "S4-016",
)
@pytest.mark.parametrize("key", KEYS)
def test_the_doors_of_each_agreement(key: str) -> None:
    open_ones = [
        (
            rule.channel.value,
            rule.clause.key,
            told(rule.origins),
            told(rule.tiers),
            told(rule.priorities),
            None if rule.outside_hours is None else told(rule.outside_hours),
            rule.clock_start.value,
            rule.receipt_counts,
        )
        for rule in policy(key).channels
        if rule.accepted
    ]
    assert open_ones == DOORS[key]


@pytest.mark.clause("QX-023", "QX-029", "QX-032", "QX-033", "QX-034")
@pytest.mark.parametrize("key", KEYS)
def test_the_changes_of_status_that_each_agreement_allows(key: str) -> None:
    allowed = FREE | {BUILD: {WORK, ASK, DONE}, DONE: {WORK}}
    if key == "qixium":
        allowed |= {ASK: {WORK, DONE}, BUILD: {WORK}}
    assert {status: policy(key).next_statuses(status) for status in TicketStatus} == allowed


@pytest.mark.clause("QX-027", "QX-028", "QX-029", "QX-032", "QX-034", "QX-051", "QX-061", "QX-062", "QX-063")
def test_qixium_names_the_clause_of_each_status_and_of_its_clocks() -> None:
    statuses, clocks = policy("qixium").statuses.clauses, policy("qixium").clocks
    assert {status: clause.key for status, clause in statuses.items()} == {
        NEW: "QX-028",
        WORK: "QX-029",
        ASK: "QX-027",
        BUILD: "QX-032",
        DONE: "QX-034",
    }
    named = (clocks.start, clocks.hours, clocks.response_stop, clocks.resolution_run, clocks.excuse)
    assert [clause.key if clause else None for clause in named] == [
        "QX-061",
        "QX-051",
        "QX-062",
        "QX-063",
        "QX-066",
    ]


@pytest.mark.clause("OB-029", "OB-030", "S4-008", "S4-016", "OX-031")
def test_the_other_agreements_name_the_clauses_of_their_clocks() -> None:
    found = {key: policy(key).clocks for key in KEYS}
    handling, stop = found["open2bizz"].handling, found["open2bizz"].response_stop
    assert (handling and handling.key, stop and stop.key) == ("OB-030", "OB-029")
    start, hours = found["s4m-support"].start, found["s4m-support"].hours
    assert (start and start.key, hours and hours.key) == ("S4-016", "S4-008")
    assert all(found[key].handling is None for key in KEYS if key != "open2bizz")


RESPONSE, RESOLUTION = ClockKind
# (priority, tiers, types, calendar, response, resolution, strictly before)
TARGETS: dict[str, list[tuple[str, str, str, str | None, str, str, bool]]] = {
    "open2bizz": [
        ("P1", "", "", None, "2 hours", "8 hours", False),
        ("P2", "", "", None, "8 hours", "2 days", False),
        ("P3", "", "", None, "1 week", "2 weeks", False),
        ("P4", "", "", None, "2 weeks", "best effort", False),
    ],
    "oxygis": [
        ("CRITICAL", "", "", None, "8 hours", "best effort", True),
        ("MAJOR", "", "", None, "2 days", "best effort", True),
        ("MINOR", "", "", None, "5 days", "best effort", True),
    ],
    "qixium": [
        ("OUTAGE", "", "", "always", "15 minutes", "2 hours", False),
        ("HIGH", "", "", None, "2 hours", "8 hours", False),
        ("NORMAL", "", "", None, "4 hours", "16 hours", False),
        ("LOW", "", "", None, "8 hours", "32 hours", False),
    ],
    "s4m-support": [
        ("HIGH", "", "CHANGE_REQUEST", None, "2 days", "best effort", False),
        ("NORMAL", "", "CHANGE_REQUEST", None, "5 days", "best effort", False),
        ("LOW", "", "CHANGE_REQUEST", None, "10 days", "best effort", False),
        ("HIGH", "DEFAULT", "", None, "8 hours", "best effort", False),
        ("NORMAL", "DEFAULT", "", None, "16 hours", "best effort", False),
        ("LOW", "DEFAULT", "", None, "40 hours", "best effort", False),
        ("HIGH", "EXTENDED", "", None, "4 hours", "40 hours", False),
        ("NORMAL", "EXTENDED", "", None, "4 hours", "60 hours", False),
        ("LOW", "EXTENDED", "", None, "8 hours", "80 hours", False),
    ],
}


@pytest.mark.clause(
    "OX-032",
    "OX-033",
    "OX-034",
    "OX-036",
    "QX-044",
    "QX-046",
    "QX-048",
    "QX-054",
    "OB-025",
    "OB-026",
    "OB-027",
)
@pytest.mark.clause("OB-028", "S4-001", "S4-022", "S4-023", "S4-024", "S4-025", "S4-026", "S4-027", "S4-028")
@pytest.mark.clause("S4-029", "S4-030")
@pytest.mark.parametrize("key", KEYS)
def test_the_times_of_each_agreement(key: str) -> None:
    targets = policy(key).targets
    responses = [target for target in targets if target.clock is RESPONSE]
    resolutions = [target for target in targets if target.clock is RESOLUTION]
    rows = [
        (
            first.priority or "",
            told(first.tiers),
            told(first.types),
            first.calendar,
            first.written,
            second.written,
            first.strict,
        )
        for first, second in zip(responses, resolutions, strict=True)
    ]
    assert rows == TARGETS[key]
    assert not any(target.strict for target in resolutions)


RATES: dict[str, list[tuple[str, str, str | None, int, bool, str | None]]] = {
    "open2bizz": [("NON_PLATFORM STANDARD", "", None, 0, False, "OB-034")],
    "oxygis": [("NON_PLATFORM STANDARD", "", None, 0, False, None)],
    "qixium": [
        ("STANDARD", "SUPPORT", "250.00", 4, False, "QX-098"),
        ("STANDARD", "QAAS", "150.00", 4, False, "QX-099"),
        ("NON_PLATFORM", "", "250.00", 8, True, "QX-100"),
    ],
    "s4m-support": [("NON_PLATFORM STANDARD", "", None, 8, False, "S4-006")],
}


@pytest.mark.clause("QX-098", "QX-099", "QX-100", "QX-101", "QX-102", "OB-024", "OB-034", "S4-006")
@pytest.mark.parametrize("key", KEYS)
def test_the_rates_of_each_agreement(key: str) -> None:
    rows = [
        (
            told(rate.work),
            told(rate.tiers),
            None if rate.hourly is None else str(rate.hourly),
            rate.block_hours,
            rate.with_preparation,
            rate.clause.key if rate.clause else None,
        )
        for rate in policy(key).consultancy.rates
    ]
    assert rows == RATES[key]


@pytest.mark.clause("QX-025", "QX-026", "QX-081", "QX-096", "QX-097", "QX-101", "QX-102", "QX-135", "S4-006")
@pytest.mark.parametrize(
    ("key", "block"), [("open2bizz", None), ("oxygis", None), ("qixium", 4), ("s4m-support", 8)]
)
def test_what_each_agreement_asks_of_consultancy(key: str, block: int | None) -> None:
    terms = policy(key).consultancy
    assert terms.currency == "EUR"
    assert terms.card_block_hours == block
    assert terms.free_question_minutes == 30
    assert not terms.misuse_needs_confirmation
    if key == "qixium":
        named = (
            terms.bug_clause,
            terms.approval_clause,
            terms.free_question_clause,
            terms.confirmation_clause,
            terms.alignment_clause,
            terms.tariff_clause,
            terms.rates[2].preparation_clause,
            terms.misuse_clause,
        )
        expected = ("025", "026", "081", "096", "097", "101", "102", "135")
        assert [clause.key if clause else None for clause in named] == [f"QX-{number}" for number in expected]


@pytest.mark.clause("QX-030", "OB-038", "S4-012")
@pytest.mark.parametrize(
    ("key", "limits"),
    [
        ("open2bizz", {"STANDARD": 3}),
        ("oxygis", {"STANDARD": 3}),
        ("qixium", {"SUPPORT": 3, "QAAS": 3}),
        ("s4m-support", {"DEFAULT": 1, "EXTENDED": 3}),
    ],
)
def test_how_many_contacts_there_may_be_and_who_closes(key: str, limits: dict[str, int]) -> None:
    assert {tier: limit.value for tier, limit in policy(key).contact_limits.items()} == limits
    closing = policy(key).auto_close
    assert (closing is not None) == (key == "qixium")
    if closing is not None:
        assert (closing.status, closing.working_days, closing.by_itself) == (ASK, 10, False)


@pytest.mark.clause("OX-032", "S4-062", "S4-063", "S4-064")
@pytest.mark.parametrize(
    ("key", "said", "meant"),
    [
        ("oxygis", "REVIEW", "CRITICAL"),
        ("oxygis", "BEOORDELING", "CRITICAL"),
        ("s4m-support", "1", "HIGH"),
        ("s4m-support", "2", "NORMAL"),
        ("s4m-support", "3", "LOW"),
    ],
)
def test_a_priority_is_known_by_its_other_names_too(key: str, said: str, meant: str) -> None:
    tier = policy(key).tiers[0].key
    report = Report(
        type=TicketType.INCIDENT, at=local("2026-03-10 10:00"), origin=Origin.OPERATOR, priority=said
    )
    assert register(policy(key), tier, report).priority == meant


@pytest.mark.clause("OB-028", "OB-027", "QX-039", "QX-057", "OB-057", "S4-053", "OX-035")
@pytest.mark.parametrize("key", KEYS)
def test_the_types_of_each_agreement_and_the_priority_that_they_begin_with(key: str) -> None:
    begin = {
        "open2bizz": {"INCIDENT": "P3", "QUESTION": "P4", "SERVICE_REQUEST": "P4"},
        "oxygis": {"INCIDENT": None, "QUESTION": None, "SERVICE_REQUEST": None},
        "qixium": {
            "QUESTION": "NORMAL",
            "INCIDENT": "NORMAL",
            "BUG": "NORMAL",
            "DEVELOPMENT_REQUEST": None,
            "CONSULTANCY_REQUEST": None,
        },
        "s4m-support": {
            "INCIDENT": None,
            "QUESTION": None,
            "SERVICE_REQUEST": None,
            "CHANGE_REQUEST": None,
        },
    }
    assert {type.value: rule.priority for type, rule in policy(key).types.items()} == begin[key]
    outside = {"DEVELOPMENT_REQUEST", "CONSULTANCY_REQUEST"}
    assert {type for type, rule in policy(key).types.items() if not rule.covered} == (
        outside if key == "qixium" else set()
    )


@pytest.mark.clause("OB-055", "OB-057", "QX-057", "QX-058")
@pytest.mark.parametrize("environment", [Environment.ACCEPTANCE, Environment.TEST])
def test_acceptance_and_test_are_treated_alike(environment: Environment) -> None:
    low, best_effort = (policy(key).environment_rule(environment) for key in ("qixium", "open2bizz"))
    assert low is not None
    assert best_effort is not None
    assert (low.priority, low.best_effort) == ("LOW", False)
    assert (best_effort.priority, best_effort.best_effort) == (None, True)
    assert all(policy(key).environment_rule(environment) is None for key in ("oxygis", "s4m-support"))
    for key in ("qixium", "open2bizz"):
        assert policy(key).environment_rule(Environment.PRODUCTION) is None


@pytest.mark.clause("S4-001", "QX-015", "QX-016")
@pytest.mark.parametrize(
    ("key", "clauses"),
    [
        ("open2bizz", {"STANDARD": None}),
        ("oxygis", {"STANDARD": None}),
        ("qixium", {"SUPPORT": "QX-015", "QAAS": "QX-016"}),
        ("s4m-support", {"DEFAULT": "S4-001", "EXTENDED": "S4-001"}),
    ],
)
def test_the_levels_of_each_agreement(key: str, clauses: dict[str, str | None]) -> None:
    found = {tier.key: tier.clause.key if tier.clause else None for tier in policy(key).tiers}
    assert found == clauses


@pytest.mark.clause("S4-017", "S4-018", "S4-034", "QX-012")
@pytest.mark.parametrize(
    ("key", "component", "clause"),
    [
        ("s4m-support", "First analysis", "S4-017"),
        ("s4m-support", "Software bug", "S4-018"),
        ("s4m-support", "QIXIUM", "S4-034"),
        ("s4m-support", "QIXIUM SaaS Platform", "S4-034"),
        ("s4m-support", "IDU", "S4-034"),
        ("s4m-support", "ORB", "S4-034"),
        ("s4m-support", "DataLink", "S4-034"),
        ("qixium", "Qixium", "QX-077"),
        ("qixium", "Agent", "QX-077"),
        ("qixium", "Qixium Agent", "QX-077"),
    ],
)
def test_the_parts_that_are_supported(key: str, component: str, clause: str) -> None:
    found = coverage(policy(key), Facts(type=TicketType.INCIDENT, component=component))
    assert (found.covered, found.clocks, found.clause.key) == (True, True, clause)


def test_a_channel_that_is_not_accepted_is_told_to_be_so() -> None:
    closed = {key: {rule.channel for rule in policy(key).channels if not rule.accepted} for key in KEYS}
    assert closed == {
        "open2bizz": set(),
        "oxygis": set(),
        "qixium": {Channel.EMAIL},
        "s4m-support": {Channel.PHONE},
    }
