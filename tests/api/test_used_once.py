"""Of fifty who show the same thing at the same moment over HTTP exactly one comes through."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pyotp
import pytest
from sqlalchemy import insert, select

from auth.permissions import Permission
from auth.recovery import code_hash, new_codes
from tenants.accounts.models import Account, Challenge, RecoveryCode, RefreshToken, Session
from tenants.accounts.service import invite_account
from tenants.acts import SYSTEM
from tenants.credentials.columns import AccountStatus
from tenants.databases.servers import Server
from tenants.ids import new_id
from tenants.tables import table
from tests.factories.portal import PASSWORD, SIGN_IN, VERIFY, Customer, House, open_house

AT_ONCE = 50
REFRESH = """mutation($input: RefreshSessionInput!) { refreshSession(input: $input) {
  session { accessToken } errors { code } } }"""
ACCEPT = """mutation($input: AcceptInvitationInput!) { acceptInvitation(input: $input) {
  challenge { token } errors { code } } }"""


@pytest.fixture
async def customer(patient_house: House) -> Customer:
    return await patient_house.tenant(f"c-{new_id(datetime.now(UTC)).hex[:20]}")


@pytest.fixture(scope="module")
async def patient_house(
    server: Server, tmp_path_factory: pytest.TempPathFactory, anyio_backend: str
) -> AsyncIterator[House]:
    """As many tries as the tests make, so that it is not a throttle that stops them."""
    folder = tmp_path_factory.mktemp(f"patient-{anyio_backend}")
    async with open_house(server, folder, sign_in_tries=1_000, hasher_queue=200) as opened:
        yield opened


async def at_once(customer: Customer, document: str, given: list[dict[str, str]]) -> tuple[int, list[str]]:
    """How many of the calls, made together, were not refused; and the codes of those that were."""
    calls = (
        customer.house.call(document, {"input": each}, Portal_Tenant=customer.record.slug) for each in given
    )
    answers = await asyncio.gather(*calls)
    payloads: list[Any] = [payload for answer in answers for payload in answer["data"].values()]
    refused = [error["code"] for payload in payloads for error in payload["errors"]]
    return len(payloads) - len(refused), refused


async def challenges(customer: Customer) -> list[str]:
    """So many right passwords."""
    given = {"email": customer.owner.email, "password": PASSWORD}
    tokens = []
    for _ in range(AT_ONCE):
        answer = await customer.house.call(SIGN_IN, {"input": given}, Portal_Tenant=customer.record.slug)
        tokens.append(answer["data"]["signIn"]["challenge"]["token"])
    return tokens


async def kept(customer: Customer, model: Any, column: str) -> list[Any]:
    """The values of one column that are not null."""
    own = table(model).c[column]
    async with customer.scope.read() as reader:
        return [row[0] for row in await reader.rows(select(own).where(own.is_not(None)))]


async def test_one_authenticator_code_opens_one_session(customer: Customer) -> None:
    tokens = await challenges(customer)
    code = pyotp.TOTP(customer.owner.secret).now()
    given = [{"challengeToken": token, "method": "TOTP", "code": code} for token in tokens]
    assert await at_once(customer, VERIFY, given) == (1, ["MFA_FAILED"] * (AT_ONCE - 1))
    assert len(await kept(customer, Session, "id")) == 1
    assert len(await kept(customer, Challenge, "used_at")) == 1


async def test_one_recovery_code_opens_one_session(customer: Customer) -> None:
    code, owner, now = new_codes()[0], customer.owner.id, datetime.now(UTC)
    async with customer.scope.write() as session:
        values = {"subject_id": owner, "code_hash": code_hash(owner, code), "created_at": now}
        await session.execute(insert(RecoveryCode).values(id=new_id(now), **values))
    tokens = await challenges(customer)
    given = [{"challengeToken": token, "method": "RECOVERY_CODE", "code": code} for token in tokens]
    assert await at_once(customer, VERIFY, given) == (1, ["MFA_FAILED"] * (AT_ONCE - 1))
    assert len(await kept(customer, Session, "id")) == 1
    assert len(await kept(customer, RecoveryCode, "used_at")) == 1


async def test_one_refresh_token_gives_one_pair_and_its_session_ends(customer: Customer) -> None:
    client = await customer.client()
    given = [{"refreshToken": client.refresh_token}] * AT_ONCE
    assert await at_once(customer, REFRESH, given) == (1, ["SIGN_IN_FAILED"] * (AT_ONCE - 1))
    assert len(await kept(customer, RefreshToken, "id")) == 2
    assert await kept(customer, Session, "end_reason") == ["TOKEN_REUSED"]


async def test_one_invitation_lets_one_password_be_chosen(customer: Customer) -> None:
    async with customer.scope.write() as session:
        invited = await invite_account(
            session,
            email="dirk@example.org",
            name="Dirk Smeets",
            permissions={Permission.READ},
            contact_id=None,
            locale="EN",
            actor=SYSTEM,
            now=datetime.now(UTC),
        )
    given = [{"token": invited.token, "password": f"zeven vrolijke vinken {n}"} for n in range(AT_ONCE)]
    assert await at_once(customer, ACCEPT, given) == (1, ["NOT_FOUND"] * (AT_ONCE - 1))
    assert len(await kept(customer, Challenge, "id")) == 1
    assert AccountStatus.INVITED.value not in await kept(customer, Account, "status")
