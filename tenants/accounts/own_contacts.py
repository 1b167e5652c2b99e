"""Which named contacts are the person of an account: what goes and what is handed out with the person's data."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from tenants.accounts.models import Account
from tenants.audit.service import links_on_record, replacements_on_record
from tenants.contacts.service import contacts_at
from tenants.databases.scopes import Reader
from tenants.tables import table

_A = table(Account).c


@dataclass(frozen=True, slots=True)
class OwnContacts:
    """`own` are this person; `shared` may be, but somebody else's account acts for them."""

    own: frozenset[UUID]
    shared: frozenset[UUID]


async def own_contacts(reader: Reader, account_id: UUID) -> OwnContacts:
    """The contacts that the account is or ever was linked to, and those with its address.

    Neither a link nor an address proves who somebody is, and an administrator can set both: a contact that another
    account is linked to stays that person's, so that erasing one never takes away another.
    """
    row = await reader.first(select(_A.email, _A.contact_id).where(_A.id == account_id))
    if row is None:
        return OwnContacts(frozenset(), frozenset())
    found = await contacts_at(reader, row.email) | await links_on_record(reader, account_id)
    found |= {row.contact_id} if row.contact_id else set()
    others = (_A.contact_id.is_not(None), _A.id != account_id, _A.erased_at.is_(None))
    shared = {other.contact_id for other in await reader.rows(select(_A.contact_id).where(*others))}
    return OwnContacts(own=found - shared, shared=found & shared)


async def replaced_with(reader: Reader, contacts: frozenset[UUID]) -> frozenset[UUID]:
    """The contacts that these took the place of, and those that took theirs."""
    pairs = [(old, new) for old, new, _ in await replacements_on_record(reader)]
    return frozenset(
        {new for old, new in pairs if old in contacts} | {old for old, new in pairs if new in contacts}
    )
