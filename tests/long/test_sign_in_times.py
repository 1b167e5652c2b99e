"""Why a sign-in fails cannot be told from the answer, nor from how long it takes."""

import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from statistics import median
from time import perf_counter

import httpx2
import pytest
from sqlalchemy import insert, update

from auth.permissions import Permission
from auth.rules import ACCOUNT_RULES
from auth.throttle import sign_in_attempt
from tenants.accounts.models import Account, Throttle
from tenants.accounts.service import invite_account
from tenants.acts import SYSTEM
from tenants.catalog.models import TenantStatus
from tenants.catalog.service import set_status
from tenants.credentials.columns import AccountStatus
from tenants.databases.scopes import TenantScope
from tenants.ids import new_id
from tenants.tables import table
from tests.factories.portal import PASSWORD, SIGN_IN, Customer, House
from tests.factories.serving import served

TRIES = 200
ROUNDS = 100_000
ADDRESS = "127.0.0.1"
OWN_HEADERS = {"x-request-id", "date", "ratelimit"}

pytestmark = pytest.mark.long


async def status_of(customer: Customer, name: str, status: AccountStatus) -> str:
    """The address of an account that may not come in."""
    person = await customer.reader(name)
    async with customer.scope.write() as session:
        row = update(Account).where(table(Account).c.id == person.id)
        await session.execute(row.values(status=status.value))
    return person.email


async def invited(customer: Customer) -> str:
    async with customer.scope.write() as session:
        email = "els@example.org"
        await invite_account(
            session,
            email=email,
            name="Els Evers",
            permissions={Permission.READ},
            contact_id=None,
            locale="EN",
            actor=SYSTEM,
            now=datetime.now(UTC),
        )
    return email


async def throttled(scope: TenantScope, email: str) -> str:
    """The address, which has to wait for longer than the test takes."""
    now = datetime.now(UTC)
    key = sign_in_attempt(email, ADDRESS, ACCOUNT_RULES).place.key
    values = {"key": key, "tries": 100, "window_started_at": now, "blocked_until": now + timedelta(days=1)}
    async with scope.write() as session:
        await session.execute(insert(Throttle).values(id=new_id(now), **values))
    return email


async def ways_to_fail(house: House) -> Mapping[str, tuple[str, str, str]]:
    """Tenant, address and password, by what is wrong."""
    customer, suspended = await house.tenant("alfa"), await house.tenant("bravo")
    now = datetime.now(UTC)
    await set_status(house.portal.catalog, suspended.record.id, TenantStatus.SUSPENDED, actor=SYSTEM, now=now)
    waiting = await customer.reader("Wim Wacht")
    there = {
        "wrong password": (customer.owner.email, "wrong"),
        "unknown": ("nobody@example.org", PASSWORD),
        "no address": ("nobody", PASSWORD),
        "locked": (await status_of(customer, "Loes Slot", AccountStatus.LOCKED), PASSWORD),
        "deactivated": (await status_of(customer, "Dirk Dral", AccountStatus.DEACTIVATED), PASSWORD),
        "invited": (await invited(customer), PASSWORD),
        "has to wait": (await throttled(customer.scope, waiting.email), PASSWORD),
        "unknown and has to wait": (await throttled(customer.scope, "anybody@example.org"), PASSWORD),
    }
    ways = {what: ("alfa", *given) for what, given in there.items()}
    ways["suspended tenant"] = ("bravo", suspended.owner.email, PASSWORD)
    ways["unknown tenant"] = ("charlie", customer.owner.email, PASSWORD)
    return ways


async def answer_of(http: httpx2.AsyncClient, way: tuple[str, str, str]) -> tuple[float, object]:
    """How long it took in milliseconds, and all of the answer that is not of the request alone."""
    slug, email, password = way
    given = {"query": SIGN_IN, "variables": {"input": {"email": email, "password": password}}}
    begin = perf_counter()
    response = await http.post("/graphql", json=given, headers={"Portal-Tenant": slug})
    taken = 1000 * (perf_counter() - begin)
    headers = {name: value for name, value in response.headers.items() if name not in OWN_HEADERS}
    return taken, (response.status_code, headers, response.content)


async def test_whatever_is_wrong_the_answer_is_the_same_and_comes_after_the_same_time(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    ways = await ways_to_fail(house)
    settings = house.portal.settings.model_copy(update={"password_rounds": ROUNDS, "sign_in_tries": 10_000})
    house.portal = replace(house.portal, settings=settings)
    times: dict[str, list[float]] = {what: [] for what in ways}
    answers = []
    async with served(house):
        for way in ways.values():
            await answer_of(house.http, way)  # connections and statements are made
        for _ in range(TRIES):
            for what, way in ways.items():
                taken, answer = await answer_of(house.http, way)
                times[what].append(taken)
                answers.append(answer)
    assert [answer for answer in answers if answer != answers[0]] == []
    medians = {what: median(taken) for what, taken in times.items()}
    with capsys.disabled():
        told = ", ".join(f"{what} {taken:.1f} ms" for what, taken in medians.items())
        sys.stdout.write(f"\nmedians of {TRIES} tries: {told}\n")
    assert max(medians.values()) <= 1.1 * min(medians.values())
