"""Environment -> one frozen settings object, read once, at start."""

import os
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import NoDecode, SettingsConfigDict

from api.limit_settings import LimitSettings, with_limits
from auth.networks import Network, networks_of
from auth.rules import ACCOUNT_RULES, OPERATOR_RULES, SignInRules
from tenants.databases.connections import WAIT_SECONDS
from tenants.databases.engines import CONNECTIONS
from tenants.databases.servers import Placement, PostgresServer, Server, SqliteServer, is_postgres_url
from tenants.mails.carriers import Carrier, FileCarrier, SmtpCarrier, SmtpServer
from tenants.mails.postman import Addresses

MAIN = "main"
SQLITE_FOLDER = "sqlite:///"
ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?|https?://\[[0-9a-f:]+\](:[0-9]{1,5})?")


HOST = re.compile(r"[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]")


class PlainHttp(StrEnum):
    """Who is served without TLS (OX-009): nobody, this machine only, or anybody."""

    REFUSED = "refused"
    LOOPBACK = "loopback"
    ALLOWED = "allowed"


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
    console_hosts: Annotated[tuple[str, ...], NoDecode] = ("localhost", "127.0.0.1", "[::1]", "testserver")
    origins: Annotated[tuple[str, ...], NoDecode] = ()
    proxies: Annotated[tuple[Network, ...], NoDecode] = ()
    plain_http: PlainHttp = PlainHttp.LOOPBACK
    account_idle_minutes: int = Field(default=480, ge=10, le=43_200)
    account_session_hours: int = Field(default=720, ge=1, le=8_760)
    manager_session_hours: int = Field(default=24, ge=1, le=8_760)
    operator_idle_minutes: int = Field(default=60, ge=10, le=43_200)
    operator_session_hours: int = Field(default=12, ge=1, le=8_760)
    introspection: bool = True
    graphiql: bool = True
    worker: bool = True
    backups: Path | None = None
    sqlite_backup_minutes: int = Field(default=4, ge=0, le=1_440)
    postgres_backup_minutes: int = Field(default=60, ge=0, le=1_440)
    connections: int = Field(default=CONNECTIONS, ge=1, le=10_000)
    connection_wait: float = Field(default=WAIT_SECONDS, ge=0.1, le=60)
    policies: Path | None = None
    smtp_url: SecretStr | None = None
    mail_from: str = "slaportal <slaportal@localhost.localdomain>"
    public_url: str | None = None
    console_url: str | None = None
    mails_page: bool = False
    operator_networks: Annotated[tuple[Network, ...], NoDecode] = ()

    @field_validator("smtp_url", mode="before")
    @classmethod
    def _empty_is_none(cls, value: object) -> object:
        return value or None

    @field_validator("public_url", "console_url")
    @classmethod
    def _is_base(cls, value: str | None) -> str | None:
        if value and not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", value):
            raise ValueError("expected an address such as https://{tenant}.example.com")
        return value.rstrip("/") if value else None

    def carrier(self) -> Carrier:
        """What mails leave by: the server of `SLAPORTAL_SMTP_URL`, or else the folder `$DATA/mails`.

        Raises `MailSettingWrong`.
        """
        if self.smtp_url is None:
            return FileCarrier(self.mails_path)
        return SmtpCarrier(SmtpServer.of(self.smtp_url.get_secret_value()))

    def addresses(self) -> Addresses:
        """Where links in mails point to: by default this machine, or in production `https` below the base domain."""
        scheme, port = ("https", "") if self.in_production else ("http", ":8000")
        return Addresses(
            tenant=self.public_url or f"{scheme}://{{tenant}}.{self.base_domain}{port}",
            console=self.console_url or f"{scheme}://{self.base_domain}{port}",
        )

    @property
    def mails_path(self) -> Path:
        """The folder of mails where no server takes them."""
        return self.data / "mails"

    @property
    def shows_mails(self) -> bool:
        """Whether mails are shown on a page: only where they are files, and somebody asked for it."""
        return self.mails_page and self.graphiql and self.smtp_url is None

    @field_validator("operator_networks", "proxies", mode="before")
    @classmethod
    def _networks(cls, value: object) -> object:
        """CIDRs with commas between them."""
        return networks_of(value) if isinstance(value, str) else value

    @field_validator("console_hosts", "origins", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        """With commas between them."""
        return (
            tuple(each.strip() for each in value.split(",") if each.strip())
            if isinstance(value, str)
            else value
        )

    @field_validator("console_hosts")
    @classmethod
    def _hosts(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        for host in hosts:
            if not HOST.fullmatch(host):
                raise ValueError(f"{host} is no host: write names with commas between them, no ports")
        return hosts

    @field_validator("policies")
    @classmethod
    def _folder(cls, folder: Path | None) -> Path | None:
        if folder is not None and not folder.is_dir():
            raise ValueError(f"{folder} is no folder")
        return folder

    @field_validator("database_urls")
    @classmethod
    def _databases(cls, urls: Mapping[str, str]) -> Mapping[str, str]:
        servers = {name: url for name, url in urls.items() if not url.startswith(SQLITE_FOLDER)}
        _check_urls("DATABASE_URL", servers, f" or {SQLITE_FOLDER}FOLDER")
        return urls

    @field_validator("admin_urls")
    @classmethod
    def _administrators(cls, urls: Mapping[str, str]) -> Mapping[str, str]:
        _check_urls("DATABASE_ADMIN_URL", urls)
        return urls

    @field_validator("origins")
    @classmethod
    def _origins_as_browsers_write_them(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        """They are compared to the letter: a path, a slash or an upper-case letter would never match."""
        for origin in origins:
            if not ORIGIN.fullmatch(origin):
                raise ValueError(f"{origin} is no origin such as https://desk.example.com")
        return origins

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
        idle = self.operator_idle_minutes if console else self.account_idle_minutes
        absolute = self.operator_session_hours if console else self.account_session_hours
        return replace(
            with_limits(OPERATOR_RULES if console else ACCOUNT_RULES, self),
            idle=timedelta(minutes=idle),
            absolute=timedelta(hours=absolute),
            absolute_managing=timedelta(hours=self.manager_session_hours),
        )

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


def _check_urls(prefix: str, urls: Mapping[str, str], other: str = "") -> None:
    """The URL itself is not told: there may be a password in it."""
    for server, url in urls.items():
        if not is_postgres_url(url):
            name = prefix if server == MAIN else f"{prefix}_{server.upper()}"
            raise ValueError(f"{name}: expected postgresql://USER@HOST:PORT/DATABASE{other}")
