from dataclasses import replace
from datetime import datetime

import pytest

from auth.errors import MfaFailed, SignInFailed
from auth.passwords import Hasher
from auth.plane import Plane
from auth.rules import SignInRules
from auth.sign_in import refuse_sign_in, sign_in, verify_mfa
from auth.store import MfaMethod
from auth.throttle import sign_in_attempt
from tenants.accounts.models import Session, Throttle
from tenants.databases.scopes import TenantScope
from tests.factories.accounts import Someone, account_plane, add_account, later
from tests.tenants.accounts.records import count, event_names

RULES = SignInRules(tries=3, address_factor=3)


@pytest.fixture
def plane(tenant_scope: TenantScope, plane: Plane, hasher: Hasher) -> Plane:
    return account_plane(tenant_scope, plane.keys, hasher, RULES)


async def fail(plane: Plane, email: str, now: datetime, times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(SignInFailed):
            await sign_in(plane, email, "wrong", now)


async def test_after_too_many_tries_the_right_password_has_to_wait(
    plane: Plane, anna: Someone, tenant_scope: TenantScope, now: datetime
) -> None:
    await fail(plane, anna.email, now, times=3)
    with pytest.raises(SignInFailed):
        await sign_in(plane, anna.email, anna.password, now)
    assert "authn_login_lock" in await event_names(tenant_scope)
    assert await sign_in(plane, anna.email, anna.password, later(now, seconds=30))


async def test_one_persons_failures_do_not_stop_another(
    plane: Plane, anna: Someone, tenant_scope: TenantScope, now: datetime
) -> None:
    bert = await add_account(tenant_scope, plane.keys, plane.hasher, "bert@example.org")
    await fail(plane, anna.email, now, times=3)
    assert await sign_in(plane, bert.email, bert.password, now)


async def test_an_address_is_counted_over_all_names_that_it_tries(
    plane: Plane, anna: Someone, now: datetime
) -> None:
    for number in range(9):
        await fail(plane, f"somebody{number}@example.org", now)
    with pytest.raises(SignInFailed):
        await sign_in(plane, anna.email, anna.password, now)
    elsewhere = replace(plane, address="198.51.100.7")
    assert await sign_in(elsewhere, anna.email, anna.password, now)


async def test_a_name_that_nobody_has_is_counted_alike(
    plane: Plane, tenant_scope: TenantScope, now: datetime
) -> None:
    await fail(plane, "nobody@example.org", now, times=4)
    assert (await event_names(tenant_scope)).count("authn_login_lock") == 1


async def test_coming_in_wipes_the_count_of_the_account(plane: Plane, anna: Someone, now: datetime) -> None:
    for attempt in range(3):
        moment = later(now, seconds=60 * attempt)
        await fail(plane, anna.email, moment, times=2)
        challenge = await sign_in(plane, anna.email, anna.password, moment)
        code = anna.code(moment)
        # The third try began the wait; the session takes it back.
        assert await verify_mfa(plane, challenge.token, MfaMethod.TOTP, code, moment)


async def test_a_right_password_alone_does_not_wipe_the_count(
    plane: Plane, anna: Someone, now: datetime
) -> None:
    await fail(plane, anna.email, now, times=2)
    await sign_in(plane, anna.email, anna.password, now)
    with pytest.raises(SignInFailed):
        await sign_in(plane, anna.email, anna.password, now)


async def test_an_address_gets_back_only_the_try_that_came_in(
    plane: Plane, anna: Someone, tenant_scope: TenantScope, now: datetime
) -> None:
    await fail(plane, "nobody@example.org", now, times=2)
    challenge = await sign_in(plane, anna.email, anna.password, now)
    await verify_mfa(plane, challenge.token, MfaMethod.TOTP, anna.code(now), now)
    # Left: two tries of address and tenant, two of the name that nobody has and of its place; none of Anna's
    # account, and that she is familiar here.
    assert await count(tenant_scope, Throttle, tries=2) == 4
    assert await count(tenant_scope, Throttle, tries=0) == 2
    assert await count(tenant_scope, Throttle) == 6


async def test_second_factors_are_counted_over_all_challenges(
    plane: Plane, anna: Someone, tenant_scope: TenantScope, now: datetime
) -> None:
    challenges = [await sign_in(plane, anna.email, anna.password, now) for _ in range(3)]
    for challenge in challenges:
        with pytest.raises(MfaFailed):
            await verify_mfa(plane, challenge.token, MfaMethod.TOTP, "x", now)
    with pytest.raises(MfaFailed):
        await verify_mfa(plane, challenges[0].token, MfaMethod.TOTP, anna.code(now), now)
    assert await count(tenant_scope, Session) == 0
    following = later(now, seconds=30)
    assert await verify_mfa(plane, challenges[0].token, MfaMethod.TOTP, anna.code(following), following)


async def test_a_strangers_failures_do_not_stop_who_has_shown_the_password(
    plane: Plane, anna: Someone, now: datetime
) -> None:
    challenge = await sign_in(plane, anna.email, anna.password, now)
    await fail(replace(plane, address="198.51.100.7"), anna.email, now, times=5)
    assert await verify_mfa(plane, challenge.token, MfaMethod.TOTP, anna.code(now), now)


class Strangers:
    """As many as want to guess, each from a site of its own, each as often as it is let."""

    def __init__(self, plane: Plane, count: int) -> None:
        self.planes = [replace(plane, address=f"2001:db8:{number:x}::1") for number in range(count)]

    async def try_all(self, email: str, now: datetime) -> None:
        for plane in self.planes:
            attempt = sign_in_attempt(email, plane.address, plane.rules)
            await plane.store.admit_attempt(attempt, now)


async def comes_in(plane: Plane, someone: Someone, now: datetime) -> bool:
    try:
        challenge = await sign_in(plane, someone.email, someone.password, now)
    except SignInFailed:
        return False
    return bool(await verify_mfa(plane, challenge.token, MfaMethod.TOTP, someone.code(now), now))


async def test_a_stranger_who_tries_for_hours_keeps_nobody_out(
    plane: Plane, anna: Someone, now: datetime
) -> None:
    stranger = Strangers(plane, 1)
    for minute in range(0, 180, 2):
        await stranger.try_all(anna.email, later(now, minutes=minute))
        if minute % 60 == 58:
            # from wherever she comes, and although she was nowhere before
            place = replace(plane, address=f"198.51.100.{minute}")
            assert await comes_in(place, anna, later(now, minutes=minute))


async def test_a_flood_from_everywhere_does_not_keep_out_who_came_in_from_there_before(
    plane: Plane, anna: Someone, tenant_scope: TenantScope, now: datetime
) -> None:
    plane = replace(plane, rules=replace(RULES, tenant_factor=8))
    bert = await add_account(tenant_scope, plane.keys, plane.hasher, "bert@example.org")
    assert await comes_in(plane, anna, now)
    flood = Strangers(plane, 30)
    for minute in range(0, 90, 10):
        await flood.try_all(anna.email, later(now, minutes=minute))
        await flood.try_all(f"made-up-{minute}@example.org", later(now, minutes=minute))
    moment = later(now, minutes=80, seconds=1)
    assert not await comes_in(replace(plane, address="198.51.100.7"), bert, moment)
    assert await comes_in(plane, anna, moment)
    assert await comes_in(plane, anna, later(moment, seconds=30))


async def test_a_familiar_place_is_forgotten_after_thirty_days(
    plane: Plane, anna: Someone, now: datetime
) -> None:
    plane = replace(plane, rules=replace(RULES, tenant_factor=8))
    assert await comes_in(plane, anna, now)
    for days, known in ((29, True), (60, False)):
        moment = later(now, seconds=days * 86_400)
        for number in range(3):
            await Strangers(plane, 30).try_all(f"made-up-{number}@example.org", moment)
        assert await comes_in(plane, anna, moment) is known


async def test_a_tenant_is_counted_over_all_its_names_and_addresses(
    plane: Plane, anna: Someone, now: datetime
) -> None:
    plane = replace(plane, rules=replace(RULES, tenant_factor=8))
    for number in range(24):
        other = replace(plane, address=f"198.51.100.{number}")
        await fail(other, f"made-up-{number}@example.org", now)
    assert not await comes_in(plane, anna, now)
    assert await comes_in(plane, anna, later(now, seconds=30))


async def test_an_account_is_counted_over_all_addresses(plane: Plane, anna: Someone, now: datetime) -> None:
    for number in range(9):
        await fail(replace(plane, address=f"198.51.100.{number}"), anna.email, now)
    assert not await comes_in(plane, anna, now)


async def test_in_a_familiar_place_guesses_are_counted_all_the_same(
    plane: Plane, anna: Someone, now: datetime
) -> None:
    assert await comes_in(plane, anna, now)
    await fail(plane, anna.email, now, times=3)
    assert not await comes_in(plane, anna, now)


async def test_what_an_address_may_not_try_any_more_leaves_no_row_behind(
    plane: Plane, tenant_scope: TenantScope, now: datetime
) -> None:
    for number in range(12):
        await fail(plane, f"made-up-{number}@example.org", now)
    # the tenant, the address, and nine accounts each with their place
    assert await count(tenant_scope, Throttle) == 2 + 2 * 9


async def test_counts_are_forgotten_when_they_are_long_over(
    plane: Plane, anna: Someone, tenant_scope: TenantScope, now: datetime
) -> None:
    await fail(plane, "nobody@example.org", now)
    assert await comes_in(plane, anna, later(now, hours=48))
    # Anna's place, and what address, tenant and account have left
    assert await count(tenant_scope, Throttle) == 4


async def test_tries_where_nobody_signs_in_do_not_stop_those_who_do(
    plane: Plane, anna: Someone, now: datetime
) -> None:
    for _ in range(5):
        with pytest.raises(SignInFailed):
            await refuse_sign_in(plane, anna.email, "wrong", now)
    assert await comes_in(plane, anna, now)


async def test_who_comes_in_from_a_familiar_place_gives_nobody_else_new_tries(
    plane: Plane, anna: Someone, tenant_scope: TenantScope, now: datetime
) -> None:
    assert await comes_in(plane, anna, now)
    for number in range(5):
        await fail(plane, f"colleague{number}@example.org", now)
    for number in range(1, 4):
        assert await comes_in(plane, anna, later(now, seconds=30 * number))
    _, address = sign_in_attempt(anna.email, plane.address, plane.rules).wide
    assert await count(tenant_scope, Throttle, key=address.key, tries=5) == 1


async def test_where_nobody_is_admitted_from_nobodys_tries_are_used_up(
    plane: Plane, anna: Someone, now: datetime
) -> None:
    outside = replace(plane, rules=replace(RULES, tenant_factor=4), admitted=False)
    for number in range(12):
        await fail(replace(outside, address=f"203.0.113.{number}"), f"x{number}@example.org", now)
    assert await comes_in(replace(outside, admitted=True, address="192.0.2.9"), anna, now)
