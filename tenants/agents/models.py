"""The vendor's people as this customer sees them, and their work in its data."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from tenants.tables import TenantTable


class Agent(TenantTable, table=True):
    """An operator's name, copied when the operator first works here. The id is the operator's."""

    __tablename__ = "agent"

    id: UUID = Field(primary_key=True)
    name: str = Field(max_length=200)


class WorkSession(TenantTable, table=True):
    """An operator's presence in this customer's data, on record before anything is read."""

    __tablename__ = "work_session"

    id: UUID = Field(primary_key=True)
    agent_id: UUID = Field(foreign_key="agent.id", index=True)
    operator_session_id: UUID = Field(index=True)
    started_at: datetime
    expires_at: datetime
    reason: str | None = Field(default=None, max_length=500)
