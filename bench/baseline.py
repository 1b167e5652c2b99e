"""The least that could answer: Starlette, one prepared statement over the bare driver, and orjson.

It looks the same things up as the portal with each request: the token's signature once and its claims every
time, the session with its account, and the tenant in the catalog, kept for a second.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from time import monotonic
from typing import Any, Protocol
from uuid import UUID

import asyncpg
import orjson
from sqlalchemy import make_url
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from api.ids import encode_id
from api.settings import Settings
from auth.keys import KeyRing
from auth.tokens import AccessTokens
from bench.question import PATH
from tenants.databases.servers import PostgresServer

Rows = Sequence[Any]

PAGE_SQL = """
SELECT t.id, t.number, t.subject, t.type, t.status, t.environment, t.component, t.registered_at,
  c.name, c.email, t.response_state, t.response_due_at, t.resolution_state, t.resolution_due_at
FROM ticket t LEFT JOIN contact c ON c.id = t.requester_id
ORDER BY t.next_due_at, t.id LIMIT $1"""
SESSION_SQL = """
SELECT a.id, s.id, a.email, a.name, a.locale, a.permissions, s.authenticated_at,
  (SELECT c.id FROM contact c WHERE c.id = a.contact_id AND c.slot IS NOT NULL)
FROM account a JOIN session s ON s.subject_id = a.id
WHERE s.id = $1 AND s.subject_id = $2 AND s.ended_at IS NULL AND s.expires_at > $3 AND a.status = 'ACTIVE'"""
TENANT_SQL = "SELECT slug, status, epoch, database_name FROM tenant WHERE id = $1"


class Driver(Protocol):
    """Runs the three statements; each kind of database keeps ids and moments in its own way."""

    async def tenant(self, key: UUID) -> Rows: ...
    async def session(self, database: str, key: UUID, subject: UUID, now: datetime) -> Rows: ...
    async def page(self, database: str, size: int) -> Rows: ...
    def moment(self, value: Any) -> Any: ...
    def key(self, value: Any) -> UUID: ...


class SqliteDriver:
    """The standard library's sqlite3 on the event loop: for short reads nothing is faster."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._open: dict[str, sqlite3.Connection] = {}

    async def tenant(self, key: UUID) -> Rows:
        return self._run(self._settings.catalog_database, TENANT_SQL, key.hex)

    async def session(self, database: str, key: UUID, subject: UUID, now: datetime) -> Rows:
        moment = now.strftime("%Y-%m-%d %H:%M:%S.%f")
        return self._run(database, SESSION_SQL, key.hex, subject.hex, moment)

    async def page(self, database: str, size: int) -> Rows:
        return self._run(database, PAGE_SQL, size)

    def moment(self, value: str | None) -> str | None:
        if value is None:
            return None
        fraction = "" if value.endswith(".000000") else value[19:]
        return f"{value[:10]}T{value[11:19]}{fraction}+00:00"

    def key(self, value: str) -> UUID:
        return UUID(hex=value)

    def _run(self, database: str, sql: str, *values: object) -> Rows:
        connection = self._open.get(database)
        if connection is None:
            path = self._settings.data / "databases" / f"{database}.db"
            connection = self._open[database] = sqlite3.connect(path, isolation_level=None)
        return connection.execute(sql, values).fetchall()


class PostgresDriver:
    """asyncpg with its own pools; it prepares each statement once a connection."""

    def __init__(self, url: str, catalog: str) -> None:
        self._url = make_url(url)
        self._catalog = catalog
        self._open: dict[str, Any] = {}

    async def tenant(self, key: UUID) -> Rows:
        return await self._run(self._catalog, TENANT_SQL, key)

    async def session(self, database: str, key: UUID, subject: UUID, now: datetime) -> Rows:
        return await self._run(database, SESSION_SQL, key, subject, now)

    async def page(self, database: str, size: int) -> Rows:
        return await self._run(database, PAGE_SQL, size)

    def moment(self, value: datetime | None) -> datetime | None:
        return value

    def key(self, value: UUID) -> UUID:
        return value

    async def _run(self, database: str, sql: str, *values: object) -> Rows:
        pool = self._open.get(database)
        if pool is None:
            host = self._url.query.get("host", self._url.host)
            pool = self._open[database] = await asyncpg.create_pool(
                host=host,
                user=self._url.username,
                database=database,
                min_size=1,
                max_size=4,
                reset=_nothing_to_reset,
            )
        rows: Rows = await pool.fetch(sql, *values)
        return rows


async def _nothing_to_reset(_connection: object) -> None:
    """Reads leave nothing behind: a connection goes back to its pool without a round trip."""


class Tenants:
    """Rows of the catalog, each kept for a second."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._seen: dict[UUID, tuple[float, Any]] = {}

    async def database_of(self, key: UUID) -> str:
        """Raises `LookupError` where the tenant is not there or not open."""
        moment, row = self._seen.get(key, (0.0, None))
        if row is None or monotonic() - moment >= 1:
            row = (await self._driver.tenant(key))[0]
            self._seen[key] = (monotonic(), row)
        if row[1] != "ACTIVE":
            raise LookupError(row[0])
        return str(row[3])


def baseline_app(settings: Settings) -> ASGIApp:
    """Answers the question of the bench, in the portal's very shape, and nothing else."""
    server = settings.servers()["main"]
    driver: Driver = (
        PostgresDriver(server.base, settings.catalog_database)
        if isinstance(server, PostgresServer)
        else SqliteDriver(settings)
    )
    tokens = AccessTokens(KeyRing.load(settings.keys_path), settings.issuer)
    return Starlette(
        routes=[
            Route(PATH, _answer(driver, Tenants(driver), tokens), methods=["POST"]),
            Route("/healthz", _alive),
        ]
    )


def _answer(
    driver: Driver, tenants: Tenants, tokens: AccessTokens
) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        now = datetime.now(UTC)
        asked: Mapping[str, Any] = orjson.loads(await request.body())
        claims = tokens.verify(request.headers["authorization"].removeprefix("Bearer "), now=now)
        if claims.tenant_id is None:
            return Response(status_code=403)
        database = await tenants.database_of(claims.tenant_id)
        if not await driver.session(database, claims.session_id, claims.subject, now):
            return Response(status_code=401)
        rows = await driver.page(database, asked["variables"]["first"])
        nodes = [_node(driver, row) for row in rows]
        return Response(orjson.dumps({"data": {"tickets": {"nodes": nodes}}}), media_type="application/json")

    return answer


def _node(driver: Driver, row: Any) -> dict[str, Any]:
    key, number, subject, kind, status, environment, component, registered, name, email, *clocks = row
    response_state, response_due, resolution_state, resolution_due = clocks
    return {
        "id": encode_id("Ticket", driver.key(key)),
        "number": number,
        "subject": subject,
        "type": kind,
        "status": status,
        "environment": environment,
        "component": component,
        "registeredAt": driver.moment(registered),
        "requester": None if name is None else {"name": name, "email": email},
        "responseClock": {"state": response_state, "dueAt": driver.moment(response_due)},
        "resolutionClock": {"state": resolution_state, "dueAt": driver.moment(resolution_due)},
    }


async def _alive(_request: Request) -> Response:
    return Response("ok")
