"""What loaders of one request share."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from api.connections import Cursors
from api.selection import Selection
from auth.keys import KeyRing
from sla.policy import Library
from sla.vocabulary import Locale
from tenants.databases.scopes import Reader

ByIds = Callable[["Loading", Sequence[UUID], Selection], Awaitable[dict[UUID, Any]]]


@dataclass(frozen=True, slots=True)
class Loading:
    """A connection of the tenant, and how the caller sees what is read over it.

    `sees_internal`: an operator, who reads internal notes as well. `sees_accounts`: may read rights and
    factors of others; everybody may read the own ones (`self_id`). The two `load_` callables are handed in
    because tickets and consultancy requests refer to each other.
    """

    reader: Reader
    library: Library
    keys: KeyRing
    locale: Locale
    now: datetime
    tenant_id: UUID
    sees_internal: bool
    sees_accounts: bool
    self_id: UUID | None
    load_tickets_by_id: ByIds
    load_requests_of_tickets: ByIds

    def cursors(self, topic: str) -> Cursors:
        """Cursors of one list of this tenant."""
        return Cursors(self.keys, f"{self.tenant_id.hex}:{topic}")
