"""Tickets with a past: made by the services, at moments that the test chooses."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from api.ids import encode_id
from sla.vocabulary import Environment, Origin, TicketStatus, TicketType
from tenants.acts import Act, Actor, ActorKind
from tenants.agents.models import Agent
from tenants.databases.scopes import TenantScope
from tenants.tickets import lifecycle, service
from tests.factories.portal import Customer, Person

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def local(text: str) -> datetime:
    """The UTC instant of a reading in Amsterdam, such as 2026-03-10 09:00."""
    return datetime.fromisoformat(text).replace(tzinfo=AMSTERDAM).astimezone(UTC)


@dataclass(slots=True)
class History:
    """Writes the past of one customer's tickets; `agent` is the operator who acts for the vendor."""

    customer: Customer
    agent: Person

    @classmethod
    async def of(cls, customer: Customer, agent: Person) -> "History":
        async with customer.scope.write() as session:
            session.add(Agent(id=agent.id, name="Jan Jansen"))
        return cls(customer, agent)

    @property
    def scope(self) -> TenantScope:
        return self.customer.scope

    async def register(
        self,
        at: str,
        type: TicketType = TicketType.INCIDENT,
        *,
        subject: str = "Koppeling staat stil",
        environment: Environment = Environment.PRODUCTION,
    ) -> "Story":
        """A ticket of the owner, registered at a reading in Amsterdam."""
        new = service.NewTicket(
            subject=subject,
            description="Sinds vanochtend.",
            type=type,
            origin=Origin.CUSTOMER,
            contact_id=self.customer.owner.contact_id,
            environment=environment,
        )
        act = Act(Actor(ActorKind.ACCOUNT, self.customer.owner.id), local(at))
        async with self.scope.write() as session:
            ticket = await service.register_ticket(session, self.customer.house.portal.library, new, act)
        return Story(self, ticket.id, ticket.number)


@dataclass(slots=True)
class Story:
    """One ticket of a history, and what happens to it further on."""

    history: History
    key: UUID
    number: str

    @property
    def id(self) -> str:
        """The global id."""
        return encode_id("Ticket", self.key)

    async def answer(self, at: str, body: str = "Wij kijken ernaar.", *, internal: bool = False) -> None:
        library, act = self.history.customer.house.portal.library, self._agent(at)
        async with self.history.scope.write() as session:
            await service.add_comment(session, library, self.key, body, act, internal=internal)

    async def status(self, at: str, status: TicketStatus) -> None:
        library, act = self.history.customer.house.portal.library, self._agent(at)
        async with self.history.scope.write() as session:
            await lifecycle.change_status(session, library, self.key, status, act)

    async def priority(self, at: str, key: str) -> None:
        library, act = self.history.customer.house.portal.library, self._agent(at)
        judgement = lifecycle.Judgement(priority_key=key, reason="afgesproken")
        async with self.history.scope.write() as session:
            await lifecycle.classify_ticket(session, library, self.key, judgement, act)

    async def close(self, at: str, message: str = "Opgelost.") -> None:
        library, act = self.history.customer.house.portal.library, self._agent(at)
        async with self.history.scope.write() as session:
            await lifecycle.close_ticket(session, library, self.key, act, message=message)

    def _agent(self, at: str) -> Act:
        return Act(Actor(ActorKind.AGENT, self.history.agent.id), local(at))
