"""Every database with its sealed texts: sealed anew, or only looked at."""

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from api.settings import Settings
from auth.keys import KeyRing
from auth.store import factor_seal
from cli.common import errors_console
from cli.portal import portal_of
from tenants.accounts.credentials import ACCOUNT_TABLES
from tenants.catalog.mails import OperatorMail
from tenants.catalog.operator_credentials import OPERATOR_TABLES
from tenants.catalog.queries import all_tenants
from tenants.mails.service import TENANT_MAILS, mail_seal
from tenants.tables import table
from tenants.upkeep.resealing import Resealed, SealedColumn, each_tenant, reseal, sealing_keys

TENANT_PLACES = (
    SealedColumn(ACCOUNT_TABLES.factor, "secret", factor_seal),
    SealedColumn(TENANT_MAILS, "content", mail_seal),
)
CATALOG_PLACES = (
    SealedColumn(OPERATOR_TABLES.factor, "secret", factor_seal),
    SealedColumn(table(OperatorMail), "content", mail_seal),
)


async def reseal_all(settings: Settings) -> list[Resealed]:
    """Catalog and customers, each with what was sealed anew in it."""
    return await _visited(settings, anew=True)


async def keys_in_use(settings: Settings) -> list[Resealed]:
    """Catalog and customers, each with the keys that something in it is sealed with."""
    return await _visited(settings, anew=False)


async def _visited(settings: Settings, *, anew: bool) -> list[Resealed]:
    async with portal_of(settings) as portal:
        keys: KeyRing | None = portal.keys if anew else None
        tenants = await all_tenants(portal.catalog)
        console = errors_console()
        columns = (TextColumn("Databases"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as progress:
            task = progress.add_task("", total=len(tenants) + 1)
            done = await reseal(portal.catalog, CATALOG_PLACES, keys) if keys else 0
            found = [Resealed("catalog", done, await sealing_keys(portal.catalog, CATALOG_PLACES))]
            progress.advance(task)
            async for each in each_tenant(portal.tenants, tenants, TENANT_PLACES, keys):
                found.append(each)
                progress.advance(task)
        return found
