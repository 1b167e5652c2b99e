from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from pydantic import ValidationError
from sqlalchemy import update

from api.settings import read_settings
from auth.errors import RefreshFailed, RefreshReused, SessionEnded, TokenExpired, TokenInvalid
from auth.permissions import Permission, grants_text
from auth.plane import Plane, SessionIssued
from auth.principals import Origin
from auth.rules import SignInRules
from auth.sessions import (
    account_principal,
    authenticate_account,
    authenticate_operator,
    end_own_session,
    open_session,
    operator_principal,
    own_sessions,
    refresh_session,
    sign_out_everywhere,
)
from auth.sign_in import sign_in, verify_mfa
from auth.store import MfaMethod, Person
from auth.tokens import AccessClaims
from tenants.accounts.credentials import account_store
from tenants.accounts.models import Account, Challenge, RefreshToken, Session
from tenants.contacts.models import Contact
from tenants.credentials.columns import AccountStatus
from tenants.databases.scopes import TenantScope
from tenants.tables import table
from tests.factories.accounts import Someone, add_account, later
from tests.factories.mails import mails_in
from tests.tenants.accounts.records import count, event_names, set_status


async def signed_in(plane: Plane, someone: Someone, now: datetime) -> SessionIssued:
    challenge = await sign_in(plane, someone.email, someone.password, now)
    return await verify_mfa(plane, challenge.token, MfaMethod.TOTP, someone.code(now), now)


def claims_of(plane: Plane, session: SessionIssued, now: datetime) -> AccessClaims:
    return plane.tokens.verify(session.access_token, now=now, audience=plane.audience)


async def test_a_refresh_token_gives_a_new_pair_for_the_same_session(
    plane: Plane, anna: Someone, now: datetime
) -> None:
    first = await signed_in(plane, anna, now)
    second = await refresh_session(plane, first.refresh_token, later(now, minutes=9))
    assert second.refresh_token != first.refresh_token
    assert second.expires_at == later(now, minutes=19)
    assert second.holder.session_id == first.holder.session_id
    principal = await authenticate_account(plane.store, claims_of(plane, second, now), now)
    assert principal.authenticated_at == now


async def test_showing_a_used_refresh_token_ends_the_whole_family(
    plane: Plane, anna: Someone, tenant_scope: TenantScope, now: datetime
) -> None:
    first = await signed_in(plane, anna, now)
    second = await refresh_session(plane, first.refresh_token, now)
    with pytest.raises(RefreshReused):
        await refresh_session(plane, first.refresh_token, now)
    with pytest.raises(RefreshFailed):
        await refresh_session(plane, second.refresh_token, now)
    with pytest.raises(SessionEnded):
        await authenticate_account(plane.store, claims_of(plane, second, now), now)
    assert await count(tenant_scope, Session, end_reason="TOKEN_REUSED", ended_at=now) == 1
    names = await event_names(tenant_scope)
    assert names.count("authn_token_reuse") == 1
    assert names.count("session_use_after_expire") == 1


async def test_the_end_of_one_family_leaves_the_others(plane: Plane, anna: Someone, now: datetime) -> None:
    mine = await signed_in(plane, anna, now)
    other = await signed_in(plane, anna, later(now, seconds=30))
    await refresh_session(plane, mine.refresh_token, now)
    with pytest.raises(RefreshReused):
        await refresh_session(plane, mine.refresh_token, now)
    assert (await refresh_session(plane, other.refresh_token, now)).holder.id == anna.id


async def test_a_session_ends_after_eight_idle_hours(plane: Plane, anna: Someone, now: datetime) -> None:
    session = await signed_in(plane, anna, now)
    moment = later(now, hours=7, minutes=59)
    session = await refresh_session(plane, session.refresh_token, moment)
    with pytest.raises(RefreshFailed):
        await refresh_session(plane, session.refresh_token, later(moment, hours=8))


async def set_rights(scope: TenantScope, someone: Someone, *rights: Permission) -> None:
    account = table(Account)
    async with scope.write() as session:
        own = update(account).where(account.c.id == someone.id)
        await session.execute(own.values(permissions=grants_text(rights)))


async def test_a_session_ends_after_thirty_days_however_busy(
    plane: Plane, anna: Someone, tenant_scope: TenantScope, now: datetime
) -> None:
    await set_rights(tenant_scope, anna, Permission.READ)
    session = await signed_in(plane, anna, now)
    moment = now
    while moment + timedelta(hours=7.9) < later(now, days=2):
        moment += timedelta(hours=7.9)
        session = await refresh_session(plane, session.refresh_token, moment)
    assert await count(tenant_scope, Session, expires_at=later(now, days=30)) == 1
    claims = claims_of(plane, session, moment)
    assert await plane.store.holder(claims.session_id, anna.id, later(now, days=29))
    assert await plane.store.holder(claims.session_id, anna.id, later(now, days=30)) is None


async def test_the_session_of_who_manages_accounts_ends_after_a_day(
    plane: Plane, anna: Someone, tenant_scope: TenantScope, now: datetime
) -> None:
    session = await signed_in(plane, anna, now)
    assert await count(tenant_scope, Session, expires_at=later(now, days=1)) == 1
    for hours in (7, 14, 21):
        session = await refresh_session(plane, session.refresh_token, later(now, hours=hours))
    with pytest.raises(RefreshFailed):
        await refresh_session(plane, session.refresh_token, later(now, days=1))


async def test_who_comes_to_manage_accounts_has_the_shorter_session_at_once(
    plane: Plane, anna: Someone, tenant_scope: TenantScope, now: datetime
) -> None:
    await set_rights(tenant_scope, anna, Permission.READ)
    session = await signed_in(plane, anna, now)
    for hours in (7, 14, 21):
        session = await refresh_session(plane, session.refresh_token, later(now, hours=hours))
    await set_rights(tenant_scope, anna, Permission.READ, Permission.MANAGE_ACCOUNTS)
    with pytest.raises(RefreshFailed):
        await refresh_session(plane, session.refresh_token, later(now, hours=25))


async def test_no_access_token_is_good_after_the_shortest_idle_time_there_is(
    plane: Plane, anna: Someone, now: datetime
) -> None:
    shortest = replace(plane, rules=SignInRules(idle=timedelta(minutes=10)))
    session = await signed_in(shortest, anna, now)
    session = await refresh_session(shortest, session.refresh_token, later(now, minutes=9))
    ended = later(now, minutes=19)
    with pytest.raises(TokenExpired):
        claims_of(shortest, session, ended)
    with pytest.raises(RefreshFailed):
        await refresh_session(shortest, session.refresh_token, ended)
    for name in ("account_idle_minutes", "operator_idle_minutes"):
        with pytest.raises(ValidationError):
            read_settings({}, **{name: 9})


async def test_one_sees_and_ends_ones_own_open_sessions_only(
    plane: Plane, anna: Someone, tenant_scope: TenantScope, now: datetime
) -> None:
    bert = await add_account(tenant_scope, plane.keys, plane.hasher, "bert@example.org")
    first = await signed_in(plane, anna, now)
    second = await signed_in(plane, anna, later(now, seconds=30))
    other = await signed_in(plane, bert, now)
    own = account_principal(second.holder, UUID(plane.audience))
    ids = [first.holder.session_id, second.holder.session_id]
    assert [each.id for each in await own_sessions(plane, own, now)] == ids[::-1]
    for foreign in (other.holder.session_id, UUID(int=5)):
        assert not await end_own_session(plane, own, foreign, now)
    assert await end_own_session(plane, own, ids[0], now)
    assert not await end_own_session(plane, own, ids[0], now)
    assert [each.id for each in await own_sessions(plane, own, now)] == [ids[1]]
    assert await own_sessions(plane, own, later(now, hours=8, minutes=1)) == []
    assert await count(tenant_scope, Session, ended_at=None, subject_id=bert.id) == 1


async def test_a_sign_in_from_somewhere_new_is_mailed(
    plane: Plane, anna: Someone, tenant_scope: TenantScope, now: datetime
) -> None:
    seen = [("192.0.2.1", "One"), ("192.0.2.1", "One"), ("192.0.2.1", "Two\x07"), ("192.0.2.9", "One")]
    for number, (address, program) in enumerate([*seen, *seen]):
        origin = Origin(address=address, user_agent=program)
        store = account_store(tenant_scope, origin, plane.keys)
        person = Person(anna.id, anna.email, "")
        await open_session(replace(plane, store=store), person, MfaMethod.TOTP, later(now, seconds=number))
    mails = await mails_in(tenant_scope, plane.keys)
    assert [(mail.kind, mail.values["address"], mail.values["user_agent"]) for mail in mails] == [
        ("NEW_SIGN_IN", "192.0.2.1", "Two"),
        ("NEW_SIGN_IN", "192.0.2.9", "One"),
    ]
    assert mails[0].values["at"] == later(now, seconds=2).isoformat()
    assert await count(tenant_scope, Session, address="192.0.2.1", user_agent="Two") == 2


async def test_signing_out_everywhere_ends_all_sessions_of_the_person_only(
    plane: Plane, anna: Someone, tenant_scope: TenantScope, now: datetime
) -> None:
    bert = await add_account(tenant_scope, plane.keys, plane.hasher, "bert@example.org")
    for someone, seconds in ((anna, 0), (anna, 30), (bert, 0)):
        await signed_in(plane, someone, later(now, seconds=seconds))
    assert await sign_out_everywhere(plane.store, anna.id, now) == 2
    assert await count(tenant_scope, Session, ended_at=None, subject_id=bert.id) == 1
    assert await count(tenant_scope, Session, ended_at=None) == 1


async def test_refresh_is_refused_after_sign_out_and_deactivation(
    plane: Plane, anna: Someone, tenant_scope: TenantScope, now: datetime
) -> None:
    session = await signed_in(plane, anna, now)
    await set_status(tenant_scope, anna.id, AccountStatus.LOCKED)
    with pytest.raises(RefreshFailed):
        await refresh_session(plane, session.refresh_token, now)
    await set_status(tenant_scope, anna.id, AccountStatus.ACTIVE)
    await plane.store.end_own_session(anna.id, session.holder.session_id, now)
    with pytest.raises(RefreshFailed):
        await refresh_session(plane, session.refresh_token, now)


async def test_what_is_no_refresh_token_is_refused(
    plane: Plane, tenant_scope: TenantScope, now: datetime
) -> None:
    for token in ("", "x", "\ud800", "x" * 100_000):
        with pytest.raises(RefreshFailed):
            await refresh_session(plane, token, now)
    assert await event_names(tenant_scope) == []


async def test_tokens_are_kept_as_hashes_only(
    plane: Plane, anna: Someone, tenant_scope: TenantScope, now: datetime
) -> None:
    session = await signed_in(plane, anna, now)
    assert await count(tenant_scope, RefreshToken, token_hash=session.refresh_token) == 0
    assert await count(tenant_scope, RefreshToken) == 1


async def test_a_session_is_of_its_own_person_only(
    plane: Plane, anna: Someone, tenant_scope: TenantScope, now: datetime
) -> None:
    bert = await add_account(tenant_scope, plane.keys, plane.hasher, "bert@example.org")
    session = await signed_in(plane, anna, now)
    assert await plane.store.holder(session.holder.session_id, bert.id, now) is None
    assert await plane.store.holder(UUID(int=1), anna.id, now) is None


async def test_a_customers_token_is_no_operators_token(plane: Plane, anna: Someone, now: datetime) -> None:
    claims = claims_of(plane, await signed_in(plane, anna, now), now)
    with pytest.raises(TokenInvalid):
        await authenticate_operator(plane.store, claims, now)


async def test_rights_are_no_roles(plane: Plane, anna: Someone, now: datetime) -> None:
    session = await signed_in(plane, anna, now)
    with pytest.raises(ValueError, match="not a valid OperatorRole"):
        operator_principal(session.holder)


async def test_the_contact_counts_only_while_the_contract_names_it(
    plane: Plane, tenant_scope: TenantScope, now: datetime
) -> None:
    contact = Contact(
        id=UUID(int=7), name="Carla", email="carla@example.org", phone="+31 20 1234567", slot=1, named_at=now
    )
    async with tenant_scope.write() as session:
        session.add(contact)
    carla = await add_account(
        tenant_scope, plane.keys, plane.hasher, "carla@example.org", contact_id=UUID(int=7)
    )
    claims = claims_of(plane, await signed_in(plane, carla, now), now)
    assert (await authenticate_account(plane.store, claims, now)).contact_id == UUID(int=7)
    async with tenant_scope.write() as session:
        named = await session.get_one(Contact, UUID(int=7))
        named.slot, named.removed_at = None, now
    assert (await authenticate_account(plane.store, claims, now)).contact_id is None


async def test_sessions_that_are_long_over_are_forgotten_with_where_they_came_from(
    plane: Plane, anna: Someone, tenant_scope: TenantScope, now: datetime
) -> None:
    await signed_in(plane, anna, now)
    for days, kept in ((90, 2), (300, 1)):
        await signed_in(plane, anna, later(now, seconds=days * 86_400))
        assert await count(tenant_scope, Session) == kept
    assert await count(tenant_scope, Challenge) == 1
    assert (await event_names(tenant_scope)).count("authn_login_success") == 3
