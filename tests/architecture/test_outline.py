"""The schema keeps the public vocabulary; what it lacks stands in a list that may only shrink."""

from __future__ import annotations

import pytest

from tests.architecture.outline import BOUND, MISSING, OUTLINE, SCHEMA, changed, expand, missing, shapes

SMALL = """
scalar Date
interface Node { id: ID! }
type Ticket implements Node { id: ID! status: Status! entries(first: Int = 20, after: String): [Entry!]! }
enum Status { NEW CLOSED }
union Actor = Ticket | Person
type Query { ticket(number: String!): Ticket }
input Order { field: String! direction: String! = "ASC" }
"""


@pytest.fixture(scope="module")
def outline() -> dict[str, str]:
    return shapes(OUTLINE.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def schema() -> dict[str, str]:
    return shapes(SCHEMA.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def listed() -> list[str]:
    return MISSING.read_text(encoding="utf-8").split("\n")[:-1]


def test_the_schema_changes_nothing_of_the_outline(outline: dict[str, str], schema: dict[str, str]) -> None:
    assert changed(outline, schema) == []


def test_what_the_schema_lacks_is_listed_and_nothing_else(
    outline: dict[str, str], schema: dict[str, str], listed: list[str]
) -> None:
    assert listed == missing(outline, schema)


def test_the_list_of_what_is_missing_only_shrinks(outline: dict[str, str], listed: list[str]) -> None:
    count, bound = len(expand(listed, outline)), int(BOUND.read_text())
    assert count <= bound, "more is missing than before"
    assert count == bound, f"less is missing than before: write {count} into {BOUND.name}"


def test_the_outline_is_read_to_its_last_type(outline: dict[str, str]) -> None:
    assert outline["Query.tickets(search:)"] == "String"
    assert outline["TicketOrder.direction"] == "OrderDirection! = ASC"
    assert "Viewer = Operator" in outline
    assert outline["TicketChange.entry"] == "TimelineEntry"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("status: Status!", "status: Status"),
        ("[Entry!]!", "[Entry]!"),
        ("first: Int = 20", "first: Int = 50"),
        ("first: Int = 20", "first: Int"),
        ("number: String!", "number: ID!"),
        ('direction: String! = "ASC"', "direction: String!"),
        ("scalar Date", "type Date { day: Int }"),
        ("after: String)", "after: String, kind: Status!)"),
        ("field: String!", "field: String! extra: Int!"),
    ],
)
def test_a_change_of_the_vocabulary_is_found(old: str, new: str) -> None:
    assert len(changed(shapes(SMALL), shapes(SMALL.replace(old, new)))) == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("status: Status!", '"Where it stands." status: Status! subject: String!'),
        ("NEW CLOSED", "NEW OPEN CLOSED"),
        ("after: String)", "after: String, kind: Status)"),
        ("field: String!", "field: String! extra: Int! = 1"),
        ("scalar Date", "scalar Date input Fresh { a: Int! } type Other { b(c: Int!): Int }"),
    ],
)
def test_an_addition_changes_nothing(old: str, new: str) -> None:
    assert changed(shapes(SMALL), shapes(SMALL.replace(old, new))) == []
    assert missing(shapes(SMALL), shapes(SMALL.replace(old, new))) == []


@pytest.mark.parametrize(
    ("old", "new", "gone"),
    [
        ("status: Status!", "", ["Ticket.status"]),
        (" CLOSED", "", ["Status.CLOSED"]),
        (" | Person", "", ["Actor = Person"]),
        (" implements Node", "", ["Ticket implements Node"]),
        ("(number: String!)", "", ["Query.ticket(number:)"]),
        ("enum Status { NEW CLOSED }", "", ["Status"]),
    ],
)
def test_what_is_missing_is_found(old: str, new: str, gone: list[str]) -> None:
    assert missing(shapes(SMALL), shapes(SMALL.replace(old, new))) == gone


def test_a_missing_type_counts_with_all_that_it_has() -> None:
    assert expand(["Status"], shapes(SMALL)) == {"Status", "Status.NEW", "Status.CLOSED"}
    assert "Ticket.entries(first:)" in expand(["Ticket.entries"], shapes(SMALL))
