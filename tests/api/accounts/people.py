"""What the tests of accounts ask and look up."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from api.ids import encode_id
from tenants.accounts.models import Session
from tenants.acts import SYSTEM
from tenants.contacts.service import change_tier
from tenants.contracts.service import agreement_in_force
from tenants.tables import table
from tests.factories.mails import mails_in
from tests.factories.portal import PASSWORD, SIGN_IN, Client, Customer, Person

ACCOUNT = "account { status permissions contact { name active } }"
ACCEPT = """mutation($input: AcceptInvitationInput!) { acceptInvitation(input: $input) {
  challenge { token enrollmentRequired } errors { code } } }"""
VERIFY = """mutation($input: VerifyMfaInput!) { verifyMfa(input: $input) { session { expiresAt } errors { code } } }"""
REFRESH = """mutation($input: RefreshSessionInput!) { refreshSession(input: $input) {
  session { accessToken } errors { code } } }"""
CONTACTS = "{ organization { contactLimit contacts { name email phone mobile } } }"
CARD = {"name": "Dirk Dop", "email": "dirk@x.example", "phone": "030 123 45 67"}


@dataclass(frozen=True)
class Posted:
    """What the tests compare of a mail that waits."""

    kind: str
    email: str
    values: dict[str, str]


def account_id(person: Person) -> str:
    return encode_id("Account", person.id)


def contact_id(person: Person) -> str:
    assert person.contact_id is not None
    return encode_id("Contact", person.contact_id)


def codes(payload: Any) -> list[str]:
    return [error["code"] for error in payload["errors"]]


Call = tuple[str, dict[str, Any]]
WAYS: dict[str, Callable[[Person], Call]] = {
    "deactivate": lambda it: ("deactivateAccount", {"accountId": account_id(it)}),
    "take the right": lambda it: (
        "changeAccountPermissions",
        {"accountId": account_id(it), "permissions": ["READ"]},
    ),
    "take the contact": lambda it: ("changeAccountContact", {"accountId": account_id(it), "contactId": None}),
    "remove the contact": lambda it: ("removeContact", {"contactId": contact_id(it)}),
    "replace the contact": lambda it: ("replaceContact", {"contactId": contact_id(it), **CARD}),
}
"""How somebody stops being an administrator."""


async def posted(customer: Customer) -> list[Posted]:
    """The customer's mails that wait, in the order in which they were queued."""
    mails = await mails_in(customer.scope, customer.house.portal.keys)
    return [Posted(mail.kind, mail.email, dict(mail.values)) for mail in mails]


async def link(customer: Customer, email: str) -> str:
    """The token of the link that was mailed last to an address."""
    mails = [mail for mail in await posted(customer) if mail.email == email and "token" in mail.values]
    return mails[-1].values["token"]


async def first_step(customer: Customer, person: Person) -> Any:
    """The answer to a right password."""
    given = {"input": {"email": person.email, "password": PASSWORD}}
    return (await customer.house.call(SIGN_IN, given, Portal_Tenant=customer.record.slug))["data"]["signIn"]


async def accepted(customer: Customer, token: str) -> Any:
    given = {"input": {"token": token, "password": "een lang wachtwoord dat niemand raadt"}}
    answer = await customer.house.call(ACCEPT, given, Portal_Tenant=customer.record.slug)
    return answer["data"]["acceptInvitation"]


async def is_in(client: Client) -> bool:
    """Whether the client's session still opens anything."""
    return "errors" not in await client.call("{ viewer { __typename } }")


async def let_factors_age(customer: Customer) -> None:
    """As if every factor had been shown eleven minutes ago."""
    own = table(Session)
    async with customer.scope.write() as session:
        for row in (await session.execute(select(own.c.id, own.c.authenticated_at))).all():
            earlier = row.authenticated_at - timedelta(minutes=11)
            await session.execute(update(own).where(own.c.id == row.id).values(authenticated_at=earlier))


async def named(client: Client) -> list[dict[str, Any]]:
    """The active contacts, the first named first."""
    found: list[dict[str, Any]] = (await client.data(CONTACTS))["organization"]["contacts"]
    return found


async def into_tier(customer: Customer, tier: str) -> None:
    """Puts the customer's contract in force in another tier, as the vendor does."""
    library, now = customer.house.portal.library, datetime.now(UTC)
    async with customer.scope.read() as reader:
        contract_id = (await agreement_in_force(reader, library, now)).contract_id
    async with customer.scope.write() as session:
        await change_tier(session, library, contract_id, tier, actor=SYSTEM, now=now)


async def managing(customer: Customer, *clients: Client) -> int:
    """How many of them still manage accounts."""
    asked = "mutation($input: ChangeContactInput!) { changeContact(input: $input) { errors { code path } } }"
    nobody = {"input": {"contactId": account_id(customer.owner)}}
    answers = [await client.call(asked, nobody) for client in clients]
    return sum("errors" not in it and codes(it["data"]["changeContact"]) == ["NOT_FOUND"] for it in answers)
