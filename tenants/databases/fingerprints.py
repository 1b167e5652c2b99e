"""Whether a database has changed, told without opening it."""

from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import text

from tenants.databases.administration import administering
from tenants.databases.database import unavailable
from tenants.databases.servers import Server, SqliteServer

COUNTERS = text(
    "SELECT datname, concat_ws('.', datid, tup_inserted, tup_updated, tup_deleted, stats_reset) AS counted "
    "FROM pg_stat_database WHERE datname IS NOT NULL"
)


async def fingerprints(server: Server, databases: list[str]) -> Mapping[str, str]:
    """By database: a text that is another one after every change. A database that is not there is left out.

    A changed text does not prove a change: PostgreSQL counts anew after a crash. Its counters lag by a minute at most.
    Raises `DatabaseUnavailable`.
    """
    if isinstance(server, SqliteServer):
        found = {database: _stamp(server.path(database)) for database in databases}
        return {database: stamp for database, stamp in found.items() if stamp}
    with unavailable():
        async with administering(server) as connection:
            counted = {row.datname: row.counted for row in await connection.execute(COUNTERS)}
    return {database: counted[database] for database in databases if database in counted}


def last_change(server: Server, database: str) -> float | None:
    """When a file was last written, in seconds since 1970; None where only a server could tell."""
    if not isinstance(server, SqliteServer):
        return None
    files = [each for each in _files(server.path(database)) if each.exists()]
    return max((each.stat().st_mtime for each in files), default=None)


def _files(path: Path) -> tuple[Path, Path]:
    return path, Path(f"{path}-wal")


def _stamp(path: Path) -> str:
    stamps = []
    for each in _files(path):
        try:
            told = each.stat()
        except FileNotFoundError:
            continue
        if told.st_size:
            stamps.append(f"{told.st_mtime_ns}.{told.st_size}.{told.st_ino}")
    return "/".join(stamps)
