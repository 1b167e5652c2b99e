"""Which contract is in force, and which policy, version and tier follow from it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select

from sla.policy import Library, Policy
from tenants.contracts.errors import BeforePolicyVersion, NoContractInForce
from tenants.contracts.models import Contract, ContractAddendum
from tenants.databases.scopes import Reader
from tenants.tables import table

_C = table(Contract).c
_A = table(ContractAddendum).c
IN_FORCE = ("ACTIVE", "NOTICE_GIVEN")


@dataclass(frozen=True, slots=True)
class Agreement:
    """What holds at registration and is kept with each ticket."""

    contract_id: UUID
    reference: str
    policy: Policy
    tier: str
    hosting: str | None
    addenda: frozenset[str]
    hourly_rate_cents: int | None


async def agreement_in_force(reader: Reader, library: Library, now: datetime) -> Agreement:
    """The agreement in force at `now`, by the calendar day of the policy's zone. Raises `NoContractInForce`.

    A policy holds from the day of its version (QX-001): `BeforePolicyVersion`.
    """
    rows = await reader.rows(
        select(table(Contract)).where(_C.status.in_(IN_FORCE)).order_by(_C.starts_on.desc())
    )
    for row in rows:
        policy = library.get(row.policy_key, row.policy_version)
        today = now.astimezone(ZoneInfo(policy.zone)).date()
        if row.starts_on <= today and (row.ends_on is None or today <= row.ends_on):
            if today < policy.version:
                raise BeforePolicyVersion(valid_from=policy.version.isoformat())
            addenda = await reader.rows(
                select(_A.key).where(
                    _A.contract_id == row.id, or_(_A.starts_on <= today, _A.starts_on.is_(None))
                )
            )
            return Agreement(
                contract_id=row.id,
                reference=row.reference,
                policy=policy,
                tier=row.tier,
                hosting=row.hosting,
                addenda=frozenset(addendum.key for addendum in addenda),
                hourly_rate_cents=row.hourly_rate_cents,
            )
    raise NoContractInForce
