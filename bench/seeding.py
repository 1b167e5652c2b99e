"""A customer with contacts and as many tickets as asked for, written directly: nothing here is measured."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from api.portal import Portal, open_portal
from api.settings import Settings
from auth.keys import KeyRing
from auth.permissions import Permission
from auth.totp import new_secret
from sla.vocabulary import Channel, ClockState, Environment, TicketStatus, TicketType
from tenants.accounts.service import add_enrolled_account
from tenants.acts import SYSTEM
from tenants.catalog.service import create_tenant
from tenants.contacts.service import name_contact
from tenants.contracts.models import Contract
from tenants.credentials.people import BothFactors
from tenants.databases.provisioning import create_database
from tenants.ids import new_id
from tenants.organization.models import Organization
from tenants.tables import table
from tenants.tickets.clocks import FAR_FUTURE
from tenants.tickets.models import Ticket

SLUG = "bench"
POLICY, TIER = "qixium", "SUPPORT"
PASSWORD = "zeven schapen op de dijk"  # noqa: S105  # of an account that lives as long as the run
NAMES = ("Anna de Vries", "Bram Jansen", "Chloé Dubois")
SUBJECTS = (
    "Export of the monthly figures stops halfway",
    "Gebruiker kan niet inloggen na wachtwoordwijziging",
    "La page des rapports reste vide",
    "Question about the retention period of archived files",
)
COMPONENTS = (None, "Reports", "Import", "Portal")


@dataclass(frozen=True, slots=True)
class Guest:
    """Who signs in, and where."""

    tenant: str
    account_id: UUID
    email: str
    secret: str


async def seed(settings: Settings, tickets: int) -> Guest:
    """A new installation with one customer, three contacts, one account and the tickets."""
    KeyRing.create(settings.keys_path)
    place = settings.catalog()
    await create_database(settings.servers()[place.server], place.database, "catalog")
    portal = open_portal(settings)
    try:
        return await add_customer(portal, SLUG, tickets)
    finally:
        await portal.close()


async def add_customer(portal: Portal, slug: str, tickets: int) -> Guest:
    """One more customer, its database made as for any other."""
    now = datetime.now(UTC).replace(microsecond=0)
    record = await create_tenant(
        portal.engines, slug=slug, name="Bench", policy_key=POLICY, locale="EN", actor=SYSTEM, now=now
    )
    version = portal.library.get(POLICY).version
    async with portal.tenants.scope(record).write() as session:
        contract_id = await _contract(session, slug, version, now)
        contacts = [await _contact(session, portal, name, now) for name in NAMES]
        guest = await _account(session, portal, slug, contacts[0], now)
        rows = [_ticket(number, contract_id, version, contacts, now) for number in range(1, tickets + 1)]
        await session.execute(insert(table(Ticket)), rows)
    return guest


async def _contract(session: AsyncSession, slug: str, version: date, now: datetime) -> UUID:
    contract = Contract(
        id=new_id(now),
        reference="C-bench",
        status="ACTIVE",
        policy_key=POLICY,
        policy_version=version,
        tier=TIER,
        starts_on=version,
        created_at=now,
    )
    session.add(contract)
    session.add(Organization(id=new_id(now), slug=slug, name="Bench", locale="EN", created_at=now))
    await session.flush()
    return contract.id


def _address(name: str) -> str:
    return f"{name.split(maxsplit=1)[0].lower().replace('é', 'e')}@{SLUG}.example"


async def _contact(session: AsyncSession, portal: Portal, name: str, now: datetime) -> UUID:
    contact = await name_contact(
        session,
        portal.library,
        name=name,
        email=_address(name),
        phone="+31 30 123 45 67",
        mobile=None,
        actor=SYSTEM,
        now=now,
    )
    await session.flush()
    return contact.id


async def _account(
    session: AsyncSession, portal: Portal, slug: str, contact_id: UUID, now: datetime
) -> Guest:
    secret, email = new_secret(), _address(NAMES[0])
    account_id = await add_enrolled_account(
        session,
        portal.keys,
        BothFactors(password_hash=await portal.hasher.hash(PASSWORD), totp_secret=secret),
        email=email,
        name=NAMES[0],
        locale="EN",
        permissions=tuple(Permission),
        contact_id=contact_id,
        now=now,
    )
    return Guest(slug, account_id, email, secret)


def _ticket(
    number: int, contract_id: UUID, version: date, contacts: list[UUID], now: datetime
) -> dict[str, Any]:
    dice = random.Random(number)  # the same rows in every run
    registered = now - timedelta(minutes=dice.randrange(500_000))
    status = dice.choice(list(TicketStatus))
    running = status is not TicketStatus.CLOSED
    due = registered + timedelta(minutes=dice.randrange(600, 40_000))
    return {
        "id": new_id(registered),
        "number": f"QX-{number:06d}",
        "subject": dice.choice(SUBJECTS),
        "description": "What we did, what we expected, and what we saw instead. " * 5,
        "type": dice.choice(list(TicketType)),
        "status": status,
        "priority_key": "HIGH",
        "environment": dice.choice(list(Environment)),
        "channel": dice.choice(list(Channel)),
        "component": dice.choice(COMPONENTS),
        "covered": True,
        "contract_id": contract_id,
        "policy_key": POLICY,
        "policy_version": version,
        "tier": TIER,
        "addenda": [],
        "requester_id": dice.choice(contacts),
        "line": 1,
        "registered_at": registered,
        "next_due_at": due if running else FAR_FUTURE,
        "revision": 3,
        **_clock("response", ClockState.MET, registered, registered + timedelta(hours=2), 7_200),
        **_clock("resolution", ClockState.RUNNING if running else ClockState.MET, registered, due, 57_600),
    }


def _clock(name: str, state: ClockState, started: datetime, due: datetime, target: int) -> dict[str, Any]:
    return {
        f"{name}_state": state,
        f"{name}_target_seconds": target,
        f"{name}_due_at": due,
        f"{name}_started_at": started,
        f"{name}_used_seconds": 1_800,
        f"{name}_running_since": started if state is ClockState.RUNNING else None,
        f"{name}_strict": False,
    }
