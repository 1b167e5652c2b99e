"""Every database with its sealed texts: sealed anew, or only looked at."""

from api.settings import Settings
from auth.keys import KeyRing
from auth.store import factor_seal
from cli.portal import portal_of
from cli.progress import counting
from tenants.accounts.credentials import ACCOUNT_TABLES
from tenants.catalog.mails import OperatorMail
from tenants.catalog.operator_credentials import OPERATOR_TABLES
from tenants.catalog.queries import all_tenants
from tenants.mails.service import TENANT_MAILS, mail_seal
from tenants.tables import table
from tenants.upkeep.resealing import Resealed, SealedColumn, each_tenant, reseal

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
        with counting("Databases") as show:
            show(0, len(tenants) + 1)
            found = [await reseal("catalog", portal.catalog, CATALOG_PLACES, keys)]
            show(1, len(tenants) + 1)
            async for each in each_tenant(portal.tenants, tenants, TENANT_PLACES, keys):
                found.append(each)
                show(len(found), len(tenants) + 1)
        return found
