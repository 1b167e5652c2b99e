"""Ordering a customer: one row that says what is wanted, before anything is made."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import delete, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from auth.principals import Origin
from sla.policy import Library, Policy, PolicyNotYetValid, UnknownPolicy, UnknownTier
from tenants.acts import INSIDE, Actor, Subject
from tenants.catalog.audit import record_event
from tenants.catalog.directory import checked_slug
from tenants.catalog.errors import SlugTaken
from tenants.catalog.models import Tenant, TenantStatus
from tenants.catalog.service import new_tenant_row, record_status
from tenants.catalog.upkeep import ProvisioningOrder
from tenants.databases.scopes import CatalogScope
from tenants.provisioning.errors import UnknownAgreement, UnknownTierOfAgreement
from tenants.refusals import checked_email, checked_line
from tenants.tables import table

LEASE = timedelta(seconds=60)
UNFINISHED = (TenantStatus.PROVISIONING, TenantStatus.FAILED)

_T = table(Tenant).c
_P = table(ProvisioningOrder).c


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A customer as ordered: checked by `checked_order`."""

    slug: str
    name: str
    locale: str
    policy_key: str
    tier: str
    administrator_email: str
    administrator_name: str


def checked_order(
    library: Library,
    *,
    slug: str,
    name: str,
    locale: str,
    policy_key: str,
    tier: str | None,
    administrator_email: str,
    administrator_name: str,
    now: datetime,
) -> Wanted:
    """The order as it is kept.

    Raises `BadSlug`, `Missing`, `TooLong`, `Malformed`, `UnknownAgreement` or `UnknownTierOfAgreement`.
    """
    policy = policy_in_force(library, policy_key, now)
    try:
        chosen = policy.tier(tier or None).key
    except UnknownTier as error:
        tiers = ", ".join(each.key for each in policy.tiers)
        raise UnknownTierOfAgreement(path="tier", tiers=tiers) from error
    email = checked_email(administrator_email, "administratorEmail")
    return Wanted(
        slug=checked_slug(slug),
        name=checked_line(name, "name", 200),
        locale=locale,
        policy_key=policy.key,
        tier=chosen,
        administrator_email=email,
        administrator_name=checked_line(administrator_name, "administratorName", 200),
    )


def policy_in_force(library: Library, key: str, now: datetime) -> Policy:
    """The version that a contract signed today is about. Raises `UnknownAgreement`."""
    try:
        policy = library.get(key)
        return library.in_force(key, now.astimezone(ZoneInfo(policy.zone)).date())
    except (UnknownPolicy, PolicyNotYetValid) as error:
        known = ", ".join(sorted({policy.key for policy in library.all()}))
        raise UnknownAgreement(path="policyKey", known=known) from error


async def check_slug_free(catalog: CatalogScope, wanted: Wanted) -> None:
    """Raises `SlugTaken`; a moment later somebody may have taken it all the same."""
    async with catalog.read() as reader:
        if await reader.first(select(_T.id).where(_T.slug == wanted.slug)):
            raise SlugTaken(path="slug", slug=wanted.slug)


async def add_order(
    session: AsyncSession,
    wanted: Wanted,
    *,
    server: str,
    actor: Actor,
    now: datetime,
    lease: bool,
    origin: Origin = INSIDE,
) -> UUID:
    """The id of the tenant, PROVISIONING from now on; with `lease` the caller finishes it, else the worker does.

    An order that was left unfinished and says the same is taken up again. Raises `SlugTaken`.
    """
    tenant = new_tenant_row(wanted.slug, wanted.name, wanted.policy_key, wanted.locale, server, now)
    try:
        async with session.begin_nested():
            session.add(tenant)
            await session.flush()
    except IntegrityError as error:
        left = await _left_unfinished(session, wanted, now, lease=lease)
        if left is None:
            raise SlugTaken(path="slug", slug=wanted.slug) from error
        return left
    session.add(_order_row(tenant.id, wanted, now, lease=lease))
    detail = {"slug": wanted.slug, "policy": wanted.policy_key, "tier": wanted.tier}
    subject = Subject("Tenant", tenant.id)
    await record_event(
        session, now=now, event="tenant_created", actor=actor, subject=subject, detail=detail, origin=origin
    )
    await session.flush()
    return tenant.id


def _order_row(tenant_id: UUID, wanted: Wanted, now: datetime, *, lease: bool) -> ProvisioningOrder:
    return ProvisioningOrder(
        tenant_id=tenant_id,
        tier=wanted.tier,
        administrator_email=wanted.administrator_email,
        administrator_name=wanted.administrator_name,
        ordered_at=now,
        leased_until=now + LEASE if lease else None,
    )


async def _left_unfinished(
    session: AsyncSession, wanted: Wanted, now: datetime, *, lease: bool
) -> UUID | None:
    """The tenant of an order with the same words that nobody works on, leased where that is asked for."""
    same = (
        _T.slug == wanted.slug,
        _T.name == wanted.name,
        _T.policy_key == wanted.policy_key,
        _T.status.in_(UNFINISHED),
        _P.tier == wanted.tier,
        _P.administrator_email == wanted.administrator_email,
    )
    row = (
        await session.execute(
            select(_T.id).join(table(ProvisioningOrder), _P.tenant_id == _T.id).where(*same)
        )
    ).first()
    if row is None:
        return None
    if lease and not await _lease(session, row.id, now):
        return None
    found: UUID = row.id
    return found


async def _lease(session: AsyncSession, tenant_id: UUID, now: datetime) -> bool:
    free = or_(_P.leased_until.is_(None), _P.leased_until <= now)
    taken = update(ProvisioningOrder).where(_P.tenant_id == tenant_id, free)
    values = {"leased_until": now + LEASE, "tries": _P.tries + 1}
    done = await session.execute(taken.values(values).returning(_P.tenant_id))
    return done.first() is not None


async def take_order(catalog: CatalogScope, tenant_id: UUID, now: datetime) -> bool:
    """Whether the caller may work on the order now; it lasts for `LEASE`."""
    async with catalog.write() as session:
        return await _lease(session, tenant_id, now)


async def order_of(catalog: CatalogScope, tenant_id: UUID) -> Any:
    """What was ordered, with the tenant's own columns; None when it is finished."""
    columns = (_P.tier, _P.administrator_email, _P.administrator_name, _P.tries)
    async with catalog.read() as reader:
        return await reader.first(select(*columns).where(_P.tenant_id == tenant_id))


async def open_orders(catalog: CatalogScope, now: datetime) -> list[UUID]:
    """Tenants that nobody works on and that are still to be finished, oldest first."""
    free = or_(_P.leased_until.is_(None), _P.leased_until <= now)
    wanted = (
        select(_P.tenant_id)
        .join(table(Tenant), _T.id == _P.tenant_id)
        .where(free, _T.status == TenantStatus.PROVISIONING)
        .order_by(_P.ordered_at)
        .limit(20)
    )
    async with catalog.read() as reader:
        return [row.tenant_id for row in await reader.rows(wanted)]


async def settle_order(
    catalog: CatalogScope, tenant_id: UUID, status: TenantStatus, *, actor: Actor, now: datetime, **told: Any
) -> None:
    """Ends the order: the tenant is ACTIVE, or FAILED and kept for another try. One that leaves already goes on."""
    async with catalog.write() as session:
        staying = update(Tenant).where(_T.id == tenant_id, _T.marked_at.is_(None))
        if not (await session.execute(staying.values(status=status, **told).returning(_T.id))).first():
            return
        if status is TenantStatus.ACTIVE:
            await session.execute(delete(ProvisioningOrder).where(_P.tenant_id == tenant_id))
        await record_status(session, tenant_id, status, actor=actor, now=now, **told)


async def cancel_order(catalog: CatalogScope, tenant_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Takes the order and its tenant away; the slug is free again."""
    async with catalog.write() as session:
        await session.execute(delete(ProvisioningOrder).where(_P.tenant_id == tenant_id))
        await session.execute(delete(Tenant).where(_T.id == tenant_id))
        subject = Subject("Tenant", tenant_id)
        await record_event(session, now=now, event="tenant_cancelled", actor=actor, subject=subject)


async def postpone_order(catalog: CatalogScope, tenant_id: UUID, until: datetime, failure: str) -> None:
    """Nobody tries again before `until`; what went wrong is told in `slaportal tenant show`."""
    async with catalog.write() as session:
        await session.execute(
            update(ProvisioningOrder).where(_P.tenant_id == tenant_id).values(leased_until=until)
        )
        await session.execute(update(Tenant).where(_T.id == tenant_id).values(failure=failure[:300]))
