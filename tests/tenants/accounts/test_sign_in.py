import asyncio
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import pytest

from auth.errors import HasherBusy, MfaFailed, SessionEnded, SignInFailed, TokenInvalid
from auth.passwords import Hasher
from auth.permissions import Permission
from auth.plane import Plane
from auth.rules import SignInRules
from auth.sessions import authenticate_account
from auth.sign_in import refuse_sign_in, sign_in, verify_mfa
from auth.store import MfaMethod
from tenants.accounts.models import Account, Challenge, RecoveryCode, Session, Throttle
from tenants.credentials.columns import AccountStatus
from tenants.databases.scopes import TenantScope
from tenants.tables import table
from tests.factories.accounts import Someone, account_plane, add_account, later
from tests.tenants.accounts.records import count, event_names, events, set_status

TOTP, RECOVERY_CODE = MfaMethod.TOTP, MfaMethod.RECOVERY_CODE


async def test_a_right_password_gives_only_a_challenge(
    plane: Plane, anna: Someone, tenant_scope: TenantScope, now: datetime
) -> None:
    challenge = await sign_in(plane, anna.email, anna.password, now)
    assert challenge.methods == (TOTP, RECOVERY_CODE)
    assert challenge.expires_at == later(now, minutes=10)
    assert not challenge.enrollment_required
    assert await count(tenant_scope, Session) == 0


async def test_a_totp_code_gives_the_session(plane: Plane, anna: Someone, now: datetime) -> None:
    challenge = await sign_in(plane, " ANNA@example.org ", anna.password, now)
    session = await verify_mfa(plane, challenge.token, TOTP, anna.code(now), now)
    assert session.expires_at == later(now, minutes=10, seconds=0)
    claims = plane.tokens.verify(session.access_token, now=now, audience=plane.audience)
    principal = await authenticate_account(plane.store, claims, now)
    assert principal.account_id == anna.id
    assert principal.tenant_id == UUID(plane.audience)
    assert principal.permissions == frozenset(Permission)
    assert principal.authenticated_at == now
    assert principal.locale == "nl"


async def test_whoever_may_not_come_in_gets_the_answer_of_a_wrong_password(
    plane: Plane, anna: Someone, tenant_scope: TenantScope, now: datetime
) -> None:
    answers = []
    for status in (AccountStatus.LOCKED, AccountStatus.DEACTIVATED, AccountStatus.INVITED):
        await set_status(tenant_scope, anna.id, status)
        with pytest.raises(SignInFailed) as refused:
            await sign_in(plane, anna.email, anna.password, now)
        answers.append((type(refused.value), refused.value.args))
    for email, password in (
        (anna.email, "wrong"),
        ("nobody@example.org", anna.password),
        ("\x00@example.org", "\ud800"),
        ("\ud800@example.org", "\x00"),
        ("x" * 100_000, "x" * 100_000),
        ("", ""),
    ):
        with pytest.raises(SignInFailed) as refused:
            await sign_in(plane, email, password, now)
        answers.append((type(refused.value), refused.value.args))
    assert set(answers) == {(SignInFailed, ())}
    assert await count(tenant_scope, Challenge) == 0


async def test_failed_sign_ins_stay_on_record_although_they_were_refused(
    plane: Plane, anna: Someone, tenant_scope: TenantScope, now: datetime
) -> None:
    for email in (anna.email, "nobody@example.org"):
        with pytest.raises(SignInFailed):
            await sign_in(plane, email, "wrong", now)
    noted = {("authn_login_fail", subject) for subject in (anna.id, None)}
    assert {(event, subject) for event, subject, _ in await events(tenant_scope)} == noted
    # two accounts, each from one place; one address, one tenant
    assert await count(tenant_scope, Throttle) == 6


async def test_whoever_fails_has_cost_the_same_hash(
    tenant_scope: TenantScope, plane: Plane, anna: Someone, now: datetime
) -> None:
    await add_account(tenant_scope, plane.keys, plane.hasher, "bert@example.org")
    bert = await plane.store.credential("bert@example.org")
    assert bert is not None
    await set_status(tenant_scope, bert.subject_id, AccountStatus.DEACTIVATED)
    slow = Hasher(rounds=400_000, workers=1, queue=0)
    taken = asyncio.ensure_future(slow.hash("drie kleine kleutertjes"))
    await asyncio.sleep(0)
    # The only worker is taken: whoever needs a hash hears so.
    for email in (anna.email, "bert@example.org", "nobody@example.org", "", "\x00"):
        with pytest.raises(HasherBusy):
            await sign_in(account_plane(tenant_scope, plane.keys, slow), email, "wrong", now)
    with pytest.raises(HasherBusy):
        await refuse_sign_in(account_plane(tenant_scope, plane.keys, slow), anna.email, "wrong", now)
    await taken
    slow.close()


async def test_who_has_to_wait_has_cost_the_same_hash(plane: Plane, anna: Someone, now: datetime) -> None:
    waiting = SignInRules(tries=1)
    with pytest.raises(SignInFailed):
        await sign_in(replace(plane, rules=waiting), anna.email, "wrong", now)
    full = Hasher(rounds=400_000, workers=1, queue=0)
    taken = asyncio.ensure_future(full.hash("drie kleine kleutertjes"))
    await asyncio.sleep(0)
    with pytest.raises(HasherBusy):
        await sign_in(replace(plane, rules=waiting, hasher=full), anna.email, anna.password, now)
    await taken
    full.close()


async def test_where_there_is_nobody_the_answer_is_the_same(
    plane: Plane, anna: Someone, tenant_scope: TenantScope, now: datetime
) -> None:
    with pytest.raises(SignInFailed):
        await refuse_sign_in(plane, anna.email, anna.password, now)
    assert await count(tenant_scope, Challenge) == 0


async def test_a_code_works_once(plane: Plane, anna: Someone, now: datetime) -> None:
    first = await sign_in(plane, anna.email, anna.password, now)
    second = await sign_in(plane, anna.email, anna.password, now)
    await verify_mfa(plane, first.token, TOTP, anna.code(now), now)
    with pytest.raises(MfaFailed):
        await verify_mfa(plane, second.token, TOTP, anna.code(now), now)
    following = later(now, seconds=30)
    await verify_mfa(plane, second.token, TOTP, anna.code(following), following)


async def test_a_recovery_code_works_once(
    plane: Plane, anna: Someone, tenant_scope: TenantScope, now: datetime
) -> None:
    first = await sign_in(plane, anna.email, anna.password, now)
    second = await sign_in(plane, anna.email, anna.password, now)
    code = anna.recovery_codes[3].lower()
    await verify_mfa(plane, first.token, RECOVERY_CODE, code, now)
    with pytest.raises(MfaFailed):
        await verify_mfa(plane, second.token, RECOVERY_CODE, code, now)
    assert await count(tenant_scope, RecoveryCode, used_at=None) == 9
    assert "authn_mfa_fail" in await event_names(tenant_scope)


async def test_a_challenge_is_answered_once(plane: Plane, anna: Someone, now: datetime) -> None:
    challenge = await sign_in(plane, anna.email, anna.password, now)
    await verify_mfa(plane, challenge.token, TOTP, anna.code(now), now)
    following = later(now, seconds=30)
    with pytest.raises(MfaFailed):
        await verify_mfa(plane, challenge.token, TOTP, anna.code(following), following)
    with pytest.raises(MfaFailed):
        await verify_mfa(plane, challenge.token, RECOVERY_CODE, anna.recovery_codes[0], now)


async def test_a_challenge_dies_after_five_tries(
    plane: Plane, anna: Someone, tenant_scope: TenantScope, now: datetime
) -> None:
    challenge = await sign_in(plane, anna.email, anna.password, now)
    for _ in range(5):
        with pytest.raises(MfaFailed):
            await verify_mfa(plane, challenge.token, TOTP, "000 000", later(now, days=-90))
    with pytest.raises(MfaFailed):
        await verify_mfa(plane, challenge.token, TOTP, anna.code(now), now)
    assert await count(tenant_scope, Challenge, tries=5) == 1
    assert await count(tenant_scope, Session) == 0


async def test_a_challenge_dies_with_its_ten_minutes(plane: Plane, anna: Someone, now: datetime) -> None:
    challenge = await sign_in(plane, anna.email, anna.password, now)
    late = later(now, minutes=10)
    with pytest.raises(MfaFailed):
        await verify_mfa(plane, challenge.token, TOTP, anna.code(late), late)


async def test_a_challenge_is_no_access_token_and_no_other_text_is_a_challenge(
    plane: Plane, anna: Someone, now: datetime
) -> None:
    challenge = await sign_in(plane, anna.email, anna.password, now)
    with pytest.raises(TokenInvalid):
        plane.tokens.verify(challenge.token, now=now)
    for text in ("", challenge.token[:-1], "\ud800", "x" * 100_000):
        with pytest.raises(MfaFailed):
            await verify_mfa(plane, text, TOTP, anna.code(now), now)


async def test_a_passkey_is_refused_until_there_are_passkeys(
    plane: Plane, anna: Someone, now: datetime
) -> None:
    challenge = await sign_in(plane, anna.email, anna.password, now)
    with pytest.raises(MfaFailed):
        await verify_mfa(plane, challenge.token, MfaMethod.PASSKEY, anna.code(now), now)


async def test_who_is_deactivated_between_password_and_code_does_not_come_in(
    plane: Plane, anna: Someone, tenant_scope: TenantScope, now: datetime
) -> None:
    challenge = await sign_in(plane, anna.email, anna.password, now)
    await set_status(tenant_scope, anna.id, AccountStatus.DEACTIVATED)
    with pytest.raises(MfaFailed):
        await verify_mfa(plane, challenge.token, TOTP, anna.code(now), now)


async def test_deactivation_and_signing_out_end_an_open_session_at_once(
    plane: Plane, anna: Someone, tenant_scope: TenantScope, now: datetime
) -> None:
    challenge = await sign_in(plane, anna.email, anna.password, now)
    session = await verify_mfa(plane, challenge.token, TOTP, anna.code(now), now)
    claims = plane.tokens.verify(session.access_token, now=now)
    await set_status(tenant_scope, anna.id, AccountStatus.DEACTIVATED)
    with pytest.raises(SessionEnded):
        await authenticate_account(plane.store, claims, now)
    await set_status(tenant_scope, anna.id, AccountStatus.ACTIVE)
    assert (await authenticate_account(plane.store, claims, now)).account_id == anna.id
    await plane.store.end_own_session(anna.id, claims.session_id, now)
    await plane.store.end_own_session(anna.id, claims.session_id, now)
    with pytest.raises(SessionEnded):
        await authenticate_account(plane.store, claims, now)
    assert (await event_names(tenant_scope)).count("authn_token_revoked") == 1


async def test_the_log_tells_each_step_and_no_secret(
    plane: Plane, anna: Someone, tenant_scope: TenantScope, now: datetime
) -> None:
    challenge = await sign_in(plane, anna.email, anna.password, now)
    code = anna.code(now)
    await verify_mfa(plane, challenge.token, TOTP, code, now)
    told = await events(tenant_scope)
    assert {event for event, _, _ in told} == {
        "authn_password_success",
        "authn_mfa_success",
        "authn_login_success",
    }
    text = str(told)
    assert not any(
        secret in text for secret in (anna.password, code, anna.secret, challenge.token, anna.email)
    )


async def test_a_password_is_hashed_again_when_the_setting_rises(
    tenant_scope: TenantScope, plane: Plane, anna: Someone, now: datetime
) -> None:
    stronger = Hasher(rounds=1_500)
    await sign_in(account_plane(tenant_scope, plane.keys, stronger), anna.email, anna.password, now)
    async with tenant_scope.read() as reader:
        stored = await reader.scalar(
            table(Account).select().with_only_columns(table(Account).c.password_hash)
        )
    assert stored.startswith("$pbkdf2-sha512$1500$")
    assert await stronger.verify(anna.password, stored)
    stronger.close()
