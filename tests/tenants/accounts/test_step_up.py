from dataclasses import replace
from datetime import datetime
from uuid import UUID

import pytest

from auth.enrollment import (
    confirm_totp_again,
    enroll_totp_again,
    renew_recovery_codes,
)
from auth.errors import MfaFailed, StepUpRequired
from auth.passwords import Hasher
from auth.plane import Plane
from auth.principals import AccountPrincipal
from auth.rules import SignInRules
from auth.sessions import account_principal, authenticate_account, require_fresh
from auth.sign_in import sign_in, verify_mfa
from auth.step_up import step_up
from auth.store import MfaMethod
from auth.totp import code_at
from tenants.accounts.models import RecoveryCode, Session
from tenants.databases.scopes import TenantScope
from tests.factories.accounts import Someone, account_plane, later
from tests.factories.mails import mails_in
from tests.tenants.accounts.records import count, event_names

TOTP, RECOVERY_CODE = MfaMethod.TOTP, MfaMethod.RECOVERY_CODE


async def came_in(plane: Plane, someone: Someone, now: datetime) -> AccountPrincipal:
    challenge = await sign_in(plane, someone.email, someone.password, now)
    session = await verify_mfa(plane, challenge.token, TOTP, someone.code(now), now)
    return account_principal(session.holder, UUID(plane.audience))


async def now_is(plane: Plane, own: AccountPrincipal, now: datetime) -> AccountPrincipal:
    """The principal of the next request of the same session."""
    holder = await plane.store.holder(own.session_id, own.account_id, now)
    assert holder
    return account_principal(holder, own.tenant_id)


async def bearer(plane: Plane, token: str, now: datetime) -> AccountPrincipal:
    """Who a request with this access token comes from."""
    return await authenticate_account(plane.store, plane.tokens.verify(token, now=now), now)


@pytest.mark.parametrize("method", [TOTP, RECOVERY_CODE])
async def test_a_factor_that_is_shown_again_makes_this_session_fresh(
    plane: Plane, anna: Someone, tenant_scope: TenantScope, now: datetime, method: MfaMethod
) -> None:
    own, other = await came_in(plane, anna, now), await came_in(plane, anna, later(now, seconds=30))
    late = later(now, minutes=11)
    code = anna.code(late) if method is TOTP else anna.recovery_codes[0]
    copied, _ = plane.tokens.issue(
        subject=anna.id,
        session_id=own.session_id,
        audience=plane.audience,
        now=later(now, minutes=5),
        authenticated_at=own.authenticated_at,
    )
    shown = await step_up(plane, own, method, code, late)
    assert shown.fresh_until == later(now, minutes=21)
    own, copy = await bearer(plane, shown.access_token, late), await bearer(plane, copied, late)
    other = await now_is(plane, other, late)
    require_fresh(own, plane.rules.fresh, later(now, minutes=21))
    with pytest.raises(StepUpRequired):  # who holds the token of before has shown nothing
        require_fresh(copy, plane.rules.fresh, late)
    for principal, moment in ((own, later(now, minutes=21, seconds=1)), (other, late)):
        with pytest.raises(StepUpRequired):
            require_fresh(principal, plane.rules.fresh, moment)
    assert (await event_names(tenant_scope)).count("authn_mfa_success") == 3


async def test_a_code_that_came_in_does_not_freshen_and_one_that_freshened_does_not_come_in(
    plane: Plane, anna: Someone, tenant_scope: TenantScope, now: datetime
) -> None:
    own = await came_in(plane, anna, now)
    with pytest.raises(MfaFailed):
        await step_up(plane, own, TOTP, anna.code(now), now)
    following = later(now, seconds=30)
    await step_up(plane, own, TOTP, anna.code(following), following)
    await step_up(plane, own, RECOVERY_CODE, anna.recovery_codes[0], following)
    for method, code in ((TOTP, anna.code(following)), (RECOVERY_CODE, anna.recovery_codes[0])):
        challenge = await sign_in(plane, anna.email, anna.password, following)
        with pytest.raises(MfaFailed):
            await verify_mfa(plane, challenge.token, method, code, following)
        with pytest.raises(MfaFailed):
            await step_up(plane, own, method, code, following)
    assert await count(tenant_scope, Session) == 1
    assert await count(tenant_scope, RecoveryCode, used_at=None) == 9


async def test_a_wrong_factor_leaves_the_session_as_it_was_and_is_on_record(
    plane: Plane, anna: Someone, tenant_scope: TenantScope, now: datetime
) -> None:
    own, late = await came_in(plane, anna, now), later(now, minutes=11)
    for method, code in ((TOTP, "x"), (RECOVERY_CODE, "x"), (MfaMethod.PASSKEY, anna.code(late))):
        with pytest.raises(MfaFailed):
            await step_up(plane, own, method, code, late)
    assert (await now_is(plane, own, late)).authenticated_at == now
    assert (await event_names(tenant_scope)).count("authn_mfa_fail") == 3


async def test_tries_of_a_factor_are_counted_in_a_session_too(
    plane: Plane, anna: Someone, tenant_scope: TenantScope, hasher: Hasher, now: datetime
) -> None:
    plane = account_plane(tenant_scope, plane.keys, hasher, SignInRules(tries=3))
    own, late = await came_in(plane, anna, now), later(now, minutes=11)
    for _ in range(3):
        with pytest.raises(MfaFailed):
            await step_up(plane, own, TOTP, "000000", late)
    with pytest.raises(MfaFailed):
        await step_up(plane, own, TOTP, anna.code(late), late)
    following = later(late, seconds=30)
    assert await step_up(plane, own, TOTP, anna.code(following), following)


async def test_a_session_that_ended_is_not_freshened(
    plane: Plane, anna: Someone, tenant_scope: TenantScope, now: datetime
) -> None:
    own = await came_in(plane, anna, now)
    await plane.store.end_own_session(anna.id, own.session_id, now)
    following = later(now, seconds=30)
    with pytest.raises(MfaFailed):
        await step_up(plane, own, TOTP, anna.code(following), following)
    stranger = replace(own, session_id=UUID(int=3))
    with pytest.raises(MfaFailed):
        await step_up(plane, stranger, RECOVERY_CODE, anna.recovery_codes[0], now)
    assert await count(tenant_scope, RecoveryCode, used_at=None) == 10
    assert await count(tenant_scope, Session, authenticated_at=now) == 1


async def test_new_recovery_codes_take_the_place_of_the_old_ones_and_end_the_other_sessions(
    plane: Plane, anna: Someone, tenant_scope: TenantScope, now: datetime
) -> None:
    other, own = await came_in(plane, anna, now), await came_in(plane, anna, later(now, seconds=30))
    codes = await renew_recovery_codes(plane, own, now)
    assert len(set(codes)) == 10
    assert await count(tenant_scope, RecoveryCode) == 10
    with pytest.raises(MfaFailed):
        await step_up(plane, own, RECOVERY_CODE, anna.recovery_codes[0], now)
    assert await step_up(plane, own, RECOVERY_CODE, codes[0], now)
    assert await plane.store.holder(other.session_id, anna.id, now) is None
    told = {(mail.kind, mail.values["change"]) for mail in await mails_in(tenant_scope, plane.keys)}
    assert told == {("FACTOR_CHANGED", "recovery_codes"), ("FACTOR_CHANGED", "recovery_code_used")}
    assert "authn_mfa_codes_renewed" in await event_names(tenant_scope)
    following = later(now, seconds=60)
    elsewhere = await came_in(plane, anna, following)
    await renew_recovery_codes(plane, own, following, end_others=False)
    assert await plane.store.holder(elsewhere.session_id, anna.id, following)


async def test_recovery_codes_are_renewed_from_a_fresh_session_only(
    plane: Plane, anna: Someone, tenant_scope: TenantScope, now: datetime
) -> None:
    own = await came_in(plane, anna, now)
    with pytest.raises(StepUpRequired):
        await renew_recovery_codes(plane, own, later(now, minutes=10, seconds=1))
    assert await count(tenant_scope, RecoveryCode, created_at=now) == 0


async def test_a_new_authenticator_ends_step_one_tokens_and_other_sessions_and_is_mailed(
    plane: Plane, anna: Someone, tenant_scope: TenantScope, now: datetime
) -> None:
    other, own = await came_in(plane, anna, now), await came_in(plane, anna, later(now, seconds=30))
    step_one = await sign_in(plane, anna.email, anna.password, now)
    enrollment = await enroll_totp_again(plane, own, now)
    await confirm_totp_again(plane, own, code_at(enrollment.secret, now), now)
    following = later(now, seconds=60)
    with pytest.raises(MfaFailed):
        await verify_mfa(plane, step_one.token, TOTP, code_at(enrollment.secret, following), following)
    assert await plane.store.holder(other.session_id, anna.id, now) is None
    assert await authenticate_holder(plane, own, now)
    (mail,) = await mails_in(tenant_scope, plane.keys)
    assert (mail.kind, mail.values) == ("FACTOR_CHANGED", {"change": "authenticator"})


async def authenticate_holder(plane: Plane, own: AccountPrincipal, now: datetime) -> AccountPrincipal:
    token, _ = plane.tokens.issue(
        subject=own.account_id, session_id=own.session_id, audience=plane.audience, now=now
    )
    return await authenticate_account(plane.store, plane.tokens.verify(token, now=now), now)
