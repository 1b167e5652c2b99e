"""Reads back what was kept."""

from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from tenants.accounts.models import Account
from tenants.audit.models import AuditEntry
from tenants.credentials.columns import AccountStatus
from tenants.databases.scopes import TenantScope
from tenants.tables import table

_E = table(AuditEntry).c


async def events(scope: TenantScope) -> list[tuple[str, UUID | None, dict[str, Any]]]:
    """The audit log: event, whom it is about, detail; in the order of writing."""
    async with scope.read() as reader:
        rows = await reader.rows(select(_E.event, _E.subject_id, _E.detail).order_by(_E.at, _E.id))
    return [(row.event, row.subject_id, row.detail) for row in rows]


async def event_names(scope: TenantScope) -> list[str]:
    return sorted(event for event, _, _ in await events(scope))


async def count(scope: TenantScope, model: Any, **wanted: object) -> int:
    """How many rows have these values; None asks for NULL."""
    columns = table(model).c
    statement = select(columns.id)
    for name, value in wanted.items():
        statement = statement.where(columns[name].is_(None) if value is None else columns[name] == value)
    async with scope.read() as reader:
        return len(await reader.rows(statement))


async def set_status(scope: TenantScope, account_id: UUID, status: AccountStatus) -> None:
    async with scope.write() as session:
        await session.execute(update(Account).where(_id_is(account_id)).values(status=status.value))


def _id_is(account_id: UUID) -> Any:
    return table(Account).c.id == account_id
