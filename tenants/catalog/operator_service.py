"""The vendor's operators: inviting them, what they may do, and what is read of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from auth.emails import fold_email
from auth.keys import KeyRing
from auth.permissions import OperatorRole, grants_text, roles_of
from auth.rules import OPERATOR_RULES, SignInRules
from tenants.acts import Act, Change, Subject
from tenants.catalog.audit import record_event
from tenants.catalog.mails import OPERATOR_MAILS
from tenants.catalog.operator_credentials import OPERATOR_TABLES
from tenants.catalog.operator_errors import (
    LastOperatorAdministrator,
    NoLongerAdministrator,
    NoRoles,
    OperatorExists,
    OperatorInOtherState,
    UnknownOperator,
)
from tenants.catalog.operators import Operator
from tenants.credentials.challenges import end_invitations
from tenants.credentials.columns import AccountStatus
from tenants.credentials.people import BothFactors, add_enrolled, add_invitation
from tenants.databases.scopes import Reader
from tenants.ids import new_id
from tenants.mails.service import MailKind, Recipient, post_mail
from tenants.refusals import checked_email, checked_line
from tenants.tables import table

OPERATOR_ID = table(Operator).c.id
NAME_LENGTH = 200
_O = table(Operator).c


@dataclass(frozen=True, slots=True)
class InvitedOperator:
    """The operator's id, and the invitation's token, which is nowhere kept and cannot be shown again."""

    id: UUID
    token: str


async def invite_operator(
    session: AsyncSession,
    *,
    email: str,
    name: str,
    roles: Iterable[OperatorRole],
    locale: str,
    act: Act,
    keys: KeyRing | None = None,
    rules: SignInRules = OPERATOR_RULES,
) -> InvitedOperator:
    """An operator who comes in with the token, once and within seven days; with `keys` it is mailed.

    Raises `NoRoles`, `NoLongerAdministrator`, `OperatorExists`, `Missing`, `TooLong`, `Malformed`.
    """
    wanted = checked_roles(roles)
    await lock_operators(session, act)
    operator = Operator(
        id=new_id(act.now),
        email=checked_email(email),
        name=checked_line(name, "name", NAME_LENGTH),
        locale=locale,
        status=AccountStatus.INVITED.value,
        roles=grants_text(wanted),
        created_at=act.now,
    )
    try:
        async with session.begin_nested():
            session.add(operator)
            await session.flush()
    except IntegrityError as error:
        raise OperatorExists(path="email") from error
    change = Change({}, {"roles": operator.roles.split(), "status": operator.status})
    await record_operator(session, "user_created", operator.id, act, change)
    return InvitedOperator(operator.id, await send_invitation(session, operator.id, act.now, keys, rules))


async def renew_operator_invitation(
    session: AsyncSession,
    operator_id: UUID,
    *,
    act: Act,
    keys: KeyRing | None = None,
    rules: SignInRules = OPERATOR_RULES,
) -> str:
    """A new token for an operator who was invited and never came; the old ones end.

    Raises `UnknownOperator` and `OperatorInOtherState`.
    """
    row = await locked_operator(session, operator_id, act)
    require_status(row, AccountStatus.INVITED)
    await end_invitations(session, OPERATOR_TABLES, operator_id)
    token = await send_invitation(session, operator_id, act.now, keys, rules)
    await record_operator(session, "user_updated", operator_id, act, detail={"invitation": "RENEWED"})
    return token


async def send_invitation(
    session: AsyncSession,
    operator_id: UUID,
    now: datetime,
    keys: KeyRing | None,
    rules: SignInRules = OPERATOR_RULES,
) -> str:
    """A new invitation's token; with `keys` it is mailed."""
    token = await add_invitation(session, OPERATOR_TABLES, operator_id, rules, now)
    if keys is not None:
        await mail_operator(session, keys, MailKind.INVITATION, operator_id, {"token": token}, now)
    return token


async def change_operator_roles(
    session: AsyncSession, operator_id: UUID, roles: Iterable[OperatorRole], *, act: Act
) -> UUID:
    """Gives the operator these roles and no others, for open sessions too, from their next request on.

    Raises `NoRoles`, `UnknownOperator`, `LastOperatorAdministrator`.
    """
    wanted = checked_roles(roles)
    row = await locked_operator(session, operator_id, act)
    before = roles_of(row.roles)
    if before == wanted:
        return operator_id
    if OperatorRole.ADMINISTRATOR not in wanted:
        await require_other_administrator(session, operator_id)
    await session.execute(update(Operator).where(_O.id == operator_id).values(roles=grants_text(wanted)))
    change = Change({"roles": row.roles.split()}, {"roles": grants_text(wanted).split()})
    await record_operator(session, "authz_change", operator_id, act, change)
    return operator_id


def checked_roles(roles: Iterable[OperatorRole]) -> frozenset[OperatorRole]:
    wanted = frozenset(roles)
    if not wanted:
        raise NoRoles(path="roles")
    return wanted


async def lock_operators(session: AsyncSession, act: Act) -> Sequence[Row[Any]]:
    """Every operator as they are now. Raises `NoLongerAdministrator` where the actor's right ended.

    All rows are held until the transaction ends, always in the same order: who is the last administrator is a
    question about every one of them. SQLite's one writer needs no lock.
    """
    columns = (_O.id, _O.email, _O.name, _O.locale, _O.status, _O.roles, _O.password_hash)
    statement: Select[Any] = select(*columns).order_by(_O.id).with_for_update()
    rows: Sequence[Row[Any]] = (await session.execute(statement)).all()
    if act.by_vendor and not any(row.id == act.actor.id and _administers(row) for row in rows):
        raise NoLongerAdministrator
    return rows


async def locked_operator(session: AsyncSession, operator_id: UUID, act: Act) -> Row[Any]:
    """The operator, held with all others. Raises `UnknownOperator`, and as `lock_operators`."""
    rows = await lock_operators(session, act)
    found: Row[Any] | None = next((row for row in rows if row.id == operator_id), None)
    if found is None:
        raise UnknownOperator(path="operatorId")
    return found


async def require_other_administrator(session: AsyncSession, operator_id: UUID) -> None:
    """Raises `LastOperatorAdministrator` where nobody but this operator could look after operators.

    The caller holds the rows (`locked_operator`). One who could not either was no administrator to lose.
    """
    everybody: Select[Any] = select(_O.id, _O.status, _O.roles)
    rows = (await session.execute(everybody)).all()
    if {row.id for row in rows if _administers(row)} == {operator_id}:
        raise LastOperatorAdministrator(path="operatorId")


def _administers(row: Row[Any]) -> bool:
    return row.status == AccountStatus.ACTIVE and OperatorRole.ADMINISTRATOR in roles_of(row.roles)


def require_status(row: Row[Any], *allowed: AccountStatus) -> None:
    if row.status not in allowed:
        raise OperatorInOtherState(path="operatorId", status=row.status)


async def mail_operator(
    session: AsyncSession,
    keys: KeyRing,
    kind: MailKind,
    operator_id: UUID,
    values: dict[str, str],
    now: datetime,
) -> None:
    """Queues a mail in the catalog, for the address and in the language that the operator has now."""
    row = (await session.execute(select(_O.email, _O.name, _O.locale).where(_O.id == operator_id))).one()
    to = Recipient(operator_id, row.email, row.name, row.locale)
    await post_mail(session, keys, kind, to, values, now, mails=OPERATOR_MAILS)


async def record_operator(
    session: AsyncSession,
    event: str,
    operator_id: UUID,
    act: Act,
    change: Change | None = None,
    detail: dict[str, object] | None = None,
) -> None:
    await record_event(
        session,
        now=act.now,
        event=event,
        actor=act.actor,
        subject=Subject("Operator", operator_id),
        detail=detail,
        origin=act.origin,
        change=change,
    )


async def add_enrolled_operator(
    session: AsyncSession,
    keys: KeyRing,
    shown: BothFactors,
    *,
    email: str,
    name: str,
    locale: str,
    roles: Iterable[OperatorRole],
    now: datetime,
) -> UUID:
    """The id of an active operator with both factors, for demo data and tests: nobody was invited."""
    person = {
        "email": fold_email(email),
        "name": name,
        "locale": locale,
        "roles": grants_text(frozenset(roles)),
    }
    return await add_enrolled(session, OPERATOR_TABLES, person, shown, keys, now)


def operators() -> Select[Any]:
    """Every operator with the columns that may be shown, by name."""
    shown = (_O.id, _O.email, _O.name, _O.locale, _O.status, _O.roles, _O.last_sign_in_at)
    return select(*shown).order_by(_O.name, _O.id)


async def operator_with_email(reader: Reader, email: str) -> UUID:
    """The id of the operator with this address. Raises `UnknownOperator`."""
    found: UUID | None = await reader.scalar(select(_O.id).where(_O.email == fold_email(email)))
    if found is None:
        raise UnknownOperator(path="email")
    return found
