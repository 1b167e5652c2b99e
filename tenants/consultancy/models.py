"""Consultancy: asked for, quoted, confirmed, worked, and paid from prepaid hour cards."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Index, Text, UniqueConstraint
from sqlmodel import Field

from tenants.tables import TenantTable


class ConsultancyStatus(StrEnum):
    """How far a request is. A QUOTED one whose quote has run out is EXPIRED when it is read."""

    REQUESTED = "REQUESTED"
    QUOTED = "QUOTED"
    EXPIRED = "EXPIRED"
    CONFIRMED = "CONFIRMED"
    DECLINED = "DECLINED"
    PLANNED = "PLANNED"
    IN_PROGRESS = "IN_PROGRESS"
    DELIVERED = "DELIVERED"
    BILLED = "BILLED"
    CANCELLED = "CANCELLED"


class HourCard(TenantTable, table=True):
    """A prepaid card in blocks of 4 or 8 hours, fixed at purchase. Its balance is the sum of its ledger."""

    __tablename__ = "hour_card"
    __table_args__ = (CheckConstraint("block_hours IN (4, 8)", name="block_hours"),)

    id: UUID = Field(primary_key=True)
    number: str = Field(unique=True, max_length=20)
    block_hours: int
    purchased_minutes: int
    expires_on: date | None = None
    created_at: datetime


class HourCardEntry(TenantTable, table=True):
    """One line of the append-only ledger. Sequence and balance make overdrawing impossible under any race."""

    __tablename__ = "hour_card_entry"
    __table_args__ = (
        UniqueConstraint("card_id", "sequence"),
        CheckConstraint("balance_minutes >= 0", name="balance"),
    )

    id: UUID = Field(primary_key=True)
    card_id: UUID = Field(foreign_key="hour_card.id")
    sequence: int
    at: datetime
    kind: str = Field(max_length=20)
    minutes: int
    balance_minutes: int
    request_id: UUID | None = Field(default=None, foreign_key="consultancy_request.id", index=True)


class ConsultancyRequest(TenantTable, table=True):
    """What the customer asked for and how far it has come.

    `quote_id` is the quote on the table. Minutes and cents are sums over confirmations and work, written in
    the transaction of each; `billed_cents` is what remains to be invoiced, None before a confirmation.
    """

    __tablename__ = "consultancy_request"
    __table_args__ = (Index("ix_consultancy_request_requested_at_id", "requested_at", "id"),)

    id: UUID = Field(primary_key=True)
    ticket_id: UUID | None = Field(default=None, foreign_key="ticket.id", index=True)
    requester_id: UUID | None = Field(default=None, foreign_key="contact.id")
    subject: str = Field(max_length=200)
    description: str = Field(sa_column=Column(Text, nullable=False))
    preferred_on: date | None = None
    planned_on: date | None = None
    status: str = Field(max_length=20)
    quote_id: UUID | None = None
    requested_at: datetime
    decline_reason: str | None = Field(default=None, max_length=500)
    confirmed_minutes: int = 0
    worked_minutes: int = 0
    billed_minutes: int = 0
    billed_cents: int | None = None


class ConsultancyQuote(TenantTable, table=True):
    """A price exactly as it was shown. A new quote never changes an old one."""

    __tablename__ = "consultancy_quote"

    id: UUID = Field(primary_key=True)
    request_id: UUID = Field(foreign_key="consultancy_request.id", index=True)
    digest: str = Field(max_length=64, unique=True)
    work_kind: str = Field(max_length=20)
    estimated_minutes: int
    preparation_minutes: int
    block_hours: int
    blocks: int
    billable_minutes: int
    hourly_rate_cents: int
    total_cents: int
    currency: str = Field(max_length=3)
    policy_key: str = Field(max_length=40)
    policy_version: date
    clause_key: str | None = Field(default=None, max_length=20)
    valid_until: datetime
    quoted_at: datetime
    agent_id: UUID = Field(foreign_key="agent.id")


class ConsultancyConfirmation(TenantTable, table=True):
    """Who agreed to which quote, when, and which card pays."""

    __tablename__ = "consultancy_confirmation"

    id: UUID = Field(primary_key=True)
    request_id: UUID = Field(foreign_key="consultancy_request.id", index=True)
    quote_id: UUID = Field(foreign_key="consultancy_quote.id", unique=True)
    account_id: UUID = Field(foreign_key="account.id")
    hour_card_id: UUID | None = Field(default=None, foreign_key="hour_card.id")
    confirmed_at: datetime


class ConsultancyWork(TenantTable, table=True):
    """Hours worked on a confirmed request."""

    __tablename__ = "consultancy_work"

    id: UUID = Field(primary_key=True)
    request_id: UUID = Field(foreign_key="consultancy_request.id", index=True)
    worked_on: date
    minutes: int
    description: str = Field(sa_column=Column(Text, nullable=False))
    agent_id: UUID = Field(foreign_key="agent.id")
    recorded_at: datetime
