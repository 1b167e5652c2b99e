"""What a person may ask about the data that is kept of them: to have it, and to have it erased (GDPR)."""

import json
from datetime import datetime
from uuid import UUID

import strawberry
from sqlalchemy.ext.asyncio import AsyncSession
from strawberry.types import Info

from api.access import Access, holds
from api.administration import change_account
from api.context import Context
from api.fields import mutation
from api.http_errors import Forbidden
from api.ids import key_of
from api.loaders import loading_over
from api.people import Account
from api.user_errors import UserError
from tenants.accounts.erasure import erase_account, person_data, record_export
from tenants.databases.scopes import Reader


@strawberry.input
class EraseAccountInput:
    account_id: strawberry.ID
    idempotency_key: str | None = strawberry.UNSET


@strawberry.input
class ExportAccountInput:
    account_id: strawberry.ID


@holds(Access.TENANT)
@strawberry.type(
    description="Name and address are gone for good; what the person did stays, under the account's id."
)
class EraseAccountPayload:
    account: Account | None = None
    errors: list[UserError]


@holds(Access.SELF)
@strawberry.type
class ExportAccountPayload:
    data: str | None = strawberry.field(
        default=None,
        description="JSON: account, contacts, sessions, mails, what is on record, tickets, comments and consultancy.",
    )
    errors: list[UserError]


@strawberry.type
class PrivacyMutations:
    @mutation(Access.MANAGE_ACCOUNTS, step_up=True)
    async def erase_account(self, info: Info[Context, None], input: EraseAccountInput) -> EraseAccountPayload:
        key = key_of(input.account_id, "Account", "accountId")
        account = await change_account(info, input, lambda it: erase_account(it, key))
        return EraseAccountPayload(account=account, errors=[])

    @mutation(Access.SELF)
    async def export_account(
        self, info: Info[Context, None], input: ExportAccountInput
    ) -> ExportAccountPayload:
        context = info.context
        key = key_of(input.account_id, "Account", "accountId")
        await _expect_own_or_managed(context, info.field_name, key)

        async def work(session: AsyncSession) -> UUID:
            return await record_export(
                session, key, actor=context.actor, now=context.now, origin=context.origin
            )

        async def load(reader: Reader, key: UUID) -> str:
            return json.dumps(await person_data(reader, key), ensure_ascii=False, indent=2, default=_plain)

        return ExportAccountPayload(data=await context.change(info.field_name, input, work, load), errors=[])


async def _expect_own_or_managed(context: Context, field: str, account_id: UUID) -> None:
    """Raises `Forbidden`, on record, for who asks about a colleague without managing accounts."""
    loading = loading_over(context, await context.reader())
    if not loading.sees_accounts and loading.self_id != account_id:
        await context.record_refusal(field, "FORBIDDEN", event="authz_fail")
        raise Forbidden


def _plain(value: object) -> str:
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else str(value)
