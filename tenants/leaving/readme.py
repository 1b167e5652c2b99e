"""The page that explains an export to somebody who has never seen the portal."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from sqlalchemy import Table

from tenants.catalog.directory import TenantRecord
from tenants.leaving.contents import EXPORTED, LEFT_OUT, columns_of, tables

CONVENTIONS = """
## How to read the files

- Each table comes twice. `data/<table>.jsonl` is exact: UTF-8, one JSON object a line, `null` for what is not there.
  `data/<table>.csv` holds the same rows for spreadsheets: RFC 4180, UTF-8, names of the columns in the first line.
- In CSV what is not there and an empty text look alike, and lists and objects are JSON. A text that begins with `=`,
  `+`, `-`, `@`, a tab or a carriage return has an apostrophe in front, so that no spreadsheet runs it as a formula;
  telephone numbers are such texts. Columns of numbers are left as they are.
- Moments are UTC as in ISO 8601 (`2026-03-10T08:00:00Z`), days are `2026-03-10`.
- Money is in whole cents, in EUR unless a currency stands beside it. Durations are whole minutes or seconds, as the
  column's name ends.
- Ids are UUIDs. Where a column refers to another table, it is told below.
- This version of the portal keeps no attachments: there are none in here.
- `manifest.json` gives the rows and the SHA-256 of each file: `sha256sum` prints the same.
"""
NOT_HERE = """
## What is not in here

Passwords, second factors, tokens and other secrets are left out: who got hold of this folder could sign in with them,
and outside the portal they are of no use. Left out, too, is what only keeps the portal itself running, and what the
vendor's people note for each other at a ticket.
"""


def readme(tenant: TenantRecord, taken_at: datetime, revision: str, rows: Mapping[str, int]) -> str:
    """Markdown; `rows` by table."""
    name = " ".join(tenant.name.split())
    head = [
        f"# The data of {name} ({tenant.slug})",
        "",
        f"What the portal holds of this customer, taken at {taken_at:%Y-%m-%dT%H:%M:%SZ} in one consistent view of",
        f"the database, at revision {revision} of its schema.",
    ]
    listed = ["## The tables", "", "| table | rows | holds |", "|---|---|---|"]
    listed += [f"| `{table}` | {count} | {EXPORTED[table].about} |" for table, count in rows.items()]
    left = [f"- `{place}`: {reason}." for place, reason in LEFT_OUT.items()]
    described = [line for table in tables() for line in _described(table)]
    body = "\n".join(["\n".join(head), CONVENTIONS, *listed, "", "## The columns", *described])
    return f"{body}\n{NOT_HERE}\n" + "\n".join(left) + "\n"


def _described(table: Table) -> Iterator[str]:
    told, references = EXPORTED[table.name].told, _references(table)
    yield from ("", f"### {table.name}", "", f"`{'`, `'.join(columns_of(table))}`")
    lines = [
        f"- `{name}`: {'; '.join(filter(None, (told.get(name), references.get(name))))}"
        for name in columns_of(table)
        if name in told or name in references
    ]
    if lines:
        yield from ("", *lines)


def _references(table: Table) -> dict[str, str]:
    """Where a column refers to."""
    return {
        key.parent.name: f"the `id` of `{key.column.table.name}`"
        for key in sorted(table.foreign_keys, key=lambda each: each.parent.name)
        if key.column.table.name in EXPORTED
    }
