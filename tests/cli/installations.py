"""Runs commands over the installation of a house."""

import asyncio
from collections.abc import Awaitable, Callable

from typer.testing import Result

from tests.cli.conftest import Slaportal
from tests.factories.portal import House
from tests.factories.serving import environment_of

Command = Callable[..., Awaitable[Result]]


def commands(house: House, slaportal: Slaportal) -> Command:
    """Runs `slaportal` with the house's settings, in a thread: commands bring an event loop of their own."""

    async def run(*words: str) -> Result:
        return await asyncio.to_thread(slaportal, *words, **environment_of(house.portal.settings))

    return run


def told(result: Result) -> str:
    """The one line that was told on standard error."""
    (line,) = result.stderr.splitlines()
    return line
