"""What an administrator of the customer, or the vendor, does with accounts. Each act is one transaction.

Rights are read with every request, so a change of them holds at once; who is deactivated loses every session,
challenge and link with it. The history of an account stays.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, update
from sqlalchemy.ext.asyncio import AsyncSession

from auth.permissions import Permission, grants_text, permissions_of
from auth.rules import ACCOUNT_RULES
from auth.store import SessionEnd
from tenants.accounts.administration import MANAGE, Administration, account_held, require_administrator
from tenants.accounts.credentials import ACCOUNT_TABLES
from tenants.accounts.errors import AccountInOtherState, OwnFactor, OwnRights
from tenants.accounts.service import require_contact_free
from tenants.acts import Change, Subject
from tenants.audit.service import record_event
from tenants.contacts.service import active_contact
from tenants.credentials.challenges import end_invitations
from tenants.credentials.columns import AccountStatus
from tenants.credentials.people import add_invitation
from tenants.credentials.presence import end_presence
from tenants.mails.service import MailKind, Recipient, post_mail
from tenants.refusals import checked_text, optional_text

_WORDS = 500
INVITED, ACTIVE = AccountStatus.INVITED.value, AccountStatus.ACTIVE.value
LOCKED, DEACTIVATED = AccountStatus.LOCKED.value, AccountStatus.DEACTIVATED.value
NO_DETAIL: Mapping[str, object] = {}


async def permit_invitation(
    administration: Administration, permissions: Iterable[Permission], contact_id: UUID | None
) -> None:
    """Raises `AdministratorsByVendorOnly` and `NotANamedContact` where an invitation would make an administrator."""
    given = frozenset(permissions)
    administration.may_touch(given)
    if MANAGE in given:
        administration.must_be_contact(contact_id, "contactId")


async def change_permissions(
    administration: Administration, account_id: UUID, permissions: Iterable[Permission]
) -> UUID:
    """Gives an account exactly these rights, on record (OX-017). Somebody else's may grow; the own ones only shrink.

    Raises `UnknownAccount`, `OwnRights`, `NotANamedContact`, `AdministratorsByVendorOnly`, `LastAdministrator`.
    """
    account = await account_held(administration.session, account_id)
    before, after = permissions_of(account.permissions), frozenset(permissions)
    administration.may_touch(before, after)
    if after - before and administration.is_own(account_id):
        raise OwnRights(path="permissions")
    if MANAGE in after - before:
        administration.must_be_contact(account.contact, "permissions")
    await _set(administration.session, account_id, permissions=grants_text(after))
    change = Change({"permissions": sorted(before)}, {"permissions": sorted(after)})
    await _record(administration, "privilege_permissions_changed", account_id, change=change)
    await require_administrator(administration, "permissions")
    return account_id


async def change_account_contact(
    administration: Administration, account_id: UUID, contact_id: UUID | None
) -> UUID:
    """Links the account to another active contact, or to none: then it only reads.

    Raises `UnknownAccount`, `UnknownContact`, `ContactRemoved`, `OwnRights` where the actor would take another
    contact's name, `ContactTaken`, `AdministratorsByVendorOnly` and `LastAdministrator`.
    """
    session = administration.session
    account = await account_held(session, account_id)
    administration.may_touch(permissions_of(account.permissions))
    if contact_id is not None:
        await active_contact(session, contact_id)
        if administration.is_own(account_id) and contact_id != account.contact_id:
            raise OwnRights(path="contactId")
        await require_contact_free(session, contact_id, account_id)
    await _set(session, account_id, contact_id=contact_id)
    change = Change({"contact": _text(account.contact_id)}, {"contact": _text(contact_id)})
    await _record(administration, "user_updated", account_id, change=change)
    await require_administrator(administration, "accountId")
    return account_id


async def deactivate_account(administration: Administration, account_id: UUID, reason: str | None) -> UUID:
    """Ends what the account can do, at once: sessions, challenges, invitations and mailed links.

    Raises `UnknownAccount`, `AccountInOtherState`, `AdministratorsByVendorOnly`, `LastAdministrator`, `TooLong`.
    """
    session, now = administration.session, administration.act.now
    said = {"reason": text} if (text := optional_text(reason, "reason", _WORDS)) else {}
    account = await account_held(session, account_id)
    administration.may_touch(permissions_of(account.permissions))
    _require_status(account, INVITED, ACTIVE, LOCKED)
    await _set(session, account_id, status=DEACTIVATED)
    await end_invitations(session, ACCOUNT_TABLES, account_id)
    ended = await end_presence(session, ACCOUNT_TABLES, account_id, SessionEnd.DEACTIVATED, now)
    change = Change({"status": account.status}, {"status": DEACTIVATED})
    await _record(administration, "user_archived", account_id, {**said, "sessions": ended}, change)
    await require_administrator(administration, "accountId")
    if account.status != INVITED:
        await _mail(administration, account, MailKind.ACCOUNT_DEACTIVATED)
    return account_id


async def reactivate_account(administration: Administration, account_id: UUID) -> UUID:
    """Lets a deactivated or locked account in again, with the password and the factors that it had.

    Who never came in is invited again. Raises `UnknownAccount`, `AccountInOtherState`, `AdministratorsByVendorOnly`,
    and `ContactTaken` where somebody else acts for the contact by now.
    """
    account = await account_held(administration.session, account_id)
    administration.may_touch(permissions_of(account.permissions))
    _require_status(account, DEACTIVATED, LOCKED)
    if account.contact is not None:
        await require_contact_free(administration.session, account.contact, account_id)
    status = INVITED if account.password_hash is None else ACTIVE
    await _set(administration.session, account_id, status=status)
    change = Change({"status": account.status}, {"status": status})
    await _record(administration, "user_updated", account_id, change=change)
    if status == INVITED:
        await _invite(administration, account)
    return account_id


async def renew_invitation(administration: Administration, account_id: UUID) -> UUID:
    """Mails a new link to somebody who never came in; the old links end.

    Raises `UnknownAccount`, `AccountInOtherState`, `AdministratorsByVendorOnly`.
    """
    account = await account_held(administration.session, account_id)
    administration.may_touch(permissions_of(account.permissions))
    _require_status(account, INVITED)
    await end_invitations(administration.session, ACCOUNT_TABLES, account_id)
    await _invite(administration, account)
    await _record(administration, "user_updated", account_id, {"invitation": "renewed"})
    return account_id


async def reset_mfa(administration: Administration, account_id: UUID, identity_check: str) -> UUID:
    """Takes the second factors of somebody who lost them; the next sign-in, with the password, enrols a new one.

    A second person does it, and how they made sure who was asking goes on record. Raises `OwnFactor`, `Missing`,
    `TooLong`, `UnknownAccount`, `AccountInOtherState`, `AdministratorsByVendorOnly`.
    """
    session, now = administration.session, administration.act.now
    check = checked_text(identity_check, "identityCheck", _WORDS)
    if administration.is_own(account_id):
        raise OwnFactor(path="accountId")
    account = await account_held(session, account_id)
    administration.may_touch(permissions_of(account.permissions))
    _require_status(account, ACTIVE, LOCKED)
    # In the order in which a sign-in uses them up: neither waits for the other's rows.
    for own in (ACCOUNT_TABLES.factor, ACCOUNT_TABLES.recovery_code):
        await session.execute(delete(own).where(own.c.subject_id == account_id))
    ended = await end_presence(session, ACCOUNT_TABLES, account_id, SessionEnd.FACTOR_CHANGED, now)
    detail = {"identity_check": check, "sessions": ended}
    await _record(administration, "authn_mfa_reset", account_id, detail)
    await _mail(administration, account, MailKind.FACTOR_CHANGED, change="reset")
    return account_id


def _require_status(account: Row[Any], *wanted: str) -> None:
    if account.status not in wanted:
        raise AccountInOtherState(path="accountId", status=account.status)


def _text(key: UUID | None) -> str | None:
    return None if key is None else str(key)


async def _set(session: AsyncSession, account_id: UUID, **values: object) -> None:
    person = ACCOUNT_TABLES.person
    await session.execute(update(person).where(person.c.id == account_id).values(**values))


async def _invite(administration: Administration, account: Row[Any]) -> None:
    session, now = administration.session, administration.act.now
    token = await add_invitation(session, ACCOUNT_TABLES, account.id, ACCOUNT_RULES, now)
    await _mail(administration, account, MailKind.INVITATION, token=token)


async def _mail(administration: Administration, account: Row[Any], kind: MailKind, **values: str) -> None:
    to = Recipient(account.id, account.email, account.name, account.locale)
    await post_mail(administration.session, administration.keys, kind, to, values, administration.act.now)


async def _record(
    administration: Administration,
    event: str,
    account_id: UUID,
    detail: Mapping[str, object] = NO_DETAIL,
    change: Change | None = None,
) -> None:
    act = administration.act
    await record_event(
        administration.session,
        now=act.now,
        event=event,
        actor=act.actor,
        subject=Subject("Account", account_id),
        detail=detail,
        origin=act.origin,
        change=change,
    )
