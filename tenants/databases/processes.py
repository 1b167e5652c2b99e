"""Work in a process of its own: what is not safe in threads, or would take the interpreter from those who serve."""

import asyncio
import os
import signal
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context, parent_process
from threading import Thread
from types import TracebackType
from typing import Generic, Self, TypeVar

from tenants.databases.errors import ProcessKilled

Given = TypeVar("Given")
Result = TypeVar("Result")


class WorkProcess(Generic[Given, Result]):
    """One process that does one piece of work at a time. When it dies, that piece fails and a new one is made.

    A pool of several would not tell whose work killed it, and would give up the others'.
    """

    def __init__(self, work: Callable[[Given], Result]) -> None:
        self._work = work
        self._pool: ProcessPoolExecutor | None = None

    async def run(self, given: Given) -> Result:
        """What the work gives; its errors, and `ProcessKilled`."""
        if self._pool is None:
            self._pool = ProcessPoolExecutor(1, get_context("spawn"), _live_with_the_parent)
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, self._work, given)
        except BrokenProcessPool as error:
            self.close()
            raise ProcessKilled(
                "the process that worked on it was killed (is there enough memory?)"
            ) from error

    def close(self) -> None:
        """Waits for the work that is under way, if any."""
        pool, self._pool = self._pool, None
        if pool:
            pool.shutdown()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self.close()


def _live_with_the_parent() -> None:
    """Ctrl-C reaches every process of a terminal: the parent decides. Without it there is nobody to work for."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_the_parent, daemon=True).start()


def _end_with_the_parent() -> None:
    parent = parent_process()
    if parent:
        parent.join()
    os._exit(1)  # what is not committed is rolled back
