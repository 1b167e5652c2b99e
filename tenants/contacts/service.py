"""Named contacts: who may call on the help desk, and never more of them than the agreement allows."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from auth.principals import Origin
from sla.layers import Agreed
from sla.policy import Library
from tenants.acts import INSIDE, Act, Actor, Change, Subject
from tenants.audit.service import record_event
from tenants.contacts.errors import ContactLimitReached, ContactRemoved, UnknownContact
from tenants.contacts.models import Contact
from tenants.contracts import service as contracts
from tenants.contracts.errors import NoContractInForce
from tenants.contracts.service import agreement_in_force
from tenants.databases.scopes import Reader, reader_of
from tenants.ids import new_id
from tenants.organization.service import lock_organization
from tenants.refusals import Malformed, checked_email, checked_line
from tenants.tables import table

PHONE = re.compile(r"\+?[0-9(][0-9 ()/.-]{4,38}[0-9]")

_C = table(Contact).c


def _checked_phone(value: str, path: str) -> str:
    text = checked_line(value, path, 40)
    if not PHONE.fullmatch(text):
        raise Malformed(path=path)
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """The four fields of a named contact (OB-038, OB-061), as `checked_details` lets them through."""

    name: str
    email: str
    phone: str
    mobile: str | None


def checked_details(*, name: str, email: str, phone: str | None, mobile: str | None) -> Details:
    """Without `phone` it is yet to be told. Raises `Missing`, `TooLong` or `Malformed` with the field's path."""
    return Details(
        name=checked_line(name, "name", 200),
        email=checked_email(email),
        phone="" if phone is None else _checked_phone(phone, "phone"),
        mobile=_checked_phone(mobile, "mobile") if mobile and mobile.strip() else None,
    )


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
    details = checked_details(name=name, email=email, phone=phone, mobile=mobile)
    slot = await _free_slot(session, library, now)
    contact = Contact(id=new_id(now), **asdict(details), slot=slot, named_at=now)
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


async def _taken(session: AsyncSession) -> set[int]:
    await session.flush()
    return set((await session.execute(select(_C.slot).where(_C.slot.is_not(None)))).scalars())


async def _free_slot(session: AsyncSession, library: Library, now: datetime) -> int:
    """The lowest slot that nobody holds; competing calls wait for each other on the organisation's row."""
    await lock_organization(session)
    agreement = await agreement_in_force(await reader_of(session), library, now)
    limit = agreement.policy.contact_limit(agreement.tier)
    taken = await _taken(session)
    free = [slot for slot in range(1, limit.value + 1) if slot not in taken]
    if not free or len(taken) >= limit.value:
        raise ContactLimitReached(limit=limit.value, clause=limit.clause)
    return free[0]


async def change_tier(
    session: AsyncSession,
    library: Library,
    contract_id: UUID,
    tier: str,
    *,
    actor: Actor,
    now: datetime,
    origin: Origin = INSIDE,
) -> None:
    """Puts the contract in another tier, once no more contacts are named than that allows (S4-012).

    Raises `ContactLimitReached` with the new tier's figure and clause, and what `contracts.service.change_tier`
    raises. Nobody is named meanwhile: both hold the organisation's row.
    """
    await contracts.change_tier(session, library, contract_id, tier, actor=actor, now=now, origin=origin)
    await _require_room(session, library, "tier", now)


async def agree_term(
    session: AsyncSession, library: Library, contract_id: UUID, agreed: Agreed, *, actor: Actor, now: datetime
) -> None:
    """Records a term agreed apart from the policy; a smaller limit of contacts only once no more are named.

    Raises `ContactLimitReached`, and what `contracts.service.agree` raises.
    """
    await contracts.agree(session, library, contract_id, agreed, actor=actor, now=now)
    await _require_room(session, library, "value", now)


async def _require_room(session: AsyncSession, library: Library, path: str, now: datetime) -> None:
    """The caller holds the organisation's row. Where no contract is in force, there is no limit to keep."""
    try:
        agreement = await agreement_in_force(await reader_of(session), library, now)
    except NoContractInForce:
        return
    limit = agreement.policy.contact_limit(agreement.tier)
    if len(await _taken(session)) > limit.value:
        raise ContactLimitReached(path=path, limit=limit.value, clause=limit.clause)


async def remove_contact(
    session: AsyncSession, contact_id: UUID, *, actor: Actor, now: datetime, origin: Origin = INSIDE
) -> Contact:
    """Ends the entitlement and frees the slot; the person stays on old tickets."""
    contact = await _held(session, contact_id)
    contact.slot = None
    contact.removed_at = now
    subject = Subject("Contact", contact.id)
    await record_event(session, now=now, event="contact_removed", actor=actor, subject=subject, origin=origin)
    return contact


async def replace_contact(
    session: AsyncSession, contact_id: UUID, details: Details, act: Act, unlinked: Sequence[UUID]
) -> tuple[Contact, Contact]:
    """The contact that ended, and the one that took its slot, in one act on record; `unlinked` are its accounts.

    As many contacts as before are named, so the limit is not asked for. Raises `UnknownContact`, `ContactRemoved`.
    """
    old = await _held(session, contact_id)
    slot, old.slot, old.removed_at = old.slot, None, act.now
    await session.flush()  # the slot is unique: it must be free before it is given again
    new = Contact(id=new_id(act.now), **asdict(details), slot=slot, named_at=act.now)
    session.add(new)
    await record_event(
        session,
        now=act.now,
        event="contact_replaced",
        actor=act.actor,
        subject=Subject("Contact", old.id),
        detail={"unlinked": [str(account_id) for account_id in unlinked]},
        origin=act.origin,
        change=Change({"contact": str(old.id)}, {"contact": str(new.id)}),
    )
    return old, new


async def change_contact(
    session: AsyncSession, contact_id: UUID, changes: Mapping[str, Any], act: Act
) -> Contact:
    """Changes what is known of an active contact: those of its four fields that `changes` holds.

    The record names the fields, not what stands in them: persons are written in one place. Raises as
    `checked_details`, and `UnknownContact` or `ContactRemoved`.
    """
    contact = await _held(session, contact_id)
    before = {name: getattr(contact, name) for name in ("name", "email", "phone", "mobile")}
    wanted = {**before, "phone": before["phone"] or None, **changes}
    after = asdict(checked_details(**wanted))
    fields = sorted(name for name, value in after.items() if value != before[name])
    for name in fields:
        setattr(contact, name, after[name])
    if fields:
        await record_event(
            session,
            now=act.now,
            event="contact_changed",
            actor=act.actor,
            subject=Subject("Contact", contact.id),
            detail={"fields": fields},
            origin=act.origin,
        )
    return contact


async def _held(session: AsyncSession, contact_id: UUID) -> Contact:
    """The active contact as it is now; the organisation's row is held, so nobody else changes it."""
    await lock_organization(session)
    contact = await session.get(Contact, contact_id, populate_existing=True)
    if contact is None:
        raise UnknownContact(path="contactId")
    if contact.slot is None:
        raise ContactRemoved(path="contactId")
    return contact


async def active_contact(session: AsyncSession, contact_id: UUID, path: str = "contactId") -> Contact:
    """The contact, if still entitled. Raises `UnknownContact` or `ContactRemoved`."""
    contact = await session.get(Contact, contact_id)
    if contact is None:
        raise UnknownContact(path=path)
    if contact.slot is None:
        raise ContactRemoved(path=path)
    return contact


async def contacts_at(reader: Reader, email: str) -> frozenset[UUID]:
    """The contacts, active or not, with this address."""
    return frozenset(row.id for row in await reader.rows(select(_C.id).where(_C.email == email)))


async def contacts_told(reader: Reader, contacts: Iterable[UUID]) -> list[dict[str, object]]:
    """All that is kept of these contacts, the first named first."""
    kept = select(table(Contact)).where(_C.id.in_(list(contacts))).order_by(_C.named_at, _C.id)
    return [dict(row._mapping) for row in await reader.rows(kept)]  # noqa: SLF001  # the documented way to names


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
