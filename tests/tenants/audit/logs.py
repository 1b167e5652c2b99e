"""Audit logs with something on them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Table, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from auth.principals import Origin
from tenants.acts import Actor, ActorKind, Change, Subject
from tenants.audit.service import AUDIT_LOG, record_event
from tenants.catalog.audit import CATALOG_LOG
from tenants.catalog.audit import record_event as record_catalog_event
from tenants.chains.verifying import Verified, verify_log
from tenants.databases.copying import filling
from tenants.databases.scopes import CatalogScope, Scope
from tenants.databases.servers import PostgresServer, Server
from tenants.ids import new_id

MOMENT = datetime(2026, 3, 10, 9, 0, 0, 120_034, tzinfo=UTC)
SOMEBODY = Actor(ActorKind.ACCOUNT, UUID(int=7))
LATER = MOMENT + timedelta(minutes=5)


def log_of(scope: Scope) -> Table:
    return CATALOG_LOG if isinstance(scope, CatalogScope) else AUDIT_LOG


async def write(session: AsyncSession, scope: Scope, number: int, now: datetime) -> None:
    """One entry with something in every column."""
    record = record_catalog_event if isinstance(scope, CatalogScope) else record_event
    await record(
        session,
        now=now,
        event="user_updated",
        actor=SOMEBODY,
        subject=Subject("Account", new_id(now)),
        detail={"number": number, "reason": 'naïef "—" \\ 😀\x7f', "rate": 1.10, "none": None},
        origin=Origin(address="192.0.2.7", request_id=f"r{number}"),
        change=Change({"permissions": ["READ"]}, {"permissions": ["READ", "MANAGE_ACCOUNTS"]}),
    )


async def add(scope: Scope, count: int, now: datetime = MOMENT) -> None:
    """Entries a millisecond apart, in a transaction each."""
    for number in range(count):
        async with scope.write() as session:
            await write(session, scope, number, now + timedelta(milliseconds=number))


async def sealed(scope: Scope) -> list[Row[Any]]:
    log = log_of(scope)
    async with scope.read() as reader:
        return list(await reader.rows(select(log).order_by(log.c.sequence)))


async def verified(scope: Scope, now: datetime = LATER) -> Verified:
    async with scope.read() as reader:
        return await verify_log(reader, log_of(scope), now, lambda _done, _total: None)


@asynccontextmanager
async def tampering(server: Server, scope: Scope) -> AsyncIterator[AsyncConnection]:
    """What somebody can do who owns the database: the protection of the log is out of the way."""
    async with scope.write() as session:
        url = (await session.connection()).engine.url.database or ""
    name = url if isinstance(server, PostgresServer) else Path(url.split("?")[0]).stem
    async with filling(server, name) as connection:
        if isinstance(server, PostgresServer):
            await connection.execute(text("ALTER TABLE audit_log DISABLE TRIGGER USER"))
            yield connection
            await connection.execute(text("ALTER TABLE audit_log ENABLE TRIGGER USER"))
            return
        found = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit_log'"
        triggers = (await connection.execute(text(found))).all()
        for trigger in triggers:
            await connection.execute(text(f"DROP TRIGGER {trigger.name}"))
        yield connection
        for trigger in triggers:
            await connection.exec_driver_sql(trigger.sql)
