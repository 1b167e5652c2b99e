"""Where databases can live: a folder of SQLite files or a PostgreSQL server."""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, make_url


@dataclass(frozen=True, slots=True)
class SqliteServer:
    """A folder; each database is one file in it, named by a generated name."""

    name: str
    folder: Path

    def path(self, database: str) -> Path:
        return self.folder / f"{database}.db"

    def url(self, database: str) -> URL:
        return URL.create(
            "sqlite+aiosqlite", database=f"file:{self.path(database)}", query={"mode": "rw", "uri": "true"}
        )


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A PostgreSQL server; `base` names host, role and the database that administration connects to."""

    name: str
    base: str

    @property
    def administration(self) -> URL:
        return make_url(self.base).set(drivername="postgresql+asyncpg")

    def url(self, database: str) -> URL:
        return self.administration.set(database=database)


Server = SqliteServer | PostgresServer


@dataclass(frozen=True, slots=True)
class Placement:
    """Which server holds a database, and its name there. Names are generated, never taken from a customer."""

    server: str
    database: str
