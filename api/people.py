"""Persons and programs: accounts, contacts, integrations, operators and agents."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry
from sqlalchemy import Row, bindparam, select

from api.access import Access, holds
from api.connections import declare_list
from api.enums import AccountStatus, Locale, MfaMethod, OperatorRole, Permission
from api.ids import encode_id
from api.nodes import Node
from tenants.acts import ActorKind
from tenants.agents.models import Agent as AgentRow
from tenants.contacts.models import Contact as ContactRow
from tenants.databases.scopes import Reader
from tenants.tables import table


@holds(Access.TENANT)
@strawberry.type(description="A person whom the contract names as entitled to call on the help desk.")
class Contact(Node):
    name: str
    email: str
    phone: str | None
    mobile: str | None
    active: bool


@holds(Access.SELF)
@strawberry.type
class MfaStatus:
    required: bool
    methods: list[MfaMethod]
    recovery_codes_left: int
    recovery_codes_low: bool = strawberry.field(
        description="Three or fewer are left: `renewRecoveryCodes` gives ten new ones."
    )


@holds(Access.TENANT, permissions=Access.SELF, mfa=Access.SELF, lastSignInAt=Access.SELF)
@strawberry.type
class Account(Node):
    email: str
    name: str
    locale: Locale
    permissions: list[Permission] | None
    contact: Contact | None
    mfa: MfaStatus | None
    last_sign_in_at: datetime | None
    status: AccountStatus


@holds(Access.TENANT)
@strawberry.type
class Integration(Node):
    name: str
    scopes: list[str]
    last_used_at: datetime | None


@holds(Access.CONSOLE)
@strawberry.type
class Operator(Node):
    name: str
    email: str
    roles: list[OperatorRole]
    status: AccountStatus
    last_sign_in_at: datetime | None


@holds(Access.TENANT)
@strawberry.type(
    description="A person of the vendor as customers see them; "
    "copied into the tenant when they first work there."
)
class Agent(Node):
    name: str


@holds(Access.TENANT)
@strawberry.type
class System:
    name: str


declare_list("Account", Access.TENANT)

Viewer = Annotated[Account | Integration | Operator, strawberry.union("Viewer")]
Actor = Annotated[Account | Contact | Agent | Integration | System, strawberry.union("Actor")]

PORTAL = System(name="slaportal")


def contact_of(row: Row[Any]) -> Contact:
    return Contact(
        id=strawberry.ID(encode_id("Contact", row.id)),
        name=row.name,
        email=row.email,
        phone=row.phone,
        mobile=row.mobile,
        active=row.slot is not None,
    )


def agent_of(row: Row[Any]) -> Agent:
    return Agent(id=strawberry.ID(encode_id("Agent", row.id)), name=row.name)


_CONTACTS = select(table(ContactRow)).where(table(ContactRow).c.id.in_(bindparam("ids", expanding=True)))


async def contacts_by_id(reader: Reader, ids: Sequence[UUID]) -> dict[UUID, Contact]:
    """The contacts of these ids, by one statement; none where there are no ids."""
    if not ids:
        return {}
    rows = await reader.rows(_CONTACTS, {"ids": list(set(ids))})
    return {row.id: contact_of(row) for row in rows}


async def agents_by_id(reader: Reader, ids: Sequence[UUID]) -> dict[UUID, Agent]:
    if not ids:
        return {}
    agent = table(AgentRow)
    rows = await reader.rows(select(agent).where(agent.c.id.in_(set(ids))))
    return {row.id: agent_of(row) for row in rows}


def actor_ids(rows: Sequence[Row[Any]], kind: ActorKind) -> list[UUID]:
    return [row.actor_id for row in rows if row.actor_kind == kind and row.actor_id]
