"""One tenant's database as one file: an SQLite database, wherever the tenant lives, with a manifest beside it.

So a backup is verified by opening it, restored on any server, and readable without us.
"""

import asyncio
import hashlib
import json
import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID

from tenants.databases.copying import Told, copy_rows, filling, nobody_looks, snapshot_of
from tenants.databases.database import unavailable
from tenants.databases.errors import BackupUnreadable, DatabaseUnavailable, WrongDatabase
from tenants.databases.provisioning import Step, create_file, remove_files, sync_folder, unwatched
from tenants.databases.servers import PostgresServer, Server, SqliteServer

FORMAT = 1
BLOCK = 1 << 20
ROWS_OF = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
IDENTITY = "SELECT i.tenant_id, i.epoch, v.version_num FROM tenant_identity AS i, alembic_version AS v"
LIVE = "mode=rw"
AT_REST = "mode=ro&immutable=1"
"""A file that nobody writes: what lies beside it, such as another's log, is not taken for a part of it."""

CUSTOMER = "SELECT slug, name, locale FROM organization"
POLICY = "SELECT policy_key FROM contract ORDER BY starts_on DESC LIMIT 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup holds. `rows` counts each table; `slug`, `name` and `locale` are None before the founding."""

    tenant_id: UUID
    epoch: int
    revision: str
    slug: str | None
    name: str | None
    locale: str | None
    policy_key: str | None
    taken_at: datetime | None
    size: int
    sha256: str
    rows: dict[str, int]

    def text(self) -> str:
        """The manifest's file."""
        taken = self.taken_at.isoformat() if self.taken_at else None
        told = {"format": FORMAT, **asdict(self), "tenant_id": str(self.tenant_id), "taken_at": taken}
        return json.dumps(told, indent=2) + "\n"


def manifest_path(backup: Path) -> Path:
    return backup.with_name(f"{backup.name}.manifest.json")


@dataclass(frozen=True, slots=True)
class BackupOrder:
    """One backup to take, as another process can be told.

    `scratch` is a folder for the templates of files that are filled from PostgreSQL.
    """

    server: Server
    database: str
    tenant_id: UUID
    target: Path
    scratch: Path
    taken_at: datetime


async def take_backup(order: BackupOrder, told: Told = nobody_looks, step: Step = unwatched) -> Manifest:
    """Writes the order's `target` and its manifest, consistent as of one moment, while the tenant goes on working.

    The file is opened and checked, and its manifest written, before it gets its name: a crash leaves hidden files.
    Raises `DatabaseUnavailable` (away, damaged, disk full), `WrongDatabase` and `CopyFailed`.
    """
    server, database, target = order.server, order.database, order.target
    beside = SqliteServer("backup", target.parent)
    draft = f".{target.name}.{secrets.token_hex(4)}"
    part = beside.path(draft)
    with unavailable():
        try:
            if isinstance(server, SqliteServer):
                await asyncio.to_thread(_copy_file, server.path(database), part, LIVE)
            else:
                templates = SqliteServer("scratch", order.scratch)
                await _copy_from_postgres(server, database, templates, (beside, draft), told)
            step("copied")
            found = await asyncio.to_thread(_sealed, part, order.taken_at)
            if found.tenant_id != order.tenant_id:
                raise WrongDatabase(f"{database} is not the database of tenant {order.tenant_id}")
            step("checked")
            _write_durably(manifest_path(target), found.text())
            step("manifest written")
            part.replace(target)
        finally:
            remove_files(part)
        sync_folder(target.parent)
    step("in place")
    return found


def run_backup(order: BackupOrder) -> Manifest:
    """Takes the backup in a process that has nothing else to do. Raises as `take_backup`."""
    return asyncio.run(take_backup(order))


def _copy_file(source: Path, part: Path, how: str) -> None:
    """In one go: in steps it would begin anew with every write (design/traps)."""
    part.touch(mode=0o600)
    with (
        closing(sqlite3.connect(_uri(source, how), uri=True)) as connection,
        closing(sqlite3.connect(part, isolation_level=None)) as copy,
    ):
        connection.execute("BEGIN")
        connection.execute(
            "SELECT 1 FROM sqlite_schema"
        ).fetchall()  # one that is locked is told, not waited for
        copy.execute("PRAGMA synchronous=OFF")  # the file is synced as a whole
        connection.backup(copy, pages=-1)
        copy.execute("PRAGMA journal_mode=DELETE")


async def _copy_from_postgres(
    server: PostgresServer,
    database: str,
    templates: SqliteServer,
    copy: tuple[SqliteServer, str],
    told: Told,
) -> None:
    async with snapshot_of(server, database) as source:
        identity = (await source.exec_driver_sql(IDENTITY)).one()
        await create_file(templates, *copy, revision=identity.version_num)
        async with filling(*copy) as target:
            await copy_rows(source, target, told)
            await target.exec_driver_sql(
                "INSERT INTO tenant_identity (tenant_id, epoch) VALUES (?, ?)",
                (identity.tenant_id.hex, identity.epoch),
            )
    await asyncio.to_thread(_as_one_file, copy[0].path(copy[1]))


def _as_one_file(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")


def _sealed(part: Path, taken_at: datetime) -> Manifest:
    """The manifest of a file that is complete and on disk."""
    with part.open("rb") as handle:
        os.fsync(handle.fileno())
    try:
        return inspect_file(part, taken_at)
    except BackupUnreadable as error:
        raise DatabaseUnavailable(f"what was copied is not sound: {error}") from error


def inspect_file(path: Path, taken_at: datetime | None = None) -> Manifest:
    """Opens a backup and says what is in it. Raises `BackupUnreadable` where it is damaged or something else."""
    if not path.is_file():
        raise BackupUnreadable(f"there is no file {path}")
    try:
        with _opened(path) as connection:
            damage = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
            if damage != "ok":
                raise BackupUnreadable(f"{path.name} is damaged: {' '.join(damage.split())}")
            ((tenant_id, epoch, revision),) = connection.execute(IDENTITY).fetchall()
            holder = UUID(tenant_id)
            slug, name, locale = connection.execute(CUSTOMER).fetchone() or (None, None, None)
            policy = connection.execute(POLICY).fetchone()
            rows = {table: _count(connection, table) for (table,) in connection.execute(ROWS_OF).fetchall()}
    except (sqlite3.Error, AttributeError, TypeError, ValueError) as error:  # whatever stands in its columns
        raise BackupUnreadable(f"{path.name} is no backup of a customer: {error}") from error
    return Manifest(
        tenant_id=holder,
        epoch=epoch,
        revision=revision,
        slug=slug,
        name=name,
        locale=locale,
        policy_key=policy[0] if policy else None,
        taken_at=taken_at,
        size=path.stat().st_size,
        sha256=sha256_of(path),
        rows=rows,
    )


def read_backup(path: Path) -> Manifest:
    """What is in a backup, which is what the manifest beside it says. Raises `BackupUnreadable`."""
    found = inspect_file(path)
    beside = manifest_path(path)
    told = _read_manifest(beside)
    mine = json.loads(found.text())
    for name in ("tenant_id", "epoch", "revision", "rows", "size", "sha256"):
        if told.get(name) != mine[name]:
            raise BackupUnreadable(
                f"{path.name} is not the file that {beside.name} describes: {name} differs"
            )
    try:
        taken_at = datetime.fromisoformat(told["taken_at"])
    except (KeyError, TypeError, ValueError) as error:
        raise BackupUnreadable(f"{beside.name} does not say when the backup was taken") from error
    return replace(found, taken_at=taken_at)


def _read_manifest(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise BackupUnreadable(f"its manifest {path.name} is not beside it: copy both") from error
    except (OSError, ValueError) as error:
        raise BackupUnreadable(f"{path.name} cannot be read as a manifest: {error}") from error
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise BackupUnreadable(f"{path.name} is no manifest of format {FORMAT}")
    return found


def clone_file(source: Path, target: Path, identity: tuple[UUID, int], how: str = LIVE) -> None:
    """A tenant's file copied to another place with another epoch in it: complete, or not there.

    A backup is `AT_REST`. Raises `DatabaseUnavailable`.
    """
    draft = target.with_suffix(f".{secrets.token_hex(4)}.draft")
    with unavailable():
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            _copy_file(source, draft, how)
            with closing(sqlite3.connect(draft)) as connection, connection:
                connection.execute("DELETE FROM tenant_identity")
                values = (identity[0].hex, identity[1])
                connection.execute("INSERT INTO tenant_identity (tenant_id, epoch) VALUES (?, ?)", values)
            with closing(sqlite3.connect(draft)) as connection:
                connection.execute("PRAGMA journal_mode=WAL")
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            with draft.open("rb") as handle:
                os.fsync(handle.fileno())
            draft.replace(target)
        finally:
            remove_files(draft)
        sync_folder(target.parent)


def sha256_of(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _uri(path: Path, how: str) -> str:
    return f"file:{quote(str(path))}?{how}"


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(_uri(path, AT_REST), uri=True)) as connection:
        connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        connection.execute("PRAGMA trusted_schema=OFF")
        yield connection


def _count(connection: sqlite3.Connection, table: str) -> int:
    quoted = table.replace('"', '""')
    found: int = connection.execute(f'SELECT count(*) FROM "{quoted}"').fetchone()[0]  # noqa: S608  # quoted
    return found


def _write_durably(path: Path, text: str) -> None:
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        part.touch(mode=0o600)
        with part.open("w", encoding="utf-8") as handle:
            handle.write(text)
            handle.flush()
            os.fsync(handle.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
