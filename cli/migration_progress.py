"""Shows how far a run of migrations is, and ends it after Ctrl-C when what is in work is done."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from cli.common import errors_console, interactive, tell
from cli.portal import now
from tenants.catalog.migrating import Tally, Wanted
from tenants.catalog.migration_run import Orders, Outcome, Watch
from tenants.catalog.migration_run import migrate as migrate_all
from tenants.databases.engines import Engines
from tenants.databases.provisioning import Step, unwatched

LINE_EVERY = 10.0
"""Seconds between two lines where there is no terminal."""


class Bar(Watch):
    """A progress bar with an estimate."""

    def __init__(self, bar: Progress) -> None:
        super().__init__()
        self._bar = bar
        self._task = bar.add_task("", total=None)

    def progress(self, found: Tally) -> None:
        text = f"{found.failed} failed" * bool(found.failed)
        completed = found.done + found.failed
        self._bar.update(self._task, description=text, completed=completed, total=completed + found.left)

    def waiting(self, found: Tally) -> None:
        self._bar.update(self._task, description=_waiting(found))


class Lines(Watch):
    """A line now and then, for logs."""

    def __init__(self) -> None:
        super().__init__()
        self._began = self._told = monotonic()
        self._waited = False

    def progress(self, found: Tally) -> None:
        finished, now = found.done + found.failed, monotonic()
        if finished and found.left and now - self._told >= LINE_EVERY:
            self._told = now
            estimate = round((now - self._began) / finished * found.left)
            tell(
                f"{finished} of {finished + found.left} customers, {found.failed} failed, about {estimate} s left"
            )

    def waiting(self, found: Tally) -> None:
        if not self._waited:
            self._waited = True
            tell(f"{found.left} customers left: {_waiting(found)}")


async def migrate_watched(
    engines: Engines, wanted: Wanted, orders: Orders, step: Step = unwatched
) -> tuple[Outcome, bool]:
    """The outcome, and whether somebody stopped it."""
    with _shown() as watch, _stopped_by_signals(watch):
        outcome = await migrate_all(engines, wanted, orders, clock=now, watch=watch, step=step)
    return outcome, watch.stop.is_set()


@contextmanager
def _shown() -> Iterator[Watch]:
    if not interactive():
        yield Lines()
        return
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("customers"), TimeRemainingColumn())
    console = errors_console()
    with Progress(*columns, TextColumn("{task.description}"), console=console, transient=True) as bar:
        yield Bar(bar)


@contextmanager
def _stopped_by_signals(watch: Watch) -> Iterator[None]:
    """The first signal lets running upgrades end; the second is as always."""
    loop = asyncio.get_running_loop()
    signals = (signal.SIGINT, signal.SIGTERM)

    def stop() -> None:
        tell("Stopping when the customers that are in work are done ...")
        watch.stop.set()
        for each in signals:
            loop.remove_signal_handler(each)

    for each in signals:
        loop.add_signal_handler(each, stop)
    try:
        yield
    finally:
        for each in signals:
            loop.remove_signal_handler(each)


def _waiting(found: Tally) -> str:
    return (
        f"waiting for {found.running} that another command works on, or gave up within the last half minute"
    )
