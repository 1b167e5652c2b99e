"""GraphiQL as somebody sits before it: tabs, an editor, a button, an answer. Served over a clock that can be moved."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyotp
import pytest
import uvicorn

from api.app import create_app
from tenants.databases.servers import SqliteServer
from tests.factories.chromium import Window, until
from tests.factories.portal import House, open_house

CODE_SECONDS = 30
EDITOR = "document.querySelector('.graphiql-query-editor .CodeMirror').CodeMirror"
ANSWER = "document.querySelector('.result-window .CodeMirror').CodeMirror"
CUSTOMER = "document.getElementById('customer')"
PLAY = "document.querySelector('.graphiql-execute-button')"


@dataclass(slots=True)
class Clock:
    """The portal's: as much later than the world's as a test says."""

    ahead: timedelta = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def pass_by(self, **time: float) -> None:
        self.ahead += timedelta(**time)

    def code(self, secret: str) -> str:
        """One that was not used yet: each works once."""
        self.pass_by(seconds=CODE_SECONDS)
        return pyotp.TOTP(secret).at(self())


@dataclass(slots=True)
class Served:
    """A portal with the demo's page of mails, on a port."""

    house: House
    clock: Clock
    port: int

    def address(self, path: str = "/graphql", host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"


@asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[Served]:
    clock = Clock()
    with pytest.MonkeyPatch.context() as patch, socket.create_server(("127.0.0.1", 0)) as listener:
        patch.setattr("api.gate.present", clock)
        patch.setattr("api.app.present", clock)
        patch.setattr("tenants.jobs.worker.datetime", SimpleNamespace(now=lambda _zone: clock()))
        port = listener.getsockname()[1]
        given: dict[str, Any] = {"public_url": f"http://{{tenant}}.localhost:{port}", "mails_page": True}
        main = SqliteServer("main", folder / "databases")
        async with open_house(main, folder, worker=True, **given) as house, _running(house, listener):
            yield Served(house, clock, port)


@asynccontextmanager
async def _running(house: House, listener: socket.socket) -> AsyncIterator[None]:
    config = uvicorn.Config(
        create_app(house.portal.settings), lifespan="on", ws="none", log_level="warning", access_log=False
    )
    config.timeout_graceful_shutdown = 5
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve([listener]))

    async def started() -> bool:
        return server.started or running.done()

    await until(started, "the portal does not start")
    try:
        yield
    finally:
        server.should_exit = True
        await running


@dataclass(slots=True)
class Page:
    """A window with GraphiQL in it."""

    window: Window

    async def ready(self) -> Page:
        await self.window.until(f"Boolean({EDITOR}.getValue() && {ANSWER} && {PLAY})")
        return self

    async def tab(self, name: str) -> None:
        """With the mouse, where it can be seen. GraphiQL takes a tenth of a second to read what it shows."""
        found = (
            f"[...document.querySelectorAll('.graphiql-tab-button')].find(it => it.textContent === '{name}')"
        )
        await self.window.click(found)
        await self.window.until(f"{EDITOR}.operationName === '{name}'")

    async def fill(self, name: str, value: str) -> None:
        """Types between the quotes behind the name."""
        await self.window.until(f"""(() => {{
          const editor = {EDITOR};
          const found = new RegExp('\\\\b{name}: "([^"]*)"').exec(editor.getValue());
          const end = found.index + found[0].length - 1;
          editor.setSelection(editor.posFromIndex(end - found[1].length), editor.posFromIndex(end));
          editor.focus();
          return true;
        }})()""")
        await self.window.type(value)
        await self.window.until(f"{EDITOR}.getValue().includes({json.dumps(f'{name}: {json.dumps(value)}')})")

    async def play(self, name: str | None = None, /, **values: str) -> Any:
        """The payload of the tab's only field, or the whole answer where it was refused."""
        if name:
            await self.tab(name)
        for field, value in values.items():
            await self.fill(field, value)
        await self.window.run(f"{ANSWER}.setValue('')")
        await self.window.click(PLAY)
        answer = json.loads(await self.window.until(f"{ANSWER}.getValue()"))
        data = answer.get("data")
        return next(iter(data.values())) if data and len(data) == 1 and "errors" not in answer else answer

    async def codes(self, name: str, /, **values: str) -> list[str]:
        """Of the errors that the mutation names."""
        payload = await self.play(name, **values)
        assert all("code" in error for error in payload["errors"]), payload
        return [error["code"] for error in payload["errors"]]

    async def choose(self, customer: str) -> None:
        """In the bar."""
        await self.window.click(CUSTOMER)
        await self.window.run(f"{CUSTOMER}.select()")
        await self.window.type(customer) if customer else await self.window.run(f"{CUSTOMER}.value = ''")
        await self.window.run(f"{CUSTOMER}.dispatchEvent(new Event('change'))")

    async def text(self, element: str) -> str:
        """What can be seen of it."""
        it = f"document.getElementById('{element}')"
        return str(await self.window.run(f"{it}.checkVisibility() ? {it}.innerText : ''"))
