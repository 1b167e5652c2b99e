"""The persons whom the contract names as entitled to call on the help desk, with four fields each (OB-061)."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from tenants.tables import TenantTable


class Contact(TenantTable, table=True):
    """A named contact. An active one holds a slot; slots are unique, so the limit holds under any race."""

    __tablename__ = "contact"

    id: UUID = Field(primary_key=True)
    name: str = Field(max_length=200)
    email: str = Field(max_length=254)
    phone: str = Field(max_length=40)
    mobile: str | None = Field(default=None, max_length=40)
    slot: int | None = Field(default=None, unique=True)
    named_at: datetime
    removed_at: datetime | None = None
