"""Where passwords wait to be hashed and no more fit in, nobody has tried anything yet."""

import asyncio
import threading
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import pytest

from auth.errors import HasherBusy
from auth.own_passwords import change_password
from auth.passwords import Hasher
from auth.plane import Plane
from auth.sessions import account_principal
from auth.sign_in import sign_in, verify_mfa
from auth.store import MfaMethod
from auth.throttle import sign_in_attempt
from tenants.accounts.models import Throttle
from tenants.databases.scopes import TenantScope
from tests.factories.accounts import Someone, later
from tests.tenants.accounts.records import count

NEW = "acht vrolijke vinken"


@pytest.fixture
async def busy(plane: Plane) -> AsyncIterator[Plane]:
    """The plane while its queue is full."""
    hasher, over = Hasher(rounds=1_000, workers=1, queue=1), threading.Event()
    others = [asyncio.create_task(hasher._run(over.wait)) for _ in range(2)]
    await asyncio.sleep(0)
    yield replace(plane, hasher=hasher)
    over.set()
    await asyncio.gather(*others)
    hasher.close()


async def test_a_full_queue_costs_no_try(
    busy: Plane, plane: Plane, anna: Someone, tenant_scope: TenantScope, now: datetime
) -> None:
    for _ in range(plane.rules.tries):
        with pytest.raises(HasherBusy):
            await sign_in(busy, anna.email, anna.password, now)
    attempt = sign_in_attempt(anna.email, plane.address, plane.rules)
    for key in (attempt.place, attempt.account, *attempt.wide):
        assert await count(tenant_scope, Throttle, key=key.key, tries=0) == 1
    assert await sign_in(plane, anna.email, anna.password, now)


async def test_a_full_queue_costs_no_try_of_the_current_password(
    busy: Plane, plane: Plane, anna: Someone, now: datetime
) -> None:
    challenge = await sign_in(plane, anna.email, anna.password, now)
    session = await verify_mfa(plane, challenge.token, MfaMethod.TOTP, anna.code(now), now)
    own = account_principal(session.holder, UUID(plane.audience))
    for _ in range(plane.rules.tries):
        with pytest.raises(HasherBusy):
            await change_password(busy, own, anna.password, NEW, now)
    await change_password(plane, own, anna.password, NEW, later(now, seconds=1))


class FullAfterwards(Hasher):
    """Its queue fills up between the comparison and the new hash."""

    async def hash(self, password: str) -> str:  # noqa: ARG002  # as Hasher has it
        raise HasherBusy(1)


async def test_a_right_password_comes_in_also_where_there_is_no_place_to_hash_it_anew(
    plane: Plane, anna: Someone, now: datetime
) -> None:
    hasher = FullAfterwards(rounds=2_000, workers=1)
    assert await sign_in(replace(plane, hasher=hasher), anna.email, anna.password, now)
    hasher.close()
