from __future__ import annotations

import csv
from datetime import date
from importlib import resources
from pathlib import Path

import pytest

from sla.policy import Library, PolicyFileWrong, PolicyNotYetValid, UnknownPolicy, UnknownTier
from sla.vocabulary import Channel, ClockKind, Locale, Origin, TicketStatus
from tests.sla.agreements import library, policy

KEYS = ("open2bizz", "oxygis", "qixium", "s4m-support")
ROOT = Path(__file__).resolve().parents[2]


def source(name: str) -> str:
    return resources.files("sla").joinpath("policies", name).read_text(encoding="utf-8")


QIXIUM = "qixium-2026-03-01.toml"


def test_the_library_holds_the_four_agreements() -> None:
    assert tuple(each.key for each in library().all()) == KEYS


@pytest.mark.clause("OX-001", "QX-001")
def test_a_policy_has_the_date_that_it_is_valid_from() -> None:
    assert {each.key: each.version for each in library().all()} == {
        "open2bizz": date(2024, 1, 1),  # the text carries no date
        "oxygis": date(2025, 6, 18),
        "qixium": date(2026, 3, 1),
        "s4m-support": date(2023, 3, 1),  # no date either: that of V3 in the history of Qixium's
    }


@pytest.mark.clause("QX-001")
def test_no_version_is_in_force_before_its_date() -> None:
    assert library().in_force("qixium", date(2026, 3, 1)).version == date(2026, 3, 1)
    with pytest.raises(PolicyNotYetValid):
        library().in_force("qixium", date(2026, 2, 28))


def test_unknown_policies_versions_tiers_and_clauses_are_told_apart() -> None:
    with pytest.raises(UnknownPolicy):
        library().get("nobody")
    with pytest.raises(UnknownPolicy):
        library().get("qixium", date(2020, 1, 1))
    with pytest.raises(UnknownTier):
        policy("qixium").tier(None)
    with pytest.raises(UnknownTier):
        policy("qixium").tier("GOLD")
    with pytest.raises(KeyError):
        policy("qixium").clause("QX-999")


def test_the_newest_version_on_a_day_is_in_force(tmp_path: Path) -> None:
    text = source(QIXIUM)
    (tmp_path / "b.toml").write_text(text.replace("version = 2026-03-01", "version = 2027-01-01"), "utf-8")
    both = Library.load(tmp_path)
    assert both.in_force("qixium", date(2026, 12, 31)).version == date(2026, 3, 1)
    assert both.in_force("qixium", date(2027, 1, 1)).version == date(2027, 1, 1)
    assert both.get("qixium").version == date(2027, 1, 1)
    assert both.get("qixium", date(2026, 3, 1)).version == date(2026, 3, 1)


@pytest.mark.parametrize("key", KEYS)
def test_every_clause_of_a_file_is_one_of_the_agreement_in_its_languages(key: str) -> None:
    with (ROOT / "docs" / "clauses.tsv").open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        known = {row["id"] for row in rows if row["document"] == key}
    agreement = policy(key)
    languages = set(Locale) if key == "oxygis" else {Locale.NL, Locale.EN}
    assert agreement.clauses
    for clause in agreement.clauses:
        assert clause.key in known
        assert set(clause.texts) >= languages
        assert clause.id == f"{key}/{agreement.version.isoformat()}/{clause.key}"


@pytest.mark.parametrize("key", KEYS)
def test_every_target_names_the_clause_that_holds_its_figure(key: str) -> None:
    for target in policy(key).targets:
        assert target.clause is not None
        if target.amount is not None:
            assert str(target.amount.count) in target.clause.texts[Locale.NL]


@pytest.mark.parametrize("key", KEYS)
def test_labels_are_there_in_every_language(key: str) -> None:
    tiers, priorities = policy(key).tiers, policy(key).priorities
    for labels in (*(tier.labels for tier in tiers), *(priority.labels for priority in priorities)):
        assert set(labels) == set(Locale)


@pytest.mark.clause("OB-038", "S4-012")
@pytest.mark.parametrize(
    ("key", "tier", "limit", "clause"),
    [
        ("open2bizz", None, 3, "OB-038"),
        ("s4m-support", "DEFAULT", 1, "S4-012"),
        ("s4m-support", "EXTENDED", 3, "S4-012"),
        ("oxygis", None, 3, None),
        ("qixium", "QAAS", 3, None),
    ],
)
def test_the_number_of_named_contacts_is_that_of_the_tier(
    key: str, tier: str | None, limit: int, clause: str | None
) -> None:
    found = policy(key).contact_limit(tier)
    assert found.value == limit
    assert (found.clause.key if found.clause else None) == clause


@pytest.mark.clause("QX-023", "QX-033")
def test_the_only_way_out_of_waiting_for_development_is_in_progress() -> None:
    assert policy("qixium").next_statuses(TicketStatus.WAITING_FOR_DEVELOPMENT) == {TicketStatus.IN_PROGRESS}
    assert policy("qixium").next_statuses(TicketStatus.CLOSED) == {TicketStatus.IN_PROGRESS}


@pytest.mark.clause("QX-064")
def test_only_the_resolution_clock_of_qixium_pauses() -> None:
    waits = {TicketStatus.WAITING_FOR_CUSTOMER, TicketStatus.WAITING_FOR_DEVELOPMENT}
    assert policy("qixium").pauses(ClockKind.RESOLUTION) == waits
    for key in KEYS:
        assert policy(key).pauses(ClockKind.RESPONSE) == set()
        assert policy(key).pauses(ClockKind.RESOLUTION) == (waits if key == "qixium" else set())


def test_a_customer_registers_in_the_portal_and_an_integration_through_the_api() -> None:
    for each in library().all():
        tier = each.tiers[0].key
        assert each.channels_for(Origin.CUSTOMER, tier) == (Channel.PORTAL,)
        assert each.channels_for(Origin.INTEGRATION, tier) == (Channel.API,)


def test_a_folder_without_policies_adds_nothing(tmp_path: Path) -> None:
    assert len(Library.load(tmp_path).all()) == len(KEYS)


def test_a_version_that_is_there_already_is_refused(tmp_path: Path) -> None:
    (tmp_path / "again.toml").write_text(source(QIXIUM), encoding="utf-8")
    with pytest.raises(PolicyFileWrong, match=r"again\.toml: version: qixium 2026-03-01 is there already"):
        Library.load(tmp_path)
