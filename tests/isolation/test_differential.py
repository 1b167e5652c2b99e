"""A customer beside a neighbour is told what it is told alone, and nothing of the neighbour."""

import sys
from pathlib import Path

import pytest

from api.schema import make_schema
from tenants.databases.servers import Server, SqliteServer
from tests.factories.contents import contents
from tests.isolation.asking import Asking
from tests.isolation.questions import questions
from tests.isolation.walk import Walk
from tests.isolation.worlds import (
    FREE_TEXT,
    MARK,
    NOBODY,
    OWN,
    Alike,
    World,
    ids_in,
    keys_of,
    leaves,
    texts,
    words_of,
    world,
)


async def foreign_values(beside: World) -> list[object]:
    """What alfa was told and only the neighbour has."""
    assert beside.other
    keys = await keys_of(beside.other) - await keys_of(beside.own) - {beside.operator.id}
    words = await words_of(beside.other) - await words_of(beside.own)
    assert min(len(keys), len(words)) > 25
    asked = set(leaves([NOBODY.number, beside.asking.foreign.cursor, *beside.asking.foreign.ids]))
    told = [value for value in leaves(beside.asking.answers) if value not in asked]
    return [
        value for value in told if keys & set(ids_in(str(value))) or any(word in str(value) for word in words)
    ]


@pytest.mark.clause("QX-122")
@pytest.mark.clause("OX-012")
async def test_a_neighbour_changes_no_answer_and_appears_in_none(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with world(server, tmp_path / "beside", None) as beside:
        assert beside.other
        before = await contents(beside.other.scope, frozenset())
        await beside.asking.everything()
        assert await contents(beside.other.scope, frozenset()) == before
        assert await foreign_values(beside) == []
        assert beside.asking.walk.unasked() == []
    async with world(server, tmp_path / "alone", beside.asking.foreign) as alone:
        await alone.asking.everything()
    told, alike = [], (Alike(), Alike())
    for own, same in zip(beside.asking.answers, alone.asking.answers, strict=True):
        told.append(alike[0](own))
        assert told[-1] == alike[1](same)
    kind = "sqlite" if isinstance(server, SqliteServer) else "postgres"
    with capsys.disabled():
        sys.stdout.write(f"\n{summary(kind, beside.asking, before)}\n")


def summary(kind: str, asking: Asking, neighbour: dict[str, list[tuple[object, ...]]]) -> str:
    values = sum(1 for _ in leaves(asking.answers))
    rows = sum(len(table) for table in neighbour.values())
    return (
        f"isolation on {kind}: {len(asking.walk.asked)} fields, {len(asking.answers)} answers twice, "
        f"{values:,} values of {OWN}, 0 of the {rows} rows of its neighbour"
    )


async def test_the_search_finds_what_a_neighbour_is_told_itself(server: Server, tmp_path: Path) -> None:
    async with world(server, tmp_path, None, active=False) as beside:
        assert beside.other
        client = await beside.other.client()
        beside.asking.answers.append(
            await client.data(
                "{ tickets { nodes { id subject } } organization { name } viewer { ... on Account { email } } }"
            )
        )
        found = await foreign_values(beside)
    assert len(found) == 5  # but for the ticket whose id alfa knew already
    assert any(MARK in str(value) for value in found)


def test_no_text_column_is_forgotten_where_words_are_marked() -> None:
    assert texts() >= FREE_TEXT
    rest = {name.split(".")[1] for name in texts() - FREE_TEXT}
    assert rest == {
        "actor_kind", "address", "channel", "clause_key", "code_hash", "component", "content", "currency", "digest",
        "email", "end_reason", "environment", "event", "failure", "hosting", "input_hash", "key", "kind", "layer",
        "locale", "mutation", "number", "party", "password_hash", "permissions", "policy_key", "priority_key",
        "priority_wish", "problem_kind", "purpose", "request_id", "resolution_state", "response_state", "seal",
        "secret", "slug", "status", "subject_type", "term", "tier", "token_hash", "topic", "type", "user_agent",
        "value", "work_kind",
    }  # fmt: skip


def test_a_field_without_a_question_is_noticed() -> None:
    schema = make_schema()._schema
    walk = Walk(
        schema,
        {name: given for name, given in questions(OWN, "T-1", NOBODY).items() if name != "Query.ticket"},
    )
    list(walk.documents())
    assert "Query.ticket(number)" in walk.unasked()
    assert "Mutation.signIn" in walk.unasked()


def test_a_subscription_without_a_question_is_noticed() -> None:
    schema = make_schema()._schema
    schema.subscription_type = schema.query_type
    assert schema.query_type
    walk = Walk(schema, {})
    assert set(walk.unasked()) >= {"Query.node"}
