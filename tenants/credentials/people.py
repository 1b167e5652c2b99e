"""Adding persons: invited by somebody, or complete with both factors (demo data and tests)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from auth.keys import KeyRing
from auth.opaque import new_token, token_hash
from auth.recovery import code_hash
from auth.rules import SignInRules
from auth.store import MfaMethod, factor_seal
from tenants.credentials.columns import AccountStatus
from tenants.credentials.tables import CredentialTables
from tenants.ids import new_id


@dataclass(frozen=True, slots=True, kw_only=True)
class BothFactors:
    """What somebody shows to come in. `password_hash` is by `auth.passwords.Hasher`, the secret base32."""

    password_hash: str
    totp_secret: str
    recovery_codes: tuple[str, ...] = ()


async def add_invitation(
    session: AsyncSession, tables: CredentialTables, subject_id: UUID, rules: SignInRules, now: datetime
) -> str:
    """The invitation's token, which is not kept and cannot be shown again."""
    token = new_token()
    values = {
        "id": new_id(now),
        "subject_id": subject_id,
        "token_hash": token_hash(token),
        "created_at": now,
        "expires_at": now + rules.invitation,
    }
    await session.execute(insert(tables.invitation).values(values))
    return token


async def add_enrolled(
    session: AsyncSession,
    tables: CredentialTables,
    person: dict[str, Any],
    shown: BothFactors,
    keys: KeyRing,
    now: datetime,
) -> UUID:
    """An active person with a confirmed authenticator; `person` are the other columns. Gives the id."""
    subject_id, factor_id = new_id(now), new_id(now)
    status = {"status": AccountStatus.ACTIVE.value, "password_hash": shown.password_hash}
    row = {**person, **status, "id": subject_id, "created_at": now}
    await session.execute(insert(tables.person).values(row))
    factor = {
        "id": factor_id,
        "subject_id": subject_id,
        "kind": MfaMethod.TOTP.value,
        "secret": keys.encrypt(shown.totp_secret, factor_seal(factor_id)),
        "last_step": 0,
        "created_at": now,
        "confirmed_at": now,
    }
    await session.execute(insert(tables.factor).values(factor))
    for code in shown.recovery_codes:
        code_row = {"id": new_id(now), "subject_id": subject_id, "created_at": now}
        hashed = code_hash(subject_id, code)
        await session.execute(insert(tables.recovery_code).values(code_hash=hashed, **code_row))
    return subject_id
