"""Of any number of calls at the same moment exactly one has the thing that works once."""

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from datetime import datetime

import pytest

from auth.enrollment import accept_invitation, confirm_totp, enroll_totp
from auth.errors import AuthError, MfaFailed, RefreshFailed, SignInFailed
from auth.passwords import Hasher
from auth.permissions import Permission
from auth.plane import Plane
from auth.rules import SignInRules
from auth.sessions import refresh_session
from auth.sign_in import sign_in, verify_mfa
from auth.store import MfaMethod
from auth.throttle import sign_in_attempt
from auth.totp import code_at
from tenants.accounts.models import Challenge, RefreshToken, Session
from tenants.accounts.service import invite_account
from tenants.acts import SYSTEM
from tenants.databases.scopes import TenantScope
from tests.factories.accounts import PASSWORD, Someone, account_plane
from tests.tenants.accounts.records import count

AT_ONCE = 50
TOTP, RECOVERY_CODE = MfaMethod.TOTP, MfaMethod.RECOVERY_CODE


@pytest.fixture
def plane(tenant_scope: TenantScope, plane: Plane, hasher: Hasher) -> Plane:
    """As many tries as the test makes, so that it is not the throttle that stops them."""
    rules = SignInRules(tries=1_000, challenge_tries=1_000)
    return account_plane(tenant_scope, plane.keys, hasher, rules)


async def winners(calls: list[Awaitable[object]], expected: type[AuthError]) -> int:
    """How many came through; each other one failed as expected."""
    answers = await asyncio.gather(*calls, return_exceptions=True)
    refused = [answer for answer in answers if isinstance(answer, BaseException)]
    assert {type(error) for error in refused if not isinstance(error, expected)} == set()
    return len(answers) - len(refused)


@pytest.mark.parametrize("method", [TOTP, RECOVERY_CODE])
async def test_one_code_over_many_challenges_gives_one_session(
    plane: Plane, anna: Someone, tenant_scope: TenantScope, now: datetime, method: MfaMethod
) -> None:
    challenges = [await sign_in(plane, anna.email, anna.password, now) for _ in range(AT_ONCE)]
    code = anna.code(now) if method is TOTP else anna.recovery_codes[0]
    calls: list[Awaitable[object]] = [verify_mfa(plane, each.token, method, code, now) for each in challenges]
    assert await winners(calls, MfaFailed) == 1
    assert await count(tenant_scope, Session) == 1
    assert await count(tenant_scope, Challenge, used_at=now) == 1


async def test_one_challenge_with_ten_recovery_codes_gives_one_session(
    plane: Plane, anna: Someone, tenant_scope: TenantScope, now: datetime
) -> None:
    challenge = await sign_in(plane, anna.email, anna.password, now)
    calls: list[Awaitable[object]] = [
        verify_mfa(plane, challenge.token, RECOVERY_CODE, code, now) for code in anna.recovery_codes
    ]
    assert await winners(calls, MfaFailed) == 1
    assert await count(tenant_scope, Session) == 1


async def test_one_refresh_token_gives_one_pair_and_its_family_ends(
    plane: Plane, anna: Someone, tenant_scope: TenantScope, now: datetime
) -> None:
    challenge = await sign_in(plane, anna.email, anna.password, now)
    session = await verify_mfa(plane, challenge.token, TOTP, anna.code(now), now)
    calls: list[Awaitable[object]] = [
        refresh_session(plane, session.refresh_token, now) for _ in range(AT_ONCE)
    ]
    assert await winners(calls, RefreshFailed) == 1
    assert await count(tenant_scope, RefreshToken) == 2
    assert await count(tenant_scope, Session, end_reason="TOKEN_REUSED") == 1


async def test_one_invitation_and_one_enrolment_are_used_once(
    plane: Plane, tenant_scope: TenantScope, now: datetime
) -> None:
    async with tenant_scope.write() as session:
        invited = await invite_account(
            session,
            email="dirk@example.org",
            name="Dirk Smeets",
            permissions={Permission.READ},
            contact_id=None,
            locale="nl",
            actor=SYSTEM,
            now=now,
        )
    accepting: list[Awaitable[object]] = [
        accept_invitation(plane, invited.token, PASSWORD, now) for _ in range(AT_ONCE)
    ]
    assert await winners(accepting, AuthError) == 1
    challenge = await sign_in(plane, "dirk@example.org", PASSWORD, now)
    enrollment = await enroll_totp(plane, challenge.token, now)
    code = code_at(enrollment.secret, now)
    confirming: list[Awaitable[object]] = [
        confirm_totp(plane, challenge.token, code, now) for _ in range(AT_ONCE)
    ]
    assert await winners(confirming, AuthError) == 1
    assert await count(tenant_scope, Session) == 1


async def test_no_more_tries_are_let_through_than_the_setting_says(plane: Plane, now: datetime) -> None:
    attempt = sign_in_attempt("anna@example.org", "192.0.2.1", SignInRules(tries=7))
    answers = await asyncio.gather(*(plane.store.admit_attempt(attempt, now) for _ in range(AT_ONCE)))
    assert sum(map(bool, answers)) == 7
    others = await asyncio.gather(*(plane.store.admit(attempt.wide, now) for _ in range(AT_ONCE)))
    # seven tries were counted under address and tenant before
    assert others.count(True) == AT_ONCE


async def test_of_fifty_right_passwords_at_once_as_many_are_looked_at_as_the_setting_says(
    plane: Plane, anna: Someone, tenant_scope: TenantScope, now: datetime
) -> None:
    few = replace(plane, rules=SignInRules(tries=7))
    calls: list[Awaitable[object]] = [sign_in(few, anna.email, anna.password, now) for _ in range(AT_ONCE)]
    assert await winners(calls, SignInFailed) == 7
    assert await count(tenant_scope, Challenge) == 7
