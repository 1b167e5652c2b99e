"""Reads back what a database holds, beside the API: to show what was kept, and that nothing else changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from tenants.audit.models import AuditEntry
from tenants.catalog.models import CatalogAuditEntry
from tenants.databases.scopes import CatalogScope, Scope
from tenants.tables import CatalogTable, TenantTable, table

# Facts about attempts: they are kept although a call is refused.
ATTEMPTS = frozenset({"audit_log", "throttle", "operator_throttle"})

Contents = dict[str, list[tuple[Any, ...]]]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of an audit log."""

    event: str
    actor_kind: str
    actor_id: UUID | None
    subject_id: UUID | None
    detail: dict[str, Any]
    request_id: str | None
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None


async def audit_log(scope: Scope, event: str | None = None) -> list[Entry]:
    """The audit log of a customer or of the catalog, or its lines of one event, in the order of writing."""
    log = table(CatalogAuditEntry if isinstance(scope, CatalogScope) else AuditEntry).c
    columns = (log.event, log.actor_kind, log.actor_id, log.subject_id, log.detail, log.request_id)
    statement = select(*columns, log.before, log.after).order_by(log.at, log.id)
    if event is not None:
        statement = statement.where(log.event == event)
    async with scope.read() as reader:
        return [Entry(*tuple(row)) for row in await reader.rows(statement)]


async def contents(scope: Scope, besides: frozenset[str] = ATTEMPTS) -> Contents:
    """Every row of every table, except the tables that keep attempts."""
    base = CatalogTable if isinstance(scope, CatalogScope) else TenantTable
    found: Contents = {}
    async with scope.read() as reader:
        for name, kept in sorted(base.metadata.tables.items()):
            if name not in besides:
                rows: Sequence[Row[Any]] = await reader.rows(select(kept))
                found[name] = sorted((tuple(row) for row in rows), key=repr)
    return found
