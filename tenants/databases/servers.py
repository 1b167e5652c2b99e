"""Where databases can live: a folder of SQLite files or a PostgreSQL server."""

import hmac
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

DRIVER = "postgresql+asyncpg"


@dataclass(frozen=True, slots=True)
class SqliteServer:
    """A folder; each database is one file in it, named by a generated name."""

    name: str
    folder: Path

    def path(self, database: str) -> Path:
        return self.folder / f"{database}.db"

    def url(self, database: str) -> URL:
        file = quote(str(self.path(database)))
        return URL.create("sqlite+aiosqlite", database=f"file:{file}", query={"mode": "rw", "uri": "true"})


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A PostgreSQL server.

    `base` is how the portal reaches its catalog there. `admin`, the same unless told otherwise, is how databases and
    roles are made, and names the database to connect to for that. A customer's database is opened by a role of its
    own, named like the database; its password follows from `role_key`, so that it is stored nowhere.
    """

    name: str
    base: str
    admin: str | None = None
    role_key: bytes = field(default=b"", repr=False)

    @property
    def administration(self) -> URL:
        return make_url(self.admin or self.base).set(drivername=DRIVER)

    @property
    def portal_role(self) -> str | None:
        """The role that opens the catalog, where that is another than the administrator's."""
        role = make_url(self.base).username
        return role if role != self.administration.username else None

    def administrator_url(self, database: str) -> URL:
        return self.administration.set(database=database)

    def url(self, database: str) -> URL:
        """For the catalog."""
        return make_url(self.base).set(drivername=DRIVER, database=database)

    def tenant_url(self, database: str) -> URL:
        """For a customer's database."""
        return self.url(database).set(username=database, password=self.role_password(database))

    def role_password(self, database: str) -> str | None:
        """What the role of this database proves itself with; None where the server asks for no passwords."""
        return hmac.new(self.role_key, database.encode(), "sha256").hexdigest() if self.role_key else None


Server = SqliteServer | PostgresServer


def is_postgres_url(text: str) -> bool:
    """Whether a server can be reached by it, as far as its form tells."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        return False
    return url.get_backend_name() in {"postgres", "postgresql"} and 0 < (url.port or 5432) < 65_536


@dataclass(frozen=True, slots=True)
class Placement:
    """Which server holds a database, and its name there. Names are generated, never taken from a customer."""

    server: str
    database: str
