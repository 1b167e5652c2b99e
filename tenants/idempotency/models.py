"""Retries that do nothing twice."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from tenants.tables import TenantTable


class IdempotencyKey(TenantTable, table=True):
    """One key of one principal for one mutation, with the hash of its input and what the call made."""

    __tablename__ = "idempotency_key"
    __table_args__ = (UniqueConstraint("principal_id", "mutation", "key"),)

    id: UUID = Field(primary_key=True)
    principal_id: UUID
    mutation: str = Field(max_length=60)
    key: str = Field(max_length=200)
    input_hash: str = Field(max_length=64)
    result_id: UUID | None = None
    created_at: datetime
