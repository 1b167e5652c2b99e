"""The rights of a person over what is kept of them (GDPR, articles 15, 17 and 20)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from auth.permissions import permissions_of
from auth.principals import Origin
from auth.throttle import familiar_key
from tenants.accounts.administration import Administration, account_held, require_administrator
from tenants.accounts.credentials import ACCOUNT_TABLES
from tenants.accounts.errors import UnknownAccount
from tenants.accounts.models import Account
from tenants.accounts.own_contacts import OwnContacts, own_contacts, replaced_with
from tenants.acts import INSIDE, Actor, Subject
from tenants.audit.service import entries_of_person, record_event
from tenants.consultancy.service import requests_of_person
from tenants.contacts.service import contacts_told, erase_contacts
from tenants.credentials.columns import AccountStatus
from tenants.databases.scopes import Reader, reader_of
from tenants.idempotency.service import forget_keys
from tenants.mails.service import MailKind, forget_mails, mails_told
from tenants.tables import table
from tenants.tickets.service import words_of_person

ERASED_NAME = "(erased)"
_A = table(Account).c
_T = ACCOUNT_TABLES


async def erase_account(administration: Administration, account_id: UUID) -> UUID:
    """Replaces name and e-mail of a person for good, on the account and on the contacts that the person is or was.

    The account is deactivated, everything that proves who the person is goes, and so do waiting mails and sessions.
    Ids stay: tickets and the sealed record refer to persons by id only, so both stay whole. A contact that another
    account acts for stays as well, and the record names it: it is for an administrator to see who it is.
    Raises `UnknownAccount`, also for one that is erased, `AdministratorsByVendorOnly`, and `LastAdministrator` where a
    customer's act would leave nobody who manages accounts.
    """
    session, act = administration.session, administration.act
    row = await account_held(session, account_id)
    administration.may_touch(permissions_of(row.permissions))
    contacts = await own_contacts(await reader_of(session), row.id)
    await erase_contacts(session, contacts.own, ERASED_NAME, actor=act.actor, now=act.now, origin=act.origin)
    await _forget_proofs(session, row.id, row.email)
    await _forget_mails(session, row.id, contacts.own)
    await forget_keys(session, row.id)
    nobody = {
        "name": ERASED_NAME,
        "email": f"{row.id.hex}@erased.invalid",
        "password_hash": None,
        "permissions": "",
        "status": AccountStatus.DEACTIVATED.value,
        "last_sign_in_at": None,
        "erased_at": act.now,
    }
    await session.execute(update(table(Account)).where(_A.id == row.id).values(nobody))
    await _record_erasure(administration, row.id, contacts)
    await require_administrator(administration, "accountId")
    return account_id


async def _record_erasure(administration: Administration, account_id: UUID, contacts: OwnContacts) -> None:
    act = administration.act
    detail: dict[str, object] = {"erased": True, "contacts": [str(key) for key in sorted(contacts.own)]}
    if contacts.shared:
        detail["kept"] = [str(key) for key in sorted(contacts.shared)]
    await record_event(
        administration.session,
        now=act.now,
        event="user_deleted",
        actor=act.actor,
        subject=Subject("Account", account_id),
        detail=detail,
        origin=act.origin,
    )


async def record_export(
    session: AsyncSession, account_id: UUID, *, actor: Actor, now: datetime, origin: Origin = INSIDE
) -> UUID:
    """Puts on record who takes a person's data. Raises `UnknownAccount`."""
    found = (await session.execute(select(_A.id).where(_A.id == account_id))).scalar_one_or_none()
    if found is None:
        raise UnknownAccount(path="accountId")
    subject, detail = Subject("Account", account_id), {"what": "personal_data"}
    await record_event(
        session, now=now, event="sensitive_read", actor=actor, subject=subject, detail=detail, origin=origin
    )
    return account_id


async def person_data(reader: Reader, account_id: UUID) -> dict[str, object]:
    """All that is kept of one person, for that person: no hash, no secret, nothing of others.

    Raises `UnknownAccount`.
    """
    shown = (_A.id, _A.email, _A.name, _A.locale, _A.status, _A.permissions, _A.contact_id)
    moments = (_A.created_at, _A.last_sign_in_at, _A.erased_at)
    row = await reader.first(select(*shown, *moments).where(_A.id == account_id))
    if row is None:
        raise UnknownAccount(path="accountId")
    contacts = (await own_contacts(reader, account_id)).own
    account = dict(row._mapping)  # noqa: SLF001  # the documented way to a row's names
    rights = sorted(right.value for right in permissions_of(account.pop("permissions")))
    return {
        "account": {**account, "permissions": rights},
        "contacts": await contacts_told(reader, contacts),
        "sessions": await _sessions(reader, account_id),
        "mails": await mails_told(reader, {account_id, *contacts}),
        "record": await entries_of_person(reader, account_id, contacts),
        "consultancy": await requests_of_person(reader, contacts),
        **await words_of_person(reader, account_id, contacts),
    }


async def _sessions(reader: Reader, account_id: UUID) -> list[Mapping[str, Any]]:
    own = _T.session.c
    shown = (own.id, own.created_at, own.last_seen_at, own.ended_at, own.address, own.user_agent)
    rows = await reader.rows(select(*shown).where(own.subject_id == account_id).order_by(own.created_at))
    return [dict(row._mapping) for row in rows]  # noqa: SLF001  # as above


async def _forget_mails(session: AsyncSession, account_id: UUID, contacts: frozenset[UUID]) -> None:
    """Those to the person; and those that tell another contact the person's name and have not gone out."""
    await forget_mails(session, {account_id, *contacts})
    others = await replaced_with(await reader_of(session), contacts)
    await forget_mails(session, others - contacts, waiting=MailKind.CONTACT_REPLACED)


async def _forget_proofs(session: AsyncSession, account_id: UUID, email: str) -> None:
    """Sessions, and all by which the person could come in; addresses and devices go with them."""
    own = _T.session.c
    # Held before their tokens are deleted: a refresh takes the two in that order.
    held = select(own.id, own.address).where(own.subject_id == account_id).with_for_update()
    rows = (await session.execute(held)).all()
    mine = [row.id for row in rows]
    await session.execute(delete(_T.refresh_token).where(_T.refresh_token.c.session_id.in_(mine)))
    places = {familiar_key(email, row.address or "") for row in rows}
    await session.execute(delete(_T.throttle).where(_T.throttle.c.key.in_(places)))
    for each in (
        _T.session,
        _T.challenge,
        _T.factor,
        _T.recovery_code,
        _T.invitation,
        _T.mailed_token,
    ):
        await session.execute(delete(each).where(each.c.subject_id == account_id))
