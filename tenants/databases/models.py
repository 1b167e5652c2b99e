"""The one row that says whose database this is."""

from uuid import UUID

from sqlmodel import Field

from tenants.tables import TenantTable


class TenantIdentity(TenantTable, table=True):
    """Exactly one row. Compared on each new connection, and its epoch in each writing transaction."""

    __tablename__ = "tenant_identity"

    tenant_id: UUID = Field(primary_key=True)
    epoch: int
