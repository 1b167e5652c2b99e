"""What every command needs: where the data is, a wired portal, and errors as one line."""

import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
import uvloop
from rich.console import Console
from rich.text import Text

from api.portal import Portal, open_portal
from api.settings import Settings, read_settings
from auth.errors import KeysFileExists, KeysFileExposed, KeysFileInvalid, KeysFileMissing
from sla.errors import PolicyFileWrong
from sla.policy import Library
from tenants.catalog.errors import SlugTaken, TenantNotActive, UnknownTenant
from tenants.databases.errors import DatabaseUnavailable

T = TypeVar("T")

DataOption = Annotated[
    Path,
    typer.Option("--data", envvar="DATA", help="The data folder.", show_default=True, file_okay=False),
]
PoliciesOption = Annotated[
    Path | None,
    typer.Option(
        "--policies",
        envvar="SLAPORTAL_POLICIES",
        help="A folder with agreements of your own beside the built-in ones.",
        exists=True,
        file_okay=False,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
DEFAULT_DATA = Path("var")
WIDEST_TABLE = 150

EXPECTED = (
    DatabaseUnavailable,
    KeysFileExists,
    KeysFileExposed,
    KeysFileInvalid,
    KeysFileMissing,
    SlugTaken,
    TenantNotActive,
    UnknownTenant,
)
ADVICE: dict[type[Exception], str] = {
    DatabaseUnavailable: "The database cannot be opened. Has `slaportal run` been started on this data once?",
    KeysFileExists: "There are keys already; they are never overwritten.",
    KeysFileMissing: "There is no installation here: `slaportal run` makes one, `slaportal keys create` its keys.",
    SlugTaken: "A customer of yours has a slug that the demo needs:",
    TenantNotActive: "The tenant is in no state for that:",
    UnknownTenant: "There is no such tenant. `slaportal tenant list` shows them.",
}


def settings_of(data: Path) -> Settings:
    return read_settings(data=data)


def errors_console() -> Console:
    """Where progress and problems go, so that standard output stays the answer."""
    return Console(stderr=True, markup=False, emoji=False)


def answer_console() -> Console:
    """Standard output; wide enough for secrets never to be cut, also where it is no terminal."""
    return Console(width=max(Console().width, WIDEST_TABLE), markup=False, emoji=False)


def fail(message: str, code: int = 1) -> typer.Exit:
    """Tells what is wrong in one line. To be raised: exit code 1 is a refusal, 2 wrong usage."""
    errors_console().print(Text.assemble(("Error:", "bold red"), f" {message}"), soft_wrap=True)
    return typer.Exit(code)


def library_of(own: Path | None) -> Library:
    """The agreements that this installation knows; a wrong file is told in one line."""
    try:
        return Library.load(own)
    except PolicyFileWrong as wrong:
        raise fail(str(wrong)) from wrong


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


def interactive() -> bool:
    return sys.stderr.isatty()
