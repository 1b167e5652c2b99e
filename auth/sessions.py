"""Sessions: opened after both factors, renewed by tokens that work once, looked at with every request."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from auth.errors import MfaFailed, RefreshFailed, RefreshReused, SessionEnded, StepUpRequired, TokenInvalid
from auth.opaque import new_token, token_hash
from auth.permissions import permissions_of, roles_of
from auth.plane import SessionIssued
from auth.principals import AccountPrincipal, OperatorPrincipal
from auth.store import NewSession, Rotation, SessionEnd
from auth.throttle import factor_key, sign_in_attempt

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from auth.plane import Plane
    from auth.store import CredentialStore, Holder, MfaMethod, OpenSession, Person
    from auth.tokens import AccessClaims


async def open_session(
    plane: Plane, person: Person, method: MfaMethod, now: datetime, password_hash: str | None = None
) -> SessionIssued:
    """A session of its own with its first pair of tokens.

    MfaFailed when the person may no longer come in, or has another password than `password_hash` meanwhile.
    """
    refresh = new_token()
    rules = plane.rules
    attempt = sign_in_attempt(person.email, plane.address, rules)
    session = NewSession(
        refresh_hash=token_hash(refresh),
        lifetimes=rules.lifetimes,
        method=method,
        clear=(attempt.place, factor_key(person.id, rules)),
        give_back=(attempt.account, *attempt.wide),
        familiar=attempt.familiar,
        familiar_until=now + rules.familiar,
        password_hash=password_hash,
    )
    holder = await plane.store.open_session(person.id, session, now)
    if holder is None:
        raise MfaFailed
    return _issued(plane, holder, refresh, now)


def require_fresh(principal: AccountPrincipal | OperatorPrincipal, fresh: timedelta, now: datetime) -> None:
    """StepUpRequired when the session's last factor was shown longer than `fresh` ago."""
    if now - principal.authenticated_at > fresh:
        raise StepUpRequired


async def refresh_session(plane: Plane, refresh_token: str, now: datetime) -> SessionIssued:
    """A new pair of tokens for one that was not used yet.

    RefreshReused when it was used before: thief and owner cannot be told apart, so the session ends for both
    (RFC 9700, 4.14.2). RefreshFailed when it is unknown, or the session ended or was idle for too long.
    """
    refresh = new_token()
    rotation, holder = await plane.store.rotate(
        token_hash(refresh_token), token_hash(refresh), plane.rules.lifetimes, now
    )
    if rotation is Rotation.REUSED:
        raise RefreshReused
    if rotation is not Rotation.ROTATED or holder is None:
        raise RefreshFailed
    return _issued(plane, holder, refresh, now)


async def sign_out_everywhere(store: CredentialStore, subject_id: UUID, now: datetime) -> int:
    """Ends every session of the person at once, and gives how many there were."""
    return await store.end_sessions(subject_id, SessionEnd.SIGNED_OUT, now)


async def own_sessions(
    plane: Plane, principal: AccountPrincipal | OperatorPrincipal, now: datetime
) -> Sequence[OpenSession]:
    """The open sessions of who asks, the last opened first."""
    return await plane.store.open_sessions(principal.subject_id, plane.rules.idle, now)


async def end_own_session(
    plane: Plane, principal: AccountPrincipal | OperatorPrincipal, session_id: UUID, now: datetime
) -> bool:
    """Ends one of one's own, the present one too; False for any other id, whoever's it is."""
    return await plane.store.end_own_session(principal.subject_id, session_id, now)


async def authenticate_account(
    store: CredentialStore, claims: AccessClaims, now: datetime
) -> AccountPrincipal:
    """The account of a customer's token, as it is now. SessionEnded when it may no longer come in."""
    if claims.tenant_id is None:
        raise TokenInvalid("another audience")
    holder = await _holder(store, claims, now)
    return account_principal(holder, claims.tenant_id)


async def authenticate_operator(
    store: CredentialStore, claims: AccessClaims, now: datetime
) -> OperatorPrincipal:
    """The operator of a console token, as they are now. SessionEnded when they may no longer come in."""
    if claims.tenant_id is not None:
        raise TokenInvalid("another audience")
    return operator_principal(await _holder(store, claims, now))


def account_principal(holder: Holder, tenant_id: UUID) -> AccountPrincipal:
    return AccountPrincipal(
        account_id=holder.id,
        session_id=holder.session_id,
        tenant_id=tenant_id,
        permissions=permissions_of(holder.grants),
        contact_id=holder.contact_id,
        name=holder.name,
        email=holder.email,
        locale=holder.locale,
        authenticated_at=holder.authenticated_at,
    )


def operator_principal(holder: Holder) -> OperatorPrincipal:
    return OperatorPrincipal(
        operator_id=holder.id,
        session_id=holder.session_id,
        roles=roles_of(holder.grants),
        name=holder.name,
        email=holder.email,
        locale=holder.locale,
        authenticated_at=holder.authenticated_at,
    )


async def _holder(store: CredentialStore, claims: AccessClaims, now: datetime) -> Holder:
    """A factor that was shown after the token was issued makes another token fresh, not this one or a copy of it."""
    holder = await store.holder(claims.session_id, claims.subject, now)
    if holder is None:
        raise SessionEnded
    if holder.authenticated_at >= claims.authenticated_at + timedelta(seconds=1):
        holder = replace(holder, authenticated_at=claims.authenticated_at)
    return holder


def _issued(plane: Plane, holder: Holder, refresh: str, now: datetime) -> SessionIssued:
    access, expires_at = plane.tokens.issue(
        subject=holder.id,
        session_id=holder.session_id,
        audience=plane.audience,
        now=now,
        authenticated_at=holder.authenticated_at,
    )
    return SessionIssued(access, refresh, expires_at, holder)
