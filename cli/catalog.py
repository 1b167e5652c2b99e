"""`slaportal catalog`: the vendor's own database."""

from typing import Annotated

import typer

from api.settings import Settings
from cli.common import DEFAULT_DATA, DataOption, tell
from cli.portal import portal_of, run_async, settings_of
from cli.progress import copying
from tenants.upkeep.catalogs import copy_catalog

app = typer.Typer(help="The vendor's own database.", no_args_is_help=True)

ServerOption = Annotated[str, typer.Option("--to", help="The server, as DATABASE_URL_<NAME> names it.")]


@app.callback()
def catalog() -> None:
    """The vendor's own database."""


@app.command()
def move(to: ServerOption, data: DataOption = DEFAULT_DATA) -> None:
    """Copy the catalog to another server, also from SQLite to PostgreSQL. Stop every process of the portal first.

    Example: slaportal catalog move --to eu1

    The old one stays as it is. Processes find the new one when SLAPORTAL_CATALOG_SERVER names its server.
    """
    server = to.lower()
    rows = run_async(_move(settings_of(data), server))
    tell(
        f"The catalog is on {server}: {rows} rows. Set SLAPORTAL_CATALOG_SERVER={server} for every process, "
        "then start them."
    )


async def _move(settings: Settings, to: str) -> int:
    async with portal_of(settings) as portal:
        with copying("Copying the catalog") as told:
            return await copy_catalog(portal.engines, to, told)
