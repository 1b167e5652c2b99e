"""Columns that tables of both planes have."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, SQLModel


class IdempotencyColumns(SQLModel):
    """One key of one principal for one mutation, with the hash of its input and what the call made."""

    id: UUID = Field(primary_key=True)
    principal_id: UUID
    mutation: str = Field(max_length=60)
    key: str = Field(max_length=200)
    input_hash: str = Field(max_length=64)
    result_id: UUID | None = None
    created_at: datetime
