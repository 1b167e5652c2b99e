"""What happens to accounts after the invitation: rights, contact, deactivation, lost factors."""

from uuid import UUID

import strawberry
from strawberry.types import Info

from api.access import Access, holds
from api.administration import change_account
from api.context import Context
from api.enums import Permission
from api.fields import mutation
from api.ids import key_of
from api.people import Account
from api.user_errors import UserError
from tenants.accounts import changes


@strawberry.input
class DeactivateAccountInput:
    account_id: strawberry.ID
    reason: str | None = strawberry.UNSET
    idempotency_key: str | None = strawberry.UNSET


@strawberry.input
class ReactivateAccountInput:
    account_id: strawberry.ID
    idempotency_key: str | None = strawberry.UNSET


@strawberry.input
class ChangeAccountPermissionsInput:
    account_id: strawberry.ID
    permissions: list[Permission]
    idempotency_key: str | None = strawberry.UNSET


@strawberry.input
class ResetAccountMfaInput:
    account_id: strawberry.ID
    identity_check: str = strawberry.field(
        description="How you made sure who was asking. Goes on record: name no third person."
    )
    idempotency_key: str | None = strawberry.UNSET


@strawberry.input
class RenewInvitationInput:
    account_id: strawberry.ID
    idempotency_key: str | None = strawberry.UNSET


@strawberry.input
class ChangeAccountContactInput:
    account_id: strawberry.ID
    contact_id: strawberry.ID | None = strawberry.UNSET
    idempotency_key: str | None = strawberry.UNSET


@holds(Access.TENANT)
@strawberry.type
class DeactivateAccountPayload:
    account: Account | None = None
    errors: list[UserError]


@holds(Access.TENANT)
@strawberry.type
class ReactivateAccountPayload:
    account: Account | None = None
    errors: list[UserError]


@holds(Access.TENANT)
@strawberry.type
class ChangeAccountPermissionsPayload:
    account: Account | None = None
    errors: list[UserError]


@holds(Access.TENANT)
@strawberry.type
class ResetAccountMfaPayload:
    account: Account | None = None
    errors: list[UserError]


@holds(Access.TENANT)
@strawberry.type
class RenewInvitationPayload:
    account: Account | None = None
    errors: list[UserError]


@holds(Access.TENANT)
@strawberry.type
class ChangeAccountContactPayload:
    account: Account | None = None
    errors: list[UserError]


@strawberry.type
class AccountMutations:
    @mutation(
        Access.MANAGE_ACCOUNTS,
        step_up=True,
        description="The account can do nothing any more from now on: its sessions, links and challenges end.",
    )
    async def deactivate_account(
        self, info: Info[Context, None], input: DeactivateAccountInput
    ) -> DeactivateAccountPayload:
        key = _account_key(input.account_id)
        account = await change_account(
            info, input, lambda it: changes.deactivate_account(it, key, input.reason or None)
        )
        return DeactivateAccountPayload(account=account, errors=[])

    @mutation(
        Access.MANAGE_ACCOUNTS,
        step_up=True,
        description="The account comes in again with the factors it had; who never came in is invited anew.",
    )
    async def reactivate_account(
        self, info: Info[Context, None], input: ReactivateAccountInput
    ) -> ReactivateAccountPayload:
        key = _account_key(input.account_id)
        account = await change_account(info, input, lambda it: changes.reactivate_account(it, key))
        return ReactivateAccountPayload(account=account, errors=[])

    @mutation(
        Access.MANAGE_ACCOUNTS,
        step_up=True,
        description="Gives the account exactly these rights, also in sessions that are open.",
    )
    async def change_account_permissions(
        self, info: Info[Context, None], input: ChangeAccountPermissionsInput
    ) -> ChangeAccountPermissionsPayload:
        key = _account_key(input.account_id)
        account = await change_account(
            info, input, lambda it: changes.change_permissions(it, key, input.permissions)
        )
        return ChangeAccountPermissionsPayload(account=account, errors=[])

    @mutation(
        Access.MANAGE_ACCOUNTS,
        step_up=True,
        description="A second administrator or the vendor takes a lost factor away; the next sign-in enrols anew.",
    )
    async def reset_account_mfa(
        self, info: Info[Context, None], input: ResetAccountMfaInput
    ) -> ResetAccountMfaPayload:
        key = _account_key(input.account_id)
        account = await change_account(
            info, input, lambda it: changes.reset_mfa(it, key, input.identity_check)
        )
        return ResetAccountMfaPayload(account=account, errors=[])

    @mutation(
        Access.MANAGE_ACCOUNTS,
        step_up=True,
        description="Mails a new link to somebody who never came in; old links end.",
    )
    async def renew_invitation(
        self, info: Info[Context, None], input: RenewInvitationInput
    ) -> RenewInvitationPayload:
        key = _account_key(input.account_id)
        account = await change_account(info, input, lambda it: changes.renew_invitation(it, key))
        return RenewInvitationPayload(account=account, errors=[])

    @mutation(
        Access.MANAGE_ACCOUNTS,
        step_up=True,
        description="Links the account to another named contact, or to none.",
    )
    async def change_account_contact(
        self, info: Info[Context, None], input: ChangeAccountContactInput
    ) -> ChangeAccountContactPayload:
        key = _account_key(input.account_id)
        contact_id = key_of(input.contact_id, "Contact", "contactId") if input.contact_id else None
        account = await change_account(
            info, input, lambda it: changes.change_account_contact(it, key, contact_id)
        )
        return ChangeAccountContactPayload(account=account, errors=[])


def _account_key(text: str) -> UUID:
    return key_of(text, "Account", "accountId")
