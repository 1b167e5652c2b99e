"""schema.graphql is what the code prints."""

from __future__ import annotations

from api.schema import schema_text
from tests.architecture.outline import SCHEMA


def test_the_committed_schema_is_what_the_code_prints() -> None:
    assert SCHEMA.read_text(encoding="utf-8") == schema_text(), "run `make schema`"
