"""`slaportal tenant backup` and `restore`: one customer as one file, and back."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from api.settings import Settings
from cli.common import DEFAULT_DATA, DataOption, JsonOption, SlugArgument, fail, tell
from cli.portal import now, portal_of, run_async, settings_of
from cli.progress import copying
from cli.tables import tenant_facts
from tenants.acts import SYSTEM
from tenants.catalog.directory import TenantRecord
from tenants.databases.backups import BackupOrder, Manifest, manifest_path, take_backup
from tenants.upkeep.keeping import backup_at
from tenants.upkeep.restoring import check_backup, restore_tenant

ToOption = Annotated[Path, typer.Option("--to", help="The file to write.", dir_okay=False)]
ForceOption = Annotated[bool, typer.Option("--force", help="Write over a file that is there.")]
FileArgument = Annotated[
    Path | None,
    typer.Argument(help="A backup; without one the portal's own is taken, see --at.", dir_okay=False),
]
AtOption = Annotated[
    datetime | None,
    typer.Option("--at", help="The newest of the portal's own backups at or before this moment (UTC)."),
]
YesOption = Annotated[bool, typer.Option("--yes", help="Do it: what is served now is replaced.")]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Check the backup and change nothing.")]


def backup(
    slug: SlugArgument,
    to: ToOption,
    data: DataOption = DEFAULT_DATA,
    force: ForceOption = False,
    as_json: JsonOption = False,
) -> None:
    """Write one customer's database to a file, with a manifest beside it, while it goes on working.

    Example: slaportal tenant backup zonnedael --to zonnedael.db

    The file is an SQLite database wherever the customer lives; it is opened and checked before it gets its name.
    """
    if to.exists() and not force:
        raise fail(f"{to} is there already. Choose another name, or say --force.")
    if not to.parent.is_dir():
        raise fail(f"There is no folder {to.parent}.")
    found = run_async(_backup(settings_of(data), slug, to.absolute()))
    if as_json:
        facts = json.loads(found.text())
        typer.echo(json.dumps({"path": str(to), "manifest": str(manifest_path(to)), **facts}, indent=2))
        return
    tell(f"{to}: {sum(found.rows.values())} rows, {found.size} bytes, sha256 {found.sha256}")


async def _backup(settings: Settings, slug: str, to: Path) -> Manifest:
    async with portal_of(settings) as portal:
        tenant = await portal.tenants.fresh_by_slug(slug)
        home = tenant.placement
        server = portal.engines.server(home.server)
        with copying(f"Backing {slug} up") as told:
            scratch = portal.yard(now).scratch
            order = BackupOrder(server, home.database, tenant.id, to, scratch, now())
            return await take_backup(order, told)


def restore(
    slug: SlugArgument,
    file: FileArgument = None,
    at: AtOption = None,
    data: DataOption = DEFAULT_DATA,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Put a customer back to what a backup holds; what is served now is kept for seven days.

    Example: slaportal tenant restore zonnedael zonnedael.db --yes

    A customer that was deleted is there again. Everybody has to sign in anew.
    """
    if (file is None) == (at is None):
        raise fail("Name a backup's file, or with --at a moment of the portal's own backups.", code=2)
    moment = at.replace(tzinfo=UTC) if at else None
    manifest, tenant = run_async(_restore(settings_of(data), slug, file, moment, yes=yes and not dry_run))
    taken = manifest.taken_at.isoformat() if manifest.taken_at else "an unknown moment"
    if as_json:
        served = tenant_facts(tenant) if tenant else None
        facts = {"restored": tenant is not None, "manifest": json.loads(manifest.text()), "tenant": served}
        typer.echo(json.dumps(facts, indent=2, ensure_ascii=False))
    elif tenant is None:
        rows = sum(manifest.rows.values())
        tell(f"The backup is sound: {slug} as of {taken}, {rows} rows. Nothing was changed.")
    else:
        tell(f"{slug} is served again, as of {taken}.")
    if not yes and not dry_run:
        raise fail("Restoring replaces what is served now. Say --yes if that is meant.", code=2)


async def _restore(
    settings: Settings, slug: str, file: Path | None, at: datetime | None, *, yes: bool
) -> tuple[Manifest, TenantRecord | None]:
    """What the backup holds, and the restored tenant; None where nothing was to be changed."""
    async with portal_of(settings) as portal:
        yard = portal.yard(now)
        if file is None:
            tenant = await portal.tenants.fresh_by_slug(slug)
            file = await backup_at(yard, tenant.id, at or now(), now())
        if not yes:
            manifest, _ = await check_backup(yard, slug, file)
            return manifest, None
        with copying(f"Restoring {slug}") as told:
            return await restore_tenant(yard, slug, file.absolute(), actor=SYSTEM, told=told)
