"""Environment -> one frozen settings object, read once, at start."""

import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from api.limit_settings import LimitSettings, with_limits
from auth.rules import ACCOUNT_RULES, OPERATOR_RULES, SignInRules
from tenants.databases.connections import WAIT_SECONDS
from tenants.databases.engines import CONNECTIONS
from tenants.databases.servers import Placement, PostgresServer, Server, SqliteServer

MAIN = "main"
SQLITE_FOLDER = "sqlite:///"


class Settings(LimitSettings):
    """Every setting is named `SLAPORTAL_...`; the data folder is `DATA`, servers are `DATABASE_URL...`."""

    model_config = SettingsConfigDict(env_prefix="SLAPORTAL_", frozen=True, extra="ignore")

    data: Path = Field(default=Path("var"), validation_alias="DATA")
    database_urls: Mapping[str, str] = Field(default_factory=dict)
    admin_urls: Mapping[str, str] = Field(default_factory=dict)
    catalog_server: str = MAIN
    catalog_database: str = "slaportal_catalog"
    keys_file: Path | None = None
    issuer: str = "slaportal"
    base_domain: str = "localhost"
    console_hosts: tuple[str, ...] = ("localhost", "127.0.0.1", "[::1]", "testserver")
    introspection: bool = True
    graphiql: bool = True
    worker: bool = True
    backups: Path | None = None
    sqlite_backup_minutes: int = Field(default=4, ge=0, le=1_440)
    postgres_backup_minutes: int = Field(default=60, ge=0, le=1_440)
    connections: int = Field(default=CONNECTIONS, ge=1, le=10_000)
    connection_wait: float = Field(default=WAIT_SECONDS, ge=0.1, le=60)
    policies: Path | None = None

    @property
    def keys_path(self) -> Path:
        """The keys file: `$DATA/keys.json` unless `SLAPORTAL_KEYS_FILE` names another."""
        return self.keys_file or self.data / "keys.json"

    @property
    def backups_path(self) -> Path:
        """The folder of the portal's own backups: `$DATA/backups` unless `SLAPORTAL_BACKUPS` names another."""
        return self.backups or self.data / "backups"

    def sign_in_rules(self, *, console: bool) -> SignInRules:
        """The figures of sign-in of a customer's accounts, or of the vendor's operators."""
        return with_limits(OPERATOR_RULES if console else ACCOUNT_RULES, self)

    def backup_intervals(self) -> dict[str, timedelta]:
        """How long a change may be in no backup, by server; servers without backups are left out."""
        minutes = {
            name: self.sqlite_backup_minutes
            if isinstance(server, SqliteServer)
            else self.postgres_backup_minutes
            for name, server in self.servers().items()
        }
        return {name: timedelta(minutes=length) for name, length in minutes.items() if length}

    @property
    def in_production(self) -> bool:
        """Whether databases are elsewhere than in the data folder: then nothing secret is made silently."""
        return bool(self.database_urls)

    def servers(self, role_key: bytes = b"") -> dict[str, Server]:
        """The servers by name; `main` is the folder of SQLite files below the data folder unless a URL says otherwise.

        With `role_key` the passwords of the customers' roles on PostgreSQL follow from it.
        """
        found: dict[str, Server] = {MAIN: SqliteServer(MAIN, (self.data / "databases").absolute())}
        for name, url in self.database_urls.items():
            if url.startswith(SQLITE_FOLDER):
                found[name] = SqliteServer(name, Path(url.removeprefix(SQLITE_FOLDER)).absolute())
            else:
                found[name] = PostgresServer(name, url, self.admin_urls.get(name), role_key)
        return found

    def catalog(self) -> Placement:
        return Placement(self.catalog_server, self.catalog_database)


def read_settings(environment: Mapping[str, str] = os.environ, **given: Any) -> Settings:
    """Settings from the environment, with what is given put before it.

    `DATABASE_URL` is the server `main`, of the catalog and of new tenants; `DATABASE_URL_EU2` adds a server `eu2`.
    `DATABASE_ADMIN_URL` and `DATABASE_ADMIN_URL_EU2` say how databases and roles are made there.
    """
    given.setdefault("database_urls", _by_server(environment, "DATABASE_URL"))
    given.setdefault("admin_urls", _by_server(environment, "DATABASE_ADMIN_URL"))
    if "data" in given:
        given["DATA"] = given.pop("data")
    return Settings(**given)


def _by_server(environment: Mapping[str, str], prefix: str) -> dict[str, str]:
    return {
        (key.removeprefix(prefix).removeprefix("_").lower() or MAIN): value
        for key, value in environment.items()
        if key == prefix or key.startswith(f"{prefix}_")
    }
