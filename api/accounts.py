"""Accounts as their readers may see them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import strawberry
from sqlalchemy import Row

from api.enums import AccountStatus, Locale, MfaMethod, Permission
from api.ids import encode_id
from api.loading import Loading
from api.people import Account, Contact, MfaStatus, contacts_by_id
from auth.permissions import permissions_of
from tenants.accounts.queries import NO_FACTOR, FactorState, accounts_of, factor_states

FEW_CODES = 3


async def accounts_by_id(loading: Loading, ids: Sequence[UUID]) -> dict[UUID, Account]:
    """The accounts of these ids, with contacts and factors, by one statement for each kind."""
    if not ids:
        return {}
    return {
        row.id: account
        for row, account in await accounts_from(loading, await loading.reader.rows(accounts_of(ids)))
    }


async def accounts_from(loading: Loading, rows: Sequence[Row[Any]]) -> list[tuple[Row[Any], Account]]:
    contacts = await contacts_by_id(loading.reader, [row.contact_id for row in rows if row.contact_id])
    factors = await factor_states(loading.reader, [row.id for row in rows])
    return [
        (row, _account(loading, row, contacts.get(row.contact_id), factors.get(row.id, NO_FACTOR)))
        for row in rows
    ]


def _account(loading: Loading, row: Row[Any], contact: Contact | None, factors: FactorState) -> Account:
    shown = loading.sees_accounts or row.id == loading.self_id
    return Account(
        id=strawberry.ID(encode_id("Account", row.id)),
        email=row.email,
        name=row.name,
        locale=Locale[row.locale.upper()],
        permissions=sorted(permissions_of(row.permissions), key=list(Permission).index) if shown else None,
        contact=contact,
        mfa=_mfa(factors) if shown else None,
        last_sign_in_at=row.last_sign_in_at if shown else None,
        status=AccountStatus(row.status),
    )


def _mfa(state: FactorState) -> MfaStatus:
    methods = [MfaMethod(method) for method in state.methods]
    left = state.recovery_codes_left
    return MfaStatus(
        required=True, methods=methods, recovery_codes_left=left, recovery_codes_low=left <= FEW_CODES
    )
