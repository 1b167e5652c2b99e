"""What is read of a customer's accounts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.sql.elements import ColumnElement

from auth.store import MfaMethod
from tenants.accounts.models import Account, Factor, RecoveryCode
from tenants.databases.scopes import Reader
from tenants.tables import table

_A = table(Account).c
_F = table(Factor).c
_R = table(RecoveryCode).c

# Keyset of the list: by name, as people look for each other; the id tells namesakes apart.
ACCOUNT_KEY: tuple[ColumnElement[Any], ...] = (_A.name, _A.id)


@dataclass(frozen=True, slots=True)
class FactorState:
    """What an account has to show besides the password."""

    methods: tuple[MfaMethod, ...]
    recovery_codes_left: int


NO_FACTOR = FactorState((), 0)


def accounts() -> Select[Any]:
    """Every account with the columns that may be shown; page it by `ACCOUNT_KEY`."""
    shown = (_A.id, _A.email, _A.name, _A.locale, _A.status, _A.permissions, _A.contact_id)
    return select(*shown, _A.last_sign_in_at, _A.created_at)


def accounts_of(ids: Sequence[UUID]) -> Select[Any]:
    """The accounts of these ids, in no order."""
    return accounts().where(_A.id.in_(set(ids)))


async def factor_states(reader: Reader, ids: Sequence[UUID]) -> dict[UUID, FactorState]:
    """The second factors of each account that has one, by two statements over all of them."""
    if not ids:
        return {}
    wanted = set(ids)
    confirmed = select(_F.subject_id).where(_F.subject_id.in_(wanted), _F.confirmed_at.is_not(None))
    unused = select(_R.subject_id, func.count().label("left")).group_by(_R.subject_id)
    rows = await reader.rows(unused.where(_R.subject_id.in_(wanted), _R.used_at.is_(None)))
    left: dict[UUID, int] = {row.subject_id: row.left for row in rows}
    enrolled = {row.subject_id for row in await reader.rows(confirmed)}
    return {key: _state(left.get(key, 0)) for key in enrolled}


def _state(left: int) -> FactorState:
    recovery = (MfaMethod.RECOVERY_CODE,) if left else ()
    return FactorState((MfaMethod.TOTP, *recovery), left)
