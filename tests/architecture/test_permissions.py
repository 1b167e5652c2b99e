"""Every root field and object type says who may have it, and docs/permissions.md is printed from that."""

from __future__ import annotations

import pytest

from api.access import ACCESS, permissions_markdown
from api.schema import schema_text
from tests.architecture.permissions import undeclared, unknown
from tests.architecture.tree import ROOT

SMALL = """
type Query { ticket: Ticket }
type Mutation { close: Ticket }
type Ticket { id: ID! notes: String }
input Order { by: String }
"""
DECLARED = ["Query.ticket", "Mutation.close", "Ticket", "Ticket.notes"]


def test_every_root_field_and_object_type_declares_a_permission() -> None:
    assert undeclared(schema_text(), ACCESS) == []


def test_every_permission_belongs_to_something() -> None:
    assert unknown(schema_text(), ACCESS) == []


def test_the_permissions_document_is_what_the_code_prints() -> None:
    assert (ROOT / "docs" / "permissions.md").read_text(encoding="utf-8") == permissions_markdown()


def test_every_declared_permission_stands_in_the_document() -> None:
    lines = permissions_markdown().splitlines()
    assert [name for name in ACCESS if not any(f"`{name}`" in line for line in lines)] == []


@pytest.mark.parametrize("forgotten", ["Query.ticket", "Mutation.close", "Ticket"])
def test_a_forgotten_permission_is_found(forgotten: str) -> None:
    assert undeclared(SMALL, DECLARED) == []
    assert undeclared(SMALL, [name for name in DECLARED if name != forgotten]) == [forgotten]


def test_a_permission_of_nothing_is_found() -> None:
    assert unknown(SMALL, DECLARED) == []
    assert unknown(SMALL, [*DECLARED, "Ticket.gone", "Gone"]) == ["Gone", "Ticket.gone"]
