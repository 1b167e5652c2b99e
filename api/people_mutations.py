"""Naming, replacing and removing contacts; inviting accounts."""

from uuid import UUID

import strawberry
from strawberry import UNSET
from strawberry.types import Info

from api.access import Access, holds
from api.administration import change_account, change_contact
from api.context import Context
from api.enums import Permission
from api.fields import mutation
from api.ids import key_of
from api.people import Account, Contact
from api.user_errors import UserError
from tenants.accounts.administration import Administration
from tenants.accounts.changes import permit_invitation
from tenants.accounts.contact_changes import remove_contact, replace_contact
from tenants.accounts.service import invite_account
from tenants.contacts import service as contacts
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
class ReplaceContactInput:
    contact_id: strawberry.ID
    name: str
    email: str
    phone: str
    mobile: str | None = strawberry.UNSET
    idempotency_key: str | None = strawberry.UNSET


@strawberry.input(description="What is not given stays as it is; `mobile: null` takes the number out.")
class ChangeContactInput:
    contact_id: strawberry.ID
    name: str | None = strawberry.UNSET
    email: str | None = strawberry.UNSET
    phone: str | None = strawberry.UNSET
    mobile: str | None = strawberry.UNSET
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
@strawberry.type(description="`contact` is the new one.")
class ReplaceContactPayload:
    contact: Contact | None = None
    errors: list[UserError]


@holds(Access.TENANT)
@strawberry.type
class ChangeContactPayload:
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

        async def work(administration: Administration) -> UUID:
            contact = await contacts.name_contact(
                administration.session,
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

        contact = await change_contact(info, input, work)
        return NameContactPayload(contact=contact, errors=[])

    @mutation(Access.MANAGE_ACCOUNTS, step_up=True)
    async def remove_contact(
        self, info: Info[Context, None], input: RemoveContactInput
    ) -> RemoveContactPayload:
        key = _contact_key(input.contact_id)
        contact = await change_contact(info, input, lambda it: remove_contact(it, key))
        return RemoveContactPayload(contact=contact, errors=[])

    @mutation(
        Access.MANAGE_ACCOUNTS,
        step_up=True,
        description="Names somebody in a contact's place, and tells both. Accounts of the old one only read.",
    )
    async def replace_contact(
        self, info: Info[Context, None], input: ReplaceContactInput
    ) -> ReplaceContactPayload:
        key = _contact_key(input.contact_id)
        details = contacts.checked_details(
            name=input.name, email=input.email, phone=input.phone, mobile=input.mobile or None
        )
        contact = await change_contact(info, input, lambda it: replace_contact(it, key, details))
        return ReplaceContactPayload(contact=contact, errors=[])

    @mutation(
        Access.MANAGE_ACCOUNTS, step_up=True, description="Mends what is known of a contact, the same person."
    )
    async def change_contact(
        self, info: Info[Context, None], input: ChangeContactInput
    ) -> ChangeContactPayload:
        key = _contact_key(input.contact_id)
        given = {"name": input.name, "email": input.email, "phone": input.phone}
        changes: dict[str, str | None] = {
            name: value for name, value in given.items() if value is not None and value is not UNSET
        }
        if input.mobile is not UNSET:
            changes["mobile"] = input.mobile

        async def work(administration: Administration) -> UUID:
            return (
                await contacts.change_contact(administration.session, key, changes, administration.act)
            ).id

        contact = await change_contact(info, input, work)
        return ChangeContactPayload(contact=contact, errors=[])

    @mutation(Access.MANAGE_ACCOUNTS, step_up=True)
    async def invite_account(
        self, info: Info[Context, None], input: InviteAccountInput
    ) -> InviteAccountPayload:
        context = info.context
        contact_id = key_of(input.contact_id, "Contact", "contactId") if input.contact_id else None

        async def work(administration: Administration) -> UUID:
            session = administration.session
            await permit_invitation(administration, input.permissions, contact_id)
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
            return account.id

        account = await change_account(info, input, work)
        return InviteAccountPayload(account=account, errors=[])


def _contact_key(text: str) -> UUID:
    return key_of(text, "Contact", "contactId")
