"""The shared responsibility matrix, the RACI steps, and the kinds of change."""

from __future__ import annotations

import pytest

from sla.errors import Refused, TermMissing
from sla.roles import check_carries_out, may_carry_out, responsibility_matrix, workflow_step
from sla.vocabulary import Hosting
from tests.sla.agreements import policy

S4M = "s4m-support"
PARTIES = ("CUSTOMER", "SUPPORT", "CONSULTANT", "SUPPORT_MANAGER")
RACI = (
    "RCIA",
    "RCIA",
    "CRIA",
    "CRIA",
    "CRIA",
    "CRIA",
    "CRIA",
    "CRIA",
    "CIRA",
    "IRCA",
    "CRIA",
    "RCIA",
    "CRIA",
)
LAYERS = (
    "INFORMATION",
    "TERMINALS",
    "ACCOUNTS",
    "DIRECTORY",
    "APPLICATIONS",
    "NETWORK_CONTROL",
    "OPERATING_SYSTEM",
    "PHYSICAL_HOSTS",
    "PHYSICAL_NETWORK",
    "DATA_CENTRE",
)


@pytest.mark.clause("S4-040", "S4-042", "S4-043", "S4-044", "S4-045", "S4-048", "S4-052")
@pytest.mark.parametrize("number", range(1, 14))
def test_a_step_is_for_who_is_responsible_or_accountable(number: int) -> None:
    step = workflow_step(policy(S4M), number)
    assert step.raci == dict(zip(PARTIES, RACI[number - 1], strict=True))
    assert step.clause.key == f"S4-{39 + number:03}"
    for party, letter in step.raci.items():
        assert may_carry_out(step, party) == (letter in "RA")
        if letter in "RA":
            check_carries_out(step, party)
            continue
        with pytest.raises(Refused, match="SUPPORT_MANAGER") as refusal:
            check_carries_out(step, party)
        assert refusal.value.clause == step.clause
    assert not may_carry_out(step, "NOBODY")


def test_the_process_has_thirteen_steps_in_their_order() -> None:
    assert [step.number for step in policy(S4M).service.workflow] == list(range(1, 14))
    with pytest.raises(TermMissing, match=r"workflow\.14"):
        workflow_step(policy(S4M), 14)


@pytest.mark.clause("OX-018", "OX-020")
@pytest.mark.parametrize(
    ("hosting", "column"),
    [(None, Hosting.CLOUD), (Hosting.CLOUD, Hosting.CLOUD), (Hosting.SELF_HOSTED, Hosting.SELF_HOSTED)],
)
def test_the_matrix_has_ten_layers_and_the_column_of_the_contract_only(
    hosting: Hosting | None, column: Hosting
) -> None:
    rows = responsibility_matrix(policy("oxygis"), hosting)
    assert tuple(row.key for row in rows) == LAYERS
    assert all(set(row.cells) == {column} for row in rows)
    assert all(row.cells[column] is None for row in rows), "the text tells no cell: none is invented"
    matrix = policy("oxygis").service.matrix
    assert matrix is not None
    assert matrix.column_clauses[Hosting.SELF_HOSTED].key == "OX-020"


@pytest.mark.clause("OX-019")
def test_the_footnote_goes_with_information_terminals_and_accounts() -> None:
    rows = responsibility_matrix(policy("oxygis"), None)
    noted = {row.key: row.footnote.key for row in rows if row.footnote}
    assert noted == dict.fromkeys(LAYERS[:3], "OX-019")
    with pytest.raises(TermMissing, match="matrix"):
        responsibility_matrix(policy(S4M), None)


@pytest.mark.clause("S4-067", "S4-068")
def test_a_standard_change_is_authorised_beforehand_and_an_urgent_one_goes_first() -> None:
    told = {each.key: (each.rank, each.authorised) for each in policy(S4M).service.change_types}
    assert told == {"URGENT": (1, False), "STANDARD": (2, True)}


@pytest.mark.clause("OX-016", "OB-040")
@pytest.mark.parametrize(
    ("key", "vendor_only", "contacts_only"),
    [
        ("open2bizz", None, "OB-040"),
        ("oxygis", "OX-016", None),
        ("qixium", None, None),
        ("s4m-support", None, None),
    ],
)
def test_who_manages_accounts_is_told_by_the_agreement(
    key: str, vendor_only: str | None, contacts_only: str | None
) -> None:
    terms = policy(key).service.accounts
    named = (terms.administrators_by_vendor_only, terms.contacts_only)
    assert [clause.key if clause else None for clause in named] == [vendor_only, contacts_only]


@pytest.mark.clause("OB-040", "S4-012")
@pytest.mark.parametrize(
    ("key", "tier", "clause"),
    [("open2bizz", None, "OB-040"), ("s4m-support", "DEFAULT", "S4-012"), ("oxygis", None, None)],
)
def test_asking_for_accounts_falls_back_on_who_the_contacts_are(
    key: str, tier: str | None, clause: str | None
) -> None:
    found = policy(key).accounts_clause(tier)
    assert (found.key if found else None) == clause
