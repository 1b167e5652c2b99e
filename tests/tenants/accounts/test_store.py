"""Each check of the store by itself: what one layer catches must not rest on the other."""

from datetime import datetime
from uuid import UUID

import pytest
from sqlalchemy import delete

from auth.enrollment import accept_invitation, confirm_totp, enroll_totp
from auth.errors import EnrollmentRefused
from auth.opaque import token_hash
from auth.permissions import Permission
from auth.plane import Plane
from auth.sign_in import fresh_challenge, sign_in
from auth.store import Challenge, ChallengePurpose, Factor, MfaMethod, NewSession
from auth.totp import code_at, new_secret
from tenants.accounts.models import Factor as FactorRow
from tenants.accounts.models import RecoveryCode, Session
from tenants.accounts.service import Invited, invite_account
from tenants.acts import SYSTEM
from tenants.credentials.columns import AccountStatus
from tenants.databases.scopes import TenantScope
from tenants.ids import new_id
from tests.factories.accounts import PASSWORD, Someone, later
from tests.tenants.accounts.records import count, set_status


async def challenged(plane: Plane, someone: Someone, now: datetime) -> tuple[str, Challenge]:
    issued = await sign_in(plane, someone.email, someone.password, now)
    hashed = token_hash(issued.token)
    challenge = await plane.store.challenge(hashed, now)
    assert challenge is not None
    return hashed, challenge


async def invited_dirk(scope: TenantScope, now: datetime) -> Invited:
    async with scope.write() as session:
        return await invite_account(
            session,
            email="dirk@example.org",
            name="Dirk Smeets",
            permissions={Permission.READ},
            contact_id=None,
            locale="nl",
            actor=SYSTEM,
            now=now,
        )


async def test_a_challenge_is_not_found_once_it_is_used(plane: Plane, anna: Someone, now: datetime) -> None:
    hashed, challenge = await challenged(plane, anna, now)
    assert challenge.confirmed is not None
    assert await plane.store.use_step(challenge, challenge.confirmed, 1, now)
    assert await plane.store.challenge(hashed, now) is None


async def test_a_challenge_is_not_found_when_it_is_too_old(
    plane: Plane, anna: Someone, now: datetime
) -> None:
    hashed, challenge = await challenged(plane, anna, now)
    end = later(now, minutes=10)
    assert await plane.store.challenge(hashed, end) is None
    assert not await plane.store.count_try(challenge.id, 5, end)
    assert challenge.confirmed is not None
    assert not await plane.store.use_step(challenge, challenge.confirmed, 1, end)


async def test_a_challenge_is_not_found_while_its_person_may_not_come_in(
    plane: Plane, anna: Someone, tenant_scope: TenantScope, now: datetime
) -> None:
    hashed, _ = await challenged(plane, anna, now)
    await set_status(tenant_scope, anna.id, AccountStatus.LOCKED)
    assert await plane.store.challenge(hashed, now) is None


async def test_a_challenge_has_as_many_tries_as_the_setting_says(
    plane: Plane, anna: Someone, now: datetime
) -> None:
    _, challenge = await challenged(plane, anna, now)
    assert [await plane.store.count_try(challenge.id, 3, now) for _ in range(5)] == [True] * 3 + [False] * 2


async def test_a_step_that_lost_leaves_the_challenge_open(plane: Plane, anna: Someone, now: datetime) -> None:
    hashed, challenge = await challenged(plane, anna, now)
    _, other = await challenged(plane, anna, now)
    assert challenge.confirmed is not None
    assert await plane.store.use_step(other, challenge.confirmed, 5, now)
    for step in (4, 5):
        assert not await plane.store.use_step(challenge, challenge.confirmed, step, now)
    assert await plane.store.challenge(hashed, now) is not None


async def test_no_session_is_opened_for_whoever_may_not_come_in(
    plane: Plane, anna: Someone, tenant_scope: TenantScope, now: datetime
) -> None:
    await set_status(tenant_scope, anna.id, AccountStatus.DEACTIVATED)
    wanted = NewSession("0" * 64, plane.rules.lifetimes, MfaMethod.TOTP, (), (), "f" * 64, now)
    assert await plane.store.open_session(anna.id, wanted, now) is None
    assert await plane.store.open_session(UUID(int=1), wanted, now) is None
    assert await count(tenant_scope, Session) == 0


async def test_an_accepted_invitation_stays_used_when_the_account_waits_again(
    plane: Plane, tenant_scope: TenantScope, now: datetime
) -> None:
    invited = await invited_dirk(tenant_scope, now)
    stale = await plane.store.invitation(token_hash(invited.token), now)
    assert stale is not None
    await accept_invitation(plane, invited.token, PASSWORD, now)
    await set_status(tenant_scope, invited.account.id, AccountStatus.INVITED)
    assert await plane.store.invitation(token_hash(invited.token), now) is None
    _, challenge = fresh_challenge(plane, ChallengePurpose.ENROLLMENT, now)
    assert not await plane.store.accept_invitation(stale, "hash", challenge, now)


async def test_a_new_password_ends_the_challenges_of_the_old_one(
    plane: Plane, tenant_scope: TenantScope, now: datetime
) -> None:
    invited = await invited_dirk(tenant_scope, now)
    token, challenge = fresh_challenge(plane, ChallengePurpose.ENROLLMENT, now)
    await plane.store.open_challenge(invited.account.id, challenge, now)
    await accept_invitation(plane, invited.token, PASSWORD, now)
    assert await plane.store.challenge(token_hash(token), now) is None


async def test_a_first_factor_is_refused_where_there_is_one_already(
    plane: Plane, tenant_scope: TenantScope, now: datetime
) -> None:
    invited = await invited_dirk(tenant_scope, now)
    await accept_invitation(plane, invited.token, PASSWORD, now)
    late = await sign_in(plane, "dirk@example.org", PASSWORD, now)
    stale = await plane.store.challenge(token_hash(late.token), now)
    assert stale is not None
    early = await sign_in(plane, "dirk@example.org", PASSWORD, now)
    enrollment = await enroll_totp(plane, early.token, now)
    await confirm_totp(plane, early.token, code_at(enrollment.secret, now), now)
    pending = Factor(new_id(now), plane.keys.encrypt(new_secret(), "x"), 0)
    await plane.store.put_pending_factor(invited.account.id, pending, now)
    assert not await plane.store.confirm_factor(invited.account.id, pending, 1, [], stale, None, now)
    assert await count(tenant_scope, FactorRow, confirmed_at=now) == 1
    assert await count(tenant_scope, RecoveryCode) == 10


async def test_a_sign_in_challenge_does_not_enrol_even_when_the_factor_is_gone(
    plane: Plane, anna: Someone, tenant_scope: TenantScope, now: datetime
) -> None:
    issued = await sign_in(plane, anna.email, anna.password, now)
    async with tenant_scope.write() as session:
        await session.execute(delete(FactorRow))
    with pytest.raises(EnrollmentRefused):
        await enroll_totp(plane, issued.token, now)
    assert await count(tenant_scope, FactorRow) == 0


async def test_a_hash_is_renewed_only_while_it_is_the_one_that_was_shown(
    plane: Plane, anna: Someone, now: datetime
) -> None:
    await plane.store.replace_password_hash(anna.id, "another", "stolen")
    assert await sign_in(plane, anna.email, anna.password, now)
