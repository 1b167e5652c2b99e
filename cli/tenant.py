"""`slaportal tenant`: the customers of this installation."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

import typer

from api.settings import Settings
from cli.common import (
    DEFAULT_DATA,
    DataOption,
    JsonOption,
    answer_console,
    errors_console,
    portal_of,
    run_async,
    settings_of,
)
from cli.tables import plain_table, tenants_table
from tenants.acts import SYSTEM
from tenants.catalog.directory import TenantRecord
from tenants.catalog.queries import all_tenants
from tenants.catalog.suspension import resume_tenant, suspend_tenant

app = typer.Typer(help="The customers of this installation.", no_args_is_help=True)

SlugArgument = Annotated[str, typer.Argument(help="The customer's slug.")]


@app.command("list")
def list_tenants(data: DataOption = DEFAULT_DATA, as_json: JsonOption = False) -> None:
    """List the customers with state, policy and server.

    Example: slaportal tenant list --json
    """
    found = run_async(_all(settings_of(data)))
    if as_json:
        typer.echo(json.dumps([_facts(tenant) for tenant in found], indent=2, ensure_ascii=False))
    else:
        answer_console().print(tenants_table(found))


@app.command()
def show(slug: SlugArgument, data: DataOption = DEFAULT_DATA, as_json: JsonOption = False) -> None:
    """Show one customer: where its database is and at which epoch.

    Example: slaportal tenant show zonnedael
    """
    facts = _facts(run_async(_one(settings_of(data), slug)))
    if as_json:
        typer.echo(json.dumps(facts, indent=2, ensure_ascii=False))
        return
    table = plain_table("", "")
    table.show_header = False
    for name, value in facts.items():
        table.add_row(name, str(value))
    answer_console().print(table)


@app.command()
def suspend(slug: SlugArgument, data: DataOption = DEFAULT_DATA) -> None:
    """Stop serving a customer; its data stays as it is.

    Example: slaportal tenant suspend zonnedael
    """
    run_async(_suspend(settings_of(data), slug))
    errors_console().print(f"{slug} is suspended.")


@app.command()
def resume(slug: SlugArgument, data: DataOption = DEFAULT_DATA) -> None:
    """Serve a suspended customer again.

    Example: slaportal tenant resume zonnedael
    """
    run_async(_resume(settings_of(data), slug))
    errors_console().print(f"{slug} is served again.")


async def _all(settings: Settings) -> Sequence[TenantRecord]:
    async with portal_of(settings) as portal:
        return await all_tenants(portal.catalog)


async def _one(settings: Settings, slug: str) -> TenantRecord:
    async with portal_of(settings) as portal:
        return await portal.tenants.by_slug(slug, datetime.now(UTC))


async def _suspend(settings: Settings, slug: str) -> None:
    now = datetime.now(UTC)
    async with portal_of(settings) as portal:
        tenant = await portal.tenants.by_slug(slug, now)
        await suspend_tenant(portal.catalog, tenant, actor=SYSTEM, now=now)


async def _resume(settings: Settings, slug: str) -> None:
    now = datetime.now(UTC)
    async with portal_of(settings) as portal:
        tenant = await portal.tenants.by_slug(slug, now)
        await resume_tenant(portal.catalog, tenant, actor=SYSTEM, now=now)


def _facts(tenant: TenantRecord) -> dict[str, object]:
    return {
        "slug": tenant.slug,
        "name": tenant.name,
        "status": tenant.status,
        "policy": tenant.policy_key,
        "locale": tenant.locale,
        "server": tenant.placement.server,
        "database": tenant.placement.database,
        "epoch": tenant.epoch,
        "id": str(tenant.id),
        "since": tenant.created_at.isoformat(),
    }
