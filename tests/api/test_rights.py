"""Who may call what: a call without the right to it changes nothing, whoever makes it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from auth.permissions import Permission
from tests.api.conftest import NewCustomer
from tests.factories.contents import ATTEMPTS, Contents, audit_log, contents
from tests.factories.everything import ids_of_everything
from tests.factories.portal import Client, Customer, House

BESIDES = ATTEMPTS | {"session", "refresh_token", "work_session", "agent"}
TODAY = datetime.now(UTC).date().isoformat()
INPUTS: dict[str, dict[str, Any]] = {
    "registerTicket": {"type": "BUG", "subject": "?", "description": "?"},
    "addComment": {"ticketId": "Ticket", "body": "?"},
    "closeTicket": {"ticketId": "Ticket", "message": "?"},
    "changeTicketStatus": {"ticketId": "Ticket", "status": "IN_PROGRESS"},
    "classifyTicket": {"ticketId": "Ticket", "priorityKey": "HIGH", "reason": "?"},
    "reopenTicket": {"ticketId": "Ticket", "reason": "?"},
    "requestConsultancy": {"subject": "?", "description": "?"},
    "quoteConsultancy": {"requestId": "ConsultancyRequest", "estimatedHours": "1"},
    "confirmConsultancy": {"requestId": "ConsultancyRequest", "quoteDigest": "?"},
    "declineConsultancy": {"requestId": "ConsultancyRequest"},
    "recordConsultancyWork": {
        "requestId": "ConsultancyRequest", "workedOn": TODAY, "hours": "1", "description": "?"
    },
    "nameContact": {"name": "X", "email": "x@x.example", "phone": "030 123 45 67"},
    "removeContact": {"contactId": "Contact"},
    "replaceContact": {"contactId": "Contact", "name": "X", "email": "x@x.example", "phone": "030 123 45 67"},
    "changeContact": {"contactId": "Contact", "phone": "030 123 45 67"},
    "inviteAccount": {"email": "x@x.example", "name": "X", "permissions": ["READ"]},
    "deactivateAccount": {"accountId": "Account"},
    "reactivateAccount": {"accountId": "Account"},
    "changeAccountPermissions": {"accountId": "Account", "permissions": ["READ"]},
    "resetAccountMfa": {"accountId": "Account", "identityCheck": "?"},
    "renewInvitation": {"accountId": "Account"},
    "changeAccountContact": {"accountId": "Account", "contactId": "Contact"},
}  # fmt: skip
VENDOR = ("changeTicketStatus", "classifyTicket", "reopenTicket", "quoteConsultancy", "recordConsultancyWork")
CUSTOMER = ("confirmConsultancy", "declineConsultancy")
CONTACTS = ("nameContact", "removeContact", "replaceContact", "changeContact")
ACCOUNTS = ("deactivateAccount", "reactivateAccount", "changeAccountPermissions", "resetAccountMfa")
MANAGEMENT = (*CONTACTS, *ACCOUNTS, "inviteAccount", "renewInvitation", "changeAccountContact")
FOR_CONTACTS = tuple(name for name in INPUTS if name not in VENDOR)


@pytest.fixture(scope="module")
async def customer(new_customer: NewCustomer) -> Customer:
    return await new_customer()


@pytest.fixture(scope="module")
async def clients(shared_house: House, customer: Customer) -> dict[str, Client]:
    """One of each kind: the owner, a contact who may only read, a reader who is no contact, an operator."""
    helper = await customer.contact("Bea Bos", (Permission.READ,))
    operator = await shared_house.operator(email="rob@vendor.example")
    return {
        "owner": await customer.client(),
        "helper": await shared_house.session(helper),
        "reader": await shared_house.session(await customer.reader()),
        "operator": await shared_house.session(operator, customer.record.slug),
        "console": await shared_house.session(operator),
    }


@pytest.fixture(scope="module")
async def ids(shared_house: House, customer: Customer) -> dict[str, str]:
    return await ids_of_everything(customer, await shared_house.operator())


def call_of(mutation: str, ids: dict[str, str]) -> tuple[str, dict[str, Any]]:
    """Document and variables of a call that is in order but for who makes it."""
    given = {
        key: ids.get(value, value) if isinstance(value, str) else value
        for key, value in INPUTS[mutation].items()
    }
    kind = f"{mutation[0].upper()}{mutation[1:]}Input"
    document = f"mutation($input: {kind}!) {{ {mutation}(input: $input) {{ errors {{ code }} }} }}"
    return document, {"input": given}


async def called(client: Client, mutation: str, ids: dict[str, str]) -> Any:
    """The whole answer."""
    return await client.call(*call_of(mutation, ids))


async def state(customer: Customer) -> Contents:
    return await contents(customer.scope, BESIDES)


FORBIDDEN = [
    *(("owner", mutation) for mutation in VENDOR),
    *(("reader", mutation) for mutation in VENDOR),
    *(("operator", mutation) for mutation in CUSTOMER),
    *(("helper", mutation) for mutation in (*MANAGEMENT, *CUSTOMER, "registerTicket")),
    *(("console", mutation) for mutation in INPUTS),
]


@pytest.mark.clause("QX-024")
@pytest.mark.parametrize(("who", "mutation"), FORBIDDEN)
async def test_a_call_without_the_right_to_it_is_forbidden(
    customer: Customer, clients: dict[str, Client], ids: dict[str, str], who: str, mutation: str
) -> None:
    before = await state(customer)
    answer = await called(clients[who], mutation, ids)
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]
    assert answer["data"] is None
    assert await state(customer) == before
    if who != "console":
        refused = (await audit_log(customer.scope, "authz_fail"))[-1]
        assert refused.detail == {"field": mutation, "code": "FORBIDDEN"}


@pytest.mark.clause("OB-039")
@pytest.mark.parametrize("mutation", FOR_CONTACTS)
async def test_only_a_named_contact_acts_for_the_customer(
    customer: Customer, clients: dict[str, Client], ids: dict[str, str], mutation: str
) -> None:
    before = await state(customer)
    answer = await called(clients["reader"], mutation, ids)
    assert answer == {"data": {mutation: {"errors": [{"code": "FORBIDDEN_BY_CONTRACT"}]}}}
    assert await state(customer) == before


async def test_a_contact_who_is_removed_acts_no_more_at_once(new_customer: NewCustomer) -> None:
    customer = await new_customer()
    bea = await customer.contact("Bea Bos")
    client, owner = await customer.house.session(bea), await customer.client()
    assert (await called(client, "registerTicket", {}))["data"] == {"registerTicket": {"errors": []}}
    contacts = await owner.data("{ organization { contacts { id name } } }")
    key = next(it["id"] for it in contacts["organization"]["contacts"] if it["name"] == "Bea Bos")
    assert (await owner.do("removeContact", {"contactId": key}, ""))["errors"] == []
    answer = await called(client, "registerTicket", {})
    assert answer == {"data": {"registerTicket": {"errors": [{"code": "FORBIDDEN_BY_CONTRACT"}]}}}
    assert (await client.data("{ tickets { totalCount } }"))["tickets"]["totalCount"] == 1


async def test_without_sign_in_nothing_can_be_called(
    shared_house: House, customer: Customer, ids: dict[str, str]
) -> None:
    before = await state(customer)
    for mutation in INPUTS:
        answer = await shared_house.call(*call_of(mutation, ids), Portal_Tenant=customer.record.slug)
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNAUTHENTICATED"]
    assert await state(customer) == before
