"""Environment -> one frozen settings object, read once, at start."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from tenants.databases.servers import Placement, PostgresServer, Server, SqliteServer

MAIN = "main"


class Settings(BaseSettings):
    """Every setting is named `SLAPORTAL_...`; the data folder is `DATA`, databases are `DATABASE_URL...`."""

    model_config = SettingsConfigDict(env_prefix="SLAPORTAL_", frozen=True, extra="ignore")

    data: Path = Field(default=Path("var"), validation_alias="DATA")
    database_urls: Mapping[str, str] = Field(default_factory=dict)
    catalog_database: str = "slaportal_catalog"
    keys_file: Path | None = None
    issuer: str = "slaportal"
    base_domain: str = "localhost"
    console_hosts: tuple[str, ...] = ("localhost", "127.0.0.1", "[::1]", "testserver")
    password_rounds: int = Field(default=220_000, ge=1_000, le=10_000_000)
    sign_in_tries: int = Field(default=10, ge=1, le=1_000)
    introspection: bool = True
    graphiql: bool = True
    worker: bool = True
    open_databases: int = Field(default=64, ge=1, le=10_000)
    policies: Path | None = None

    @property
    def keys_path(self) -> Path:
        """The keys file: `$DATA/keys.json` unless `SLAPORTAL_KEYS_FILE` names another."""
        return self.keys_file or self.data / "keys.json"

    def servers(self) -> dict[str, Server]:
        """The servers by name; SQLite files below the data folder where no `DATABASE_URL` is set."""
        if self.database_urls:
            return {name: PostgresServer(name, url) for name, url in self.database_urls.items()}
        return {MAIN: SqliteServer(MAIN, (self.data / "databases").absolute())}

    def catalog(self) -> Placement:
        return Placement(MAIN, self.catalog_database)


def read_settings(environment: Mapping[str, str] = os.environ, **given: Any) -> Settings:
    """Settings from the environment, with what is given put before it.

    `DATABASE_URL` is the PostgreSQL server of the catalog and of new tenants; `DATABASE_URL_EU2` adds a server `eu2`.
    """
    urls = {
        (key.removeprefix("DATABASE_URL").removeprefix("_").lower() or MAIN): value
        for key, value in environment.items()
        if key == "DATABASE_URL" or key.startswith("DATABASE_URL_")
    }
    given.setdefault("database_urls", urls)
    if "data" in given:
        given["DATA"] = given.pop("data")
    return Settings(**given)
