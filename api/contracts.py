"""Contracts and the organisation that signed them."""

from datetime import date, datetime
from typing import Any

import strawberry
from sqlalchemy import Row, select

from api.access import Access, holds
from api.enums import ContractStatus
from api.ids import encode_id
from api.nodes import Node
from api.policies import Policy, Term, policy_of, term_of
from api.scalars import Money, money
from api.selection import Selection
from sla.layers import effective_terms
from sla.policy import Library
from sla.vocabulary import Locale
from tenants.contracts.errors import NoContractInForce
from tenants.contracts.models import Contract as ContractRow
from tenants.contracts.models import ContractAddendum, ContractSignature
from tenants.contracts.models import ContractOverride as OverrideRow
from tenants.contracts.service import agreed_terms, agreement_in_force
from tenants.databases.scopes import Reader
from tenants.tables import table


@holds(Access.TENANT)
@strawberry.type
class Signature:
    party: str
    name: str
    on_behalf_of: str
    signed_on: date


@holds(Access.TENANT)
@strawberry.type
class Addendum:
    key: str
    starts_on: date


@holds(Access.TENANT)
@strawberry.type(description="A term agreed apart from the policy, with its written reference.")
class ContractOverride:
    term: str
    value: str
    reference: str


@holds(Access.TENANT)
@strawberry.type
class Contract(Node):
    reference: str
    status: ContractStatus
    policy: Policy
    tier: str
    starts_on: date
    ends_on: date | None
    signatures: list[Signature]
    addenda: list[Addendum]
    overrides: list[ContractOverride] = strawberry.field(
        description="What was agreed apart from the policy; it prevails over the policy."
    )
    confirmation_step_up_above: Money | None = strawberry.field(
        description="Confirmations of consultancy above this amount ask for a fresh second factor."
    )
    work_reason_required: bool = strawberry.field(
        description="Whether the vendor's people tell why before they work in this organisation's data."
    )
    terms: list[Term] = strawberry.field(description="The terms that hold, each with where it comes from.")


async def load_contract(
    reader: Reader, library: Library, locale: Locale, now: datetime, selection: Selection
) -> Contract | None:
    """The contract in force at `now`, else the newest that is signed, with what is asked for below it."""
    contract = table(ContractRow)
    signed = contract.c.status.in_([ContractStatus.ACTIVE, ContractStatus.NOTICE_GIVEN])
    newest = select(contract).where(signed).order_by(contract.c.starts_on.desc()).limit(1)
    try:
        in_force = (await agreement_in_force(reader, library, now)).contract_id
        row = await reader.first(select(contract).where(contract.c.id == in_force))
    except NoContractInForce:
        row = await reader.first(newest)
    if row is None:
        return None
    return Contract(
        id=strawberry.ID(encode_id("Contract", row.id)),
        reference=row.reference,
        status=ContractStatus(row.status),
        policy=policy_of(library.get(row.policy_key, row.policy_version), locale),
        tier=row.tier,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        confirmation_step_up_above=None
        if row.step_up_above_cents is None
        else money(row.step_up_above_cents),
        work_reason_required=row.work_reason_required,
        signatures=await _signatures(reader, row) if selection.asks("signatures") else [],
        addenda=await _addenda(reader, row) if selection.asks("addenda") else [],
        overrides=await _overrides(reader, row) if selection.asks("overrides") else [],
        terms=await _terms(reader, library, locale, row) if selection.asks("terms") else [],
    )


async def _terms(reader: Reader, library: Library, locale: Locale, contract: Row[Any]) -> list[Term]:
    policy = library.get(contract.policy_key, contract.policy_version)
    held = effective_terms(policy, contract.tier, await agreed_terms(reader, contract.id))
    return [term_of(term, locale) for term in held]


async def _signatures(reader: Reader, contract: Row[Any]) -> list[Signature]:
    rows = table(ContractSignature)
    found = await reader.rows(
        select(rows).where(rows.c.contract_id == contract.id).order_by(rows.c.signed_on)
    )
    return [
        Signature(party=row.party, name=row.name, on_behalf_of=row.on_behalf_of, signed_on=row.signed_on)
        for row in found
    ]


async def _addenda(reader: Reader, contract: Row[Any]) -> list[Addendum]:
    rows = table(ContractAddendum)
    found = await reader.rows(select(rows).where(rows.c.contract_id == contract.id).order_by(rows.c.key))
    return [Addendum(key=row.key, starts_on=row.starts_on) for row in found]


async def _overrides(reader: Reader, contract: Row[Any]) -> list[ContractOverride]:
    rows = table(OverrideRow)
    found = await reader.rows(select(rows).where(rows.c.contract_id == contract.id).order_by(rows.c.term))
    return [ContractOverride(term=row.term, value=row.value, reference=row.reference) for row in found]
