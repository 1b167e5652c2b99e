"""The audit log of one customer."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, Column
from sqlmodel import Field

from tenants.tables import TenantTable


class AuditEntry(TenantTable, table=True):
    """Who did what, when and from where. Persons are referred to by id; never a secret."""

    __tablename__ = "audit_log"

    id: UUID = Field(primary_key=True)
    at: datetime = Field(index=True)
    event: str = Field(max_length=60)
    actor_kind: str = Field(max_length=20)
    actor_id: UUID | None = None
    subject_type: str | None = Field(default=None, max_length=40)
    subject_id: UUID | None = None
    detail: dict[str, object] = Field(sa_column=Column(JSON, nullable=False))
    address: str | None = Field(default=None, max_length=64)
    request_id: str | None = Field(default=None, max_length=64)
