"""Letting operators in no more, letting them in again, and giving back who lost the second factor."""

from uuid import UUID

from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncSession

from auth.keys import KeyRing
from auth.permissions import OperatorRole, roles_of
from auth.store import SessionEnd
from tenants.acts import Act, Change
from tenants.catalog.operator_credentials import OPERATOR_TABLES
from tenants.catalog.operator_errors import OwnOperatorFactor
from tenants.catalog.operator_service import (
    locked_operator,
    mail_operator,
    record_operator,
    require_other_administrator,
    require_status,
    send_invitation,
)
from tenants.credentials.challenges import end_invitations
from tenants.credentials.columns import AccountStatus
from tenants.credentials.presence import end_presence
from tenants.mails.service import MailKind
from tenants.refusals import checked_text, optional_text

REASON_LIMIT = 500


async def deactivate_operator(
    session: AsyncSession, operator_id: UUID, *, reason: str | None, keys: KeyRing, act: Act
) -> UUID:
    """Shuts the operator out at once: sessions, challenges, links and invitations end. Nothing is deleted.

    Raises `UnknownOperator`, `OperatorInOtherState`, `LastOperatorAdministrator`, `TooLong`, `Malformed`.
    """
    told = {"reason": text} if (text := optional_text(reason, "reason", REASON_LIMIT)) else {}
    row = await locked_operator(session, operator_id, act)
    require_status(row, AccountStatus.ACTIVE, AccountStatus.LOCKED, AccountStatus.INVITED)
    if OperatorRole.ADMINISTRATOR in roles_of(row.roles):
        await require_other_administrator(session, operator_id)
    await _set_status(session, operator_id, AccountStatus.DEACTIVATED)
    await end_invitations(session, OPERATOR_TABLES, operator_id)
    ended = await end_presence(session, OPERATOR_TABLES, operator_id, SessionEnd.DEACTIVATED, act.now)
    change = Change({"status": row.status}, {"status": AccountStatus.DEACTIVATED.value})
    await record_operator(session, "user_archived", operator_id, act, change, {"sessions": ended, **told})
    if row.status != AccountStatus.INVITED:
        await mail_operator(session, keys, MailKind.ACCOUNT_DEACTIVATED, operator_id, {}, act.now)
    return operator_id


async def reactivate_operator(session: AsyncSession, operator_id: UUID, *, keys: KeyRing, act: Act) -> UUID:
    """Lets the operator in again, with the password and the factors there were; who never came is invited anew.

    Raises `UnknownOperator` and `OperatorInOtherState`.
    """
    row = await locked_operator(session, operator_id, act)
    require_status(row, AccountStatus.DEACTIVATED)
    after = AccountStatus.INVITED if row.password_hash is None else AccountStatus.ACTIVE
    await _set_status(session, operator_id, after)
    change = Change({"status": row.status}, {"status": after.value})
    await record_operator(session, "user_updated", operator_id, act, change)
    if after is AccountStatus.INVITED:
        await send_invitation(session, operator_id, act.now, keys)
    return operator_id


async def reset_operator_mfa(
    session: AsyncSession, operator_id: UUID, *, identity_check: str, keys: KeyRing, act: Act
) -> UUID:
    """Forgets authenticator and recovery codes: the next right password enrols a new one. Sessions end.

    `identity_check` says how the administrator knew who asked, and is on record. Nobody does this for themselves.
    Raises `Missing`, `TooLong`, `Malformed`, `UnknownOperator`, `OperatorInOtherState`, `OwnOperatorFactor`.
    """
    checked = checked_text(identity_check, "identityCheck", REASON_LIMIT)
    if act.actor.id == operator_id:
        raise OwnOperatorFactor(path="operatorId")
    row = await locked_operator(session, operator_id, act)
    require_status(row, AccountStatus.ACTIVE, AccountStatus.LOCKED)
    for own in (OPERATOR_TABLES.factor, OPERATOR_TABLES.recovery_code):
        await session.execute(delete(own).where(own.c.subject_id == operator_id))
    ended = await end_presence(session, OPERATOR_TABLES, operator_id, SessionEnd.FACTOR_CHANGED, act.now)
    detail: dict[str, object] = {"identity_check": checked, "sessions": ended}
    await record_operator(session, "authn_mfa_reset", operator_id, act, detail=detail)
    await mail_operator(session, keys, MailKind.FACTOR_CHANGED, operator_id, {"change": "reset"}, act.now)
    return operator_id


async def _set_status(session: AsyncSession, operator_id: UUID, status: AccountStatus) -> None:
    person = OPERATOR_TABLES.person
    await session.execute(update(person).where(person.c.id == operator_id).values(status=status.value))
