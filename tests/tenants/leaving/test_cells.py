"""A spreadsheet takes no text for a formula, and numbers stay numbers."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from tenants.leaving.cells import cell


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("=1+1", "'=1+1"),
        ("+31 30 123", "'+31 30 123"),
        ("-5", "'-5"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("a=1", "a=1"),
        ("", ""),
        (None, ""),
        (-240, "-240"),
        (True, "true"),
        (False, "false"),
        (datetime(2026, 3, 10, 8, 0, 0, 5, tzinfo=UTC), "2026-03-10T08:00:00.000005Z"),
        (datetime(9999, 12, 31, tzinfo=UTC), "9999-12-31T00:00:00Z"),
        (date(2026, 3, 10), "2026-03-10"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        ({"a": ["é", None]}, '{"a":["é",null]}'),
        ([], "[]"),
    ],
    ids=repr,
)
def test_a_value_is_written_so_that_a_spreadsheet_reads_it(value: object, text: str) -> None:
    assert cell(value) == text
