"""Terms of work that the vendor keeps on a contract beside what was signed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from auth.principals import Origin
from tenants.acts import INSIDE, Actor, Change, Subject
from tenants.audit.service import record_event
from tenants.contracts.errors import UnknownContract
from tenants.contracts.models import Contract
from tenants.organization.service import lock_organization


async def change_contract(
    session: AsyncSession,
    contract_id: UUID,
    changes: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
    origin: Origin = INSIDE,
) -> None:
    """Changes these columns of the contract, on record with what they were; what was so already is no change.

    Raises `UnknownContract`. Competing calls wait for each other on the organisation's row.
    """
    await lock_organization(session)
    contract = await session.get(Contract, contract_id, populate_existing=True)
    if contract is None:
        raise UnknownContract
    after = {name: value for name, value in changes.items() if getattr(contract, name) != value}
    before = {name: getattr(contract, name) for name in after}
    if not after:
        return
    for name, value in after.items():
        setattr(contract, name, value)
    await record_event(
        session,
        now=now,
        event="contract_changed",
        actor=actor,
        subject=Subject("Contract", contract.id),
        origin=origin,
        change=Change(before, after),
    )
    await session.flush()
