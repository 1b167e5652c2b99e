"""What a demo customer has before its first ticket: itself, a signed contract, contacts and accounts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from auth.keys import KeyRing
from auth.passwords import Hasher
from auth.permissions import Permission
from cli.demo_data.cast import Caller, Cast
from cli.demo_data.customers import VENDOR, VENDOR_SIGNER, Customer, Person
from cli.demo_data.people import Someone, new_member
from sla.policy import Library, Policy
from tenants.accounts.service import add_enrolled_account, invite_account
from tenants.acts import SYSTEM, Actor, ActorKind
from tenants.agents.models import Agent
from tenants.contacts.service import name_contact
from tenants.contracts.models import Contract, ContractAddendum, ContractSignature
from tenants.contracts.service import agree
from tenants.ids import new_id
from tenants.mails.service import MailKind, Recipient, post_mail
from tenants.organization.models import Organization

MONTH = timedelta(days=30)
SIGNED_BEFORE = timedelta(days=9)
ALL_RIGHTS = tuple(Permission)
REGISTERS = (Permission.REGISTER_TICKETS, Permission.READ)
READS = (Permission.READ,)


@dataclass(frozen=True, slots=True)
class Term:
    """From when the customer's contract holds: its first day, and that day's first instant."""

    starts_on: date
    begin: datetime


@dataclass(frozen=True, slots=True)
class Members:
    """Accounts of a customer: the first named contact, the second, and a reader who is none."""

    first: Someone
    second: Someone
    reader: Someone

    def all(self) -> Sequence[Someone]:
        return (self.first, self.second, self.reader)


def term_of(customer: Customer, policy: Policy, now: datetime) -> Term:
    """So many months back, but never before the policy's version began. Raises ValueError where that is to come."""
    zone = ZoneInfo(policy.zone)
    today = now.astimezone(zone).date()
    if policy.version > today:
        raise ValueError(f"{policy.key} is valid from {policy.version}, which is after today")
    starts_on = max(policy.version, (today - customer.months * MONTH).replace(day=1))
    # In UTC: instants of one zone are compared by their local reading.
    begin = datetime.combine(starts_on, time(), zone).astimezone(now.tzinfo)
    return Term(starts_on, begin)


async def new_members(hasher: Hasher, customer: Customer) -> Members:
    first, second, _ = customer.contacts
    return Members(
        first=await new_member(hasher, customer, first, ALL_RIGHTS, named=True),
        second=await new_member(hasher, customer, second, REGISTERS, named=True),
        reader=await new_member(hasher, customer, customer.reader, READS, named=False),
    )


async def found(
    session: AsyncSession,
    library: Library,
    keys: KeyRing,
    customer: Customer,
    term: Term,
    members: Members,
    agents: Sequence[tuple[UUID, str]],
    now: datetime,
) -> Cast:
    """Writes it all at the contract's first instant; the third contact is invited now."""
    begin = term.begin
    organization = Organization(
        id=new_id(begin), slug=customer.slug, name=customer.name, locale=customer.locale, created_at=begin
    )
    session.add_all([organization, *(Agent(id=key, name=name) for key, name in agents)])
    await _sign_contract(session, library, customer, term)
    contacts = [await _contact(session, library, customer, person, begin) for person in customer.contacts]
    shown = ((members.first, customer.contacts[0]), (members.second, customer.contacts[1]))
    accounts = [
        await _account(session, keys, someone, person, contact, begin)
        for (someone, person), contact in zip(shown, contacts, strict=False)
    ]
    await _account(session, keys, members.reader, customer.reader, None, begin)
    third = customer.contacts[2]
    invited = await invite_account(
        session,
        email=f"{third.email}@{customer.domain}",
        name=third.name,
        permissions=REGISTERS,
        contact_id=contacts[2],
        locale=third.locale,
        actor=Actor(ActorKind.ACCOUNT, accounts[0]),
        now=now,
    )
    to = Recipient(invited.account.id, invited.account.email, third.name, third.locale)
    await post_mail(session, keys, MailKind.INVITATION, to, {"token": invited.token}, now)
    callers = (*(Caller(*pair) for pair in zip(contacts, accounts, strict=False)), Caller(contacts[2], None))
    return Cast(callers, tuple(key for key, _ in agents))


async def _sign_contract(session: AsyncSession, library: Library, customer: Customer, term: Term) -> None:
    signed_on = term.starts_on - SIGNED_BEFORE
    contract = Contract(
        id=new_id(term.begin),
        reference=f"{customer.slug[:3].upper()}-{term.starts_on:%Y%m}",
        status="ACTIVE",
        policy_key=customer.policy_key,
        policy_version=library.get(customer.policy_key).version,
        tier=customer.tier,
        hosting=customer.hosting,
        starts_on=term.starts_on,
        hourly_rate_cents=customer.rate_cents,
        created_at=term.begin,
    )
    session.add(contract)
    await session.flush()
    parties = (
        ("CUSTOMER", customer.contacts[0].name, customer.name, signed_on),
        ("PROVIDER", VENDOR_SIGNER, VENDOR, signed_on + timedelta(days=2)),
    )
    for party, name, on_behalf_of, day in parties:
        signature = ContractSignature(
            id=new_id(term.begin),
            contract_id=contract.id,
            party=party,
            name=name,
            on_behalf_of=on_behalf_of,
            signed_on=day,
        )
        session.add(signature)
    for agreed in customer.agreed:
        await agree(session, library, contract.id, agreed, actor=SYSTEM, now=term.begin)
    for key in customer.addenda:
        session.add(
            ContractAddendum(
                id=new_id(term.begin), contract_id=contract.id, key=key, starts_on=term.starts_on
            )
        )
    await session.flush()


async def _contact(
    session: AsyncSession, library: Library, customer: Customer, person: Person, now: datetime
) -> UUID:
    contact = await name_contact(
        session,
        library,
        name=person.name,
        email=f"{person.email}@{customer.domain}",
        phone=person.phone,
        mobile=None,
        actor=SYSTEM,
        now=now,
    )
    await session.flush()
    return contact.id


async def _account(
    session: AsyncSession,
    keys: KeyRing,
    someone: Someone,
    person: Person,
    contact_id: UUID | None,
    now: datetime,
) -> UUID:
    return await add_enrolled_account(
        session,
        keys,
        someone.factors,
        email=someone.account.email,
        name=person.name,
        locale=person.locale,
        permissions=[Permission(word) for word in someone.account.permissions],
        contact_id=contact_id,
        now=now,
    )
