"""`slaportal tenant move`: one customer to another server."""

import json
from typing import Annotated

import typer

from api.settings import Settings
from cli.common import DEFAULT_DATA, DataOption, JsonOption, SlugArgument, tell
from cli.portal import now, portal_of, run_async, settings_of
from cli.progress import copying
from cli.tables import tenant_facts
from tenants.acts import SYSTEM
from tenants.catalog.directory import TenantRecord
from tenants.upkeep.moving import check_movable, move_tenant

ServerOption = Annotated[str, typer.Option("--to", help="The server, as DATABASE_URL_<NAME> names it.")]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Check whether it can be moved; move nothing.")]


def move(
    slug: SlugArgument,
    to: ServerOption,
    data: DataOption = DEFAULT_DATA,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Move a customer to another server, also from SQLite to PostgreSQL; it waits for as long as the copy takes.

    Example: slaportal tenant move zonnedael --to eu2

    Where it was is kept for seven days, and takes no writes.
    """
    tenant = run_async(_move(settings_of(data), slug, to.lower(), dry_run=dry_run))
    if dry_run:
        tell(f"{slug} can be moved to {to}. Nothing was moved.")
    elif as_json:
        typer.echo(json.dumps(tenant_facts(tenant), indent=2, ensure_ascii=False))
    else:
        tell(f"{slug} is served from {to}. Where it was is kept for seven days.")


async def _move(settings: Settings, slug: str, to: str, *, dry_run: bool) -> TenantRecord:
    async with portal_of(settings) as portal:
        yard = portal.yard(now)
        tenant = await portal.tenants.fresh_by_slug(slug)
        if dry_run:
            await check_movable(yard, tenant, to)
            return tenant
        with copying(f"Moving {slug}") as told:
            return await move_tenant(yard, tenant, to, actor=SYSTEM, told=told)
