"""Brings a data folder to the point where the portal can be opened."""

import typer

from api.settings import Settings
from auth.keys import KeyRing
from cli.common import fail, tell
from cli.migrate import JOBS, bring_along, lines_of
from tenants.catalog.migrating import Wanted
from tenants.catalog.migration_run import Orders
from tenants.databases.provisioning import create_database, database_exists
from tenants.databases.revisions import TENANT_HEAD


def ensure_folder(settings: Settings) -> None:
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)


def ensure_keys(settings: Settings) -> None:
    """Makes the keys of a private installation; in production somebody has to decide where they live."""
    if settings.keys_path.exists():
        return
    if settings.in_production or settings.keys_file is not None:
        raise fail(
            f"There are no keys at {settings.keys_path}, and in production none are made silently: tokens and "
            "sealed fields depend on them. Make them once with `slaportal keys create`, keep a copy, and name "
            "the file to every process with SLAPORTAL_KEYS_FILE."
        )
    KeyRing.create(settings.keys_path)


async def ensure_catalog(settings: Settings) -> None:
    place = settings.catalog()
    server = settings.servers()[place.server]
    if not await database_exists(server, place.database):
        await create_database(server, place.database, "catalog")


async def ensure_current(settings: Settings) -> None:
    """Brings the databases of an earlier version of the portal to today's schema.

    A customer's that cannot be is told, and is no reason not to serve the others: nobody goes first, none is left out.
    """
    outcome, stopped = await bring_along(
        settings, Wanted(TENANT_HEAD), Orders(jobs=JOBS, stop_after=None, first_alone=False)
    )
    if outcome.run:
        for line in lines_of(outcome, stopped=stopped):
            tell(line)
    if stopped:
        raise typer.Exit(1)
