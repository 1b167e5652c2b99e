"""Takes the demo away, whole or half-made; customers that are not of the demo stay."""

from pathlib import Path

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from cli.demo_data.customers import OPERATORS, VENDOR_DOMAIN
from cli.demo_data.presence import demo_tenants
from cli.demo_data.records import forget_accounts
from tenants.catalog.mails import OperatorMail
from tenants.catalog.models import Tenant
from tenants.catalog.operator_credentials import OPERATOR_TABLES
from tenants.catalog.work_queue import forget_tenant
from tenants.databases.engines import Engines
from tenants.databases.provisioning import drop_database
from tenants.databases.scopes import CatalogScope
from tenants.tables import table

_T = table(Tenant).c


async def remove_demo(engines: Engines, folder: Path) -> None:
    """Databases go before the rows that name them, so that what a crash leaves can be found and removed."""
    forget_accounts(folder)
    _forget_mails(folder)
    catalog = CatalogScope(engines.catalog())
    for tenant in await demo_tenants(catalog):
        await drop_database(engines.server(tenant.placement.server), tenant.placement.database)
        async with catalog.write() as session:
            await forget_tenant(session, tenant.id)
            await session.execute(delete(Tenant).where(_T.id == tenant.id))
    async with catalog.write() as session:
        await _remove_operators(session)


def _forget_mails(folder: Path) -> None:
    """Mails that were kept as files, and what an earlier version kept instead."""
    for file in (folder / "mails").glob("*.eml"):
        file.unlink(missing_ok=True)
    (folder / "demo-invitations.jsonl").unlink(missing_ok=True)


async def _remove_operators(session: AsyncSession) -> None:
    """The operators of the demo and all that proves who they are."""
    own = OPERATOR_TABLES
    emails = [f"{person.email}@{VENDOR_DOMAIN}" for person, _ in OPERATORS]
    persons = select(own.person.c.id).where(own.person.c.email.in_(emails))
    sessions = select(own.session.c.id).where(own.session.c.subject_id.in_(persons))
    await session.execute(delete(own.refresh_token).where(own.refresh_token.c.session_id.in_(sessions)))
    await session.execute(delete(OperatorMail).where(table(OperatorMail).c.subject_id.in_(persons)))
    for kept in (own.session, own.invitation, own.challenge, own.recovery_code, own.factor):
        theirs: ColumnElement[bool] = kept.c.subject_id.in_(persons)
        await session.execute(delete(kept).where(theirs))
    await session.execute(delete(own.person).where(own.person.c.email.in_(emails)))
