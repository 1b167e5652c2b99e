"""What customers do, as operations on a portal in this process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import select
from starlette.types import ASGIApp, Message

from api.app import app_over
from api.portal import Portal
from bench.question import BODY
from bench.tenancy.caller import ask_app
from tenants.acts import SYSTEM
from tenants.audit.service import record_event
from tenants.databases.scopes import TenantScope
from tenants.organization.models import Organization
from tenants.tables import table

ORGANIZATION = select(table(Organization))


@dataclass(slots=True)
class Work:
    """`portal` and the application over it."""

    portal: Portal
    app: ASGIApp = field(init=False)

    def __post_init__(self) -> None:
        self.app = app_over(self.portal)

    async def page(self, token: str, slug: str) -> None:
        """The page of tickets, asked over GraphQL with a real token. Raises `WrongAnswer`."""
        await ask_app(self.app, BODY, {"Authorization": f"Bearer {token}", "Portal-Tenant": slug})

    async def read(self, slug: str) -> None:
        async with (await self._scope(slug)).read() as reader:
            await reader.rows(ORGANIZATION)

    async def write(self, slug: str) -> None:
        """One entry of the audit log in a transaction of its own."""
        scope = await self._scope(slug)
        async with scope.record() as session:
            await record_event(session, now=datetime.now(UTC), event="bench_visit", actor=SYSTEM)

    async def _scope(self, slug: str) -> TenantScope:
        tenants = self.portal.tenants
        return tenants.scope(await tenants.by_slug(slug, datetime.now(UTC)))


@asynccontextmanager
async def alive(work: Work) -> AsyncIterator[None]:
    """The application as its server runs it: the worker works, and the portal is closed at the end."""
    told: asyncio.Queue[Message] = asyncio.Queue()
    heard: asyncio.Queue[Message] = asyncio.Queue()

    async def run() -> None:
        await work.app({"type": "lifespan", "asgi": {"version": "3.0"}}, told.get, heard.put)

    running = asyncio.create_task(run())
    for step in ("startup", "shutdown"):
        await told.put({"type": f"lifespan.{step}"})
        answer = await heard.get()
        if answer["type"] != f"lifespan.{step}.complete":
            raise RuntimeError(answer)
        if step == "startup":
            yield
    await running
