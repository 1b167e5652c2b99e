"""How far a copy of a customer's database has come."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from cli.common import errors_console


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
