"""All that is one customer's own, in files that anybody can read without the portal."""

from collections.abc import Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import orjson
from sqlalchemy import text

from tenants.acts import Actor, Subject
from tenants.audit.service import record_event
from tenants.catalog.audit import record_event as record_catalog_event
from tenants.catalog.directory import TenantDirectory, TenantRecord
from tenants.catalog.models import TenantStatus
from tenants.databases.database import Snapshot
from tenants.databases.engines import Engines
from tenants.databases.scopes import CatalogScope
from tenants.leaving.cells import csv_header, csv_lines, json_lines
from tenants.leaving.contents import columns_of, count_of, rows_of, tables
from tenants.leaving.errors import NotExportableNow
from tenants.leaving.folder import NewFolder, expect_free, whole_folder
from tenants.leaving.readme import readme

BATCH = 200
"""Rows in memory at once."""

Clock = Callable[[], datetime]
"""Gives the moment: an export ends much later than it begins."""

Show = Callable[[int, int], None]
"""Is told how many rows are written, and of how many."""

REFUSED = {
    TenantStatus.PROVISIONING: "is not finished: it has no data yet",
    TenantStatus.MOVING: "is moving to another server: try again when `slaportal tenant show` says ACTIVE",
}


@dataclass(frozen=True, slots=True)
class Export:
    """What was written: the folder, the rows of each table, and the SHA-256 of its manifest."""

    path: Path
    rows: Mapping[str, int]
    manifest_sha256: str


async def plan_export(engines: Engines, tenant: TenantRecord, to: Path) -> Mapping[str, int]:
    """The rows of each table that an export would write now; writes nothing. Raises what `export_tenant` does."""
    _expect_exportable(tenant)
    expect_free(to)
    async with engines.scan(tenant.id, tenant.placement) as database, database.snapshot() as snapshot:
        return await _count(snapshot)


async def export_tenant(
    engines: Engines, tenant: TenantRecord, to: Path, *, actor: Actor, clock: Clock, show: Show
) -> Export:
    """Writes the folder `to`, all or nothing, and puts that on both records; a suspended customer's, too.

    Files are written on the event loop: this is for a process of its own. Raises `NotExportableNow`, `FolderTaken`,
    `ExportNotWritten`, `StaleEpoch` where the customer has moved, `DatabaseUnavailable`.
    """
    _expect_exportable(tenant)
    record, now = _Record(engines, tenant, actor, clock), clock()
    with whole_folder(to) as folder:
        await record.add("tenant_export_started", {})  # before anything is read
        async with engines.scan(tenant.id, tenant.placement) as database, database.snapshot() as snapshot:
            rows = await _count(snapshot)
            await _write_tables(folder, snapshot, _Progress(show, sum(rows.values())))
            revision = str((await snapshot.rows(text("SELECT version_num FROM alembic_version")))[0][0])
        folder.write("README.md", readme(tenant, now, revision, rows).encode())
        sha256 = folder.write("manifest.json", _manifest(folder, tenant, now, revision))
    await record.add("tenant_exported", {"manifest_sha256": sha256, "rows": sum(rows.values())})
    return Export(folder.target, rows, sha256)


def _expect_exportable(tenant: TenantRecord) -> None:
    reason = REFUSED.get(tenant.status)
    if reason:
        raise NotExportableNow(f"{tenant.slug} {reason}")


@dataclass(frozen=True, slots=True)
class _Record:
    """Who exports what, for the customer's own audit log and the vendor's."""

    engines: Engines
    tenant: TenantRecord
    actor: Actor
    clock: Clock

    async def add(self, event: str, detail: Mapping[str, object]) -> None:
        subject, now = Subject("Tenant", self.tenant.id), self.clock()
        catalog = CatalogScope(self.engines.catalog())
        # The directory's scope asks the worker for a visit: the entry is to be sealed, also of a suspended customer.
        directory = TenantDirectory(catalog, self.engines, self.clock)
        async with directory.upkeep_scope(self.tenant).write() as session:
            await record_event(
                session, now=now, event=event, actor=self.actor, subject=subject, detail=detail
            )
        async with catalog.write() as session:
            await record_catalog_event(
                session, now=now, event=event, actor=self.actor, subject=subject, detail=detail
            )


async def _count(snapshot: Snapshot) -> dict[str, int]:
    return {table.name: int((await snapshot.rows(count_of(table)))[0][0]) for table in tables()}


@dataclass(slots=True)
class _Progress:
    show: Show
    total: int
    done: int = 0

    def add(self, rows: int) -> None:
        self.done += rows
        self.show(self.done, self.total)


async def _write_tables(folder: NewFolder, snapshot: Snapshot, progress: _Progress) -> None:
    progress.add(0)
    for table in tables():
        columns = columns_of(table)
        with (
            folder.new_file(f"data/{table.name}.jsonl", rows=0) as exact,
            folder.new_file(f"data/{table.name}.csv", rows=0) as sheet,
        ):
            sheet.write(csv_header(columns))
            async with aclosing(snapshot.batches(rows_of(table), BATCH)) as batches:
                async for batch in batches:
                    exact.write(json_lines(columns, batch), len(batch))
                    sheet.write(csv_lines(batch), len(batch))
                    progress.add(len(batch))


def _manifest(folder: NewFolder, tenant: TenantRecord, now: datetime, revision: str) -> bytes:
    files = {
        name: {"rows": file.rows, "sha256": file.digest.hexdigest()} for name, file in folder.files.items()
    }
    facts = {
        "tenant_id": str(tenant.id),
        "slug": tenant.slug,
        "taken_at": now,
        "revision": revision,
        "files": files,
    }
    return orjson.dumps(facts, option=orjson.OPT_UTC_Z | orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
