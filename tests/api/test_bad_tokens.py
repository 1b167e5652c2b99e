"""What opens nothing: tokens that are old, ended, foreign or made up."""

import base64
import json
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import httpx2
import pytest
from sqlalchemy import update

from tenants.accounts.models import Account
from tenants.credentials.columns import AccountStatus
from tenants.tables import table
from tests.api.conftest import NewCustomer
from tests.factories.portal import PASSWORD, SIGN_IN, Client, Customer, House

VIEWER = "{ viewer { __typename } }"
REGISTER = (
    'mutation { registerTicket(input: {type: BUG, subject: "?", description: "?"}) { errors { code } } }'
)


@pytest.fixture(scope="module")
async def customer(new_customer: NewCustomer) -> Customer:
    return await new_customer()


async def refused(house: House, *authorization: str) -> None:
    """Reading and writing are both refused, with the same words."""
    headers = [("Authorization", value) for value in authorization]
    answers: list[httpx2.Response] = []
    for document in (VIEWER, REGISTER):
        sent = [*headers, ("X-Request-Id", "bad-token-test"), ("Accept", "application/graphql-response+json")]
        answers.append(await house.http.post("/graphql", json={"query": document}, headers=sent))
    assert answers[0].content == answers[1].content
    assert answers[0].status_code == 401
    assert answers[0].headers["WWW-Authenticate"].startswith("Bearer")
    assert [error["extensions"]["code"] for error in answers[0].json()["errors"]] == ["UNAUTHENTICATED"]
    assert "data" not in answers[0].json()


def issued(client: Client, customer: Customer, *, now: datetime, session_id: UUID, audience: str) -> str:
    """A token with our own signature."""
    tokens = client.house.portal.tokens
    subject = customer.owner.id
    return tokens.issue(subject=subject, session_id=session_id, audience=audience, now=now)[0]


async def test_an_expired_token_opens_nothing(shared_house: House, customer: Customer) -> None:
    client, now = await customer.client(), datetime.now(UTC)
    session_id = shared_house.portal.tokens.verify(client.token, now=now).session_id
    audience = str(customer.record.id)
    old = issued(client, customer, now=now - timedelta(minutes=11), session_id=session_id, audience=audience)
    await refused(shared_house, f"Bearer {old}")
    young = issued(client, customer, now=now - timedelta(minutes=9), session_id=session_id, audience=audience)
    assert await shared_house.call(VIEWER, Authorization=f"Bearer {young}") == {
        "data": {"viewer": {"__typename": "Account"}}
    }


async def test_a_signed_token_without_a_session_opens_nothing(
    shared_house: House, customer: Customer, new_customer: NewCustomer
) -> None:
    client, now, other = await customer.client(), datetime.now(UTC), await new_customer()
    mine = shared_house.portal.tokens.verify(client.token, now=now).session_id
    for session_id, audience in (
        (uuid4(), str(customer.record.id)),
        (mine, str(other.record.id)),
        (mine, str(uuid4())),
        (mine, "console"),
    ):
        token = issued(client, customer, now=now, session_id=session_id, audience=audience)
        await refused(shared_house, f"Bearer {token}")


async def test_a_token_of_somebody_who_is_not_there_opens_nothing(
    shared_house: House, customer: Customer
) -> None:
    now = datetime.now(UTC)
    tokens = shared_house.portal.tokens
    session_id = tokens.verify((await customer.client()).token, now=now).session_id
    audience = str(customer.record.id)
    for subject in (uuid4(), (await customer.reader("Nina Niemand")).id):
        token = tokens.issue(subject=subject, session_id=session_id, audience=audience, now=now)[0]
        await refused(shared_house, f"Bearer {token}")


async def test_a_token_ends_with_its_session_at_once(shared_house: House, customer: Customer) -> None:
    client = await customer.client()
    assert "errors" not in await client.call(VIEWER)
    out = "mutation { signOut(input: {}) { errors { code } } }"
    assert await client.call(out) == {"data": {"signOut": {"errors": []}}}
    await refused(shared_house, f"Bearer {client.token}")


@pytest.mark.parametrize("status", [AccountStatus.LOCKED, AccountStatus.DEACTIVATED])
async def test_a_token_of_somebody_who_may_no_longer_come_in_opens_nothing(
    shared_house: House, customer: Customer, status: AccountStatus
) -> None:
    person = await customer.reader(f"R{status.value} Lezer")
    client = await shared_house.session(person)
    assert "errors" not in await client.call(VIEWER)
    async with customer.scope.write() as session:
        row = update(Account).where(table(Account).c.id == person.id)
        await session.execute(row.values(status=status.value))
    await refused(shared_house, f"Bearer {client.token}")


async def test_a_challenge_token_is_no_access_token(shared_house: House, customer: Customer) -> None:
    given = {"input": {"email": customer.owner.email, "password": PASSWORD}}
    answer = await shared_house.call(SIGN_IN, given, Portal_Tenant=customer.record.slug)
    await refused(shared_house, f"Bearer {answer['data']['signIn']['challenge']['token']}")
    await refused(shared_house, f"Bearer {(await customer.client()).refresh_token}")


def segment(value: dict[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


async def test_a_token_that_somebody_made_or_changed_opens_nothing(
    shared_house: House, customer: Customer
) -> None:
    token = (await customer.client()).token
    header, claims, signature = token.split(".")
    decoded = json.loads(base64.urlsafe_b64decode(claims + "=="))
    kid = json.loads(base64.urlsafe_b64decode(header + "=="))["kid"]
    lasting = segment({**decoded, "exp": decoded["exp"] + 10**6})
    for forged in (
        f"{segment({'typ': 'at+jwt', 'alg': 'none', 'kid': kid})}.{claims}.",
        f"{segment({'typ': 'at+jwt', 'alg': 'HS256', 'kid': kid})}.{claims}.{signature}",
        f"{segment({'typ': 'JWT', 'alg': 'Ed25519', 'kid': kid})}.{claims}.{signature}",
        f"{header}.{lasting}.{signature}",
        f"{header}.{claims}.{signature[:-4]}AAAA",
        f"{header}.{claims}",
        "..",
        "x" * 100_000,
    ):
        await refused(shared_house, f"Bearer {forged}")


async def test_an_authorization_that_is_no_single_bearer_token_opens_nothing(
    shared_house: House, customer: Customer
) -> None:
    token = (await customer.client()).token
    await refused(shared_house, "")
    await refused(shared_house, "Bearer")
    await refused(shared_house, f"Basic {token}")
    await refused(shared_house, token)
    await refused(shared_house, f"Bearer {token}", f"Bearer {token}")
    assert "errors" not in await shared_house.call(VIEWER, Authorization=f"bearer  {token} ")
