"""`slaportal sla verify`: whether what is stored follows from what happened."""

from typing import Annotated

import typer

from api.settings import Settings
from cli.common import DEFAULT_DATA, DataOption, answer_console, errors_console, plain_table
from cli.portal import portal_of, run_async, settings_of
from tenants.catalog.models import TenantStatus
from tenants.catalog.queries import all_tenants
from tenants.tickets.verification import Verified, verify_clocks

MOST_SHOWN = 200

TenantOption = Annotated[str | None, typer.Option("--tenant", help="Only this customer.")]


def verify(data: DataOption = DEFAULT_DATA, tenant: TenantOption = None) -> None:
    """Derive every stored clock again from the events; exit code 1 where something differs.

    Example: slaportal sla verify --tenant zonnedael
    """
    found = run_async(_verify(settings_of(data), tenant))
    table = plain_table("tenant", "ticket", "column", "stored", "derived")
    for slug, verified in found.items():
        for difference in verified.differences[:MOST_SHOWN]:
            stored, derived = str(difference.stored), str(difference.derived)
            table.add_row(slug, difference.number, difference.column, stored, derived)
    if table.row_count:
        answer_console().print(table)
    tickets = sum(verified.tickets for verified in found.values())
    differences = sum(len(verified.differences) for verified in found.values())
    errors_console().print(f"{tickets} tickets of {len(found)} customers, {differences} differences.")
    if differences:
        raise typer.Exit(1)


async def _verify(settings: Settings, only: str | None) -> dict[str, Verified]:
    """By slug. Customers that are not served now are left out."""
    async with portal_of(settings) as portal:
        found = {}
        for tenant in await all_tenants(portal.catalog):
            if tenant.status is TenantStatus.ACTIVE and only in {None, tenant.slug}:
                async with portal.tenants.scan(tenant) as scope, scope.read() as reader:
                    found[tenant.slug] = await verify_clocks(reader, portal.library)
        return found
