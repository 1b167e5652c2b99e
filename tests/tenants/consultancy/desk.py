"""A customer with a contract, and the people on both sides of a quote."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from auth.permissions import Permission
from sla.policy import Library
from sla.vocabulary import Origin, TicketType, WorkKind
from tenants.accounts.models import Account
from tenants.accounts.service import add_enrolled_account
from tenants.acts import SYSTEM, Act, Actor, ActorKind
from tenants.agents.models import Agent
from tenants.audit.models import AuditEntry
from tenants.consultancy import service
from tenants.consultancy.models import ConsultancyQuote, ConsultancyRequest, HourCard, HourCardEntry
from tenants.consultancy.quotes import Estimate
from tenants.contacts.service import name_contact
from tenants.contracts.models import Contract
from tenants.credentials.people import BothFactors
from tenants.databases.scopes import TenantScope
from tenants.ids import new_id
from tenants.organization.models import Organization
from tenants.tables import table
from tenants.tickets.service import NewTicket, register_ticket

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
TODAY = date(2026, 3, 10)


@lru_cache(maxsize=1)
def library() -> Library:
    return Library.load()


@dataclass(frozen=True)
class Desk:
    """Every call is a transaction of its own."""

    scope: TenantScope
    account_id: UUID
    contact_id: UUID
    agent_id: UUID

    def customer(self, now: datetime = NOW) -> Act:
        return Act(actor=Actor(ActorKind.ACCOUNT, self.account_id), now=now, contact_id=self.contact_id)

    def vendor(self, now: datetime = NOW) -> Act:
        return Act(actor=Actor(ActorKind.AGENT, self.agent_id), now=now)

    async def request(self, *, now: datetime = NOW, ticket_id: UUID | None = None) -> UUID:
        async with self.scope.write() as session:
            made = await service.request_consultancy(
                session,
                subject="Dashboard",
                description="Een dashboard voor de directie.",
                ticket_id=ticket_id,
                act=self.customer(now),
            )
            return made.id

    async def quote(
        self,
        request_id: UUID,
        hours: str,
        *,
        kind: WorkKind = WorkKind.STANDARD,
        preparation: str | None = None,
        valid_until: datetime | None = None,
        now: datetime = NOW,
    ) -> ConsultancyQuote:
        estimate = Estimate(
            hours=Decimal(hours),
            work_kind=kind,
            preparation=Decimal(preparation) if preparation else None,
            valid_until=valid_until,
        )
        async with self.scope.write() as session:
            made = await service.quote_consultancy(session, library(), request_id, estimate, self.vendor(now))
            quote = await session.get(ConsultancyQuote, made.quote_id)
            assert quote is not None
            return quote

    async def confirm(
        self, request_id: UUID, digest: str, *, card: UUID | None = None, now: datetime = NOW
    ) -> ConsultancyRequest:
        async with self.scope.write() as session:
            return await service.confirm_consultancy(
                session, library(), request_id, digest, self.customer(now), hour_card_id=card
            )

    async def decline(self, request_id: UUID, reason: str | None = None) -> ConsultancyRequest:
        async with self.scope.write() as session:
            return await service.decline_consultancy(session, request_id, self.customer(), reason=reason)

    async def work(
        self, request_id: UUID, hours: str, *, on: date = TODAY, now: datetime = NOW
    ) -> ConsultancyRequest:
        async with self.scope.write() as session:
            return await service.record_consultancy_work(
                session,
                library(),
                request_id,
                worked_on=on,
                hours=Decimal(hours),
                description="Rapport gebouwd.",
                act=self.vendor(now),
            )

    async def confirmed(self, hours: str, *, card: UUID | None = None, now: datetime = NOW) -> UUID:
        """A request whose quote for so many hours is confirmed."""
        request_id = await self.request(now=now)
        await self.agree(request_id, hours, card=card, now=now)
        return request_id

    async def agree(
        self, request_id: UUID, hours: str, *, card: UUID | None = None, now: datetime = NOW
    ) -> None:
        quote = await self.quote(request_id, hours, now=now)
        await self.confirm(request_id, quote.digest, card=card, now=now)

    async def card(self, blocks: int, block_hours: int = 4, expires_on: date | None = None) -> HourCard:
        async with self.scope.write() as session:
            return await service.create_card(
                session, block_hours=block_hours, blocks=blocks, expires_on=expires_on, actor=SYSTEM, now=NOW
            )

    async def ticket(self, kind: TicketType) -> UUID:
        new = NewTicket(
            subject="Export",
            description="De export hapert.",
            type=kind,
            origin=Origin.CUSTOMER,
            contact_id=self.contact_id,
        )
        async with self.scope.write() as session:
            return (await register_ticket(session, library(), new, self.customer())).id

    async def ledger(self, card_id: UUID) -> list[tuple[str, int, int]]:
        """Kind, minutes and balance of each line, in order."""
        entry = table(HourCardEntry).c
        statement = select(entry.kind, entry.minutes, entry.balance_minutes).where(entry.card_id == card_id)
        async with self.scope.read() as reader:
            rows = await reader.rows(statement.order_by(entry.sequence))
        return [(row.kind, row.minutes, row.balance_minutes) for row in rows]

    async def stored(self, request_id: UUID) -> Any:
        request = table(ConsultancyRequest)
        async with self.scope.read() as reader:
            return await reader.first(select(request).where(request.c.id == request_id))

    async def count(self, model: Any) -> int:
        async with self.scope.read() as reader:
            return int(await reader.scalar(select(func.count()).select_from(table(model))))

    async def audit(self) -> list[tuple[str, dict[str, Any]]]:
        """The entries about consultancy: event and detail, in the order of the requests' sums."""
        entry = table(AuditEntry).c
        statement = select(entry.event, entry.detail).where(entry.event.like("consultancy%"))
        async with self.scope.read() as reader:
            return [(row.event, row.detail) for row in await reader.rows(statement.order_by(entry.at))]


async def open_desk(
    scope: TenantScope,
    keys: Any,
    policy: str = "qixium",
    tier: str = "SUPPORT",
    rate_cents: int | None = None,
) -> Desk:
    """A customer under a contract of this policy and tier, with a named contact and an agent of the vendor."""
    agent_id = new_id(NOW)
    async with scope.write() as session:
        session.add(Organization(id=new_id(NOW), slug="zon", name="Zon", locale="NL", created_at=NOW))
        session.add(Agent(id=agent_id, name="Olga Peeters"))
        add_contract(session, policy, tier, rate_cents)
        await session.flush()
        contact = await name_contact(
            session,
            library(),
            name="Anna de Vries",
            email="anna@example.org",
            phone="+31 30 123 45 67",
            mobile=None,
            actor=SYSTEM,
            now=NOW,
        )
        await session.flush()
        account_id = await add_enrolled_account(
            session,
            keys,
            BothFactors(password_hash="-", totp_secret="-"),
            email="anna@example.org",
            name="Anna de Vries",
            locale="NL",
            permissions=Permission,
            contact_id=contact.id,
            now=NOW,
        )
    return Desk(scope, account_id, contact.id, agent_id)


def add_contract(session: AsyncSession, policy: str, tier: str, rate_cents: int | None = None) -> None:
    version = library().get(policy).version
    session.add(
        Contract(
            id=new_id(NOW),
            reference=f"C-{policy}-{tier}",
            status="ACTIVE",
            policy_key=policy,
            policy_version=version,
            tier=tier,
            starts_on=version,
            hourly_rate_cents=rate_cents,
            created_at=NOW,
        )
    )


@asynccontextmanager
async def nothing_changes(desk: Desk) -> AsyncIterator[None]:
    """A refused call leaves requests, quotes, ledgers and the audit log as they were."""
    before = await _everything(desk)
    yield
    assert await _everything(desk) == before


async def _everything(desk: Desk) -> list[Any]:
    models = (ConsultancyRequest, ConsultancyQuote, HourCardEntry, Account, AuditEntry)
    async with desk.scope.read() as reader:
        return [sorted(map(str, await reader.rows(select(table(model))))) for model in models]
