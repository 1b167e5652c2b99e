"""`slaportal tenant delete`: a customer leaves for good, in two steps."""

import json
from typing import Annotated

import typer

from api.settings import Settings
from cli.common import DEFAULT_DATA, DataOption, JsonOption, SlugArgument, tell
from cli.portal import now, portal_of, run_async, settings_of
from tenants.acts import SYSTEM
from tenants.catalog.models import TenantStatus
from tenants.upkeep.deleting import databases_of, mark_for_deletion, remove_tenant

DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Say what would be done and do nothing.")]


def delete(
    slug: SlugArgument,
    data: DataOption = DEFAULT_DATA,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Delete a customer: the first call marks it, the second one removes it with the portal's backups.

    Example: slaportal tenant delete zonnedael

    In between it is served to nobody, can be exported, and `slaportal tenant resume` takes the mark back.
    """
    done, databases = run_async(_delete(settings_of(data), slug, dry_run=dry_run))
    if as_json:
        typer.echo(
            json.dumps({"slug": slug, "done": done, "databases": databases, "dry_run": dry_run}, indent=2)
        )
        return
    if dry_run:
        tell(f"{slug} would be {done}: {', '.join(databases)}.")
    elif done == "marked":
        tell(
            f"{slug} is marked for deletion and served to nobody. The same command again removes it for good; "
            f"`slaportal tenant resume {slug}` takes the mark back."
        )
    else:
        tell(
            f"{slug} is removed: {len(databases)} database{'s' * (len(databases) != 1)}, the portal's backups, "
            "and its rows in the catalog. "
            "That was checked. Backups that you took elsewhere are yours to remove."
        )


async def _delete(settings: Settings, slug: str, *, dry_run: bool) -> tuple[str, list[str]]:
    """What was done, and the databases that are concerned."""
    async with portal_of(settings) as portal:
        yard = portal.yard(now)
        tenant = await portal.tenants.fresh_by_slug(slug)
        databases = [f"{place.database} on {place.server}" for place in await databases_of(yard, tenant)]
        done = "removed" if tenant.status is TenantStatus.DELETED else "marked"
        if not dry_run and done == "marked":
            await mark_for_deletion(portal.catalog, slug, actor=SYSTEM, now=now())
        elif not dry_run:
            await remove_tenant(yard, tenant, actor=SYSTEM)
        return done, databases
