"""An export holds all that is the customer's own, as it was at one moment, and no secret."""

import asyncio
import json
import stat
import tracemalloc
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select

from tenants.audit.models import AuditEntry
from tenants.databases.revisions import TENANT_HEAD
from tenants.ids import new_id
from tenants.leaving.contents import columns_of, tables
from tenants.leaving.export import BATCH, plan_export
from tenants.tables import TenantTable, table
from tenants.tickets.models import Ticket
from tests.conftest import NOW
from tests.factories.everything import ids_of_everything
from tests.factories.portal import Customer, House
from tests.factories.tickets import History
from tests.tenants.leaving.conftest import all_bytes, exported, lines_of, records_of
from tests.tenants.leaving.test_contents import SECRET

ODD = '=HYPERLINK("http://x")\r\nregel twee, met \'tekens\' en "meer" \u2028 Ünïcødé 🚲'


def told(value: Any) -> Any:
    """What JSON says of a value."""
    match value:
        case datetime():
            form = "%Y-%m-%dT%H:%M:%S.%fZ" if value.microsecond else "%Y-%m-%dT%H:%M:%SZ"
            return value.astimezone(UTC).strftime(form)
        case date() | UUID():
            return str(value)
        case _:
            return value


async def kept(customer: Customer) -> dict[str, list[dict[str, Any]]]:
    """By table what the database holds, as JSON would say it."""
    found = {}
    async with customer.scope.read() as reader:
        for each in tables():
            rows = await reader.rows(select(each).order_by(*each.primary_key.columns))
            found[each.name] = [
                {name: told(row._mapping[each.c[name]]) for name in columns_of(each)} for row in rows
            ]
    return found


async def test_json_lines_and_csv_hold_what_the_database_holds(alfa: Customer, tmp_path: Path) -> None:
    done = await exported(alfa, tmp_path / "out")
    stored = await kept(alfa)
    assert stored["audit_log"].pop()["event"] == "tenant_exported"  # put there when all was written
    for name, rows in stored.items():
        assert lines_of(done.path, name) == rows, name
        assert [row["id"] for row in records_of(done.path, name)] == [row["id"] for row in rows]
        assert done.rows[name] == len(rows)
    for name in ("ticket", "ticket_event", "contract", "hour_card", "consultancy_quote", "account", "agent"):
        assert stored[name], name


async def test_formulas_line_breaks_and_other_alphabets_come_through(
    alfa: Customer, past: History, tmp_path: Path
) -> None:
    await (await past.register("2026-03-11 09:00", subject="-1+1")).answer("2026-03-11 10:00", ODD)
    done = await exported(alfa, tmp_path / "out")
    assert ODD in [event["body"] for event in lines_of(done.path, "ticket_event")]
    assert f"'{ODD}" in [event["body"] for event in records_of(done.path, "ticket_event")]
    assert "'-1+1" in [ticket["subject"] for ticket in records_of(done.path, "ticket")]
    (phone, *_) = {contact["phone"] for contact in records_of(done.path, "contact")}
    assert phone.startswith("'+31")
    (entry,) = records_of(done.path, "hour_card_entry")
    assert (entry["minutes"], entry["request_id"]) == ("480", "")


async def test_notes_that_the_vendors_people_write_for_each_other_stay_behind(
    alfa: Customer, past: History, tmp_path: Path
) -> None:
    ticket = await past.register("2026-03-11 09:00")
    await ticket.answer("2026-03-11 10:00", "Lastige klant.", internal=True)
    done = await exported(alfa, tmp_path / "out")
    events = [event for event in lines_of(done.path, "ticket_event") if event["ticket_id"] == str(ticket.key)]
    assert [event["kind"] for event in events] == ["REGISTERED"]
    assert b"Lastige" not in all_bytes(done.path)


async def test_no_file_holds_a_secret(alfa: Customer, tmp_path: Path) -> None:
    done = await exported(alfa, tmp_path / "out")
    content, found = all_bytes(done.path), set()
    async with alfa.scope.read() as reader:
        for each in TenantTable.metadata.tables.values():
            for column in each.columns:
                if SECRET.search(column.name):
                    values = [row[0] for row in await reader.rows(select(column)) if row[0] is not None]
                    assert not [value for value in values if str(value).encode() in content], column
                    found |= {str(column)} if values else set()
    assert {"account.password_hash", "factor.secret", "refresh_token.token_hash"} <= found
    assert alfa.owner.secret.encode() not in content


async def test_no_file_holds_anything_of_another_customer(
    house: House, alfa: Customer, tmp_path: Path
) -> None:
    bravo = await house.tenant("bravo")
    await ids_of_everything(bravo, await house.operator(email="kees@vendor.example"))
    content = all_bytes((await exported(alfa, tmp_path / "out")).path)
    assert b"bravo" not in content
    for rows in (await kept(bravo)).values():
        assert not [row["id"] for row in rows if row["id"].encode() in content]


async def test_a_snapshot_stays_as_it_was_while_others_write(alfa: Customer, past: History) -> None:
    engines, tickets = alfa.house.portal.engines, select(func.count()).select_from(table(Ticket))
    record = alfa.record
    async with engines.scan(record.id, record.placement) as database, database.snapshot() as snapshot:
        before = (await snapshot.rows(tickets))[0][0]
        await past.register("2026-03-11 09:00")
        assert (await snapshot.rows(tickets))[0][0] == before
        seen = [len(rows) async for rows in snapshot.batches(select(table(Ticket).c.id), 1)]
    assert seen == [1] * before
    async with alfa.scope.read() as reader:
        assert await reader.scalar(tickets) == before + 1


async def test_what_is_written_meanwhile_is_in_it_as_a_whole_or_not_at_all(
    alfa: Customer, past: History, tmp_path: Path
) -> None:
    begun, enough = asyncio.Event(), asyncio.Event()

    async def keep_writing() -> None:
        while not enough.is_set():
            ticket = await past.register("2026-03-11 09:00")
            begun.set()
            await ticket.answer("2026-03-11 10:00")

    writing = asyncio.create_task(keep_writing())
    await begun.wait()
    done = await exported(alfa, tmp_path / "out")
    enough.set()
    await writing
    async with alfa.scope.read() as reader:
        assert await reader.scalar(select(func.count()).select_from(table(Ticket))) > done.rows["ticket"]
    tickets, events = lines_of(done.path, "ticket"), lines_of(done.path, "ticket_event")
    assert sum(ticket["revision"] for ticket in tickets) == len(events)
    assert {event["ticket_id"] for event in events} == {ticket["id"] for ticket in tickets}
    (organization,) = lines_of(done.path, "organization")
    assert organization["last_ticket_number"] == len(tickets) == done.rows["ticket"]


async def test_the_manifest_and_the_page_tell_what_is_there(alfa: Customer, tmp_path: Path) -> None:
    done = await exported(alfa, tmp_path / "out")
    manifest = json.loads((done.path / "manifest.json").read_bytes())
    assert manifest["tenant_id"] == str(alfa.record.id)
    assert (manifest["slug"], manifest["revision"]) == ("alfa", TENANT_HEAD)
    files = {path.relative_to(done.path).as_posix() for path in done.path.rglob("*") if path.is_file()}
    assert set(manifest["files"]) | {"manifest.json"} == files
    for name, facts in manifest["files"].items():
        assert facts["sha256"] == sha256((done.path / name).read_bytes()).hexdigest()
        assert facts["rows"] == (done.rows[Path(name).stem] if name != "README.md" else None)
    assert done.manifest_sha256 == sha256((done.path / "manifest.json").read_bytes()).hexdigest()
    page = (done.path / "README.md").read_text()
    assert "# The data of Alfa (alfa)" in page
    for each in tables():
        assert f"| `{each.name}` | {done.rows[each.name]} |" in page
        assert f"`{'`, `'.join(columns_of(each))}`" in page
    assert "- `password_hash`" not in page
    assert "- `account.password_hash`: " in page


async def test_only_its_owner_can_read_it(alfa: Customer, tmp_path: Path) -> None:
    done = await exported(alfa, tmp_path / "out")
    for path in (done.path, *done.path.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)


async def test_a_plan_counts_and_writes_nothing(alfa: Customer, tmp_path: Path) -> None:
    planned = await plan_export(alfa.house.portal.engines, alfa.record, tmp_path / "out")
    before = await kept(alfa)
    assert planned == {name: len(rows) for name, rows in before.items()}
    assert not (tmp_path / "out").exists()
    done = await exported(alfa, tmp_path / "out")
    assert done.rows == {**planned, "audit_log": planned["audit_log"] + 1}


async def test_few_rows_are_in_memory_at_once(alfa: Customer, tmp_path: Path) -> None:
    entry = {"at": NOW, "event": "filler", "actor_kind": "SYSTEM", "detail": {"text": "x" * 2000}}
    rows, kilobytes = 50 * BATCH, 2 * 2
    async with alfa.scope.write() as session:
        await session.execute(insert(AuditEntry), [entry | {"id": new_id(NOW)} for _ in range(rows)])
    await plan_export(
        alfa.house.portal.engines, alfa.record, tmp_path / "out"
    )  # all is imported and compiled
    tracemalloc.start()
    done = await exported(alfa, tmp_path / "out")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert done.rows["audit_log"] > rows
    assert peak < rows * kilobytes * 1000 / 4
