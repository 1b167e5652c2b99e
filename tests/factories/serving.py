"""A portal in a process of its own, reached over HTTP."""

import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

from api.limit_settings import LimitSettings
from api.settings import Settings
from tests.factories.portal import House

ROOT = Path(__file__).resolve().parents[2]
STOP_SECONDS = 20


@dataclass(slots=True)
class Serving:
    """A running server process."""

    process: subprocess.Popen[bytes]
    url: str

    def kill(self) -> None:
        """SIGKILL: nothing is finished, nothing is told."""
        self.process.kill()
        self.process.wait(STOP_SECONDS)


def environment_of(settings: Settings) -> dict[str, str]:
    """What tells another process about these settings."""
    environment = {
        "PATH": os.environ["PATH"],
        "DATA": str(settings.data),
        "SLAPORTAL_CATALOG_DATABASE": settings.catalog_database,
        "SLAPORTAL_CONNECTION_WAIT": str(settings.connection_wait),
        "SLAPORTAL_WORKER": str(settings.worker).lower(),
    }
    for name in LimitSettings.model_fields:
        if (value := getattr(settings, name)) is not None:
            environment[f"SLAPORTAL_{name.upper()}"] = str(value)
    for name, url in settings.database_urls.items():
        environment["DATABASE_URL" if name == "main" else f"DATABASE_URL_{name.upper()}"] = url
    return environment


def start(settings: Settings) -> Serving:
    """A server over these settings. It need not be waited for: its socket takes connections already."""
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listener:
        descriptor = listener.fileno()
        process = subprocess.Popen(  # noqa: S603  # our own interpreter and module
            [sys.executable, "-m", "tests.factories.serve", str(descriptor)],
            cwd=ROOT,
            env=environment_of(settings),
            pass_fds=[descriptor],
        )
        return Serving(process, f"http://127.0.0.1:{listener.getsockname()[1]}")


@asynccontextmanager
async def served(house: House) -> AsyncIterator[Serving]:
    """The house's portal in a process of its own; until the end the house calls it over HTTP."""
    serving, inside = start(house.portal.settings), house.http
    limits = httpx2.Limits(max_connections=None)
    try:
        async with httpx2.AsyncClient(base_url=serving.url, timeout=60, limits=limits) as http:
            house.http = http
            yield serving
    finally:
        house.http = inside
        if serving.process.poll() is None:
            serving.kill()
