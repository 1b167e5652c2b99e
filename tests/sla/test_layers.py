"""What was agreed in writing, general terms and the policy: which of them holds, and where it comes from."""

from __future__ import annotations

import pytest

from sla.errors import OverrideWithoutReference, TermUnreadable, UnknownTerm
from sla.layers import Agreed, EffectiveTerm, effective_terms, policy_with
from sla.service_terms import Layer
from sla.vocabulary import ClockState, Locale, TicketType, WorkKind, say
from tests.sla.agreements import local, policy, ticket, verdict

GENERAL, SPECIFIC = Layer.GENERAL_TERMS, Layer.SPECIFIC_AGREEMENT


def term(key: str, name: str, *agreed: Agreed, tier: str | None = None) -> EffectiveTerm:
    return next(each for each in effective_terms(policy(key), tier, agreed) if each.key == name)


@pytest.mark.clause("QX-005", "QX-065", "S4-004")
@pytest.mark.parametrize(
    ("key", "tier", "clause"), [("qixium", "SUPPORT", "QX-005"), ("s4m-support", "DEFAULT", "S4-004")]
)
def test_what_was_agreed_in_writing_prevails_and_tells_its_reference(
    key: str, tier: str, clause: str
) -> None:
    agreed = Agreed("response.HIGH", "60 minutes", "AGR-9")
    held = term(key, "response.HIGH", agreed, tier=tier)
    assert (held.value, held.layer, held.reference) == ("60 minutes", SPECIFIC, "AGR-9")
    assert held.clause is not None
    assert held.clause.key == clause
    assert term(key, "response.NORMAL", agreed, tier=tier).layer is Layer.POLICY


@pytest.mark.clause("QX-005", "QX-065")
def test_an_agreed_target_moves_the_deadline_of_its_priority_only() -> None:
    agreed = (Agreed("response.HIGH", "60 minutes", "AGR-9"),)
    high = ticket("qixium", "2026-03-10 09:00", "HIGH", agreed=agreed)
    normal = ticket("qixium", "2026-03-10 09:00", "NORMAL", agreed=agreed)
    assert verdict(high).response.due_at == local("2026-03-10 10:00")
    assert verdict(high).resolution.due_at == local("2026-03-11 09:00")
    assert verdict(normal).response.due_at == local("2026-03-10 13:00")


def test_an_agreed_best_effort_takes_the_due_moment_away() -> None:
    agreed = (Agreed("resolution.HIGH", "best effort", "AGR-9"),)
    found = verdict(ticket("qixium", "2026-03-10 09:00", "HIGH", agreed=agreed)).resolution
    assert (found.state, found.due_at) == (ClockState.BEST_EFFORT, None)


def test_a_target_for_one_type_of_ticket_is_agreed_by_its_own_name() -> None:
    agreed = (Agreed("response.CHANGE_REQUEST.HIGH", "1 day", "AGR-9"),)
    change = ticket(
        "s4m-support", "2026-04-02 11:00", "HIGH", type=TicketType.CHANGE_REQUEST, urgency=1, agreed=agreed
    )
    incident = ticket("s4m-support", "2026-04-02 11:00", "HIGH", urgency=1, agreed=agreed)
    assert verdict(change).response.due_at == local("2026-04-03 11:00")
    assert verdict(incident).response.due_at == local("2026-04-02 15:00")


@pytest.mark.clause("QX-005", "QX-065")
@pytest.mark.parametrize("reference", ["", "   "])
def test_without_a_written_reference_nothing_is_agreed(reference: str) -> None:
    with pytest.raises(OverrideWithoutReference):
        Agreed("response.HIGH", "60 minutes", reference)


@pytest.mark.clause("OB-003")
def test_open2bizz_puts_the_general_terms_between_agreement_and_policy() -> None:
    specific = Agreed("response.P1", "60 minutes", "AGR-1")
    general = Agreed("response.P1", "90 minutes", "ICTWaarborg", GENERAL)
    assert term("open2bizz", "response.P1").value == "2 hours"
    assert term("open2bizz", "response.P1", general).value == "90 minutes"
    both = term("open2bizz", "response.P1", general, specific)
    assert (both.value, both.layer) == ("60 minutes", SPECIFIC)
    assert both.clause is not None
    assert both.clause.key == "OB-003"


@pytest.mark.clause("QX-006")
@pytest.mark.parametrize("key", ["oxygis", "qixium", "s4m-support"])
def test_elsewhere_general_terms_fill_only_what_the_policy_leaves_open(key: str) -> None:
    order = policy(key).service.precedence.layers
    assert order == (SPECIFIC, Layer.POLICY, GENERAL)
    tier = policy(key).tiers[0].key
    general = Agreed("contacts.limit", "9", "General terms", GENERAL)
    assert term(key, "contacts.limit", general, tier=tier).layer is Layer.POLICY


def test_a_rate_that_the_policy_leaves_open_is_filled_by_the_general_terms() -> None:
    general = Agreed("consultancy.STANDARD.hourly", "110.00", "General terms", GENERAL)
    assert term("oxygis", "consultancy.STANDARD.hourly").value is None
    assert term("oxygis", "consultancy.STANDARD.hourly", general).layer is GENERAL
    specific = Agreed("consultancy.STANDARD.hourly", "99.50", "AGR-2")
    held = policy_with(policy("oxygis"), None, (general, specific))
    rate = held.rate(None, WorkKind.STANDARD)
    assert rate is not None
    assert str(rate.hourly) == "99.50"


def test_every_figure_can_be_agreed_otherwise() -> None:
    values = {
        "contacts.limit": "5",
        "auto_close.working_days": "20",
        "availability.target": "99.5",
        "consultancy.NON_PLATFORM.hourly": "175.00",
        "leads.CONSULTANT_BOOKING": "3",
    }
    for key, tier in (("qixium", "SUPPORT"), ("s4m-support", "EXTENDED")):
        stated = {each.key for each in effective_terms(policy(key), tier)}
        agreed = tuple(Agreed(name, value, "AGR-3") for name, value in values.items() if name in stated)
        held = {
            each.key: each.value for each in effective_terms(policy_with(policy(key), tier, agreed), tier)
        }
        assert {each.term: held[each.term] for each in agreed} == {each.term: each.value for each in agreed}


def test_every_term_of_every_agreement_names_its_clause_or_is_the_portals_default() -> None:
    without = {
        (key.key, tier.key, each.key)
        for key in map(policy, ("oxygis", "qixium", "open2bizz", "s4m-support"))
        for tier in key.tiers
        for each in effective_terms(key, tier.key)
        if each.clause is None and each.value is not None
    }
    limits = {("oxygis", "STANDARD"), ("qixium", "SUPPORT"), ("qixium", "QAAS")}
    assert without == {(key, tier, "contacts.limit") for key, tier in limits}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("response.HIGH", "an hour"),
        ("availability.target", "101"),
        ("availability.target", "NaN"),
        ("availability.target", "9_9"),
        ("contacts.limit", "-1"),
        ("contacts.limit", "0"),
        ("auto_close.working_days", "367"),
        ("consultancy.STANDARD.hourly", "cheap"),
        ("consultancy.STANDARD.hourly", "1e3"),
        ("consultancy.STANDARD.hourly", "1000001"),
        ("consultancy.STANDARD.hourly", "1.0000001"),
        ("consultancy.STANDARD.hourly", "-1"),
    ],
)
def test_a_value_that_cannot_be_read_says_how_to_write_it(name: str, value: str) -> None:
    with pytest.raises(TermUnreadable, match=r"must (be|not)"):
        effective_terms(policy("qixium"), "SUPPORT", [Agreed(name, value, "AGR-9")])


def test_a_term_that_there_is_not_lists_those_that_there_are() -> None:
    with pytest.raises(UnknownTerm, match=r"response\.HIGH"):
        effective_terms(policy("qixium"), "SUPPORT", [Agreed("response.URGENT", "1 hour", "AGR-9")])


def test_the_policy_itself_stays_as_it_is() -> None:
    policy_with(policy("qixium"), "SUPPORT", (Agreed("response.HIGH", "60 minutes", "AGR-9"),))
    assert term("qixium", "response.HIGH", tier="SUPPORT").value == "2 hours"
    assert say(policy("qixium").tier("SUPPORT").labels, Locale.EN) == "Support"
