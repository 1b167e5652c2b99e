"""Named contacts: who may call on the help desk, and never more of them than the agreement allows."""

import re
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from auth.emails import fold_email, is_email
from auth.principals import Origin
from sla.policy import Library
from tenants.acts import INSIDE, Actor, Subject
from tenants.audit.service import record_event
from tenants.contacts.errors import ContactLimitReached, ContactRemoved, UnknownContact
from tenants.contacts.models import Contact
from tenants.contracts.service import agreement_in_force
from tenants.databases.scopes import reader_of
from tenants.ids import new_id
from tenants.organization.service import lock_organization
from tenants.refusals import Malformed, checked_line, checked_text
from tenants.tables import table

PHONE = re.compile(r"\+?[0-9(][0-9 ()/.-]{4,38}[0-9]")

_C = table(Contact).c


def checked_email(value: str, path: str = "email") -> str:
    """The address in lower case. Raises `Malformed`, `Missing` or `TooLong`."""
    text = fold_email(checked_text(value, path, 254))
    if not is_email(text):
        raise Malformed(path=path)
    return text


def _checked_phone(value: str, path: str) -> str:
    text = checked_line(value, path, 40)
    if not PHONE.fullmatch(text):
        raise Malformed(path=path)
    return text


async def name_contact(
    session: AsyncSession,
    library: Library,
    *,
    name: str,
    email: str,
    phone: str | None,
    mobile: str | None,
    actor: Actor,
    now: datetime,
    origin: Origin = INSIDE,
) -> Contact:
    """A new active contact in the lowest free slot; without `phone` it is yet to be told (a new customer's first).

    Raises `ContactLimitReached` with the agreement's figure and clause (OB-038, S4-012; 3 where none is named).
    """
    contact = Contact(
        id=new_id(now),
        name=checked_line(name, "name", 200),
        email=checked_email(email),
        phone="" if phone is None else _checked_phone(phone, "phone"),
        mobile=_checked_phone(mobile, "mobile") if mobile and mobile.strip() else None,
        named_at=now,
    )
    contact.slot = await _free_slot(session, library, now)
    session.add(contact)
    subject = Subject("Contact", contact.id)
    await record_event(
        session,
        now=now,
        event="contact_named",
        actor=actor,
        subject=subject,
        detail={"slot": contact.slot},
        origin=origin,
    )
    return contact


async def _free_slot(session: AsyncSession, library: Library, now: datetime) -> int:
    """The lowest slot that nobody holds; competing calls wait for each other on the organisation's row."""
    await lock_organization(session)
    agreement = await agreement_in_force(await reader_of(session), library, now)
    limit = agreement.policy.contact_limit(agreement.tier)
    taken = set((await session.execute(select(_C.slot).where(_C.slot.is_not(None)))).scalars())
    free = [slot for slot in range(1, limit.value + 1) if slot not in taken]
    if not free or len(taken) >= limit.value:
        raise ContactLimitReached(limit=limit.value, clause=limit.clause)
    return free[0]


async def remove_contact(
    session: AsyncSession, contact_id: UUID, *, actor: Actor, now: datetime, origin: Origin = INSIDE
) -> Contact:
    """Ends the entitlement and frees the slot; the person stays on old tickets."""
    await lock_organization(session)
    contact = await session.get(Contact, contact_id, populate_existing=True)
    if contact is None:
        raise UnknownContact(path="contactId")
    if contact.slot is None:
        raise ContactRemoved(path="contactId")
    contact.slot = None
    contact.removed_at = now
    subject = Subject("Contact", contact.id)
    await record_event(session, now=now, event="contact_removed", actor=actor, subject=subject, origin=origin)
    return contact


async def active_contact(session: AsyncSession, contact_id: UUID, path: str = "contactId") -> Contact:
    """The contact, if still entitled. Raises `UnknownContact` or `ContactRemoved`."""
    contact = await session.get(Contact, contact_id)
    if contact is None:
        raise UnknownContact(path=path)
    if contact.slot is None:
        raise ContactRemoved(path=path)
    return contact


async def contacts_of_person(
    session: AsyncSession, email: str, contact_id: UUID | None, *, besides: set[UUID]
) -> frozenset[UUID]:
    """The contacts, active or not, that are this person: the linked one, and all under the same address.

    A linked one under another address that is among `besides` is somebody else's too, and stays.
    """
    rows = await session.execute(select(_C.id).where(_C.email == email))
    found = set(rows.scalars())
    if contact_id is not None and contact_id not in besides:
        found.add(contact_id)
    return frozenset(found)


async def erase_contacts(
    session: AsyncSession,
    contacts: frozenset[UUID],
    name: str,
    *,
    actor: Actor,
    now: datetime,
    origin: Origin = INSIDE,
) -> None:
    """Replaces name, address and numbers for good; an active contact is removed first, on record."""
    for key in sorted(contacts):
        contact = await session.get_one(Contact, key, populate_existing=True)
        if contact.slot is not None:
            await remove_contact(session, key, actor=actor, now=now, origin=origin)
        contact.name, contact.email = name, f"{key.hex}@erased.invalid"
        contact.phone, contact.mobile = "", None
    await session.flush()
