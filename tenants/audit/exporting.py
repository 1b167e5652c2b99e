"""Writes a customer's audit log to a file that an outsider can verify."""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from tenants.acts import Actor, Subject
from tenants.audit.errors import LogIncomplete
from tenants.audit.service import AUDIT_LOG, record_event
from tenants.chains.files import csv_header, csv_line, json_line, whole_file
from tenants.chains.form import told
from tenants.chains.verifying import Head, head_of, pages
from tenants.databases.scopes import Reader, TenantScope


async def export_log(
    scope: TenantScope, to: Path, *, actor: Actor, now: datetime, show: Callable[[int, int], None]
) -> Head | None:
    """Writes all sealed entries, all or nothing, and gives the newest one's place and seal; that is on record, too.

    The form follows the name's end: `.csv`, or JSON lines. Files are written on the event loop: this is for a process
    of its own. Raises `FileExistsError`, `OSError` and `LogIncomplete`: a copy that ends early would verify.
    """
    as_csv = to.suffix.lower() == ".csv"
    async with scope.write() as session:
        subject, detail = Subject("Tenant", scope.tenant_id), {"what": "audit_log"}
        await record_event(
            session, now=now, event="sensitive_read", actor=actor, subject=subject, detail=detail
        )
    async with scope.read() as reader:
        head = await head_of(reader, AUDIT_LOG)
        with whole_file(to) as file:
            file.write(csv_header() if as_csv else b"")
            if head:
                await _write(reader, file, head, csv_line if as_csv else json_line, show)
    return head


async def _write(
    reader: Reader,
    file: BinaryIO,
    head: Head,
    line: Callable[[Mapping[str, object], str], bytes],
    show: Callable[[int, int], None],
) -> None:
    """All entries up to `head`; others may be sealed meanwhile."""
    last: Head | None = None
    async for rows in pages(reader, AUDIT_LOG):
        for row in rows:
            if row is None:
                raise LogIncomplete(f"entry {last.sequence + 1 if last else 1} cannot be read")
            if row.sequence > head.sequence:
                break
            file.write(line(told(row._mapping), str(row.seal)))  # noqa: SLF001  # the documented way
            last = Head(row.sequence, str(row.seal))
        show(last.sequence if last else 0, head.sequence)
    if last != head:
        raise LogIncomplete(f"the newest entry, {head.sequence}, is not there any more as it was")
