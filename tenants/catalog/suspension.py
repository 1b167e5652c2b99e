"""A suspended customer keeps its data and is served to nobody."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from auth.principals import Origin
from tenants.acts import INSIDE, Actor
from tenants.catalog.models import TenantStatus
from tenants.catalog.service import change_status


async def suspend_tenant(
    session: AsyncSession, slug: str, *, actor: Actor, now: datetime, origin: Origin = INSIDE
) -> UUID:
    """Stops serving an ACTIVE customer; processes notice within a second.

    Raises `NoSuchTenant` and `TenantInOtherState`.
    """
    before, after = (TenantStatus.ACTIVE,), TenantStatus.SUSPENDED
    return await change_status(session, slug, before, after, actor=actor, now=now, origin=origin)


async def resume_tenant(
    session: AsyncSession, slug: str, *, actor: Actor, now: datetime, origin: Origin = INSIDE
) -> UUID:
    """Serves a SUSPENDED customer again, or one that was marked for deletion and is still there.

    Raises `NoSuchTenant` and `TenantInOtherState`.
    """
    before, after = (TenantStatus.SUSPENDED, TenantStatus.DELETED), TenantStatus.ACTIVE
    return await change_status(session, slug, before, after, actor=actor, now=now, origin=origin)
