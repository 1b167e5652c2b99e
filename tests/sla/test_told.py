"""What agreements tell and nothing is computed from: every word, with the clause that says it."""

from __future__ import annotations

from datetime import date

import pytest

from sla.vocabulary import Locale
from tests.sla.agreements import policy

KEYS = ("open2bizz", "oxygis", "qixium", "s4m-support")

FACTS: dict[str, dict[str, tuple[str, tuple[str, ...]]]] = {
    "open2bizz": {
        "PARTIES": (
            "OB-001",
            (
                "CUSTOMER_NAME",
                "ORDER_REFERENCE",
            ),
        ),
        "INDICATORS": (
            "OB-002",
            (
                "NAME",
                "NORM",
                "METHOD",
                "RESPONSIBLE",
            ),
        ),
        "DATA_CENTRE": ("OB-006", ("ISO/IEC 27001:2013",)),
        "APPLICATION": ("OB-007", ("ODOO",)),
        "URL": ("OB-016", ("https://klantnaam.open2bizz.com",)),
        "INCIDENT_MANAGEMENT": (
            "OB-017",
            (
                "REGISTER",
                "MANAGE",
                "SOLVE",
                "ANALYSE",
                "PROACTIVE",
            ),
        ),
        "STAND_BY": (
            "OB-018",
            (
                "OFFICE_HOURS",
                "ON_CALL",
            ),
        ),
        "SERVICE_LEVEL_MANAGEMENT": (
            "OB-019",
            (
                "STEER",
                "CONTROL",
            ),
        ),
        "OPERATING_SYSTEM": (
            "OB-020",
            (
                "UBUNTU",
                "COMMUNITY_UPDATES",
            ),
        ),
        "DATABASE": (
            "OB-021",
            (
                "MAINTENANCE",
                "UPDATES",
            ),
        ),
        "RESPONSE_INDICATOR": (
            "OB-029",
            (
                "ARRIVAL",
                "REPORT_BACK",
            ),
        ),
        "INDICATOR_RESPONSIBLE": ("OB-031", ("VENDOR",)),
        "EXTRA_SUPPORT_BILLING": ("OB-034", ("ACTUAL_COSTING",)),
        "SOURCE_CODE": ("OB-035", ("GITEA",)),
        "SOURCE_DOWNLOAD": ("OB-037", ("ANY_TIME",)),
        "CONTACTS_MAY_REQUEST": (
            "OB-040",
            (
                "CREATE_ACCOUNT",
                "REMOVE_ACCOUNT",
                "CHANGE_RIGHTS",
            ),
        ),
        "SUPPORT_CHANNELS": (
            "OB-041",
            (
                "support@open2bizz.nl",
                "+31 (0) 85 002 02 65",
            ),
        ),
        "PBX_REFERRAL": ("OB-054", ("asterisk.org",)),
        "TEST_ENVIRONMENT_FUNCTIONAL_BILLING": (
            "OB-060",
            (
                "QUOTE",
                "ACTUAL_COSTING",
            ),
        ),
        "CONTACT_FIELDS": (
            "OB-061",
            (
                "NAME",
                "EMAIL",
                "PHONE",
                "MOBILE",
            ),
        ),
    },
    "oxygis": {
        "LANGUAGES": (
            "OX-001",
            (
                "NL",
                "EN",
            ),
        ),
        "HOSTING_REGION": ("OX-003", ("Azure West Europe",)),
        "BACKUP_STORAGE": ("OX-008", ("MULTI_DATACENTRE",)),
        "RELIABLE_PLATFORM": ("OX-010", ("AZURE",)),
        "ENDPOINTS": ("OX-015", ("VENDOR",)),
        "APPLICATION_DATA": ("OX-015", ("VENDOR",)),
        "CUSTOMER_ENTERED_DATA": ("OX-015", ("CUSTOMER",)),
        "SUPPORT_FALLBACK": (
            "OX-026",
            (
                "ALOALTO",
                "INTEGRATOR_PARTNERS",
            ),
        ),
        "PREMISES": ("OX-027", ("NO_IMPACT",)),
        "OBLIGATION": ("OX-037", ("MEANS",)),
        "SUPPORT_CHANNELS": ("OX-038", ("WEBSITE",)),
    },
    "qixium": {
        "BASE_AGREEMENT": ("QX-004", ("BASIC",)),
        "GENERAL_TERMS": ("QX-006", ("VENDOR",)),
        "PRODUCT": (
            "QX-010",
            (
                "QIXIUM",
                "SERVICE_AUTOMATION_SUITE",
            ),
        ),
        "CERTIFICATION": ("QX-013", ("ISO27001",)),
        "SUPPORT_SERVICE": (
            "QX-015",
            (
                "REACTIVE",
                "TICKET_DRIVEN",
            ),
        ),
        "SUPPORT_PHONE": ("QX-038", ("+31 318 894 613",)),
        "CALL_FOR_PRIORITY": ("QX-050", ("HIGH",)),
        "OUTAGE_TEAM": ("QX-052", ("SAAS_TEAM",)),
        "PROGRESS": ("QX-053", ("STATUS_PAGE",)),
        "HOSTING_PROVIDER": ("QX-068", ("CloudVPS",)),
        "INCLUDED_UPDATES": (
            "QX-083",
            (
                "UPDATES",
                "SECURITY_PATCHES",
                "DEVELOPMENT",
            ),
        ),
        "SAAS_TEAM": (
            "QX-092",
            (
                "INFRASTRUCTURE",
                "ESCALATIONS",
                "COMMUNICATION",
            ),
        ),
        "MONITORING_ANALYSIS": (
            "QX-093",
            (
                "PATTERNS",
                "SCENARIO_ERRORS",
                "TECHNICAL_DISTURBANCES",
            ),
        ),
        "MONITORING_ENDPOINT": ("QX-094", ("URL",)),
        "MONITORING_RESOURCES": (
            "QX-095",
            (
                "CPU",
                "DISK",
                "MEMORY",
                "NETWORK",
            ),
        ),
        "AUTOMATIC_RELEASES": ("QX-109", ("YES",)),
        "RELEASE_CONTENTS": (
            "QX-110",
            (
                "FEATURE",
                "FIX",
                "SECURITY",
            ),
        ),
        "RECOVERY_CAVEAT": (
            "QX-130",
            (
                "NO_COMPENSATION",
                "DEPENDS_ON_SUPPLIERS",
                "NOT_IN_FORCE_MAJEURE",
            ),
        ),
        "CONFIGURATION": ("QX-132", ("CUSTOMER",)),
        "CHANGES_IN_PRODUCTION": ("QX-133", ("CUSTOMER",)),
        "USE_IS_MONITORED": (
            "QX-138",
            (
                "TRAFFIC",
                "NETWORK_LOAD",
            ),
        ),
        "CUSTOMER_HOSTING": (
            "QX-142",
            (
                "DATA_MANAGER",
                "NO_UPDATES",
            ),
        ),
        "AGENT_INFRASTRUCTURE": ("QX-143", ("CUSTOMER",)),
        "AGENT_SECURITY": ("QX-144", ("CUSTOMER",)),
        "AGENT_CHANGES": ("QX-145", ("CUSTOMER",)),
        "AGENT_CONSEQUENCES": ("QX-146", ("CUSTOMER",)),
        "AGENT_RELEASES": ("QX-147", ("CUSTOMER",)),
    },
    "s4m-support": {
        "SERVICE_TYPES": (
            "S4-007",
            (
                "GENERIC",
                "SUPPORT_CHANNELS",
                "CALL_TYPES",
                "SOURCE",
                "SERVICES",
                "RESPONSE_TIMES",
                "USAGE",
            ),
        ),
        "CLOCKS_RUN_FROM": ("S4-016", ("PORTAL_REGISTRATION",)),
        "SOURCES": (
            "S4-021",
            (
                "KNOWLEDGE_BASE",
                "DOCUMENTATION",
            ),
        ),
        "ON_PREMISES": ("S4-037", ("CUSTOMER",)),
        "SUPPORT_CHANNELS": ("S4-038", ("PORTAL",)),
        "VENDOR_CONTACT": (
            "S4-039",
            (
                "Rubenstraat 211, 6717 VE Ede",
                "+31 318 894 615",
                "info@scope4mation.com",
            ),
        ),
        "HOSTING_PROVIDER": ("S4-069", ("CloudVPS",)),
        "AVAILABILITY_IS_A_GOAL": (
            "S4-070",
            (
                "NO_GUARANTEE",
                "DEPENDS_ON_CLOUDVPS",
            ),
        ),
        "CLOUD_TIMES": ("S4-074", ("START_OF_INVESTIGATION",)),
    },
}

FEATURES: dict[str, dict[str, tuple[str, dict[str, str]]]] = {
    "open2bizz": {},
    "oxygis": {},
    "qixium": {
        "INCIDENTS_AND_BUGS": ("QX-017", {"SUPPORT": "YES", "QAAS": "YES"}),
        "QUESTIONS": ("QX-018", {"SUPPORT": "YES", "QAAS": "YES"}),
        "KNOWLEDGE_BASE": ("QX-019", {"SUPPORT": "YES", "QAAS": "YES"}),
        "DOCUMENTATION": ("QX-020", {"SUPPORT": "YES", "QAAS": "YES"}),
        "PRIORITISATION": ("QX-021", {"SUPPORT": "STANDARD", "QAAS": "TUNED"}),
        "PROACTIVE_MONITORING": ("QX-022", {"SUPPORT": "BASIC", "QAAS": "EXTENDED"}),
        "FUNCTIONAL_MANAGEMENT": ("QX-016", {"SUPPORT": "NO", "QAAS": "YES"}),
        "CHANGE_MANAGEMENT": ("QX-016", {"SUPPORT": "NO", "QAAS": "YES"}),
        "RELEASE_ALIGNMENT": ("QX-016", {"SUPPORT": "NO", "QAAS": "YES"}),
        "STRUCTURAL_CONSULTATION": ("QX-016", {"SUPPORT": "NO", "QAAS": "YES"}),
        "INVOLVEMENT": ("QX-103", {"SUPPORT": "AD_HOC", "QAAS": "STRUCTURAL"}),
        "CONTEXT_AND_KNOWLEDGE": ("QX-104", {"SUPPORT": "FRAGMENTED", "QAAS": "SECURED"}),
        "CHANGES": ("QX-105", {"SUPPORT": "SEPARATE_ACTIONS", "QAAS": "COORDINATED"}),
        "MONITORING": ("QX-106", {"SUPPORT": "LIMITED", "QAAS": "STRUCTURAL"}),
        "DIRECTION": ("QX-107", {"SUPPORT": "NOT_ASSIGNED", "QAAS": "FIXED_CONTACT"}),
        "COSTS": ("QX-108", {"SUPPORT": "VARIABLE", "QAAS": "PREDICTABLE"}),
    },
    "s4m-support": {
        "LEVEL": ("S4-001", {"DEFAULT": "DEFAULT", "EXTENDED": "EXTENDED"}),
        "OWN_CONSULTANT": ("S4-010", {"DEFAULT": "NO", "EXTENDED": "YES"}),
        "SELF_SERVICE_PORTAL": ("S4-013", {"DEFAULT": "YES", "EXTENDED": "YES"}),
        "MAIL": ("S4-014", {"DEFAULT": "NO", "EXTENDED": "YES"}),
        "PHONE": ("S4-015", {"DEFAULT": "NO", "EXTENDED": "YES"}),
        "FIRST_ANALYSIS": ("S4-017", {"DEFAULT": "YES", "EXTENDED": "YES"}),
        "SOFTWARE_BUGS": ("S4-018", {"DEFAULT": "YES", "EXTENDED": "YES"}),
        "DATA_PROBLEMS": ("S4-019", {"DEFAULT": "NO", "EXTENDED": "NO"}),
        "INFORMATION_REQUESTS": ("S4-020", {"DEFAULT": "YES", "EXTENDED": "YES"}),
    },
}


def clauses(*tables: dict[str, dict[str, tuple[str, object]]]) -> list[str]:
    return sorted({row[0] for table in tables for rows in table.values() for row in rows.values()})


@pytest.mark.clause(*clauses(FACTS))  # type: ignore[arg-type] # the rows differ in their second half only
@pytest.mark.parametrize("key", KEYS)
def test_facts_are_told_with_their_clause(key: str) -> None:
    assert {fact.key: (fact.clause.key, fact.values) for fact in policy(key).service.facts} == FACTS[key]


@pytest.mark.clause(*clauses(FEATURES))  # type: ignore[arg-type] # as above
@pytest.mark.parametrize("key", KEYS)
def test_what_each_tier_has_is_told_with_its_clause(key: str) -> None:
    told = {each.key: (each.clause.key, each.values) for each in policy(key).service.features}
    assert told == FEATURES[key]


@pytest.mark.clause("QX-016")
def test_qaas_has_all_that_support_has_and_more() -> None:
    features = policy("qixium").service.features
    has = {tier: {each.key for each in features if each.values[tier] != "NO"} for tier in ("SUPPORT", "QAAS")}
    assert has["SUPPORT"] < has["QAAS"]


@pytest.mark.clause("QX-002")
def test_the_change_history_is_told_with_the_newest_first() -> None:
    days = [revision.on for revision in policy("qixium").service.history]
    assert days == [
        date(2026, 2, 27),
        date(2026, 2, 24),
        date(2026, 2, 18),
        date(2026, 2, 1),
        date(2024, 10, 7),
        date(2024, 10, 1),
        date(2023, 3, 1),
        date(2022, 9, 14),
        date(2021, 7, 13),
    ]
    assert {revision.clause.key for revision in policy("qixium").service.history} == {"QX-002"}


@pytest.mark.clause("S4-056", "S4-057", "S4-058", "S4-059", "S4-060", "S4-061")
def test_impact_and_urgency_have_three_levels_each() -> None:
    told = [(each.scale, each.level, each.clause.key) for each in policy("s4m-support").service.levels]
    assert told == [
        ("IMPACT", 1, "S4-056"),
        ("IMPACT", 2, "S4-057"),
        ("IMPACT", 3, "S4-058"),
        ("URGENCY", 1, "S4-059"),
        ("URGENCY", 2, "S4-060"),
        ("URGENCY", 3, "S4-061"),
    ]


@pytest.mark.clause("OB-036", "S4-009")
@pytest.mark.parametrize(
    ("key", "name", "limits", "clause"),
    [
        ("open2bizz", "GITEA_ACCOUNTS", {"STANDARD": 2}, "OB-036"),
        ("s4m-support", "SERVICE_REPORTS", {"DEFAULT": 0, "EXTENDED": 4}, "S4-009"),
    ],
)
def test_what_is_limited_by_number(key: str, name: str, limits: dict[str, int], clause: str) -> None:
    found = policy(key).service.limits[name]
    assert {tier: limit.value for tier, limit in found.items()} == limits
    assert {limit.clause.key for limit in found.values() if limit.clause} == {clause}


@pytest.mark.parametrize("key", KEYS)
def test_a_clause_is_told_in_every_language_of_its_agreement(key: str) -> None:
    languages = set(Locale) if key == "oxygis" else {Locale.NL, Locale.EN}
    for clause in policy(key).clauses:
        assert set(clause.texts) == languages
        assert all(text.strip().endswith((".", "?")) for text in clause.texts.values()), clause.key
