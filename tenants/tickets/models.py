"""Tickets, and the events that everything about them follows from."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import JSON, Column, Index, Text, UniqueConstraint
from sqlmodel import Field

from tenants.tables import TenantTable


class Ticket(TenantTable, table=True):
    """One report. The clock columns are written by `tenants.tickets.clocks` alone, from the events."""

    __tablename__ = "ticket"
    __table_args__ = (
        Index("ix_ticket_registered_at_id", "registered_at", "id"),
        Index("ix_ticket_next_due_at_id", "next_due_at", "id"),
    )

    id: UUID = Field(primary_key=True)
    number: str = Field(unique=True, max_length=20)
    subject: str = Field(max_length=200)
    description: str = Field(sa_column=Column(Text, nullable=False))
    type: str = Field(max_length=30)
    status: str = Field(max_length=30, index=True)
    priority_key: str | None = Field(default=None, max_length=30)
    priority_rank: int | None = None
    priority_wish: str | None = Field(default=None, max_length=30)
    impact: int | None = None
    urgency: int | None = None
    environment: str = Field(max_length=20)
    channel: str = Field(max_length=20)
    component: str | None = Field(default=None, max_length=60)
    problem_kind: str | None = Field(default=None, max_length=20)
    covered: bool
    contract_id: UUID = Field(foreign_key="contract.id")
    policy_key: str = Field(max_length=40)
    policy_version: date
    tier: str = Field(max_length=30)
    hosting: str | None = Field(default=None, max_length=30)
    addenda: list[str] = Field(sa_column=Column(JSON, nullable=False))
    requester_id: UUID | None = Field(default=None, foreign_key="contact.id")
    assignee_id: UUID | None = Field(default=None, foreign_key="agent.id")
    line: int = 1
    registered_at: datetime
    first_responded_at: datetime | None = None
    closed_at: datetime | None = None
    auto_close_at: datetime | None = None
    next_due_at: datetime
    revision: int

    response_state: str = Field(max_length=20)
    response_target_seconds: int | None = None
    response_due_at: datetime | None = None
    response_started_at: datetime | None = None
    response_stopped_at: datetime | None = None
    response_breached_at: datetime | None = None
    response_used_seconds: int
    response_running_since: datetime | None = None
    response_strict: bool

    resolution_state: str = Field(max_length=20)
    resolution_target_seconds: int | None = None
    resolution_due_at: datetime | None = None
    resolution_started_at: datetime | None = None
    resolution_stopped_at: datetime | None = None
    resolution_breached_at: datetime | None = None
    resolution_used_seconds: int
    resolution_running_since: datetime | None = None
    resolution_strict: bool


class TicketEvent(TenantTable, table=True):
    """One thing that happened to a ticket; `sequence` is the ticket's revision that it made."""

    __tablename__ = "ticket_event"
    __table_args__ = (UniqueConstraint("ticket_id", "sequence"),)

    id: UUID = Field(primary_key=True)
    ticket_id: UUID = Field(foreign_key="ticket.id")
    sequence: int
    at: datetime
    kind: str = Field(max_length=30)
    internal: bool
    actor_kind: str = Field(max_length=20)
    actor_id: UUID | None = None
    body: str | None = Field(default=None, sa_column=Column(Text))
    data: dict[str, object] = Field(sa_column=Column(JSON, nullable=False))
