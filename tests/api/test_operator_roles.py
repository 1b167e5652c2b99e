"""Operators do what their roles say: who is responsible for a step may take it, and who is accountable."""

from collections.abc import Mapping

import pytest

from api.access import ROLES
from auth.permissions import OperatorRole
from tests.api.conftest import NewCustomer
from tests.api.test_rights import INPUTS, MANAGEMENT, call_of, state
from tests.factories.contents import audit_log
from tests.factories.everything import ids_of_everything
from tests.factories.portal import Client, Customer, House

SUPPORT, CONSULTANT, MANAGER, TEAM, ADMINISTRATOR = OperatorRole
EVERY_ROLE = tuple(OperatorRole)
MANAGING = (SUPPORT, MANAGER, ADMINISTRATOR)
WHO_MAY: Mapping[str, tuple[OperatorRole, ...]] = {
    "registerTicket": (SUPPORT, MANAGER),
    "classifyTicket": (SUPPORT, MANAGER),
    "changeTicketStatus": (SUPPORT, MANAGER),
    "closeTicket": (SUPPORT, MANAGER),
    "reopenTicket": (SUPPORT, MANAGER),
    "addComment": (SUPPORT, CONSULTANT, MANAGER),
    "requestConsultancy": (SUPPORT, MANAGER),
    "quoteConsultancy": (SUPPORT, MANAGER),
    "recordConsultancyWork": (CONSULTANT, MANAGER),
    "confirmConsultancy": (),
    "declineConsultancy": (),
    **dict.fromkeys(MANAGEMENT, MANAGING),
}
READS = """{ tickets { totalCount } organization { contract { tier } contacts { name } }
  consultancyRequests { totalCount } }"""


@pytest.fixture(scope="module")
async def customer(new_customer: NewCustomer) -> Customer:
    return await new_customer()


@pytest.fixture(scope="module")
async def ids(shared_house: House, customer: Customer) -> dict[str, str]:
    return await ids_of_everything(customer, await shared_house.operator())


@pytest.fixture(scope="module")
async def clients(shared_house: House, customer: Customer) -> dict[OperatorRole, Client]:
    """An operator of each role and no other."""
    made = {}
    for role in EVERY_ROLE:
        operator = await shared_house.operator(role, email=f"{role.lower()}@vendor.example")
        made[role] = await shared_house.session(operator, customer.record.slug)
    return made


@pytest.mark.clause("S4-042", "S4-043", "S4-044", "S4-045", "S4-048", "S4-052", "QX-024")
@pytest.mark.parametrize("role", EVERY_ROLE)
async def test_a_role_that_a_step_does_not_name_is_refused_and_nothing_changes(
    customer: Customer, clients: dict[OperatorRole, Client], ids: dict[str, str], role: OperatorRole
) -> None:
    await clients[role].data(READS)
    before = await state(customer)
    for mutation in (name for name, able in WHO_MAY.items() if role not in able):
        answer = await clients[role].call(*call_of(mutation, ids))
        assert [error["extensions"]["code"] for error in answer.get("errors", ())] == ["FORBIDDEN"], mutation
        refused = (await audit_log(customer.scope, "authz_fail"))[-1]
        assert refused.detail == {"field": mutation, "code": "FORBIDDEN"}
    assert await state(customer) == before


@pytest.mark.clause("S4-042", "S4-043", "S4-044", "S4-045", "S4-048", "S4-052")
@pytest.mark.parametrize("role", EVERY_ROLE)
async def test_a_role_that_is_responsible_or_accountable_is_let_through(
    clients: dict[OperatorRole, Client], ids: dict[str, str], role: OperatorRole
) -> None:
    """Past the right to it a call may still be refused by the rules, as a typed error of the payload."""
    for mutation in (name for name, able in WHO_MAY.items() if role in able):
        answer = await clients[role].call(*call_of(mutation, ids))
        assert "errors" not in answer, (mutation, answer)


@pytest.mark.parametrize("role", EVERY_ROLE)
async def test_every_role_reads(
    clients: dict[OperatorRole, Client], ids: dict[str, str], role: OperatorRole
) -> None:
    assert ids
    found = await clients[role].data(READS)
    assert found["tickets"]["totalCount"] > 0
    assert found["organization"]["contract"] == {"tier": "SUPPORT"}


@pytest.mark.parametrize("role", EVERY_ROLE)
async def test_all_but_administrators_comment_internally(
    clients: dict[OperatorRole, Client], ids: dict[str, str], role: OperatorRole
) -> None:
    document = "mutation($input: AddCommentInput!) { addComment(input: $input) { errors { code } } }"
    given = {"ticketId": ids["Ticket"], "body": "Tussen ons.", "internal": True}
    answer = await clients[role].call(document, {"input": given})
    if role is ADMINISTRATOR:
        assert [error["extensions"]["code"] for error in answer.get("errors", ())] == ["FORBIDDEN"]
    else:
        assert answer == {"data": {"addComment": {"errors": []}}}


async def test_a_refusal_names_the_roles_that_may(
    clients: dict[OperatorRole, Client], ids: dict[str, str]
) -> None:
    answer = await clients[CONSULTANT].call(*call_of("classifyTicket", ids))
    assert "one of these roles: SUPPORT, SUPPORT_MANAGER." in str(answer.get("errors"))


async def test_roles_add_up(shared_house: House, customer: Customer, ids: dict[str, str]) -> None:
    operator = await shared_house.operator(SUPPORT, CONSULTANT, email="both@vendor.example")
    client = await shared_house.session(operator, customer.record.slug)
    for mutation in ("quoteConsultancy", "recordConsultancyWork", "classifyTicket"):
        assert "errors" not in await client.call(*call_of(mutation, ids))


def test_what_is_printed_names_the_roles_that_are_checked() -> None:
    for access, roles in ROLES.items():
        named = {role for role in OperatorRole if f" {role.value}" in access.value.replace(",", "")}
        # SUPPORT is part of SUPPORT_MANAGER's name, and a contact's own words name no role.
        assert access.name == "CONTACT" or {role for role in roles if role is not SUPPORT} <= named, access
    assert set(INPUTS) == set(WHO_MAY)
