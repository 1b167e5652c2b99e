from dataclasses import replace
from datetime import datetime
from uuid import UUID

import pytest
from sqlalchemy import select

from auth.enrollment import (
    accept_invitation,
    confirm_totp,
    confirm_totp_again,
    enroll_totp,
    enroll_totp_again,
)
from auth.errors import (
    EnrollmentRefused,
    InvitationInvalid,
    MfaFailed,
    SignInFailed,
    StepUpRequired,
    WeakPassword,
)
from auth.permissions import Permission
from auth.plane import Plane
from auth.principals import AccountPrincipal
from auth.sessions import account_principal, authenticate_account, refresh_session
from auth.sign_in import sign_in, verify_mfa
from auth.store import MfaMethod
from auth.totp import code_at
from tenants.accounts.models import Challenge, Factor, Invitation, RecoveryCode, Session
from tenants.accounts.service import Invited, invite_account
from tenants.acts import SYSTEM
from tenants.databases.scopes import TenantScope
from tenants.tables import table
from tests.factories.accounts import PASSWORD, Someone, later
from tests.tenants.accounts.records import count, event_names

TOTP, RECOVERY_CODE = MfaMethod.TOTP, MfaMethod.RECOVERY_CODE


@pytest.fixture
async def invited(tenant_scope: TenantScope, now: datetime) -> Invited:
    async with tenant_scope.write() as session:
        return await invite_account(
            session,
            email="Dirk@Example.org",
            name="Dirk Smeets",
            permissions={Permission.READ},
            contact_id=None,
            locale="nl",
            actor=SYSTEM,
            now=now,
        )


async def principal_of(plane: Plane, someone: Someone, now: datetime) -> AccountPrincipal:
    challenge = await sign_in(plane, someone.email, someone.password, now)
    session = await verify_mfa(plane, challenge.token, TOTP, someone.code(now), now)
    return account_principal(session.holder, UUID(plane.audience))


async def test_a_new_account_accepts_enrols_and_is_in(plane: Plane, invited: Invited, now: datetime) -> None:
    challenge = await accept_invitation(plane, invited.token, PASSWORD, now)
    assert (challenge.enrollment_required, challenge.methods) == (True, ())
    enrollment = await enroll_totp(plane, challenge.token, now)
    assert "dirk%40example.org" in enrollment.uri
    assert enrollment.qr_code_svg.startswith("<svg")
    enrolled = await confirm_totp(plane, challenge.token, code_at(enrollment.secret, now), now)
    assert len(set(enrolled.recovery_codes)) == 10
    assert enrolled.session is not None
    claims = plane.tokens.verify(enrolled.session.access_token, now=now, audience=plane.audience)
    principal = await authenticate_account(plane.store, claims, now)
    assert (principal.account_id, principal.permissions) == (invited.account.id, frozenset({Permission.READ}))
    following = later(now, seconds=30)
    again = await sign_in(plane, "dirk@example.org", PASSWORD, following)
    assert again.methods == (TOTP, RECOVERY_CODE)
    session = await verify_mfa(plane, again.token, RECOVERY_CODE, enrolled.recovery_codes[9], following)
    assert session.holder.id == invited.account.id


async def test_the_code_that_confirms_is_used_up(plane: Plane, invited: Invited, now: datetime) -> None:
    challenge = await accept_invitation(plane, invited.token, PASSWORD, now)
    enrollment = await enroll_totp(plane, challenge.token, now)
    code = code_at(enrollment.secret, now)
    await confirm_totp(plane, challenge.token, code, now)
    again = await sign_in(plane, "dirk@example.org", PASSWORD, now)
    with pytest.raises(MfaFailed):
        await verify_mfa(plane, again.token, TOTP, code, now)


async def test_nobody_signs_in_before_the_invitation_is_accepted(
    plane: Plane, invited: Invited, now: datetime
) -> None:
    for password in ("", PASSWORD, invited.token):
        with pytest.raises(SignInFailed):
            await sign_in(plane, "dirk@example.org", password, now)


async def test_an_invitation_works_once_and_for_seven_days(
    plane: Plane, invited: Invited, tenant_scope: TenantScope, now: datetime
) -> None:
    with pytest.raises(InvitationInvalid):
        await accept_invitation(plane, invited.token, PASSWORD, later(now, days=7))
    await accept_invitation(plane, invited.token, PASSWORD, later(now, days=6.99))
    with pytest.raises(InvitationInvalid):
        await accept_invitation(plane, invited.token, "een heel ander wachtwoord", now)
    assert await count(tenant_scope, Invitation, token_hash=invited.token) == 0
    assert (await sign_in(plane, "dirk@example.org", PASSWORD, now)).enrollment_required


async def test_a_weak_password_leaves_the_invitation_as_it_was(
    plane: Plane, invited: Invited, now: datetime
) -> None:
    for password in ("kort", "Qixium20262026", "dirk@example.org1", "smeets-smeets", "\ud800" * 12):
        with pytest.raises(WeakPassword):
            await accept_invitation(plane, invited.token, password, now)
    assert (await accept_invitation(plane, invited.token, PASSWORD, now)).enrollment_required


async def test_what_is_no_invitation_is_refused(plane: Plane, now: datetime) -> None:
    for token in ("", "x", "\ud800", "x" * 100_000):
        with pytest.raises(InvitationInvalid):
            await accept_invitation(plane, token, PASSWORD, now)


async def test_an_enrolment_challenge_opens_nothing_but_enrolment(
    plane: Plane, invited: Invited, tenant_scope: TenantScope, now: datetime
) -> None:
    challenge = await accept_invitation(plane, invited.token, PASSWORD, now)
    enrollment = await enroll_totp(plane, challenge.token, now)
    with pytest.raises(MfaFailed):
        await verify_mfa(plane, challenge.token, TOTP, code_at(enrollment.secret, now), now)
    assert await count(tenant_scope, Session) == 0
    assert await count(tenant_scope, Challenge, used_at=None, tries=0) == 1


async def test_a_sign_in_challenge_does_not_enrol(
    plane: Plane, anna: Someone, tenant_scope: TenantScope, now: datetime
) -> None:
    challenge = await sign_in(plane, anna.email, anna.password, now)
    with pytest.raises(EnrollmentRefused):
        await enroll_totp(plane, challenge.token, now)
    with pytest.raises(EnrollmentRefused):
        await confirm_totp(plane, challenge.token, anna.code(now), now)
    assert await count(tenant_scope, Factor) == 1


async def test_of_two_enrolment_challenges_only_the_first_makes_a_factor(
    plane: Plane, invited: Invited, now: datetime
) -> None:
    await accept_invitation(plane, invited.token, PASSWORD, now)
    first = await sign_in(plane, "dirk@example.org", PASSWORD, now)
    second = await sign_in(plane, "dirk@example.org", PASSWORD, now)
    enrollment = await enroll_totp(plane, first.token, now)
    await confirm_totp(plane, first.token, code_at(enrollment.secret, now), now)
    for challenge in (first, second):
        with pytest.raises((EnrollmentRefused, MfaFailed)):
            await enroll_totp(plane, challenge.token, now)


async def test_the_challenge_of_an_invitation_is_the_only_one_left(
    plane: Plane, invited: Invited, tenant_scope: TenantScope, now: datetime
) -> None:
    await accept_invitation(plane, invited.token, PASSWORD, now)
    assert await count(tenant_scope, Challenge, purpose="ENROLLMENT", used_at=None) == 1


async def test_without_enrolling_there_is_nothing_to_confirm(
    plane: Plane, invited: Invited, now: datetime
) -> None:
    challenge = await accept_invitation(plane, invited.token, PASSWORD, now)
    with pytest.raises(MfaFailed):
        await confirm_totp(plane, challenge.token, "000000", now)


async def test_a_wrong_code_confirms_nothing_and_is_counted(
    plane: Plane, invited: Invited, tenant_scope: TenantScope, now: datetime
) -> None:
    challenge = await accept_invitation(plane, invited.token, PASSWORD, now)
    enrollment = await enroll_totp(plane, challenge.token, now)
    for _ in range(5):
        with pytest.raises(MfaFailed):
            await confirm_totp(plane, challenge.token, code_at(enrollment.secret, later(now, hours=1)), now)
    with pytest.raises(MfaFailed):
        await confirm_totp(plane, challenge.token, code_at(enrollment.secret, now), now)
    assert await count(tenant_scope, Factor, confirmed_at=None) == 1
    assert await count(tenant_scope, RecoveryCode) == 0
    assert "authn_mfa_fail" in await event_names(tenant_scope)


async def test_enrolling_twice_leaves_one_pending_secret(
    plane: Plane, invited: Invited, tenant_scope: TenantScope, now: datetime
) -> None:
    challenge = await accept_invitation(plane, invited.token, PASSWORD, now)
    first = await enroll_totp(plane, challenge.token, now)
    second = await enroll_totp(plane, challenge.token, now)
    assert await count(tenant_scope, Factor) == 1
    with pytest.raises(MfaFailed):
        await confirm_totp(plane, challenge.token, code_at(first.secret, now), now)
    enrolled = await confirm_totp(plane, challenge.token, code_at(second.secret, now), now)
    assert enrolled.session is not None


async def test_a_secret_is_kept_sealed(
    plane: Plane, invited: Invited, tenant_scope: TenantScope, now: datetime
) -> None:
    challenge = await accept_invitation(plane, invited.token, PASSWORD, now)
    enrollment = await enroll_totp(plane, challenge.token, now)
    async with tenant_scope.read() as reader:
        stored = await reader.scalar(select(table(Factor).c.secret))
    assert enrollment.secret not in stored


async def test_a_fresh_session_replaces_the_authenticator_and_ends_the_other_sessions(
    plane: Plane, anna: Someone, tenant_scope: TenantScope, now: datetime
) -> None:
    other = await sign_in(plane, anna.email, anna.password, now)
    elsewhere = await verify_mfa(plane, other.token, RECOVERY_CODE, anna.recovery_codes[0], now)
    principal = await principal_of(plane, anna, now)
    enrollment = await enroll_totp_again(plane, principal, now)
    enrolled = await confirm_totp_again(plane, principal, code_at(enrollment.secret, now), now)
    assert enrolled.session is None
    assert await count(tenant_scope, Session, ended_at=None) == 1
    assert await plane.store.holder(principal.session_id, anna.id, now) is not None
    assert await plane.store.holder(elsewhere.holder.session_id, anna.id, now) is None
    following = later(now, seconds=30)
    again = await sign_in(plane, anna.email, anna.password, following)
    with pytest.raises(MfaFailed):
        await verify_mfa(plane, again.token, TOTP, anna.code(following), following)
    with pytest.raises(MfaFailed):
        await verify_mfa(plane, again.token, RECOVERY_CODE, anna.recovery_codes[1], following)
    code = code_at(enrollment.secret, following)
    assert (await verify_mfa(plane, again.token, TOTP, code, following)).holder.id == anna.id


async def test_until_the_new_authenticator_is_confirmed_the_old_one_counts(
    plane: Plane, anna: Someone, now: datetime
) -> None:
    enrollment = await enroll_totp_again(plane, await principal_of(plane, anna, now), now)
    following = later(now, seconds=30)
    challenge = await sign_in(plane, anna.email, anna.password, following)
    with pytest.raises(MfaFailed):
        await verify_mfa(plane, challenge.token, TOTP, code_at(enrollment.secret, following), following)
    assert await verify_mfa(plane, challenge.token, TOTP, anna.code(following), following)


async def test_a_session_of_long_ago_changes_no_factor(
    plane: Plane, anna: Someone, tenant_scope: TenantScope, now: datetime
) -> None:
    principal = await principal_of(plane, anna, now)
    late = later(now, minutes=10, seconds=1)
    with pytest.raises(StepUpRequired):
        await enroll_totp_again(plane, principal, late)
    with pytest.raises(StepUpRequired):
        await confirm_totp_again(plane, replace(principal), "000000", late)
    assert await count(tenant_scope, Factor) == 1


async def test_refreshing_does_not_make_a_session_fresh(plane: Plane, anna: Someone, now: datetime) -> None:
    challenge = await sign_in(plane, anna.email, anna.password, now)
    session = await verify_mfa(plane, challenge.token, TOTP, anna.code(now), now)
    late = later(now, minutes=11)
    renewed = await refresh_session(plane, session.refresh_token, late)
    with pytest.raises(StepUpRequired):
        await enroll_totp_again(plane, account_principal(renewed.holder, UUID(plane.audience)), late)
