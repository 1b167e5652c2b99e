"""The customer itself: one row in its own database."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from tenants.tables import TenantTable


class Organization(TenantTable, table=True):
    """Exactly one row. Its counters give the numbers that people use; its row lock orders who comes first."""

    __tablename__ = "organization"

    id: UUID = Field(primary_key=True)
    slug: str = Field(max_length=40)
    name: str = Field(max_length=200)
    locale: str = Field(max_length=2)
    created_at: datetime
    last_ticket_number: int = 0
    last_card_number: int = 0
