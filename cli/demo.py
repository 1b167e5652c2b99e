"""`slaportal demo`: the demo's data and its accounts."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from api.portal import Portal
from api.settings import Settings
from cli.common import DEFAULT_DATA, DataOption, JsonOption, answer_console, errors_console, fail
from cli.demo_data import creation
from cli.demo_data.presence import demo_is_complete
from cli.demo_data.records import read_accounts
from cli.portal import portal_of, run_async, settings_of
from cli.preparing import ensure_catalog, ensure_folder, ensure_keys
from cli.tables import accounts_table

app = typer.Typer(help="The demo's data and its accounts.", no_args_is_help=True)


@app.command()
def create(data: DataOption = DEFAULT_DATA) -> None:
    """Make the demo where there is none yet; an unfinished one is started over.

    Example: slaportal demo create --data ./var
    """
    settings = settings_of(data)
    _prepare(settings)
    made = run_async(ensure_demo(settings))
    errors_console().print("The demo is made." if made else "The demo is there already.")


@app.command()
def reset(data: DataOption = DEFAULT_DATA) -> None:
    """Throw the demo away and make it anew; passwords, secrets and identifiers change.

    Example: slaportal demo reset
    """
    settings = settings_of(data)
    _prepare(settings)
    run_async(_reset(settings))
    errors_console().print("The demo is made anew. Its accounts: slaportal demo accounts")


@app.command()
def accounts(data: DataOption = DEFAULT_DATA, as_json: JsonOption = False) -> None:
    """Show who can sign in: password, TOTP secret and the code of this moment.

    Example: slaportal demo accounts --json
    """
    settings = settings_of(data)
    found = read_accounts(settings.data)
    if not found:
        raise fail(f"There is no demo in {settings.data}. `slaportal demo create` makes it.")
    if as_json:
        typer.echo(json.dumps([asdict(account) for account in found], indent=2, ensure_ascii=False))
    else:
        answer_console().print(accounts_table(found, datetime.now(UTC)))


async def ensure_demo(settings: Settings) -> bool:
    """Makes the demo unless it is complete; says whether it had to."""
    await ensure_catalog(settings)
    async with portal_of(settings) as portal:
        if await demo_is_complete(portal.catalog, settings.data):
            return False
        await _create(portal)
        return True


async def _reset(settings: Settings) -> None:
    await ensure_catalog(settings)
    async with portal_of(settings) as portal:
        await _create(portal)


async def _create(portal: Portal) -> None:
    place = creation.Installation(
        engines=portal.engines,
        catalog=portal.catalog,
        tenants=portal.tenants,
        keys=portal.keys,
        hasher=portal.hasher,
        library=portal.library,
        folder=portal.settings.data,
    )
    with _progress() as show:
        await creation.create_demo(place, datetime.now(UTC), show)


@contextmanager
def _progress() -> Iterator[creation.Progress]:
    """A bar for each customer; where nobody looks, a line when one is complete."""
    console = errors_console()
    columns = (TextColumn("{task.description:<24}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    bars: dict[str, TaskID] = {}
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:

        def show(name: str, done: int, total: int) -> None:
            if name not in bars:
                bars[name] = progress.add_task(name, total=total)
            progress.update(bars[name], completed=done)
            if done == total and not console.is_terminal:
                console.print(f"{name}: {total} tickets", highlight=False)

        console.print("Making the demo, about half a minute:")
        yield show


def _prepare(settings: Settings) -> None:
    ensure_folder(settings)
    ensure_keys(settings)
