"""Every table of both histories, gathered for the migrations."""

from typing import Literal

from sqlalchemy.types import TypeDecorator

import tenants.accounts.models
import tenants.agents.models
import tenants.audit.models
import tenants.catalog.mails
import tenants.catalog.models
import tenants.catalog.operators
import tenants.catalog.upkeep
import tenants.consultancy.models
import tenants.contacts.models
import tenants.contracts.models
import tenants.databases.models
import tenants.idempotency.models
import tenants.mails.models
import tenants.organization.models
import tenants.outbox.models
import tenants.tickets.models  # noqa: F401  # imported for the tables they declare

_PLAIN = {"UTCDateTime": "sa.DateTime(timezone=True)"}


def plain_type(kind: str, thing: object) -> str | Literal[False]:
    """How a revision spells a column type: SQLAlchemy's own words, never SQLModel's classes."""
    if kind != "type" or not isinstance(thing, TypeDecorator):
        return False
    name = type(thing).__name__
    if name == "AutoString":
        length = getattr(thing.impl, "length", None)
        return f"sa.String(length={length})" if length else "sa.String()"
    return _PLAIN.get(name) or False
