"""A customer that has one of each thing with an id."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import SQLModel

from api.ids import encode_id
from sla.vocabulary import TicketType
from tenants.acts import SYSTEM, Act, Actor, ActorKind
from tenants.agents.models import Agent
from tenants.audit.models import AuditEntry
from tenants.catalog.models import WorkQueueItem
from tenants.consultancy import service as consultancy
from tenants.contacts.service import name_contact
from tenants.contracts.models import Contract
from tenants.databases.scopes import Scope
from tenants.organization.models import Organization
from tenants.tables import table
from tenants.tickets.models import TicketEvent
from tests.factories.portal import Customer, Person
from tests.factories.tickets import History


async def ids_of_everything(customer: Customer, agent: Person) -> dict[str, str]:
    """Global id by type: what it needs is made first, by the services."""
    past = await History.of(customer, agent)
    ticket = await past.register("2026-03-10 09:00", TicketType.QUESTION)
    await ticket.answer("2026-03-10 10:00")
    request, card, contact = await _bought(customer, agent, ticket.key)
    await customer.deliver()
    keys: dict[str, Any] = {
        "Ticket": ticket.key,
        "ConsultancyRequest": request,
        "HourCard": card,
        "Contact": contact,
        "Account": customer.owner.id,
        "AuditEntry": await _first(customer.scope, AuditEntry),
        "Agent": await _first(customer.scope, Agent),
        "Organization": await _first(customer.scope, Organization),
        "Contract": await _first(customer.scope, Contract),
        "TimelineEntry": await _first(customer.scope, TicketEvent),
        "Tenant": customer.record.id,
        "WorkQueueItem": await _queued(customer),
    }
    return {name: encode_id(name, key) for name, key in keys.items()}


async def _bought(customer: Customer, agent: Person, ticket_id: UUID) -> tuple[UUID, UUID, UUID]:
    """A quoted request, an hour card and a second contact."""
    now, library = datetime.now(UTC), customer.house.portal.library
    mine = Act(
        actor=Actor(ActorKind.ACCOUNT, customer.owner.id), now=now, contact_id=customer.owner.contact_id
    )
    theirs = Act(actor=Actor(ActorKind.AGENT, agent.id), now=now)
    async with customer.scope.write() as session:
        request = await consultancy.request_consultancy(
            session, subject="Inrichting", description="Graag hulp.", ticket_id=ticket_id, act=mine
        )
        estimate = consultancy.Estimate(hours=Decimal(3))
        await consultancy.quote_consultancy(session, library, request.id, estimate, theirs)
        card = await consultancy.create_card(
            session, block_hours=4, blocks=2, expires_on=None, actor=SYSTEM, now=now
        )
        contact = await name_contact(
            session,
            library,
            name="Carla Claes",
            email=f"carla@{customer.record.slug}.example",
            phone="+31 30 123 45 68",
            mobile=None,
            actor=SYSTEM,
            now=now,
        )
        return request.id, card.id, contact.id


async def _first(scope: Scope, model: type[SQLModel]) -> UUID:
    async with scope.read() as reader:
        key: UUID = await reader.scalar(select(table(model).c.id).limit(1))
    return key


async def _queued(customer: Customer) -> UUID:
    queue = table(WorkQueueItem).c
    async with customer.house.portal.catalog.read() as reader:
        key: UUID = await reader.scalar(select(queue.id).where(queue.tenant_id == customer.record.id))
    return key
