"""What the commands over an installation need: where its data is, a wired portal, and errors as one line."""

from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import uvloop

from api.portal import Portal, open_portal
from api.settings import Settings, read_settings
from auth.errors import KeysFileExists, KeysFileExposed, KeysFileInvalid, KeysFileMissing
from cli.common import fail
from tenants.catalog.errors import SlugTaken, TenantNotActive, UnknownTenant
from tenants.databases.errors import DatabaseUnavailable, UpgradeFailed

T = TypeVar("T")

EXPECTED = (
    DatabaseUnavailable,
    KeysFileExists,
    KeysFileExposed,
    KeysFileInvalid,
    KeysFileMissing,
    SlugTaken,
    TenantNotActive,
    UnknownTenant,
    UpgradeFailed,
)
ADVICE: dict[type[Exception], str] = {
    DatabaseUnavailable: "The database cannot be opened. Has `slaportal run` been started on this data once?",
    KeysFileExists: "There are keys already; they are never overwritten.",
    KeysFileMissing: "There is no installation here: `slaportal run` makes one, `slaportal keys create` its keys.",
    SlugTaken: "A customer of yours has a slug that the demo needs:",
    TenantNotActive: "The tenant is in no state for that:",
    UnknownTenant: "There is no such tenant. `slaportal tenant list` shows them.",
    UpgradeFailed: "The catalog cannot be brought to today's schema:",
}


def settings_of(data: Path) -> Settings:
    return read_settings(data=data)


def run_async(work: Coroutine[Any, Any, T]) -> T:
    """Runs a command's work; what a person can mend is told in one line, anything else is a traceback."""
    try:
        return uvloop.run(work)
    except EXPECTED as error:
        raise fail(
            " ".join(filter(None, (ADVICE.get(type(error)), f"({error})" * bool(str(error)))))
        ) from error


@asynccontextmanager
async def portal_of(settings: Settings) -> AsyncIterator[Portal]:
    """The wired parts, closed at the end of the block."""
    portal = open_portal(settings)
    try:
        yield portal
    finally:
        await portal.close()
