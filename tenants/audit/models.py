"""The audit log of one customer."""

from sqlalchemy import Index, text

from tenants.columns import AuditColumns
from tenants.tables import TenantTable

_UNSEALED = text("sequence IS NULL")


class AuditEntry(AuditColumns, TenantTable, table=True):
    __tablename__ = "audit_log"
    __table_args__ = (
        Index("ix_audit_log_unsealed", "id", sqlite_where=_UNSEALED, postgresql_where=_UNSEALED),
    )
