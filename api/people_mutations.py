"""Naming contacts and inviting accounts."""

from uuid import UUID

import strawberry
from sqlalchemy.ext.asyncio import AsyncSession
from strawberry.types import Info

from api.access import Access, holds
from api.accounts import accounts_by_id
from api.context import Context
from api.enums import Permission
from api.fields import mutation
from api.ids import key_of
from api.loaders import loading_over
from api.people import Account, Contact, contacts_by_id
from api.user_errors import UserError
from tenants.accounts.service import invite_account, require_other_administrator
from tenants.contacts import service as contacts
from tenants.databases.scopes import Reader
from tenants.mails.service import MailKind, Recipient, post_mail


@strawberry.input
class NameContactInput:
    name: str
    email: str
    phone: str
    mobile: str | None = strawberry.UNSET
    idempotency_key: str | None = strawberry.UNSET


@strawberry.input
class RemoveContactInput:
    contact_id: strawberry.ID
    idempotency_key: str | None = strawberry.UNSET


@strawberry.input
class InviteAccountInput:
    email: str
    name: str
    permissions: list[Permission]
    contact_id: strawberry.ID | None = strawberry.UNSET
    idempotency_key: str | None = strawberry.UNSET


@holds(Access.TENANT)
@strawberry.type
class NameContactPayload:
    contact: Contact | None = None
    errors: list[UserError]


@holds(Access.TENANT)
@strawberry.type
class RemoveContactPayload:
    contact: Contact | None = None
    errors: list[UserError]


@holds(Access.TENANT)
@strawberry.type
class InviteAccountPayload:
    account: Account | None = None
    errors: list[UserError]


@strawberry.type
class PeopleMutations:
    @mutation(Access.MANAGE_ACCOUNTS, step_up=True)
    async def name_contact(self, info: Info[Context, None], input: NameContactInput) -> NameContactPayload:
        context = info.context

        async def work(session: AsyncSession) -> UUID:
            contact = await contacts.name_contact(
                session,
                context.portal.library,
                name=input.name,
                email=input.email,
                phone=input.phone,
                mobile=input.mobile or None,
                actor=context.actor,
                now=context.now,
                origin=context.origin,
            )
            return contact.id

        return NameContactPayload(
            contact=await context.change(info.field_name, input, work, _contact), errors=[]
        )

    @mutation(Access.MANAGE_ACCOUNTS, step_up=True)
    async def remove_contact(
        self, info: Info[Context, None], input: RemoveContactInput
    ) -> RemoveContactPayload:
        context = info.context
        key = key_of(input.contact_id, "Contact", "contactId")

        async def work(session: AsyncSession) -> UUID:
            if not context.is_operator:
                await require_other_administrator(session, key)
            contact = await contacts.remove_contact(
                session, key, actor=context.actor, now=context.now, origin=context.origin
            )
            return contact.id

        return RemoveContactPayload(
            contact=await context.change(info.field_name, input, work, _contact), errors=[]
        )

    @mutation(Access.MANAGE_ACCOUNTS, step_up=True)
    async def invite_account(
        self, info: Info[Context, None], input: InviteAccountInput
    ) -> InviteAccountPayload:
        context = info.context
        contact_id = key_of(input.contact_id, "Contact", "contactId") if input.contact_id else None

        async def work(session: AsyncSession) -> UUID:
            invited = await invite_account(
                session,
                email=input.email,
                name=input.name,
                permissions=input.permissions,
                contact_id=contact_id,
                locale=context.tenant_record.locale,
                actor=context.actor,
                now=context.now,
                origin=context.origin,
            )
            account = invited.account
            to = Recipient(account.id, account.email, account.name, account.locale)
            values = {"token": invited.token}
            await post_mail(session, context.portal.keys, MailKind.INVITATION, to, values, context.now)
            return invited.account.id

        async def load(reader: Reader, key: UUID) -> Account:
            return (await accounts_by_id(loading_over(context, reader), [key]))[key]

        return InviteAccountPayload(
            account=await context.change(info.field_name, input, work, load), errors=[]
        )


async def _contact(reader: Reader, key: UUID) -> Contact:
    return (await contacts_by_id(reader, [key]))[key]
