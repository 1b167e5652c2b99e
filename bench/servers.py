"""The servers under test, each in a process of its own."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal

import psutil  # type: ignore[import-untyped]  # of the PostgreSQL package

from api.limit_settings import LimitSettings
from api.settings import Settings

START_SECONDS = 30
HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Server:
    """A running server; `port` is on the loopback."""

    port: int
    process: psutil.Process

    def processor_seconds(self) -> float:
        """User and system time of the server's process since it started."""
        times = self.process.cpu_times()
        return float(times.user + times.system)


@asynccontextmanager
async def serving(
    app: Literal["portal", "measured_portal", "baseline"], settings: Settings
) -> AsyncIterator[Server]:
    """One worker on uvloop and httptools without an access log. Raises `TimeoutError` where it does not start."""
    port = _free_port()
    options = ["--factory", "--loop", "uvloop", "--http", "httptools", "--no-access-log"]
    command = [sys.executable, "-m", "uvicorn", f"bench.apps:{app}", *options]
    place = ["--host", HOST, "--port", str(port), "--log-level", "warning"]
    child = subprocess.Popen([*command, *place], env=_environment(settings))  # noqa: S603, ASYNC220  # our own program, once
    try:
        async with asyncio.timeout(START_SECONDS):
            await _answers(port, child)
        yield Server(port, psutil.Process(child.pid))
    finally:
        child.terminate()
        child.wait()  # nothing else is to be done meanwhile


def _environment(settings: Settings) -> dict[str, str]:
    """This process's own, but for what says where the data lies."""
    found = {key: value for key, value in os.environ.items() if not key.startswith("DATABASE_URL")}
    found["DATA"] = str(settings.data)
    found["SLAPORTAL_WORKER"] = "false"
    for name in LimitSettings.model_fields:
        if (value := getattr(settings, name)) is not None:
            found[f"SLAPORTAL_{name.upper()}"] = str(value)
    for name, url in settings.database_urls.items():
        found["DATABASE_URL" if name == "main" else f"DATABASE_URL_{name.upper()}"] = url
    return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


async def _answers(port: int, child: subprocess.Popen[bytes]) -> None:
    while child.poll() is None:
        try:
            _, writer = await asyncio.open_connection(HOST, port)
        except OSError:
            await asyncio.sleep(0.1)
            continue
        writer.close()
        return
    raise RuntimeError("the server ended while it started")
