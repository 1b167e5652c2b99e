"""Of any number of calls at the same moment exactly one has the code or the link that works once."""

import asyncio
from collections.abc import Awaitable
from datetime import datetime
from uuid import UUID

import pytest

from auth.errors import AuthError, CurrentPasswordWrong, LinkInvalid, MfaFailed
from auth.own_email import confirm_email_change, request_email_change
from auth.own_passwords import change_password, request_reset, reset_password
from auth.passwords import Hasher
from auth.plane import Plane
from auth.principals import AccountPrincipal
from auth.rules import SignInRules
from auth.sessions import account_principal, open_session
from auth.sign_in import sign_in, verify_mfa
from auth.step_up import step_up
from auth.store import MfaMethod, Person
from tenants.accounts.models import MailedToken, RecoveryCode, Session
from tenants.databases.scopes import TenantScope
from tests.factories.accounts import Someone, account_plane
from tests.factories.mails import mails_in
from tests.tenants.accounts.records import count, event_names

AT_ONCE = 50
TOTP, RECOVERY_CODE = MfaMethod.TOTP, MfaMethod.RECOVERY_CODE


@pytest.fixture
def plane(tenant_scope: TenantScope, plane: Plane, hasher: Hasher) -> Plane:
    """As many tries as the test makes, so that it is not the throttle that stops them."""
    rules = SignInRules(tries=1_000, challenge_tries=1_000)
    return account_plane(tenant_scope, plane.keys, hasher, rules)


@pytest.fixture
async def own(plane: Plane, anna: Someone, now: datetime) -> AccountPrincipal:
    session = await open_session(plane, Person(anna.id, anna.email, ""), TOTP, now)
    return account_principal(session.holder, UUID(plane.audience))


async def winners(calls: list[Awaitable[object]], expected: type[AuthError]) -> int:
    """How many came through; each other one failed as expected."""
    answers = await asyncio.gather(*calls, return_exceptions=True)
    refused = [answer for answer in answers if isinstance(answer, BaseException)]
    assert {type(error) for error in refused if not isinstance(error, expected)} == set()
    return len(answers) - len(refused)


@pytest.mark.parametrize("method", [TOTP, RECOVERY_CODE])
async def test_one_code_freshens_once(
    plane: Plane,
    anna: Someone,
    own: AccountPrincipal,
    tenant_scope: TenantScope,
    now: datetime,
    method: MfaMethod,
) -> None:
    code = anna.code(now) if method is TOTP else anna.recovery_codes[0]
    calls: list[Awaitable[object]] = [step_up(plane, own, method, code, now) for _ in range(AT_ONCE)]
    assert await winners(calls, MfaFailed) == 1
    assert (await event_names(tenant_scope)).count("authn_mfa_success") == 1
    assert await count(tenant_scope, RecoveryCode, used_at=None) == (10 if method is TOTP else 9)


async def test_one_code_freshens_or_comes_in_but_not_both(
    plane: Plane, anna: Someone, own: AccountPrincipal, tenant_scope: TenantScope, now: datetime
) -> None:
    challenges = [await sign_in(plane, anna.email, anna.password, now) for _ in range(10)]
    code = anna.code(now)
    calls: list[Awaitable[object]] = [verify_mfa(plane, each.token, TOTP, code, now) for each in challenges]
    calls += [step_up(plane, own, TOTP, code, now) for _ in range(10)]
    assert await winners(calls, MfaFailed) == 1
    assert (await event_names(tenant_scope)).count("authn_mfa_success") == 1


async def test_one_reset_link_sets_one_password(
    plane: Plane, anna: Someone, tenant_scope: TenantScope, now: datetime
) -> None:
    await request_reset(plane, anna.email, plane.rules, now)
    (mail,) = await mails_in(tenant_scope, plane.keys)
    calls: list[Awaitable[object]] = [
        reset_password(plane, mail.values["token"], f"zeven vrolijke vinken {number}", now)
        for number in range(AT_ONCE)
    ]
    assert await winners(calls, LinkInvalid) == 1
    assert (await event_names(tenant_scope)).count("authn_password_change") == 1
    assert await count(tenant_scope, MailedToken, used_at=now) == 1


async def test_one_link_changes_the_address_once(
    plane: Plane, own: AccountPrincipal, tenant_scope: TenantScope, now: datetime
) -> None:
    await request_email_change(plane, own, "anna.nieuw@example.org", now)
    (mail,) = await mails_in(tenant_scope, plane.keys)
    calls: list[Awaitable[object]] = [
        confirm_email_change(plane, mail.values["token"], now) for _ in range(AT_ONCE)
    ]
    assert await winners(calls, LinkInvalid) == 1
    assert (await event_names(tenant_scope)).count("user_updated") == 1


async def test_of_many_changes_of_one_password_one_wins(
    plane: Plane, anna: Someone, own: AccountPrincipal, tenant_scope: TenantScope, now: datetime
) -> None:
    calls: list[Awaitable[object]] = [
        change_password(plane, own, anna.password, f"zeven vrolijke vinken {number}", now)
        for number in range(AT_ONCE)
    ]
    assert await winners(calls, CurrentPasswordWrong) == 1
    assert (await event_names(tenant_scope)).count("authn_password_change") == 1


async def test_no_session_of_the_old_password_outlives_its_change(
    plane: Plane, anna: Someone, own: AccountPrincipal, tenant_scope: TenantScope, now: datetime
) -> None:
    challenges = [await sign_in(plane, anna.email, anna.password, now) for _ in range(10)]
    calls: list[Awaitable[object]] = [
        verify_mfa(plane, each.token, RECOVERY_CODE, code, now)
        for each, code in zip(challenges, anna.recovery_codes, strict=True)
    ]
    calls.insert(5, change_password(plane, own, anna.password, "zeven vrolijke vinken", now))
    await winners(calls, AuthError)
    assert await count(tenant_scope, Session, ended_at=None) == 1
