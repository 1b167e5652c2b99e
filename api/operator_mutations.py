"""What the vendor's administrators do with operators."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import strawberry
from sqlalchemy.ext.asyncio import AsyncSession
from strawberry.types import Info

from api.access import Access, holds
from api.context import Context
from api.enums import Locale, OperatorRole
from api.fields import mutation
from api.ids import key_of
from api.operators import operator_by_id
from api.people import Operator
from api.user_errors import UserError
from tenants.acts import Act
from tenants.catalog import operator_access as access
from tenants.catalog import operator_service as service


@strawberry.input
class InviteOperatorInput:
    email: str
    name: str
    roles: list[OperatorRole]
    locale: Locale | None = strawberry.UNSET
    idempotency_key: str | None = strawberry.UNSET


@strawberry.input
class RenewOperatorInvitationInput:
    operator_id: strawberry.ID
    idempotency_key: str | None = strawberry.UNSET


@strawberry.input
class ChangeOperatorRolesInput:
    operator_id: strawberry.ID
    roles: list[OperatorRole]
    idempotency_key: str | None = strawberry.UNSET


@strawberry.input
class DeactivateOperatorInput:
    operator_id: strawberry.ID
    reason: str | None = strawberry.UNSET
    idempotency_key: str | None = strawberry.UNSET


@strawberry.input
class ReactivateOperatorInput:
    operator_id: strawberry.ID
    idempotency_key: str | None = strawberry.UNSET


@strawberry.input
class ResetOperatorMfaInput:
    operator_id: strawberry.ID
    identity_check: str = strawberry.field(
        description="How you knew that it was this person who lost the factor; it is kept on record."
    )
    idempotency_key: str | None = strawberry.UNSET


@holds(Access.CONSOLE)
@strawberry.type
class InviteOperatorPayload:
    operator: Operator | None = None
    errors: list[UserError]


@holds(Access.CONSOLE)
@strawberry.type
class RenewOperatorInvitationPayload:
    operator: Operator | None = None
    errors: list[UserError]


@holds(Access.CONSOLE)
@strawberry.type
class ChangeOperatorRolesPayload:
    operator: Operator | None = None
    errors: list[UserError]


@holds(Access.CONSOLE)
@strawberry.type
class DeactivateOperatorPayload:
    operator: Operator | None = None
    errors: list[UserError]


@holds(Access.CONSOLE)
@strawberry.type
class ReactivateOperatorPayload:
    operator: Operator | None = None
    errors: list[UserError]


@holds(Access.CONSOLE)
@strawberry.type
class ResetOperatorMfaPayload:
    operator: Operator | None = None
    errors: list[UserError]


@strawberry.type
class OperatorMutations:
    @mutation(Access.ADMINISTRATOR, step_up=True, description="The invitation comes by mail.")
    async def invite_operator(
        self, info: Info[Context, None], input: InviteOperatorInput
    ) -> InviteOperatorPayload:
        context = info.context
        locale = (input.locale or context.locale).value

        async def work(session: AsyncSession, act: Act) -> UUID:
            invited = await service.invite_operator(
                session,
                email=input.email,
                name=input.name,
                roles=input.roles,
                locale=locale,
                act=act,
                keys=context.portal.keys,
            )
            return invited.id

        return InviteOperatorPayload(operator=await _changed(info, input, work), errors=[])

    @mutation(
        Access.ADMINISTRATOR,
        step_up=True,
        description="A new invitation for an operator who never came; the earlier ones end.",
    )
    async def renew_operator_invitation(
        self, info: Info[Context, None], input: RenewOperatorInvitationInput
    ) -> RenewOperatorInvitationPayload:
        key, keys = _key(input.operator_id), info.context.portal.keys

        async def work(session: AsyncSession, act: Act) -> UUID:
            await service.renew_operator_invitation(session, key, act=act, keys=keys)
            return key

        return RenewOperatorInvitationPayload(operator=await _changed(info, input, work), errors=[])

    @mutation(
        Access.ADMINISTRATOR,
        step_up=True,
        description="These roles and no others, at once: open sessions too.",
    )
    async def change_operator_roles(
        self, info: Info[Context, None], input: ChangeOperatorRolesInput
    ) -> ChangeOperatorRolesPayload:
        key = _key(input.operator_id)

        async def work(session: AsyncSession, act: Act) -> UUID:
            return await service.change_operator_roles(session, key, input.roles, act=act)

        return ChangeOperatorRolesPayload(operator=await _changed(info, input, work), errors=[])

    @mutation(Access.ADMINISTRATOR, step_up=True, description="Shuts the operator out at once.")
    async def deactivate_operator(
        self, info: Info[Context, None], input: DeactivateOperatorInput
    ) -> DeactivateOperatorPayload:
        key, keys, reason = _key(input.operator_id), info.context.portal.keys, input.reason or None

        async def work(session: AsyncSession, act: Act) -> UUID:
            return await access.deactivate_operator(session, key, reason=reason, keys=keys, act=act)

        return DeactivateOperatorPayload(operator=await _changed(info, input, work), errors=[])

    @mutation(
        Access.ADMINISTRATOR,
        step_up=True,
        description="With the password and the factors there were; who never came is invited anew.",
    )
    async def reactivate_operator(
        self, info: Info[Context, None], input: ReactivateOperatorInput
    ) -> ReactivateOperatorPayload:
        key, keys = _key(input.operator_id), info.context.portal.keys

        async def work(session: AsyncSession, act: Act) -> UUID:
            return await access.reactivate_operator(session, key, keys=keys, act=act)

        return ReactivateOperatorPayload(operator=await _changed(info, input, work), errors=[])

    @mutation(
        Access.ADMINISTRATOR,
        step_up=True,
        description="For an operator who lost the second factor: a second administrator forgets it, "
        "and the next sign-in enrols a new one.",
    )
    async def reset_operator_mfa(
        self, info: Info[Context, None], input: ResetOperatorMfaInput
    ) -> ResetOperatorMfaPayload:
        key, keys, check = _key(input.operator_id), info.context.portal.keys, input.identity_check

        async def work(session: AsyncSession, act: Act) -> UUID:
            return await access.reset_operator_mfa(session, key, identity_check=check, keys=keys, act=act)

        return ResetOperatorMfaPayload(operator=await _changed(info, input, work), errors=[])


def _key(text: str) -> UUID:
    return key_of(text, "Operator", "operatorId")


async def _changed(
    info: Info[Context, None], given: Any, change: Callable[[AsyncSession, Act], Awaitable[UUID]]
) -> Operator:
    """Runs the change on the catalog and reads the operator in the same transaction."""
    context = info.context

    async def work(session: AsyncSession) -> UUID:
        return await change(session, Act(context.actor, context.now, context.origin))

    return await context.change_catalog(info.field_name, given, work, operator_by_id)
