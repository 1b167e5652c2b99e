"""`slaportal tenant create`: a new customer, from the order to the invitation of its administrator."""

import json
from datetime import UTC, datetime
from typing import Annotated

import typer

from api.portal import Portal
from api.settings import Settings
from cli.common import DEFAULT_DATA, DataOption, JsonOption, tell
from cli.portal import portal_of, run_async, settings_of
from cli.tables import tenant_facts
from sla.vocabulary import Locale
from tenants.acts import SYSTEM
from tenants.catalog.directory import TenantRecord
from tenants.provisioning.orders import Wanted, add_order, check_slug_free, checked_order
from tenants.provisioning.service import finish_order, take_back

NameOption = Annotated[str, typer.Option("--name", help="The customer's name.")]
PolicyOption = Annotated[str, typer.Option("--policy", help="The agreement: `slaportal policy list`.")]
TierOption = Annotated[
    str | None, typer.Option("--tier", help="The tier; needed where the agreement has several.")
]
EmailOption = Annotated[str, typer.Option("--admin-email", help="The administrator's e-mail address.")]
AdminOption = Annotated[str, typer.Option("--admin-name", help="The administrator's name.")]
LocaleOption = Annotated[Locale, typer.Option("--locale", help="The customer's language.")]
ServerOption = Annotated[
    str | None, typer.Option("--server", help="The server of its database; the catalog's unless told.")
]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Check the order and make nothing.")]


def create(
    slug: Annotated[str, typer.Argument(help="Its name in addresses: <slug>.<base domain>.")],
    name: NameOption,
    policy: PolicyOption,
    admin_email: EmailOption,
    admin_name: AdminOption,
    tier: TierOption = None,
    locale: LocaleOption = Locale.NL,
    server: ServerOption = None,
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
    dry_run: DryRunOption = False,
) -> None:
    """Make a customer: its database, contract, first named contact and the invitation of its administrator.

    Example: slaportal tenant create acme --name "Acme BV" --policy qixium --tier SUPPORT
    --admin-email anna@acme.example --admin-name "Anna de Vries"

    All or nothing; the same command again finishes what a crash left. The invitation is shown once.
    """
    given = {
        "slug": slug,
        "name": name,
        "locale": locale.value,
        "policy_key": policy,
        "tier": tier,
        "administrator_email": admin_email,
        "administrator_name": admin_name,
    }
    made = run_async(_create(settings_of(data), given, server, dry_run=dry_run))
    if made is None:
        tell(f"{slug} can be made. Nothing was made: leave --dry-run away.")
        return
    tenant, token = made
    if as_json:
        facts = {**tenant_facts(tenant), "administrator": admin_email, "invitation": token}
        typer.echo(json.dumps(facts, indent=2, ensure_ascii=False))
    else:
        tell(f"{slug} is served. {admin_email} gets this invitation by mail; it is shown only now:")
        typer.echo(token)


async def _create(
    settings: Settings, given: dict[str, str | None], server: str | None, *, dry_run: bool
) -> tuple[TenantRecord, str] | None:
    """The customer and the token of its administrator's invitation; None for a dry run."""
    async with portal_of(settings) as portal:
        now = datetime.now(UTC)
        wanted = checked_order(portal.library, **given, now=now)  # type: ignore[arg-type]  # as named above
        home = server or portal.engines.catalog_placement.server
        portal.engines.server(home)
        if dry_run:
            await check_slug_free(portal.catalog, wanted)
            return None
        return await _make(portal, wanted, home, now)


async def _make(portal: Portal, wanted: Wanted, server: str, now: datetime) -> tuple[TenantRecord, str]:
    async with portal.catalog.write() as session:
        tenant_id = await add_order(session, wanted, server=server, actor=SYSTEM, now=now, lease=True)
    shop = portal.workshop()
    try:
        token = await finish_order(shop, tenant_id, now)
    except Exception:
        await take_back(shop, tenant_id, now)
        raise
    return await portal.tenants.fresh(tenant_id), token or ""
