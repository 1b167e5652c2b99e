"""What the world outside this database must still be told."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, Column, Index, text
from sqlmodel import Field

from tenants.tables import TenantTable

_UNDELIVERED = text("delivered_at IS NULL")


class OutboxMessage(TenantTable, table=True):
    """Written in the transaction of the change itself; delivered at least once, order per ticket by `revision`."""

    __tablename__ = "outbox"
    __table_args__ = (
        # A batch of the oldest undelivered ones is read in order, however long the backlog is.
        Index("ix_outbox_undelivered", "id", sqlite_where=_UNDELIVERED, postgresql_where=_UNDELIVERED),
    )

    id: UUID = Field(primary_key=True)
    topic: str = Field(max_length=40)
    subject_id: UUID
    revision: int
    payload: dict[str, object] = Field(sa_column=Column(JSON, nullable=False))
    created_at: datetime
    delivered_at: datetime | None = Field(default=None, index=True)
