"""The contract under which the customer is served, and what was agreed apart from the policy."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import UniqueConstraint, false
from sqlmodel import Field

from tenants.tables import TenantTable


class Contract(TenantTable, table=True):
    """One signed agreement: which policy, version and tier hold from when to when.

    Confirmations of consultancy above `step_up_above_cents` ask for a fresh factor; with `work_reason_required`
    an operator tells why before working in the customer's data.
    """

    __tablename__ = "contract"

    id: UUID = Field(primary_key=True)
    reference: str = Field(max_length=60, unique=True)
    status: str = Field(max_length=20)
    policy_key: str = Field(max_length=40)
    policy_version: date
    tier: str = Field(max_length=30)
    hosting: str | None = Field(default=None, max_length=30)
    starts_on: date
    ends_on: date | None = None
    hourly_rate_cents: int | None = None
    step_up_above_cents: int | None = None
    work_reason_required: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    created_at: datetime


class ContractSignature(TenantTable, table=True):
    """Who signed, on behalf of which party, and when."""

    __tablename__ = "contract_signature"
    __table_args__ = (UniqueConstraint("contract_id", "party"),)

    id: UUID = Field(primary_key=True)
    contract_id: UUID = Field(foreign_key="contract.id")
    party: str = Field(max_length=20)
    name: str = Field(max_length=200)
    on_behalf_of: str = Field(max_length=200)
    signed_on: date


class ContractAddendum(TenantTable, table=True):
    """An addendum of the policy that this customer took."""

    __tablename__ = "contract_addendum"
    __table_args__ = (UniqueConstraint("contract_id", "key"),)

    id: UUID = Field(primary_key=True)
    contract_id: UUID = Field(foreign_key="contract.id")
    key: str = Field(max_length=40)
    starts_on: date


class ContractOverride(TenantTable, table=True):
    """A term agreed apart from the policy. It holds only with the written reference it came from.

    `layer` is that of `sla.service_terms.Layer`: the specific agreement, or the general terms.
    """

    __tablename__ = "contract_override"
    __table_args__ = (UniqueConstraint("contract_id", "term", "layer"),)

    id: UUID = Field(primary_key=True)
    contract_id: UUID = Field(foreign_key="contract.id")
    term: str = Field(max_length=80)
    value: str = Field(max_length=80)
    reference: str = Field(max_length=200)
    layer: str = Field(max_length=20, sa_column_kwargs={"server_default": "SPECIFIC_AGREEMENT"})
