"""What the vendor changes about a customer's contract."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import strawberry
from sqlalchemy.ext.asyncio import AsyncSession
from strawberry.types import Info

from api.access import Access, holds
from api.context import Context
from api.contracts import Contract, load_contract
from api.fields import mutation
from api.selection import selection_of
from api.user_errors import UserError
from tenants.contacts.service import change_tier
from tenants.contracts.changes import change_contract
from tenants.contracts.service import agreement_in_force
from tenants.databases.scopes import Reader, reader_of
from tenants.refusals import Malformed

HIGHEST_CENTS = 1_000_000_000


@strawberry.input(description="What is left away stays as it is.")
class ChangeContractInput:
    tier: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="Refused while more contacts are named than the new tier allows.",
    )
    confirmation_step_up_above: Decimal | None = strawberry.field(
        default=strawberry.UNSET,
        description="Confirmations of consultancy above this amount, without VAT, ask for a fresh second factor; "
        "null: none does.",
    )
    work_reason_required: bool | None = strawberry.field(
        default=strawberry.UNSET, description="Whether operators tell why before they work in the tenant."
    )
    idempotency_key: str | None = strawberry.UNSET


@holds(Access.TENANT)
@strawberry.type
class ChangeContractPayload:
    contract: Contract | None = None
    errors: list[UserError]


@strawberry.type
class ContractMutations:
    @mutation(Access.CONTRACTS, step_up=True, description="Operators only: the contract in force.")
    async def change_contract(
        self, info: Info[Context, None], input: ChangeContractInput
    ) -> ChangeContractPayload:
        context, selection = info.context, selection_of(info).below("contract")
        library, changes = context.portal.library, _changes(input)

        async def work(session: AsyncSession) -> UUID:
            key = (await agreement_in_force(await reader_of(session), library, context.now)).contract_id
            by: dict[str, Any] = {"actor": context.actor, "now": context.now, "origin": context.origin}
            if input.tier:
                await change_tier(session, library, key, input.tier, **by)
            await change_contract(session, key, changes, **by)
            return key

        async def load(reader: Reader, _key: UUID) -> Contract | None:
            return await load_contract(reader, library, context.locale, context.now, selection)

        contract = await context.change(info.field_name, input, work, load)
        return ChangeContractPayload(contract=contract, errors=[])


def _changes(given: ChangeContractInput) -> dict[str, Any]:
    """By column. Raises `Malformed`."""
    changes: dict[str, Any] = {}
    if given.confirmation_step_up_above is not strawberry.UNSET:
        changes["step_up_above_cents"] = _cents(given.confirmation_step_up_above)
    if isinstance(given.work_reason_required, bool):
        changes["work_reason_required"] = given.work_reason_required
    return changes


def _cents(amount: Decimal | None) -> int | None:
    """Whole cents from 0 to 10 million. Raises `Malformed`."""
    if amount is None:
        return None
    if not amount.is_finite() or not 0 <= amount <= HIGHEST_CENTS // 100 or amount != round(amount, 2):
        raise Malformed(path="confirmationStepUpAbove")
    return int(amount * 100)
