"""Which contract is in force, and which policy, version and tier follow from it."""

from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from auth.principals import Origin
from sla.errors import TermUnreadable, UnknownTerm, UnknownTier
from sla.layers import Agreed, effective_terms, policy_with
from sla.policy import Library, Policy
from sla.service_terms import AccountTerms, Layer
from tenants.acts import INSIDE, Actor, Change, Subject
from tenants.audit.service import record_event
from tenants.contracts.errors import (
    BeforePolicyVersion,
    NoContractInForce,
    NoSuchTier,
    TermNotAgreeable,
    UnknownContract,
)
from tenants.contracts.models import Contract, ContractAddendum, ContractOverride
from tenants.databases.scopes import Reader, reader_of
from tenants.ids import new_id
from tenants.organization.service import lock_organization
from tenants.tables import table

_C = table(Contract).c
_A = table(ContractAddendum).c
_O = table(ContractOverride).c
IN_FORCE = ("ACTIVE", "NOTICE_GIVEN")


@dataclass(frozen=True, slots=True)
class Agreement:
    """What holds at registration and is kept with each ticket.

    `policy` is the contract's version with what was agreed apart from it, `agreed`, put into it.
    """

    contract_id: UUID
    reference: str
    policy: Policy
    agreed: tuple[Agreed, ...]
    tier: str
    hosting: str | None
    addenda: frozenset[str]
    hourly_rate_cents: int | None
    step_up_above_cents: int | None = None


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
            agreed = await agreed_terms(reader, row.id)
            addenda = await reader.rows(
                select(_A.key).where(
                    _A.contract_id == row.id, or_(_A.starts_on <= today, _A.starts_on.is_(None))
                )
            )
            return Agreement(
                contract_id=row.id,
                reference=row.reference,
                policy=policy_with(policy, row.tier, agreed),
                agreed=agreed,
                tier=row.tier,
                hosting=row.hosting,
                addenda=frozenset(addendum.key for addendum in addenda),
                hourly_rate_cents=row.hourly_rate_cents,
                step_up_above_cents=row.step_up_above_cents,
            )
    raise NoContractInForce


async def account_terms(reader: Reader, library: Library, now: datetime) -> AccountTerms:
    """Who manages accounts by the contract in force; where none is, by the last one that was."""
    try:
        agreement = await agreement_in_force(reader, library, now)
        policy, tier = agreement.policy, agreement.tier
    except NoContractInForce:
        row = await reader.first(select(table(Contract)).order_by(_C.starts_on.desc()))
        if row is None:
            return AccountTerms()
        policy, tier = library.get(row.policy_key, row.policy_version), row.tier
    return AccountTerms(policy.service.accounts.administrators_by_vendor_only, policy.accounts_clause(tier))


def asks_work_reason(now: datetime) -> ColumnElement[bool]:
    """Whether a signed contract asks the vendor's people why they come. Doubt about its last day means yes."""
    lasting = or_(_C.ends_on.is_(None), _C.ends_on >= now.date() - timedelta(days=1))
    return exists().where(_C.status.in_(IN_FORCE), _C.work_reason_required, lasting)


async def sign_contract(
    session: AsyncSession, policy: Policy, *, reference: str, tier: str, starts_on: date, now: datetime
) -> Contract:
    """A contract under this version of the policy, in force from its first day. Raises `UnknownTier`."""
    contract = Contract(
        id=new_id(now),
        reference=reference,
        status="ACTIVE",
        policy_key=policy.key,
        policy_version=policy.version,
        tier=policy.tier(tier).key,
        starts_on=starts_on,
        created_at=now,
    )
    session.add(contract)
    await session.flush()
    return contract


async def agreed_terms(reader: Reader, contract_id: UUID) -> tuple[Agreed, ...]:
    """What was agreed in writing beside the policy of this contract."""
    rows = await reader.rows(
        select(_O.term, _O.value, _O.reference, _O.layer).where(_O.contract_id == contract_id).order_by(_O.id)
    )
    return tuple(Agreed(row.term, row.value, row.reference, Layer(row.layer)) for row in rows)


async def agree(
    session: AsyncSession, library: Library, contract_id: UUID, agreed: Agreed, *, actor: Actor, now: datetime
) -> None:
    """Records a term of the contract that replaces the policy's, for tickets registered from now on.

    A term that was agreed before in the same layer is replaced. Raises `UnknownContract` and `TermNotAgreeable`;
    without a written reference there is no `Agreed` at all (QX-005).
    """
    await lock_organization(session)
    contract = await session.get(Contract, contract_id)
    if contract is None:
        raise UnknownContract
    policy = library.get(contract.policy_key, contract.policy_version)
    try:
        effective_terms(policy, contract.tier, (agreed,))
    except (UnknownTerm, TermUnreadable) as error:
        raise TermNotAgreeable(path="term", problem=str(error)) from error
    same = select(ContractOverride).where(
        _O.contract_id == contract_id, _O.term == agreed.term, _O.layer == agreed.layer
    )
    override = (await session.execute(same)).scalar_one_or_none()
    if override is None:
        override = ContractOverride(
            id=new_id(now), contract_id=contract_id, term=agreed.term, value="", reference="", layer=""
        )
        session.add(override)
    before = override.value or None
    override.value, override.reference, override.layer = agreed.value, agreed.reference, agreed.layer
    await record_event(
        session,
        now=now,
        event="term_agreed",
        actor=actor,
        subject=Subject("Contract", contract_id),
        detail=asdict(agreed) | {"before": before},
    )
    await session.flush()


async def change_tier(
    session: AsyncSession,
    library: Library,
    contract_id: UUID,
    tier: str,
    *,
    actor: Actor,
    now: datetime,
    origin: Origin = INSIDE,
) -> None:
    """Puts the contract in another tier of its policy; whether the contacts fit in is `contacts.service` to ask.

    Raises `UnknownContract`, `NoSuchTier`, and `TermNotAgreeable` where something agreed apart is not in that tier.
    """
    await lock_organization(session)
    contract = await session.get(Contract, contract_id, populate_existing=True)
    if contract is None:
        raise UnknownContract(path="contractId")
    policy, before = library.get(contract.policy_key, contract.policy_version), contract.tier
    try:
        wanted = policy.tier(tier).key
        effective_terms(policy, wanted, await agreed_terms(await reader_of(session), contract_id))
    except UnknownTier as error:
        raise NoSuchTier(path="tier", tiers=", ".join(each.key for each in policy.tiers)) from error
    except (UnknownTerm, TermUnreadable) as error:
        raise TermNotAgreeable(path="tier", problem=str(error)) from error
    if wanted == before:
        return
    contract.tier = wanted
    await record_event(
        session,
        now=now,
        event="contract_changed",
        actor=actor,
        subject=Subject("Contract", contract_id),
        origin=origin,
        change=Change({"tier": before}, {"tier": wanted}),
    )
    await session.flush()
