"""What holds for every act on a customer's accounts and contacts, whoever does it and whatever it is.

Acts are ordered by the lock of the organisation's row. Under it the actor's own right is asked again, and in the end
an administrator must be left: so two who end each other's rights at the same moment cannot both come through.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from auth.keys import KeyRing
from auth.permissions import Permission, permissions_of
from sla.policy import Library
from sla.service_terms import AccountTerms
from tenants.accounts.credentials import ACCOUNT_TABLES, active_contact_of
from tenants.accounts.errors import AdministratorsByVendorOnly, LastAdministrator, RightsEnded, UnknownAccount
from tenants.acts import Act, ActorKind
from tenants.contacts.errors import NotANamedContact
from tenants.contracts.service import account_terms
from tenants.credentials.columns import AccountStatus
from tenants.databases.scopes import reader_of
from tenants.organization.service import lock_organization

MANAGE = Permission.MANAGE_ACCOUNTS
_P = ACCOUNT_TABLES.person.c


@dataclass(frozen=True, slots=True)
class Administration:
    """What an act on accounts is done with, from `administer` on; `locale` is that of mails to contacts."""

    session: AsyncSession
    keys: KeyRing
    act: Act
    locale: str
    terms: AccountTerms

    @property
    def by_customer(self) -> bool:
        return self.act.actor.kind is ActorKind.ACCOUNT

    def is_own(self, account_id: UUID) -> bool:
        """Whether the actor is that account."""
        return self.by_customer and self.act.actor.id == account_id

    def may_touch(self, *permissions: Iterable[Permission]) -> None:
        """Raises `AdministratorsByVendorOnly` for a customer, where the agreement leaves such accounts to the vendor.

        `permissions` are those of the account before and after the act (OX-016).
        """
        clause = self.terms.administrators_by_vendor_only
        if clause is not None and self.by_customer and any(MANAGE in each for each in permissions):
            raise AdministratorsByVendorOnly(clause=clause)

    def must_be_contact(self, contact_id: UUID | None, path: str) -> None:
        """Raises `NotANamedContact`: who is none may not ask for accounts, so cannot be given the right (OB-040)."""
        if contact_id is None:
            raise NotANamedContact(path=path, clause=self.terms.contacts_only)


async def administer(
    session: AsyncSession, library: Library, keys: KeyRing, act: Act, locale: str
) -> Administration:
    """Holds the organisation's row until the transaction ends. Raises `RightsEnded`."""
    await lock_organization(session)
    if act.actor.kind is ActorKind.ACCOUNT:
        own = _administrators().where(_P.id == act.actor.id)
        if (await session.execute(own)).first() is None:
            raise RightsEnded
    terms = await account_terms(await reader_of(session), library, act.now)
    return Administration(session, keys, act, locale, terms)


async def require_administrator(administration: Administration, path: str) -> None:
    """Raises `LastAdministrator` when a customer's act has left nobody who may manage accounts.

    The vendor may go on: it alone appoints the first administrator, and so the next one.
    """
    session = administration.session
    await session.flush()
    if administration.by_customer and (await session.execute(_administrators().limit(1))).first() is None:
        raise LastAdministrator(path=path)


async def account_held(session: AsyncSession, account_id: UUID) -> Row[Any]:
    """The account with `contact`, its active contact; nobody else changes it. Raises `UnknownAccount`."""
    statement = select(ACCOUNT_TABLES.person, active_contact_of(ACCOUNT_TABLES.person).label("contact"))
    held = statement.where(_P.id == account_id, _P.erased_at.is_(None)).with_for_update(
        of=ACCOUNT_TABLES.person
    )
    row: Row[Any] | None = (await session.execute(held)).first()
    if row is None:
        raise UnknownAccount(path="accountId")
    return row


async def accounts_linked(session: AsyncSession, contact_id: UUID) -> dict[UUID, frozenset[Permission]]:
    """The accounts that act for a contact, with their rights."""
    rows = await session.execute(
        select(_P.id, _P.permissions).where(_P.contact_id == contact_id).order_by(_P.id)
    )
    return {row.id: permissions_of(row.permissions) for row in rows}


def _administrators() -> Select[Any]:
    """Who may manage accounts: active, with the right, and named as a contact."""
    named = active_contact_of(ACCOUNT_TABLES.person).is_not(None)
    managing = _P.permissions.contains(MANAGE.value)
    return select(_P.id).where(_P.status == AccountStatus.ACTIVE.value, managing, named)
