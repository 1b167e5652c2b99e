"""What the vendor's administrators do with customers."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import strawberry
from sqlalchemy.ext.asyncio import AsyncSession
from strawberry.types import Info

from api.access import Access, holds
from api.console import Tenant, tenant_by_id
from api.context import Context
from api.enums import Locale
from api.fields import mutation
from api.user_errors import UserError
from tenants.catalog.suspension import resume_tenant, suspend_tenant
from tenants.provisioning.orders import add_order, checked_order


@strawberry.input
class ProvisionTenantInput:
    slug: str
    name: str
    locale: Locale
    policy_key: str
    tier: str | None = strawberry.UNSET
    administrator_email: str
    administrator_name: str
    idempotency_key: str | None = strawberry.UNSET


@strawberry.input
class SuspendTenantInput:
    slug: str
    idempotency_key: str | None = strawberry.UNSET


@strawberry.input
class ResumeTenantInput:
    slug: str
    idempotency_key: str | None = strawberry.UNSET


@holds(Access.CONSOLE)
@strawberry.type(description="The worker, which alone may create databases, finishes it; `status` tells.")
class ProvisionTenantPayload:
    tenant: Tenant | None = None
    errors: list[UserError]


@holds(Access.CONSOLE)
@strawberry.type
class SuspendTenantPayload:
    tenant: Tenant | None = None
    errors: list[UserError]


@holds(Access.CONSOLE)
@strawberry.type
class ResumeTenantPayload:
    tenant: Tenant | None = None
    errors: list[UserError]


@strawberry.type
class ConsoleMutations:
    @mutation(Access.ADMINISTRATOR)
    async def provision_tenant(
        self, info: Info[Context, None], input: ProvisionTenantInput
    ) -> ProvisionTenantPayload:
        context = info.context
        wanted = checked_order(
            context.portal.library,
            slug=input.slug,
            name=input.name,
            locale=input.locale.value,
            policy_key=input.policy_key,
            tier=input.tier or None,
            administrator_email=input.administrator_email,
            administrator_name=input.administrator_name,
            now=context.now,
        )

        async def work(session: AsyncSession) -> UUID:
            return await add_order(
                session,
                wanted,
                server=context.portal.engines.catalog_placement.server,
                actor=context.actor,
                now=context.now,
                lease=False,
                origin=context.origin,
            )

        tenant = await context.change_catalog(info.field_name, input, work, tenant_by_id)
        return ProvisionTenantPayload(tenant=tenant, errors=[])

    @mutation(Access.ADMINISTRATOR, step_up=True)
    async def suspend_tenant(
        self, info: Info[Context, None], input: SuspendTenantInput
    ) -> SuspendTenantPayload:
        return SuspendTenantPayload(tenant=await _moved(info, input, suspend_tenant), errors=[])

    @mutation(Access.ADMINISTRATOR)
    async def resume_tenant(self, info: Info[Context, None], input: ResumeTenantInput) -> ResumeTenantPayload:
        return ResumeTenantPayload(tenant=await _moved(info, input, resume_tenant), errors=[])


async def _moved(
    info: Info[Context, None],
    given: SuspendTenantInput | ResumeTenantInput,
    move: Callable[..., Awaitable[UUID]],
) -> Tenant:
    context = info.context

    async def work(session: AsyncSession) -> UUID:
        named: dict[str, Any] = {"actor": context.actor, "now": context.now, "origin": context.origin}
        return await move(session, given.slug, **named)

    return await context.change_catalog(info.field_name, given, work, tenant_by_id)
