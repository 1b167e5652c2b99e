"""A price as it is shown: worked out by the rules, kept to the letter, known by its digest."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson

import sla.consultancy
from sla.vocabulary import WorkKind
from tenants.consultancy.errors import HoursOutOfRange, ValidityOutOfRange
from tenants.consultancy.models import ConsultancyQuote
from tenants.contracts.service import Agreement
from tenants.ids import new_id
from tenants.refusals import Malformed

DECIMALS = 6
HOURS_LIMIT = 2_000
VALID = timedelta(days=30)
LONGEST_VALIDITY = timedelta(days=365)
PRICE = ("block_hours", "blocks", "billable_minutes", "hourly_rate_cents", "total_cents", "currency")


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What an operator thinks it takes, in hours; preparation counts where the agreement charges it."""

    hours: Decimal
    work_kind: WorkKind = WorkKind.STANDARD
    preparation: Decimal | None = None
    valid_until: datetime | None = None


def checked_minutes(hours: Decimal, path: str) -> int:
    """Hours as minutes. Raises `HoursOutOfRange` unless more than 0, at most 2,000, and whole minutes."""
    exponent = hours.as_tuple().exponent
    # More decimals than any whole minute needs would be rounded away in arithmetic, and priced differently.
    if not isinstance(exponent, int) or exponent < -DECIMALS or not 0 < hours <= HOURS_LIMIT:
        raise HoursOutOfRange(path=path, limit=HOURS_LIMIT)
    minutes = hours * 60
    if minutes != minutes.to_integral_value():
        raise HoursOutOfRange(path=path, limit=HOURS_LIMIT)
    return int(minutes)


def new_quote(
    agreement: Agreement, request_id: UUID, estimate: Estimate, *, agent_id: UUID, now: datetime
) -> ConsultancyQuote:
    """The quote for an estimate under the agreement in force (QX-098 to QX-102, S4-006, OB-034).

    Raises `HoursOutOfRange`, `ValidityOutOfRange`, and `sla.errors.Refused` where there is no tariff.
    """
    shown: dict[str, Any] = {
        "id": new_id(now),
        "request_id": request_id,
        "work_kind": estimate.work_kind.value,
        "estimated_minutes": checked_minutes(estimate.hours, "estimatedHours"),
        "preparation_minutes": _preparation(estimate.preparation),
        "policy_key": agreement.policy.key,
        "policy_version": agreement.policy.version,
        "valid_until": _validity(estimate.valid_until, now),
        "quoted_at": now,
        **price(agreement, estimate),
    }
    return ConsultancyQuote(**shown, digest=digest_of(shown), agent_id=agent_id)


def price(agreement: Agreement, estimate: Estimate) -> dict[str, Any]:
    """The columns of a quote that follow from contract, tier and kind of work, in minutes and cents."""
    cents = agreement.hourly_rate_cents
    found = sla.consultancy.quote(
        agreement.policy,
        agreement.tier,
        estimate.work_kind,
        estimate.hours,
        estimate.preparation,
        contract_rate=Decimal(cents).scaleb(-2) if cents is not None else None,
    )
    return {
        "block_hours": found.block_hours,
        "blocks": found.blocks,
        "billable_minutes": int(found.billable_hours * 60),
        "hourly_rate_cents": int(found.rate * 100),
        "total_cents": int(found.total * 100),
        "currency": found.currency,
        "clause_key": found.clause.key if found.clause else None,
    }


def still_holds(agreement: Agreement, quote: ConsultancyQuote) -> bool:
    """Whether the agreement of today asks the same price: the tariff is that of the confirmation (QX-101)."""
    today = price(agreement, _estimate_of(quote))
    return all(getattr(quote, name) == today[name] for name in PRICE)


def digest_of(shown: Mapping[str, Any]) -> str:
    """SHA-256, in hex, over the canonical JSON of everything that is shown, request and validity included."""
    # asyncpg has a UUID of its own, which orjson does not know.
    text = orjson.dumps(dict(shown), default=str, option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z)
    return sha256(text).hexdigest()


def _estimate_of(quote: ConsultancyQuote) -> Estimate:
    return Estimate(
        hours=Decimal(quote.estimated_minutes) / 60,
        work_kind=WorkKind(quote.work_kind),
        preparation=Decimal(quote.preparation_minutes) / 60,
    )


def _preparation(hours: Decimal | None) -> int:
    return checked_minutes(hours, "preparationHours") if hours else 0


def _validity(wanted: datetime | None, now: datetime) -> datetime:
    if wanted is None:
        return now + VALID
    if wanted.tzinfo is None:
        raise Malformed(path="validUntil")
    if not now < wanted <= now + LONGEST_VALIDITY:
        raise ValidityOutOfRange(path="validUntil", limit=LONGEST_VALIDITY.days)
    return wanted.astimezone(UTC)
