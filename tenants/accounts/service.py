"""A customer's accounts: who may invite whom, and what an invitation makes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, true, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from auth.emails import fold_email
from auth.keys import KeyRing
from auth.permissions import Permission, grants_text
from auth.principals import AccountPrincipal, Origin
from auth.rules import ACCOUNT_RULES, SignInRules
from auth.store import SessionEnd
from tenants.accounts.credentials import ACCOUNT_TABLES
from tenants.accounts.errors import AccountExists, ContactTaken, UnknownAccount
from tenants.accounts.models import Account
from tenants.acts import INSIDE, SYSTEM, Actor, Subject
from tenants.audit.service import record_event
from tenants.contacts.service import active_contact
from tenants.credentials.challenges import end_invitations
from tenants.credentials.columns import AccountStatus
from tenants.credentials.people import BothFactors, add_enrolled, add_invitation
from tenants.ids import new_id
from tenants.organization.service import lock_organization
from tenants.refusals import checked_email, checked_line

_NAME_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Invited:
    """The account, and the invitation's token, which is nowhere kept and cannot be shown again."""

    account: Account
    token: str


def may_manage(principal: AccountPrincipal) -> bool:
    """Whether the account may invite and change others: by right, and named as a contact by the contract."""
    return principal.may(Permission.MANAGE_ACCOUNTS) and principal.contact_id is not None


async def invite_account(
    session: AsyncSession,
    *,
    email: str,
    name: str,
    permissions: Iterable[Permission],
    contact_id: UUID | None,
    locale: str,
    actor: Actor,
    now: datetime,
    origin: Origin = INSIDE,
    rules: SignInRules = ACCOUNT_RULES,
) -> Invited:
    """An account that comes in with the token, within seven days and once.

    Raises `AccountExists`, `Missing`, `TooLong`, `Malformed`, `UnknownContact`, `ContactRemoved`, `ContactTaken`.
    Whether the actor may invite is the caller's to ask (`may_manage`).
    """
    if contact_id is not None:
        await active_contact(session, contact_id)
        await require_contact_free(session, contact_id)
    account = Account(
        id=new_id(now),
        email=checked_email(email),
        name=checked_line(name, "name", _NAME_LENGTH),
        locale=locale,
        status=AccountStatus.INVITED.value,
        permissions=grants_text(frozenset(permissions)),
        contact_id=contact_id,
        created_at=now,
    )
    await _add_unique(session, account)
    token = await add_invitation(session, ACCOUNT_TABLES, account.id, rules, now)
    detail = {"permissions": account.permissions.split(), "contact": str(contact_id) if contact_id else None}
    subject = Subject("Account", account.id)
    await record_event(
        session, now=now, event="user_created", actor=actor, subject=subject, detail=detail, origin=origin
    )
    return Invited(account, token)


async def require_contact_free(
    session: AsyncSession, contact_id: UUID, account_id: UUID | None = None
) -> None:
    """Raises `ContactTaken` where an account that may come in, but for `account_id`, acts for the contact.

    Calls at once wait for each other on the organisation's row: so persons stay as few as named contacts.
    """
    await lock_organization(session)
    person = ACCOUNT_TABLES.person.c
    acting = (person.contact_id == contact_id, person.status != AccountStatus.DEACTIVATED.value)
    others = select(person.id).where(*acting, person.id != account_id if account_id else true())
    if (await session.execute(others.limit(1))).first() is not None:
        raise ContactTaken(path="contactId")


async def renew_invitation(
    session: AsyncSession, email: str, *, now: datetime, rules: SignInRules = ACCOUNT_RULES
) -> tuple[UUID, str]:
    """The account that was invited and never came, and a new token; the old ones end. Raises `UnknownAccount`."""
    person = ACCOUNT_TABLES.person
    invited = (person.c.email == fold_email(email), person.c.status == AccountStatus.INVITED.value)
    account_id = (await session.execute(select(person.c.id).where(*invited))).scalar_one_or_none()
    if account_id is None:
        raise UnknownAccount(path="email")
    await end_invitations(session, ACCOUNT_TABLES, account_id)
    subject, detail = Subject("Account", account_id), {"invitation": "renewed"}
    await record_event(
        session, now=now, event="user_updated", actor=SYSTEM, subject=subject, detail=detail, origin=INSIDE
    )
    return account_id, await add_invitation(session, ACCOUNT_TABLES, account_id, rules, now)


async def end_every_session(session: AsyncSession, now: datetime) -> None:
    """Everybody must sign in again, with both factors.

    Challenges and mailed links end too: those that were used since the backup was made would be good once more.
    """
    own, challenge, link = ACCOUNT_TABLES.session, ACCOUNT_TABLES.challenge, ACCOUNT_TABLES.mailed_token
    ended = {"ended_at": now, "end_reason": SessionEnd.RESTORED.value}
    await session.execute(update(own).where(own.c.ended_at.is_(None)).values(ended))
    await session.execute(delete(challenge))
    await session.execute(update(link).where(link.c.used_at.is_(None)).values(used_at=now))


async def add_enrolled_account(
    session: AsyncSession,
    keys: KeyRing,
    shown: BothFactors,
    *,
    email: str,
    name: str,
    locale: str,
    permissions: Iterable[Permission],
    contact_id: UUID | None,
    now: datetime,
) -> UUID:
    """The id of an active account with both factors, for demo data and tests: nobody was invited."""
    person = {
        "email": checked_email(email),
        "name": name,
        "locale": locale,
        "permissions": grants_text(frozenset(permissions)),
        "contact_id": contact_id,
    }
    return await add_enrolled(session, ACCOUNT_TABLES, person, shown, keys, now)


async def _add_unique(session: AsyncSession, account: Account) -> None:
    """Lets the database decide between two invitations at once."""
    try:
        async with session.begin_nested():
            session.add(account)
            await session.flush()
    except IntegrityError as error:
        raise AccountExists(path="email") from error
