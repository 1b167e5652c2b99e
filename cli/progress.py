"""How far a command has come, shown where somebody looks."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from cli.common import errors_console


@contextmanager
def counting(title: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal that is told how many are done, and of how many; elsewhere nothing."""
    console = errors_console()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as progress:
        bar = progress.add_task(title, total=None)
        yield lambda done, total: progress.update(bar, completed=done, total=total)


@contextmanager
def copying(title: str) -> Iterator[Callable[[str, int], None]]:
    """A line that counts rows on a terminal; elsewhere nothing."""
    console = errors_console()
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    rows: dict[str, int] = {}
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as progress:
        task = progress.add_task(title)

        def told(table: str, count: int) -> None:
            rows[table] = count
            progress.update(task, description=f"{title}: {sum(rows.values()):,} rows, {table}")

        yield told
