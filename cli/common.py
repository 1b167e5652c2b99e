"""What every command needs: its options, where it prints, and errors as one line."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sla.errors import PolicyFileWrong
from sla.policy import Library

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
SlugArgument = Annotated[str, typer.Argument(help="The customer's slug.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
DEFAULT_DATA = Path("var")
WIDEST_TABLE = 150


def errors_console() -> Console:
    """Where progress and problems go, so that standard output stays the answer."""
    return Console(stderr=True, markup=False, emoji=False)


def answer_console() -> Console:
    """Standard output; wide enough for secrets never to be cut, also where it is no terminal."""
    return Console(width=max(Console().width, WIDEST_TABLE), markup=False, emoji=False)


def tell(line: str) -> None:
    """One line for whoever looks, on standard error; never cut or wrapped: what stands in it is copied."""
    errors_console().print(line, highlight=False, soft_wrap=True)


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


def interactive() -> bool:
    return sys.stderr.isatty()


def plain_table(*columns: str) -> Table:
    """No frame, and no column cut or wrapped: what stands in it is copied."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, no_wrap=True)
    return table
