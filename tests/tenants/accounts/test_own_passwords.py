from dataclasses import replace
from datetime import datetime
from uuid import UUID

import pytest
from sqlalchemy import select

from auth.enrollment import enroll_totp
from auth.errors import (
    AuthError,
    CurrentPasswordWrong,
    LinkInvalid,
    MfaFailed,
    RefreshFailed,
    SignInFailed,
    TooManyTries,
    WeakPassword,
)
from auth.opaque import token_hash
from auth.own_passwords import change_password, request_reset, reset_password
from auth.passwords import Hasher
from auth.permissions import Permission
from auth.plane import Plane, SessionIssued
from auth.principals import AccountPrincipal
from auth.rules import SignInRules
from auth.sessions import account_principal, open_session, refresh_session
from auth.sign_in import fresh_challenge, sign_in, verify_mfa
from auth.store import ChallengePurpose, LinkPurpose, MfaMethod, Person
from auth.throttle import sign_in_attempt
from tenants.accounts.models import Account, Challenge, MailedToken, Session
from tenants.accounts.service import end_every_session, invite_account
from tenants.acts import SYSTEM
from tenants.credentials.columns import AccountStatus
from tenants.databases.scopes import TenantScope
from tenants.tables import table
from tests.factories.accounts import Someone, account_plane, add_account, later
from tests.factories.mails import mails_in
from tests.tenants.accounts.records import count, event_names, events, set_status

NEW = "zeven vrolijke vinken"
TOTP = MfaMethod.TOTP


async def came_in(plane: Plane, someone: Someone, now: datetime) -> SessionIssued:
    challenge = await sign_in(plane, someone.email, someone.password, now)
    return await verify_mfa(plane, challenge.token, TOTP, someone.code(now), now)


def principal(plane: Plane, session: SessionIssued) -> AccountPrincipal:
    return account_principal(session.holder, UUID(plane.audience))


async def hash_of(plane: Plane, someone: Someone) -> str:
    known = await plane.store.password_hash(someone.id)
    assert known is not None
    return known


async def mailed_token(plane: Plane, someone: Someone, scope: TenantScope, now: datetime) -> str:
    await request_reset(plane, someone.email, plane.rules, now)
    mail = (await mails_in(scope, plane.keys))[-1]
    assert (mail.kind, mail.email) == ("PASSWORD_RESET", someone.email)
    return mail.values["token"]


async def test_a_changed_password_is_the_one_that_counts(
    plane: Plane, anna: Someone, tenant_scope: TenantScope, now: datetime
) -> None:
    own = principal(plane, await came_in(plane, anna, now))
    await change_password(plane, own, anna.password, NEW, now)
    with pytest.raises(SignInFailed):
        await sign_in(plane, anna.email, anna.password, now)
    assert await sign_in(plane, anna.email, NEW, now)
    assert [mail.kind for mail in await mails_in(tenant_scope, plane.keys)] == ["PASSWORD_CHANGED"]
    assert ("authn_password_change", anna.id, {"reset": False}) in await events(tenant_scope)


async def test_a_new_password_ends_all_that_the_old_one_opened_but_this_session(
    plane: Plane, anna: Someone, tenant_scope: TenantScope, now: datetime
) -> None:
    elsewhere = await came_in(plane, anna, now)
    following = later(now, seconds=30)
    here = await came_in(plane, anna, following)
    link = await mailed_token(plane, anna, tenant_scope, following)
    await change_password(plane, principal(plane, here), anna.password, NEW, following)
    with pytest.raises(RefreshFailed):
        await refresh_session(plane, elsewhere.refresh_token, following)
    assert await plane.store.holder(elsewhere.holder.session_id, anna.id, following) is None
    assert await plane.store.holder(here.holder.session_id, anna.id, following)
    assert await count(tenant_scope, Session, end_reason="PASSWORD_CHANGED") == 1
    with pytest.raises(LinkInvalid):
        await reset_password(plane, link, "acht vrolijke vinken", following)


async def test_a_step_one_token_dies_with_a_change_of_the_password(
    plane: Plane, anna: Someone, now: datetime
) -> None:
    here = await came_in(plane, anna, now)
    following = later(now, seconds=30)
    step_one = await sign_in(plane, anna.email, anna.password, following)
    await change_password(plane, principal(plane, here), anna.password, NEW, following)
    with pytest.raises(MfaFailed):
        await verify_mfa(plane, step_one.token, TOTP, anna.code(following), following)


async def test_what_was_on_its_way_when_the_password_changed_arrives_nowhere(
    plane: Plane, anna: Someone, tenant_scope: TenantScope, now: datetime
) -> None:
    here, old = await came_in(plane, anna, now), await hash_of(plane, anna)
    await change_password(plane, principal(plane, here), anna.password, NEW, now)
    _, challenge = fresh_challenge(plane, ChallengePurpose.SIGN_IN, now, old)
    assert not await plane.store.open_challenge(anna.id, challenge, now)
    with pytest.raises(MfaFailed):
        await open_session(plane, Person(anna.id, anna.email, ""), TOTP, now, old)
    changed = await hash_of(plane, anna)
    await plane.store.replace_password_hash(anna.id, old, "the old password, with more rounds")
    assert await hash_of(plane, anna) == changed
    assert await count(tenant_scope, Challenge, used_at=None) == 0
    assert await count(tenant_scope, Session, ended_at=None) == 1


async def test_without_the_current_password_nothing_changes(
    plane: Plane, anna: Someone, tenant_scope: TenantScope, now: datetime
) -> None:
    own, old = principal(plane, await came_in(plane, anna, now)), await hash_of(plane, anna)
    for wrong in ("", NEW, anna.password.upper()):
        with pytest.raises(CurrentPasswordWrong):
            await change_password(plane, own, wrong, NEW, now)
    with pytest.raises(WeakPassword):
        await change_password(plane, own, anna.password, "kort", now)
    assert await hash_of(plane, anna) == old
    assert (await event_names(tenant_scope)).count("authn_password_change_fail") == 3
    assert await mails_in(tenant_scope, plane.keys) == []


async def test_the_current_password_is_guessed_at_only_so_often(
    plane: Plane, anna: Someone, tenant_scope: TenantScope, hasher: Hasher, now: datetime
) -> None:
    plane = account_plane(tenant_scope, plane.keys, hasher, SignInRules(tries=3))
    own = principal(plane, await came_in(plane, anna, now))
    for _ in range(3):
        with pytest.raises(CurrentPasswordWrong):
            await change_password(plane, own, "wrong", NEW, now)
    with pytest.raises(TooManyTries):
        await change_password(plane, own, anna.password, NEW, now)
    await change_password(plane, own, anna.password, NEW, later(now, seconds=30))


async def test_a_reset_sets_the_password_and_opens_nothing(
    plane: Plane, anna: Someone, tenant_scope: TenantScope, now: datetime
) -> None:
    session = await came_in(plane, anna, now)
    token = await mailed_token(plane, anna, tenant_scope, now)
    step_one = await sign_in(plane, anna.email, anna.password, now)
    await reset_password(plane, token, NEW, now)
    assert await count(tenant_scope, Session, ended_at=None) == 0
    assert await count(tenant_scope, Challenge, used_at=None) == 0
    following = later(now, seconds=30)
    with pytest.raises(MfaFailed):
        await verify_mfa(plane, step_one.token, TOTP, anna.code(following), following)
    with pytest.raises(RefreshFailed):
        await refresh_session(plane, session.refresh_token, now)
    challenge = await sign_in(plane, anna.email, NEW, following)
    assert not challenge.enrollment_required
    with pytest.raises(MfaFailed):
        await verify_mfa(plane, challenge.token, TOTP, "000000", following)
    with pytest.raises(AuthError):
        await enroll_totp(plane, challenge.token, following)
    assert await verify_mfa(plane, challenge.token, TOTP, anna.code(following), following)
    kinds = [mail.kind for mail in await mails_in(tenant_scope, plane.keys)]
    assert kinds == ["PASSWORD_CHANGED"]  # and the link is mailed no more


async def test_a_reset_link_is_good_once_and_takes_the_other_ones_along(
    plane: Plane, anna: Someone, tenant_scope: TenantScope, now: datetime
) -> None:
    first = await mailed_token(plane, anna, tenant_scope, now)
    second = await mailed_token(plane, anna, tenant_scope, later(now, seconds=1))
    with pytest.raises(WeakPassword):
        await reset_password(plane, first, "kort", now)
    await reset_password(plane, first, NEW, now)
    for token in (first, second, "", "x" * 10_000, "\ud800"):
        with pytest.raises(LinkInvalid):
            await reset_password(plane, token, "acht vrolijke vinken", now)
    assert await sign_in(plane, anna.email, NEW, now)


async def test_a_reset_link_is_good_for_an_hour(
    plane: Plane, anna: Someone, tenant_scope: TenantScope, now: datetime
) -> None:
    token = await mailed_token(plane, anna, tenant_scope, now)
    with pytest.raises(LinkInvalid):
        await reset_password(plane, token, NEW, later(now, hours=1))
    await reset_password(plane, token, NEW, later(now, minutes=59))


async def test_of_a_mailed_link_only_the_hash_is_kept(
    plane: Plane, anna: Someone, tenant_scope: TenantScope, now: datetime
) -> None:
    token = await mailed_token(plane, anna, tenant_scope, now)
    assert await count(tenant_scope, MailedToken, token_hash=token_hash(token)) == 1
    async with tenant_scope.read() as reader:
        (row,) = await reader.rows(select(table(MailedToken)))
    assert token not in [str(value) for value in row]


@pytest.mark.parametrize("status", [AccountStatus.LOCKED, AccountStatus.DEACTIVATED])
async def test_who_may_not_come_in_is_mailed_nothing_and_loses_the_link(
    plane: Plane, anna: Someone, tenant_scope: TenantScope, now: datetime, status: AccountStatus
) -> None:
    token, old = await mailed_token(plane, anna, tenant_scope, now), await hash_of(plane, anna)
    link = await plane.store.link(token_hash(token), LinkPurpose.RESET, now)
    assert link is not None
    await set_status(tenant_scope, anna.id, status)
    await request_reset(plane, anna.email, plane.rules, now)
    assert len(await mails_in(tenant_scope, plane.keys)) == 1
    with pytest.raises(LinkInvalid):
        await reset_password(plane, token, NEW, now)
    assert not await plane.store.reset_password(link, "another", (), now)
    assert await hash_of(plane, anna) == old


async def test_nobody_and_the_invited_are_mailed_nothing(
    plane: Plane, tenant_scope: TenantScope, now: datetime
) -> None:
    async with tenant_scope.write() as session:
        await invite_account(
            session,
            email="dirk@example.org",
            name="Dirk",
            permissions={Permission.READ},
            contact_id=None,
            locale="nl",
            actor=SYSTEM,
            now=now,
        )
    for email in ("dirk@example.org", "nobody@example.org", "no address", "\ud800", "a\x00@example.org"):
        await request_reset(plane, email, plane.rules, now)
    assert await mails_in(tenant_scope, plane.keys) == []
    assert await count(tenant_scope, MailedToken) == 0
    assert (await event_names(tenant_scope)).count("authn_password_reset_asked") == 5
    assert await count(tenant_scope, Account, status="INVITED") == 1


async def test_somebody_is_mailed_only_so_many_links(
    plane: Plane, anna: Someone, tenant_scope: TenantScope, now: datetime
) -> None:
    for _ in range(5):
        await request_reset(plane, anna.email, plane.rules, now)
    assert await count(tenant_scope, MailedToken) == 3
    await request_reset(plane, anna.email, plane.rules, later(now, seconds=30))
    assert await count(tenant_scope, MailedToken) == 4
    assert await sign_in(plane, anna.email, anna.password, now)


@pytest.mark.parametrize("rules", [SignInRules(mails_of_address=2), SignInRules(mails_of_tenant=2)])
async def test_one_address_and_one_tenant_have_only_so_many_links_mailed(
    plane: Plane, anna: Someone, tenant_scope: TenantScope, hasher: Hasher, now: datetime, rules: SignInRules
) -> None:
    plane = account_plane(tenant_scope, plane.keys, hasher, rules)
    others = [
        await add_account(tenant_scope, plane.keys, hasher, f"{name}@example.org") for name in ("bert", "cor")
    ]
    for someone in (*others, anna):
        await request_reset(plane, someone.email, rules, now)
    assert {mail.email for mail in await mails_in(tenant_scope, plane.keys)} == {it.email for it in others}


async def test_asking_for_nobody_keeps_nobody_from_being_mailed(
    plane: Plane, anna: Someone, tenant_scope: TenantScope, hasher: Hasher, now: datetime
) -> None:
    plane = account_plane(tenant_scope, plane.keys, hasher, SignInRules(mails_of_tenant=2))
    for number in range(4):
        elsewhere = replace(plane, address=f"198.51.100.{number}")
        await request_reset(elsewhere, f"nobody{number}@example.org", plane.rules, now)
    await request_reset(plane, anna.email, plane.rules, now)
    assert [mail.email for mail in await mails_in(tenant_scope, plane.keys)] == [anna.email]


async def test_a_reset_lets_its_reader_in_where_a_flood_from_elsewhere_fills_every_count(
    plane: Plane, anna: Someone, tenant_scope: TenantScope, now: datetime
) -> None:
    rules = SignInRules(tries=1, tenant_factor=5)
    for number in range(20):
        attempt = sign_in_attempt(anna.email, f"198.51.100.{number}", rules)
        await plane.store.admit_attempt(attempt, now)
    flooded = replace(plane, rules=rules)
    with pytest.raises(SignInFailed):
        await sign_in(flooded, anna.email, anna.password, now)
    await reset_password(flooded, await mailed_token(plane, anna, tenant_scope, now), NEW, now)
    assert await sign_in(flooded, anna.email, NEW, now)


async def test_a_link_that_was_mailed_before_a_backup_is_no_good_after_its_restore(
    plane: Plane, anna: Someone, tenant_scope: TenantScope, now: datetime
) -> None:
    """It may have been used since the backup was made."""
    token = await mailed_token(plane, anna, tenant_scope, now)
    async with tenant_scope.write() as session:
        await end_every_session(session, later(now, seconds=60))
    with pytest.raises(LinkInvalid):
        await reset_password(plane, token, NEW, later(now, seconds=120))
