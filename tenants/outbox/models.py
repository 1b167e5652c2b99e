"""What the world outside this database must still be told."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, Column
from sqlmodel import Field

from tenants.tables import TenantTable


class OutboxMessage(TenantTable, table=True):
    """Written in the transaction of the change itself; delivered at least once, order per ticket by `revision`."""

    __tablename__ = "outbox"

    id: UUID = Field(primary_key=True)
    topic: str = Field(max_length=40)
    subject_id: UUID
    revision: int
    payload: dict[str, object] = Field(sa_column=Column(JSON, nullable=False))
    created_at: datetime
    delivered_at: datetime | None = Field(default=None, index=True)
