"""Finishing a customer that was ordered: its database, what is in it from the start, and then ACTIVE.

Every step can be done again: what a crash left is finished by the next who takes the order.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from auth.keys import KeyRing
from auth.permissions import Permission
from sla.policy import Library
from tenants.accounts.service import invite_account, renew_invitation
from tenants.acts import SYSTEM
from tenants.catalog.directory import TenantDirectory, TenantRecord
from tenants.catalog.models import TenantStatus
from tenants.contacts.service import name_contact
from tenants.contracts.service import sign_contract
from tenants.databases.engines import Engines
from tenants.databases.errors import DatabaseUnavailable, WrongDatabase
from tenants.databases.provisioning import Step, create_tenant_database, drop_database, unwatched
from tenants.databases.scopes import CatalogScope
from tenants.mails.service import MailKind, Recipient, post_mail
from tenants.organization.service import found_organization
from tenants.provisioning.orders import (
    cancel_order,
    open_orders,
    order_of,
    policy_in_force,
    postpone_order,
    settle_order,
    take_order,
)
from tenants.refusals import Refusal

PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(minutes=10)

_log = structlog.get_logger("provisioning")


@dataclass(frozen=True, slots=True)
class Workshop:
    """The parts that customers are made with. The administrator's rights on the servers are needed."""

    engines: Engines
    catalog: CatalogScope
    tenants: TenantDirectory
    library: Library
    keys: KeyRing


async def finish_order(shop: Workshop, tenant_id: UUID, now: datetime, step: Step = unwatched) -> str | None:
    """Makes the ordered customer ACTIVE. The caller holds the order. Does nothing where it is finished.

    Gives the token of the administrator's invitation; a mail with it leaves as soon as the customer is ACTIVE.

    Raises `DatabaseUnavailable` where the server is away or full, and `Refusal` where the order cannot be carried
    out; both leave the order to be tried again.
    """
    order = await order_of(shop.catalog, tenant_id)
    if order is None:
        return None
    tenant = await shop.tenants.fresh(tenant_id)
    home = tenant.placement
    server = shop.engines.server(home.server)
    await create_tenant_database(server, home.database, tenant.id, tenant.epoch, step)
    async with shop.tenants.upkeep_scope(tenant).write() as session:
        token = await _found(session, shop, tenant, order, now)
        # An older version may have made the database.
        revision = await session.scalar(text("SELECT version_num FROM alembic_version"))
    step("customer founded")
    await settle_order(
        shop.catalog,
        tenant.id,
        TenantStatus.ACTIVE,
        actor=SYSTEM,
        now=now,
        revision=revision,
        failure=None,
    )
    step("customer active")
    return token


async def _found(
    session: AsyncSession, shop: Workshop, tenant: TenantRecord, order: Any, now: datetime
) -> str:
    """What a customer has from its first moment. Gives the token of the administrator's invitation.

    Of a customer that a crash left founded the invitation is made anew: whoever died may have lost its token.
    """
    if not await found_organization(
        session, tenant_id=tenant.id, slug=tenant.slug, name=tenant.name, locale=tenant.locale, now=now
    ):
        account_id, token = await renew_invitation(session, order.administrator_email, now=now)
    else:
        account_id, token = await _first_invitation(session, shop.library, tenant, order, now)
    to = Recipient(account_id, order.administrator_email, order.administrator_name, tenant.locale)
    await post_mail(session, shop.keys, MailKind.INVITATION, to, {"token": token}, now)
    return token


async def _first_invitation(
    session: AsyncSession, library: Library, tenant: TenantRecord, order: Any, now: datetime
) -> tuple[UUID, str]:
    policy = policy_in_force(library, tenant.policy_key, now)
    starts_on = now.astimezone(ZoneInfo(policy.zone)).date()
    await sign_contract(
        session,
        policy,
        reference=f"{tenant.slug.upper()}-{starts_on:%Y%m%d}",
        tier=order.tier,
        starts_on=starts_on,
        now=now,
    )
    return await _invite_administrator(session, library, tenant.locale, order, now)


async def _invite_administrator(
    session: AsyncSession, library: Library, locale: str, order: Any, now: datetime
) -> tuple[UUID, str]:
    """The administrator is a named contact, or could manage nothing (OB-039); its telephone is not known yet."""
    person = {"name": order.administrator_name, "email": order.administrator_email}
    contact = await name_contact(session, library, **person, phone=None, mobile=None, actor=SYSTEM, now=now)
    await session.flush()
    invited = await invite_account(
        session,
        **person,
        permissions=tuple(Permission),
        contact_id=contact.id,
        locale=locale,
        actor=SYSTEM,
        now=now,
    )
    return invited.account.id, invited.token


async def take_back(shop: Workshop, tenant_id: UUID, now: datetime) -> None:
    """Removes a customer that could not be finished, with all that was made of it. One that is finished stays."""
    order = await order_of(shop.catalog, tenant_id)
    if order is None:
        return
    tenant = await shop.tenants.fresh(tenant_id)
    home = tenant.placement
    await shop.engines.tenant(tenant.id, home).close()
    await drop_database(shop.engines.server(home.server), home.database)
    await cancel_order(shop.catalog, tenant_id, actor=SYSTEM, now=now)


async def work_orders(shop: Workshop, now: datetime) -> int:
    """Finishes what was ordered or left by a crash; gives how many. One that fails is tried again, ever later."""
    finished = 0
    for tenant_id in await open_orders(shop.catalog, now):
        if not await take_order(shop.catalog, tenant_id, now):
            continue
        try:
            await finish_order(shop, tenant_id, now)
            finished += 1
        except Refusal as error:
            failure = f"{type(error).__name__}: {error.values}"
            await settle_order(
                shop.catalog, tenant_id, TenantStatus.FAILED, actor=SYSTEM, now=now, failure=failure[:300]
            )
        except (DatabaseUnavailable, WrongDatabase) as error:
            _log.warning("provisioning_failed", tenant=str(tenant_id), error=str(error))
            order = await order_of(shop.catalog, tenant_id)
            pause = min(PAUSE * 2 ** min(order.tries if order else 0, 10), LONGEST_PAUSE)
            await postpone_order(shop.catalog, tenant_id, now + pause, str(error))
    return finished
