from __future__ import annotations

from dataclasses import replace

import pytest

from sla.errors import Refused
from sla.registration import Registration, Report, classify, register
from sla.statuses import check_transition
from sla.vocabulary import (
    Channel,
    Environment,
    Hosting,
    Locale,
    Origin,
    ProblemKind,
    RefusalCode,
    TicketStatus,
    TicketType,
)
from tests.sla.agreements import TIERS, local, policy, ticket

INCIDENT, QUESTION = TicketType.INCIDENT, TicketType.QUESTION
REPORT = Report(type=INCIDENT, at=local("2026-03-10 10:00"))


def refusal(key: str, report: Report, tier: str | None = None) -> tuple[RefusalCode, str | None]:
    with pytest.raises(Refused) as refused:
        register(policy(key), tier or TIERS.get(key), report)
    assert all(refused.value.texts[locale] for locale in Locale)
    clause = refused.value.clause
    return refused.value.code, clause.key if clause else None


def registered(key: str, report: Report, tier: str | None = None) -> Registration:
    return register(policy(key), tier or TIERS.get(key), report)


# --- types ------------------------------------------------------------------------------------------

ACCEPTED = {
    "oxygis": {"INCIDENT", "QUESTION", "SERVICE_REQUEST"},
    "qixium": {"QUESTION", "INCIDENT", "BUG", "DEVELOPMENT_REQUEST", "CONSULTANCY_REQUEST"},
    "open2bizz": {"INCIDENT", "QUESTION", "SERVICE_REQUEST"},
    "s4m-support": {"INCIDENT", "QUESTION", "SERVICE_REQUEST", "CHANGE_REQUEST"},
}


@pytest.mark.clause("QX-024", "S4-053", "S4-017", "S4-018", "S4-020")
@pytest.mark.parametrize("key", ACCEPTED)
@pytest.mark.parametrize("type", TicketType)
def test_a_type_that_the_agreement_does_not_have_is_out_of_scope(key: str, type: TicketType) -> None:
    wish = "MINOR" if key == "oxygis" else None
    report = replace(REPORT, type=type, urgency=2, priority_wish=wish)
    if type in ACCEPTED[key]:
        assert registered(key, report).type is type
    else:
        assert refusal(key, report)[0] is RefusalCode.OUT_OF_SCOPE


@pytest.mark.clause("QX-076", "QX-077", "QX-078", "QX-079", "QX-080")
@pytest.mark.parametrize("type", sorted(ACCEPTED["qixium"]))
def test_questions_incidents_and_bugs_are_part_of_qixium_support(type: str) -> None:
    found = registered("qixium", replace(REPORT, type=TicketType(type)))
    inside = type in {"QUESTION", "INCIDENT", "BUG"}
    assert found.covered is inside
    assert found.priority == ("NORMAL" if inside else None)
    assert (found.uncovered_reason is None) is inside


# --- priorities -------------------------------------------------------------------------------------


@pytest.mark.clause("OX-035")
def test_an_oxygis_incident_needs_one_of_three_levels() -> None:
    assert refusal("oxygis", REPORT) == (RefusalCode.INVALID, "OX-035")
    assert refusal("oxygis", replace(REPORT, priority_wish="P1")) == (RefusalCode.INVALID, "OX-035")
    assert registered("oxygis", replace(REPORT, priority_wish="MAJOR")).priority == "MAJOR"


def test_an_oxygis_question_needs_no_level_and_has_none() -> None:
    assert registered("oxygis", replace(REPORT, type=QUESTION, priority_wish="MAJOR")).priority is None


@pytest.mark.clause("QX-039")
def test_a_wish_is_kept_and_never_used() -> None:
    found = registered("qixium", replace(REPORT, priority_wish="OUTAGE"))
    assert (found.priority, found.priority_wish) == ("NORMAL", "OUTAGE")
    assert refusal("qixium", replace(REPORT, priority_wish="P1")) == (RefusalCode.INVALID, "QX-039")


@pytest.mark.clause("QX-039", "S4-054")
def test_a_customer_cannot_set_the_priority() -> None:
    decided = replace(REPORT, priority="HIGH", urgency=1)
    assert refusal("qixium", decided) == (RefusalCode.FORBIDDEN_BY_CONTRACT, "QX-039")
    wished = replace(REPORT, priority_wish="HIGH", urgency=1)
    assert refusal("s4m-support", wished) == (RefusalCode.FORBIDDEN_BY_CONTRACT, "S4-054")


@pytest.mark.parametrize(("type", "priority"), [(INCIDENT, "P3"), (QUESTION, "P4")])
def test_open2bizz_takes_incidents_as_p3_and_all_else_as_p4(type: TicketType, priority: str) -> None:
    assert registered("open2bizz", replace(REPORT, type=type, priority_wish="P1")).priority == priority


@pytest.mark.clause("S4-062", "S4-063", "S4-064")
@pytest.mark.parametrize(
    ("urgency", "priorities"),
    [(1, ("HIGH", "HIGH", "NORMAL")), (2, ("HIGH", "NORMAL", "LOW")), (3, ("NORMAL", "LOW", "LOW"))],
)
def test_urgency_and_impact_give_the_priority(urgency: int, priorities: tuple[str, ...]) -> None:
    found = [
        registered("s4m-support", replace(REPORT, urgency=urgency, impact=impact)).priority
        for impact in (1, 2, 3)
    ]
    assert tuple(found) == priorities
    assert registered("s4m-support", replace(REPORT, urgency=urgency)).priority == priorities[1]


@pytest.mark.clause("S4-054")
def test_urgency_is_mandatory_where_the_matrix_decides_and_on_its_scale() -> None:
    assert refusal("s4m-support", REPORT) == (RefusalCode.INVALID, "S4-054")
    assert refusal("s4m-support", replace(REPORT, urgency=4))[0] is RefusalCode.INVALID
    assert refusal("s4m-support", replace(REPORT, urgency=1, impact=0))[0] is RefusalCode.INVALID


# --- environments -----------------------------------------------------------------------------------


@pytest.mark.clause("QX-057")
@pytest.mark.parametrize("environment", [Environment.TEST, Environment.ACCEPTANCE])
def test_qixium_takes_tickets_outside_production_as_low(environment: Environment) -> None:
    found = registered("qixium", replace(REPORT, environment=environment, priority_wish="HIGH"))
    assert found.priority == "LOW"


@pytest.mark.clause("QX-058")
def test_a_raise_outside_production_needs_a_reason() -> None:
    low = registered("qixium", replace(REPORT, environment=Environment.TEST))
    for reason in (None, "  "):
        with pytest.raises(Refused) as refused:
            classify(policy("qixium"), "SUPPORT", low, priority="HIGH", reason=reason)
        assert (refused.value.code, refused.value.path) == (RefusalCode.INVALID, ("reason",))
    raised = classify(policy("qixium"), "SUPPORT", low, priority="HIGH", reason="called about the go-live")
    assert raised.priority == "HIGH"


@pytest.mark.clause("OB-055", "OB-057", "OB-059", "OB-060")
def test_an_open2bizz_test_environment_is_best_effort_with_its_addendum_only() -> None:
    report = replace(REPORT, environment=Environment.TEST)
    assert refusal("open2bizz", report) == (RefusalCode.OUT_OF_SCOPE, "OB-055")
    held = replace(report, addenda=frozenset({"TEST_ENV_ADDENDUM"}))
    found = registered("open2bizz", held)
    assert (found.covered, found.priority, found.clause.key) == (True, None, "OB-057")
    with pytest.raises(Refused) as refused:
        classify(policy("open2bizz"), None, found, priority="P1", reason="urgent")
    assert refused.value.code is RefusalCode.FORBIDDEN_BY_CONTRACT
    custom = replace(held, component="third party")
    assert refusal("open2bizz", custom) == (RefusalCode.OUT_OF_SCOPE, "OB-059")
    functional = registered("open2bizz", replace(held, problem_kind=ProblemKind.FUNCTIONAL))
    assert (functional.covered, functional.clause.key) == (False, "OB-060")


# --- scope ------------------------------------------------------------------------------------------


@pytest.mark.clause("OX-002")
def test_self_hosted_customers_of_oxygis_have_no_service_levels() -> None:
    found = registered("oxygis", replace(REPORT, priority_wish="CRITICAL", hosting=Hosting.SELF_HOSTED))
    assert (found.covered, found.priority, found.clause.key) == (False, None, "OX-002")


@pytest.mark.clause("QX-011", "QX-012", "QX-131")
@pytest.mark.parametrize(
    ("component", "type", "clause"),
    [
        ("Data Manager", TicketType.QUESTION, "QX-011"),
        ("DATA_MANAGER", TicketType.DEVELOPMENT_REQUEST, "QX-011"),
        ("ORB", TicketType.INCIDENT, "QX-012"),
    ],
)
def test_qixium_refuses_what_was_not_agreed_for_a_component(
    component: str, type: TicketType, clause: str
) -> None:
    report = replace(REPORT, component=component, type=type)
    assert refusal("qixium", report) == (RefusalCode.OUT_OF_SCOPE, clause)
    assert registered("qixium", replace(REPORT, component="data-manager")).covered
    assert registered("qixium", replace(REPORT, component="custom")).clause.key == "QX-131"


@pytest.mark.clause("OB-014", "OB-015", "OB-023", "OB-024", "OB-046", "OB-049", "OB-050")
def test_open2bizz_addenda_and_components_decide_scope() -> None:
    held = replace(REPORT, addenda=frozenset({"METABASE", "PBX", "ODOO_ENTERPRISE"}))
    for component, clause in (("METABASE", "OB-046"), ("PBX", "OB-050"), ("ENTERPRISE_UPDATE", "OB-014")):
        without = replace(REPORT, component=component)
        assert refusal("open2bizz", without) == (RefusalCode.OUT_OF_SCOPE, clause)
        assert registered("open2bizz", replace(held, component=component)).covered
    query = replace(held, component="METABASE", problem_kind=ProblemKind.FUNCTIONAL)
    assert refusal("open2bizz", query) == (RefusalCode.OUT_OF_SCOPE, "OB-049")
    for component, clause in (
        ("COMMUNITY", "OB-024"),
        ("UBUNTU_UPGRADE", "OB-015"),
        ("MAJOR_UPGRADE", "OB-023"),
    ):
        found = registered("open2bizz", replace(REPORT, component=component))
        assert (found.covered, found.priority, found.clause.key) == (False, None, clause)
    assert registered("open2bizz", replace(REPORT, component="UBUNTU_UPDATE")).covered


@pytest.mark.clause("S4-019", "S4-034", "S4-035", "S4-036")
@pytest.mark.parametrize(
    ("component", "kind", "covered"),
    [
        ("QIXIUM", ProblemKind.FUNCTIONAL, True),
        ("ROOM_BOOKER", ProblemKind.FUNCTIONAL, False),
        ("ROOM_BOOKER", ProblemKind.TECHNICAL, True),
        ("DATA_MANAGER", ProblemKind.FUNCTIONAL, False),
        ("DATA_MANAGER", ProblemKind.TECHNICAL, True),
    ],
)
def test_s4m_product_and_kind_decide_support_or_consultancy(
    component: str, kind: ProblemKind, covered: bool
) -> None:
    report = replace(REPORT, urgency=2, component=component, problem_kind=kind)
    assert registered("s4m-support", report).covered is covered
    data = replace(report, component="data problem")
    assert refusal("s4m-support", data) == (RefusalCode.OUT_OF_SCOPE, "S4-019")


# --- channels ---------------------------------------------------------------------------------------

STAFF = replace(REPORT, origin=Origin.OPERATOR)
MACHINE = replace(REPORT, origin=Origin.MONITORING)


@pytest.mark.clause("QX-037", "QX-038", "QX-056")
def test_qixium_is_portal_first_with_the_one_exception_of_an_outage_by_telephone() -> None:
    phone = replace(STAFF, channel=Channel.PHONE)
    assert refusal("qixium", phone) == (RefusalCode.CHANNEL_NOT_COVERED, "QX-038")
    assert refusal("qixium", replace(STAFF, channel=Channel.EMAIL))[0] is RefusalCode.CHANNEL_NOT_COVERED
    assert registered("qixium", replace(phone, priority="OUTAGE")).priority == "OUTAGE"
    assert registered("qixium", STAFF).channel is Channel.PORTAL


@pytest.mark.clause("QX-055")
def test_monitoring_opens_outages_only() -> None:
    found = registered("qixium", replace(MACHINE, priority_wish="OUTAGE"))
    assert (found.channel, found.priority) == (Channel.MONITORING, "OUTAGE")
    assert refusal("qixium", replace(MACHINE, priority="HIGH"))[0] is RefusalCode.CHANNEL_NOT_COVERED
    assert refusal("oxygis", replace(MACHINE, priority="CRITICAL"))[0] is RefusalCode.CHANNEL_NOT_COVERED


@pytest.mark.parametrize("channel", [Channel.PHONE, Channel.EMAIL, Channel.API, Channel.MONITORING])
def test_a_customer_registers_in_the_portal_only(channel: Channel) -> None:
    report = replace(REPORT, channel=channel, priority_wish="MAJOR")
    assert refusal("oxygis", report)[0] is RefusalCode.CHANNEL_NOT_COVERED


@pytest.mark.clause("OX-025")
@pytest.mark.parametrize("channel", [Channel.PHONE, Channel.EMAIL, Channel.PORTAL])
def test_oxygis_takes_calls_mails_and_the_portal(channel: Channel) -> None:
    report = replace(STAFF, channel=channel, priority="MAJOR")
    assert registered("oxygis", report).channel is channel


@pytest.mark.clause("S4-013", "S4-014", "S4-015")
def test_s4m_mail_is_for_extended_and_the_telephone_registers_nothing() -> None:
    mail = replace(STAFF, channel=Channel.EMAIL, urgency=2)
    assert refusal("s4m-support", mail, "DEFAULT") == (RefusalCode.NOT_SUPPORTED_BY_TIER, "S4-014")
    assert registered("s4m-support", mail, "EXTENDED").channel is Channel.EMAIL
    for tier in ("DEFAULT", "EXTENDED"):
        phone = replace(STAFF, channel=Channel.PHONE, urgency=1)
        assert refusal("s4m-support", phone, tier) == (RefusalCode.CHANNEL_NOT_COVERED, "S4-015")
        assert registered("s4m-support", replace(REPORT, urgency=2), tier).channel is Channel.PORTAL


@pytest.mark.clause("OB-042", "OB-043")
def test_open2bizz_takes_calls_outside_hours_for_p1_only_and_mails_always() -> None:
    night = replace(STAFF, at=local("2026-03-14 11:00"))
    phone = replace(night, channel=Channel.PHONE)
    assert refusal("open2bizz", replace(phone, priority="P2")) == (RefusalCode.CHANNEL_NOT_COVERED, "OB-042")
    assert registered("open2bizz", replace(phone, priority="P1")).priority == "P1"
    assert registered("open2bizz", replace(phone, priority_wish="P1")).priority == "P1"
    day = replace(phone, at=local("2026-03-13 11:00"), priority="P2")
    assert registered("open2bizz", day).priority == "P2"
    assert registered("open2bizz", replace(night, channel=Channel.EMAIL)).priority == "P3"


# --- classification ---------------------------------------------------------------------------------


@pytest.mark.clause("QX-054")
def test_an_outage_is_an_incident() -> None:
    question = registered("qixium", replace(REPORT, type=QUESTION))
    with pytest.raises(Refused) as refused:
        classify(policy("qixium"), "SUPPORT", question, priority="OUTAGE")
    assert refused.value.path == ("priorityKey",)
    as_incident = classify(policy("qixium"), "SUPPORT", question, type=INCIDENT, priority="OUTAGE")
    assert as_incident.priority == "OUTAGE"
    back = classify(policy("qixium"), "SUPPORT", as_incident, type=QUESTION)
    assert back.priority == "NORMAL"


def test_what_an_operator_leaves_out_stays_as_it_was() -> None:
    high = ticket("qixium", "2026-03-10 09:00", "HIGH").registration
    assert classify(policy("qixium"), "SUPPORT", high, type=TicketType.BUG).priority == "HIGH"
    assert classify(policy("qixium"), "SUPPORT", high) == high


def test_a_new_type_takes_its_own_priority_unless_an_operator_had_decided() -> None:
    incident = registered("open2bizz", REPORT)
    assert classify(policy("open2bizz"), None, incident, type=QUESTION).priority == "P4"
    urgent = classify(policy("open2bizz"), None, incident, priority="P2")
    assert classify(policy("open2bizz"), None, urgent, type=QUESTION).priority == "P2"


@pytest.mark.clause("S4-054")
def test_the_vendor_may_change_impact_and_override_the_matrix() -> None:
    start = registered("s4m-support", replace(REPORT, urgency=1, impact=1))
    assert classify(policy("s4m-support"), "EXTENDED", start, impact=3).priority == "NORMAL"
    overruled = classify(policy("s4m-support"), "EXTENDED", start, priority="LOW")
    assert overruled.priority == "LOW"
    assert classify(policy("s4m-support"), "EXTENDED", overruled, type=QUESTION).priority == "LOW"


def test_a_question_that_becomes_an_incident_takes_the_wish_or_needs_a_level() -> None:
    wished = registered("oxygis", replace(REPORT, type=QUESTION, priority_wish="MINOR"))
    assert classify(policy("oxygis"), None, wished, type=INCIDENT).priority == "MINOR"
    silent = registered("oxygis", replace(REPORT, type=QUESTION))
    with pytest.raises(Refused):
        classify(policy("oxygis"), None, silent, type=INCIDENT)
    assert classify(policy("oxygis"), None, silent, type=INCIDENT, priority="MAJOR").priority == "MAJOR"


@pytest.mark.clause("QX-023")
def test_only_the_listed_changes_of_status_are_accepted() -> None:
    check_transition(policy("qixium"), TicketStatus.NEW, TicketStatus.IN_PROGRESS)
    for wanted in (TicketStatus.WAITING_FOR_DEVELOPMENT, TicketStatus.CLOSED):
        with pytest.raises(Refused) as refused:
            check_transition(policy("qixium"), TicketStatus.CLOSED, wanted)
        assert refused.value.code is RefusalCode.ILLEGAL_TRANSITION
