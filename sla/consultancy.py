"""What consultancy costs: whole blocks, decimal arithmetic, without VAT."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from sla import messages
from sla.agreement import Policy
from sla.errors import Refused
from sla.terms import Clause
from sla.vocabulary import RefusalCode, Text, WorkKind

CENT = Decimal("0.01")
MOST_HOURS = 100_000


@dataclass(frozen=True, slots=True)
class Quote:
    """`block_hours` and `blocks` are 0 for actual costing; `rate` is an hour's, without VAT."""

    estimated_hours: Decimal
    block_hours: int
    blocks: int
    billable_hours: Decimal
    rate: Decimal
    total: Decimal
    currency: str
    clause: Clause | None


def quote(
    policy: Policy,
    tier: str | None,
    work_kind: WorkKind,
    hours: Decimal,
    preparation: Decimal | None = None,
    contract_rate: Decimal | None = None,
) -> Quote:
    """The price of so many hours: `ceil(hours / block)` blocks at the rate of tier and kind of work.

    The contract's rate is for where the policy names none: another price beside a named one is an override and
    needs its written reference (QX-101). Preparation is added before rounding where the
    agreement charges it (QX-102) and costs nothing elsewhere. Refuses hours that are not positive or more
    than 100,000 (INVALID), and an agreement without a rate when the contract has none
    either (FORBIDDEN_BY_CONTRACT).
    """
    _check_hours(hours, preparation)
    terms = policy.consultancy
    rule = policy.rate(tier, work_kind)
    hourly = contract_rate if rule is None or rule.hourly is None else rule.hourly
    if hourly is None or not hourly.is_finite() or hourly < 0:
        clause = None if rule is None else rule.clause
        raise Refused(RefusalCode.FORBIDDEN_BY_CONTRACT, messages.NO_RATE, clause, path=("workKind",))
    charged = hours + (preparation or Decimal(0)) if rule and rule.with_preparation else hours
    block = 0 if rule is None else rule.block_hours
    blocks = _whole_blocks(charged, block) if block else 0
    billable = Decimal(blocks * block) if block else charged
    return Quote(
        estimated_hours=charged,
        block_hours=block,
        blocks=blocks,
        billable_hours=billable,
        rate=hourly.quantize(CENT, ROUND_HALF_UP),
        total=(billable * hourly).quantize(CENT, ROUND_HALF_UP),
        currency=terms.currency,
        clause=None if rule is None else rule.clause,
    )


def billable_minutes(worked_minutes: int, block_hours: int) -> int:
    """Worked time rounded up once to whole blocks; as it is when `block_hours` is 0."""
    if block_hours == 0:
        return worked_minutes
    block = block_hours * 60
    return -(-worked_minutes // block) * block


def _whole_blocks(hours: Decimal, block: int) -> int:
    blocks, rest = divmod(hours, block)
    return int(blocks) + (rest > 0)


def _check_hours(hours: Decimal, preparation: Decimal | None) -> None:
    if not hours.is_finite() or not 0 < hours <= MOST_HOURS:
        raise _invalid(messages.HOURS_NOT_POSITIVE, "estimatedHours")
    if preparation is not None and (not preparation.is_finite() or not 0 <= preparation <= MOST_HOURS):
        raise _invalid(messages.PREPARATION_NEGATIVE, "preparationHours")


def _invalid(texts: Text, field: str) -> Refused:
    return Refused(RefusalCode.INVALID, texts, path=(field,))
