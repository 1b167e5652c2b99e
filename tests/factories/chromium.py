"""A real browser, driven over the Chrome DevTools Protocol with what is installed anyway."""

from __future__ import annotations

import asyncio
import itertools
import json
import shutil
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

PROGRAM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
MISSING = "\nChromium is not installed: no page was walked through (on Debian: apt-get install chromium)\n"
OPTIONS = (
    "--headless=new",
    "--no-sandbox",  # it shows our own pages only, and tests may run as root
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--no-first-run",
    "--remote-debugging-port=0",
    "--window-size=1440,900",
)
PATIENCE = 60
"""Seconds that a slow machine may take for anything."""


class NotYet(AssertionError):
    """What was waited for did not come."""


class Refused(AssertionError):
    """The browser cannot do that now: a page may be giving way to the next one."""


async def until(wanted: Callable[[], Awaitable[Any]], what: str) -> Any:
    """The first result that is true."""
    end = asyncio.get_running_loop().time() + PATIENCE
    while not (found := await wanted()):
        if asyncio.get_running_loop().time() > end:
            raise NotYet(what)
        await asyncio.sleep(0.05)
    return found


@dataclass(slots=True)
class Chromium:
    """A browser with a profile of its own."""

    socket: ClientConnection
    numbers: itertools.count[int] = field(default_factory=itertools.count)
    waiting: dict[int, asyncio.Future[dict[str, Any]]] = field(default_factory=dict)

    async def read(self) -> None:
        """Hands answers to who asked, as long as the browser runs."""
        async for text in self.socket:
            message = json.loads(text)
            if (asked := self.waiting.pop(message.get("id", -1), None)) and not asked.done():
                asked.set_result(message)

    async def send(self, method: str, session: str | None = None, **given: Any) -> Any:
        number = next(self.numbers)
        answered = self.waiting[number] = asyncio.get_running_loop().create_future()
        place = {"sessionId": session} if session else {}
        await self.socket.send(json.dumps({"id": number, "method": method, "params": given, **place}))
        message = await asyncio.wait_for(answered, PATIENCE)
        if "error" in message:
            raise Refused(message["error"])
        return message["result"]

    async def open(self, url: str) -> Window:
        made = await self.send("Target.createTarget", url=url)
        return await self._attached(made["targetId"])

    async def pages(self) -> set[str]:
        found = (await self.send("Target.getTargets"))["targetInfos"]
        return {each["targetId"] for each in found if each["type"] == "page"}

    async def opened_by(self, act: Awaitable[None]) -> Window:
        """The window that a click opens."""
        before = await self.pages()
        await act

        async def new() -> set[str]:
            return await self.pages() - before

        (target,) = await until(new, "no window was opened")
        return await self._attached(target)

    async def _attached(self, target: str) -> Window:
        attached = await self.send("Target.attachToTarget", targetId=target, flatten=True)
        return Window(self, attached["sessionId"])


@dataclass(slots=True)
class Window:
    """One page. Elements are named by JavaScript that finds them."""

    browser: Chromium
    session: str

    async def run(self, script: str) -> Any:
        """The value of the expression; None while a page gives way to the next one."""
        try:
            done = await self.browser.send(
                "Runtime.evaluate", self.session, expression=script, returnByValue=True, awaitPromise=True
            )
        except Refused:
            return None
        return done["result"].get("value") if "exceptionDetails" not in done else None

    async def until(self, script: str) -> Any:
        return await until(lambda: self.run(script), script)

    async def _page(self, method: str) -> None:
        async def done() -> bool:
            try:
                await self.browser.send(method, self.session)
            except Refused:
                return False
            return True

        await until(done, method)

    async def click(self, element: str) -> None:
        """With the mouse, as soon as the element is in sight and nothing covers it."""
        script = f"""(() => {{
          const element = {element};
          const box = element.getClientRects()[0];
          const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
          return element.contains(document.elementFromPoint(x, y)) ? [x, y] : null;
        }})()"""
        await self._page("Page.bringToFront")
        x, y = await self.until(script)
        for kind in ("mousePressed", "mouseReleased"):
            await self.browser.send(
                "Input.dispatchMouseEvent", self.session, type=kind, x=x, y=y, button="left", clickCount=1
            )

    async def type(self, text: str) -> None:
        """Into what has the focus."""
        await self.browser.send("Input.insertText", self.session, text=text)

    async def reload(self) -> None:
        await self.run("window.left = true")
        await self._page("Page.reload")
        await self.until("!window.left && document.readyState === 'complete'")


@asynccontextmanager
async def chromium(profile: Path) -> AsyncIterator[Chromium]:
    """A running browser that is gone afterwards."""
    assert PROGRAM
    process = subprocess.Popen(  # noqa: ASYNC220, S603  # found above
        [PROGRAM, *OPTIONS, f"--user-data-dir={profile}", "about:blank"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        async with connect(await _address(profile / "DevToolsActivePort"), max_size=None) as socket:
            browser = Chromium(socket)
            reading = asyncio.create_task(browser.read())
            yield browser
            reading.cancel()
    finally:
        process.kill()
        process.wait(PATIENCE)


async def _address(file: Path) -> str:
    """Where the browser listens: it writes so once it does."""

    async def written() -> list[str]:
        return await asyncio.to_thread(_lines, file)

    port, path = await until(written, "the browser does not start")
    return f"ws://127.0.0.1:{port}{path}"


def _lines(file: Path) -> list[str]:
    lines = file.read_text().splitlines() if file.exists() else []
    return lines if len(lines) == 2 else []
