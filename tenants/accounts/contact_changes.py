"""Ending and replacing named contacts, with what that means for the accounts that act for them."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from tenants.accounts.administration import Administration, accounts_linked, require_administrator
from tenants.accounts.credentials import ACCOUNT_TABLES
from tenants.contacts import service as contacts
from tenants.contacts.service import Details
from tenants.mails.service import MailKind, Recipient, post_mail


async def remove_contact(administration: Administration, contact_id: UUID) -> UUID:
    """Ends a contact's entitlement and frees the slot; accounts that act for it only read from now on.

    Raises `UnknownContact`, `ContactRemoved`, `AdministratorsByVendorOnly`, `LastAdministrator`.
    """
    session, act = administration.session, administration.act
    administration.may_touch(*(await accounts_linked(session, contact_id)).values())
    await contacts.remove_contact(session, contact_id, actor=act.actor, now=act.now, origin=act.origin)
    await require_administrator(administration, "contactId")
    return contact_id


async def replace_contact(administration: Administration, contact_id: UUID, details: Details) -> UUID:
    """Names somebody in a contact's place, in one act, and tells both. Gives the new contact's id.

    Accounts of the old contact lose the link: they are another person's. Raises as `remove_contact`.
    """
    session, act = administration.session, administration.act
    linked = await accounts_linked(session, contact_id)
    administration.may_touch(*linked.values())
    old, new = await contacts.replace_contact(session, contact_id, details, act, list(linked))
    person = ACCOUNT_TABLES.person
    await session.execute(update(person).where(person.c.contact_id == contact_id).values(contact_id=None))
    await require_administrator(administration, "contactId")
    for told, locale in ((old, await _locale_of(session, linked)), (new, None)):
        to = Recipient(told.id, told.email, told.name, locale or administration.locale)
        names = {"old_name": old.name, "new_name": new.name}
        await post_mail(session, administration.keys, MailKind.CONTACT_REPLACED, to, names, act.now)
    return new.id


async def _locale_of(session: AsyncSession, accounts: Iterable[UUID]) -> str | None:
    """The language of the person whose accounts these are, None where there is none."""
    person = ACCOUNT_TABLES.person.c
    own = select(person.locale).where(person.id.in_(list(accounts))).order_by(person.id).limit(1)
    return (await session.execute(own)).scalar_one_or_none()
