"""Columns that tables of both planes have."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, Text
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


class AuditColumns(SQLModel):
    """Who did what, when and from where. Persons are referred to by id; never a secret.

    The database takes no change and no deletion of a row, except that the worker seals it once: `sequence` is its
    place in the chain (1, 2, ...), `seal` the SHA-256 over the seal before it and this row.
    """

    id: UUID = Field(primary_key=True)
    at: datetime = Field(index=True)
    event: str = Field(max_length=60)
    actor_kind: str = Field(max_length=20)
    actor_id: UUID | None = None
    subject_type: str | None = Field(default=None, max_length=40)
    subject_id: UUID | None = None
    detail: dict[str, object] = Field(sa_type=JSON)
    before: dict[str, object] | None = Field(default=None, sa_type=JSON)
    after: dict[str, object] | None = Field(default=None, sa_type=JSON)
    address: str | None = Field(default=None, max_length=64)
    request_id: str | None = Field(default=None, max_length=64)
    sequence: int | None = Field(default=None, index=True, unique=True)
    seal: str | None = Field(default=None, max_length=64)
    sealed_at: datetime | None = None


class MailColumns(SQLModel):
    """A mail to a person. `content` is sealed (it holds the address and perhaps a token) and wiped when it left."""

    id: UUID = Field(primary_key=True)
    kind: str = Field(max_length=30)
    subject_id: UUID | None = Field(default=None, index=True)
    content: str | None = Field(default=None, sa_type=Text)
    created_at: datetime
    due_at: datetime
    tries: int = 0
    sent_at: datetime | None = None
    failed_at: datetime | None = None
    failure: str | None = Field(default=None, max_length=300)
