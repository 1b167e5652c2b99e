"""Runs the history of the customers' databases on the connection that it is handed."""

from typing import Any, Literal

from alembic import context
from tenants import schema
from tenants.tables import TenantTable


def plain_type(kind: str, thing: Any, _context: object) -> str | Literal[False]:
    """Revisions are written without SQLModel's type classes."""
    return schema.plain_type(kind, thing)


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=TenantTable.metadata,
    render_as_batch=True,
    render_item=plain_type,
    transactional_ddl=False,  # the caller's transaction holds the whole run
)
with context.begin_transaction():
    context.run_migrations()
