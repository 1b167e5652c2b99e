"""Tables of the vendor's catalog: tenants and where they live, and the work queue over all of them.

The catalog knows numbers, states and moments, no customer's words.
"""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field

from tenants.columns import AuditColumns
from tenants.tables import CatalogTable

_UNSEALED = text("sequence IS NULL")


class TenantStatus(StrEnum):
    PROVISIONING = "PROVISIONING"
    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
    MOVING = "MOVING"
    FAILED = "FAILED"
    DELETED = "DELETED"


class Tenant(CatalogTable, table=True):
    """A customer: its slug, its state and its placement. `attention_at` is when the worker should look.

    `revision` is the schema that its database was last seen at, None where nobody looked yet. `protected_at` is
    the last moment at which the newest backup held all there was. `marked_at` is when it was marked for deletion.
    """

    __tablename__ = "tenant"

    id: UUID = Field(primary_key=True)
    slug: str = Field(unique=True, max_length=40)
    name: str = Field(max_length=200)
    status: str = Field(max_length=20)
    epoch: int
    server: str = Field(max_length=40)
    database_name: str = Field(unique=True, max_length=63)
    policy_key: str = Field(max_length=40)
    locale: str = Field(max_length=2)
    created_at: datetime
    attention_at: datetime | None = Field(default=None, index=True)
    leased_until: datetime | None = None
    visited_at: datetime | None = None
    revision: str | None = Field(default=None, max_length=40)
    protected_at: datetime | None = None
    marked_at: datetime | None = None
    failure: str | None = Field(default=None, max_length=300)


class WorkQueueItem(CatalogTable, table=True):
    """One open ticket of one tenant, as the vendor's people see it before they enter the tenant."""

    __tablename__ = "work_queue"
    __table_args__ = (UniqueConstraint("tenant_id", "ticket_id"),)

    id: UUID = Field(primary_key=True)
    tenant_id: UUID = Field(foreign_key="tenant.id")
    ticket_id: UUID
    number: str = Field(max_length=20)
    type: str = Field(max_length=30)
    status: str = Field(max_length=30)
    priority_key: str | None = Field(default=None, max_length=30)
    priority_rank: int | None = None
    response_state: str = Field(max_length=20)
    response_due_at: datetime | None = None
    resolution_state: str = Field(max_length=20)
    resolution_due_at: datetime | None = None
    next_due_at: datetime = Field(index=True)
    registered_at: datetime
    revision: int


class CatalogAuditEntry(AuditColumns, CatalogTable, table=True):
    """What happened on the vendor's plane: sign-ins of operators, changes to tenants, refusals."""

    __tablename__ = "audit_log"
    __table_args__ = (
        Index("ix_audit_log_unsealed", "id", sqlite_where=_UNSEALED, postgresql_where=_UNSEALED),
    )
