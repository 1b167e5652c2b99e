"""Retries that do nothing twice."""

from sqlalchemy import UniqueConstraint

from tenants.columns import IdempotencyColumns
from tenants.tables import TenantTable


class IdempotencyKey(IdempotencyColumns, TenantTable, table=True):
    __tablename__ = "idempotency_key"
    __table_args__ = (UniqueConstraint("principal_id", "mutation", "key"),)
