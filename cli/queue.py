"""`slaportal queue`: the vendor's work queue over all customers."""

from datetime import UTC, datetime

import typer

from api.settings import Settings
from cli.common import DEFAULT_DATA, DataOption, errors_console
from cli.portal import portal_of, run_async, settings_of
from tenants.catalog.models import TenantStatus
from tenants.catalog.queries import all_tenants
from tenants.jobs.service import rebuild_queue

app = typer.Typer(help="The vendor's work queue over all customers.", no_args_is_help=True)


@app.callback()
def queue() -> None:
    """The vendor's work queue over all customers."""


@app.command()
def rebuild(data: DataOption = DEFAULT_DATA) -> None:
    """Fill the work queue again from the customers' own databases.

    Example: slaportal queue rebuild
    """
    tickets = run_async(_rebuild(settings_of(data)))
    errors_console().print(f"{tickets} tickets put on the queue.")


async def _rebuild(settings: Settings) -> int:
    now = datetime.now(UTC)
    async with portal_of(settings) as portal:
        return sum(
            [
                await rebuild_queue(portal.tenants, portal.catalog, tenant, now)
                for tenant in await all_tenants(portal.catalog)
                if tenant.status is TenantStatus.ACTIVE
            ]
        )
