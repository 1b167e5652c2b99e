"""Tables of what is done to customers' databases: provisioning, migrations, moves, backups."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, Index, UniqueConstraint
from sqlmodel import Field

from tenants.columns import IdempotencyColumns
from tenants.tables import CatalogTable


class ProvisioningOrder(CatalogTable, table=True):
    """What a tenant still needs to become ACTIVE. Removed when it is: the administrator is then in its own database."""

    __tablename__ = "provisioning_order"

    tenant_id: UUID = Field(primary_key=True, foreign_key="tenant.id")
    tier: str = Field(max_length=30)
    administrator_email: str = Field(max_length=254)
    administrator_name: str = Field(max_length=200)
    ordered_at: datetime
    leased_until: datetime | None = None
    tries: int = 0


class SideDatabaseState(StrEnum):
    PREPARING = "PREPARING"
    RETURNING = "RETURNING"
    RETIRED = "RETIRED"


class SideDatabase(CatalogTable, table=True):
    """A database beside the one that serves its tenant: not serving yet, or not any more.

    One in preparation whose lease has run out was left by a crash: it is RETURNING while the tenant is taken back to
    `status_before`, and can serve no more.
    A retired one is kept until `keep_until`.
    """

    __tablename__ = "side_database"

    id: UUID = Field(primary_key=True)
    tenant_id: UUID = Field(foreign_key="tenant.id", index=True)
    server: str = Field(max_length=40)
    database_name: str = Field(unique=True, max_length=63)
    state: str = Field(max_length=20)
    purpose: str = Field(max_length=20)
    status_before: str = Field(max_length=20)
    created_at: datetime
    leased_until: datetime | None = None
    keep_until: datetime | None = None


class MigrationState(StrEnum):
    PENDING = "PENDING"
    RUNNING = "RUNNING"
    DONE = "DONE"
    FAILED = "FAILED"


class MigrationRun(CatalogTable, table=True):
    """One attempt to bring every tenant to the revision `target`."""

    __tablename__ = "migration_run"

    id: UUID = Field(primary_key=True)
    target: str = Field(max_length=40)
    started_at: datetime
    finished_at: datetime | None = None


class MigrationItem(CatalogTable, table=True):
    """One tenant in one run. A RUNNING one whose lease has run out was left by a crash, and is taken up again."""

    __tablename__ = "migration_item"
    __table_args__ = (
        UniqueConstraint("run_id", "tenant_id"),
        Index("ix_migration_item_run_id_state", "run_id", "state"),
    )

    id: UUID = Field(primary_key=True)
    run_id: UUID = Field(foreign_key="migration_run.id")
    tenant_id: UUID = Field(foreign_key="tenant.id")
    state: str = Field(max_length=20)
    leased_until: datetime | None = None
    reason: str | None = Field(default=None, max_length=1000)
    finished_at: datetime | None = None


class Backup(CatalogTable, table=True):
    """A backup that the portal took by itself. `file` is its name below the folder of backups.

    `fingerprint` changes with the database: as long as it stays the same, the backup holds all there is.
    """

    __tablename__ = "backup"
    __table_args__ = (Index("ix_backup_tenant_id_taken_at", "tenant_id", "taken_at"),)

    id: UUID = Field(primary_key=True)
    tenant_id: UUID = Field(foreign_key="tenant.id")
    taken_at: datetime
    file: str = Field(max_length=200, unique=True)
    size: int = Field(sa_type=BigInteger)
    sha256: str = Field(max_length=64)
    revision: str = Field(max_length=40)
    fingerprint: str = Field(max_length=200)


class CatalogIdempotencyKey(IdempotencyColumns, CatalogTable, table=True):
    __tablename__ = "idempotency_key"
    __table_args__ = (UniqueConstraint("principal_id", "mutation", "key"),)
