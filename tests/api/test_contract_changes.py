"""What the vendor changes about a contract, and the fresh factor that large confirmations take."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update

from auth.permissions import OperatorRole
from tenants.accounts.models import Session
from tenants.audit.models import AuditEntry
from tenants.catalog.operators import OperatorSession
from tenants.tables import table
from tests.api.conftest import NewCustomer
from tests.factories.contents import ATTEMPTS, contents
from tests.factories.portal import Client, Customer, House

SHOWN = "contract { confirmationStepUpAbove { amount currency } workReasonRequired tier }"
REQUEST = "request { id status quote { digest total { amount } } }"
STALE = timedelta(minutes=11)


@pytest.fixture
async def customer(new_customer: NewCustomer) -> Customer:
    return await new_customer()


async def operator_in(house: House, customer: Customer, *roles: OperatorRole) -> tuple[Client, UUID]:
    operator = await house.operator(*roles, email=f"{uuid4().hex[:8]}@vendor.example")
    return await house.session(operator, customer.record.slug), operator.id


@pytest.mark.parametrize("role", [OperatorRole.SUPPORT_MANAGER, OperatorRole.ADMINISTRATOR])
async def test_a_manager_changes_the_contract_with_before_and_after_on_record(
    shared_house: House, customer: Customer, role: OperatorRole
) -> None:
    client, _ = await operator_in(shared_house, customer, role)
    given = {"confirmationStepUpAbove": "2500.5", "idempotencyKey": "k"}
    for _turn in range(2):
        changed = await client.do("changeContract", given, SHOWN)
        assert changed == {
            "errors": [],
            "contract": {
                "confirmationStepUpAbove": {"amount": "2500.50", "currency": "EUR"},
                "workReasonRequired": False,
                "tier": "SUPPORT",
            },
        }
    gone = await client.do("changeContract", {"confirmationStepUpAbove": None}, SHOWN)
    assert gone["contract"]["confirmationStepUpAbove"] is None
    assert (await client.do("changeContract", {}, SHOWN))["errors"] == []
    log = table(AuditEntry).c
    async with customer.scope.read() as reader:
        asked = select(log.before, log.after).where(log.event == "contract_changed").order_by(log.at, log.id)
        rows = [tuple(row) for row in await reader.rows(asked)]
    none, some = {"step_up_above_cents": None}, {"step_up_above_cents": 250_050}
    assert rows == [(none, some), (some, none)]


@pytest.mark.clause("S4-012")
async def test_a_smaller_tier_is_refused_while_more_contacts_are_named(
    shared_house: House, new_customer: NewCustomer
) -> None:
    customer = await new_customer("s4m-support", "EXTENDED")
    await customer.contact("Bea Bos")
    client, _ = await operator_in(shared_house, customer, OperatorRole.SUPPORT_MANAGER)
    before = await contents(customer.scope, ATTEMPTS)
    given = {"tier": "DEFAULT", "workReasonRequired": True}
    found = await client.do("changeContract", given, SHOWN)
    limits = {"DEFAULT": 1, "EXTENDED": 3}
    (error,) = found["errors"]
    assert (error["code"], error["path"], error["limit"]) == (
        "CONTACT_LIMIT_REACHED",
        ["tier"],
        limits["DEFAULT"],
    )
    after = await contents(customer.scope, ATTEMPTS)
    begun = {"agent", "work_session"}
    assert all(after[name] == rows for name, rows in before.items() if name not in begun)
    wrong = await client.do("changeContract", {"tier": "GOLD"}, SHOWN)
    assert [(error["code"], error["path"]) for error in wrong["errors"]] == [("INVALID", ["tier"])]


@pytest.mark.parametrize("amount", ["-1", "0.001", "10000000.01", "NaN", "1e30"])
async def test_an_amount_that_is_none_is_refused(
    shared_house: House, customer: Customer, amount: str
) -> None:
    client, _ = await operator_in(shared_house, customer, OperatorRole.SUPPORT_MANAGER)
    document = (
        "mutation($input: ChangeContractInput!) { changeContract(input: $input) { errors { code path } } }"
    )
    answer = await client.call(document, {"input": {"confirmationStepUpAbove": amount}})
    if "errors" in answer:
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]
    else:
        expected = [{"code": "INVALID", "path": ["confirmationStepUpAbove"]}]
        assert answer["data"]["changeContract"]["errors"] == expected


async def test_others_and_stale_factors_change_no_contract(shared_house: House, customer: Customer) -> None:
    roles = set(OperatorRole) - {OperatorRole.SUPPORT_MANAGER, OperatorRole.ADMINISTRATOR}
    other, _ = await operator_in(shared_house, customer, *roles)
    manager, manager_id = await operator_in(shared_house, customer, OperatorRole.SUPPORT_MANAGER)
    for client in (other, manager):
        await client.data("{ organization { slug } }")
    own = table(OperatorSession).c
    async with shared_house.portal.catalog.write() as session:
        earlier = datetime.now(UTC) - STALE
        shown = update(OperatorSession).where(own.subject_id == manager_id).values(authenticated_at=earlier)
        await session.execute(shown)
    before = await contents(customer.scope, ATTEMPTS)
    document = "mutation { changeContract(input: { workReasonRequired: true }) { errors { code } } }"
    for client in (other, await customer.client()):
        answer = await client.call(document)
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]
    refused = {"changeContract": {"errors": [{"code": "STEP_UP_REQUIRED"}]}}
    assert await manager.data(document) == refused
    after = await contents(customer.scope, ATTEMPTS)
    assert {
        name: rows for name, rows in after.items() if name not in {"session", "refresh_token", "account"}
    } == {name: rows for name, rows in before.items() if name not in {"session", "refresh_token", "account"}}


async def quoted(house: House, customer: Customer) -> tuple[Client, dict[str, str], str]:
    """The owner with an old factor, what confirms a quote, and its total."""
    owner = await customer.client()
    operator, _ = await operator_in(house, customer, OperatorRole.SUPPORT)
    asked = await owner.do("requestConsultancy", {"subject": "Dashboard", "description": "?"}, REQUEST)
    key = asked["request"]["id"]
    made = await operator.do("quoteConsultancy", {"requestId": key, "estimatedHours": "1"}, REQUEST)
    quote = made["request"]["quote"]
    async with customer.scope.write() as session:
        await session.execute(update(Session).values(authenticated_at=datetime.now(UTC) - STALE))
    return owner, {"requestId": key, "quoteDigest": quote["digest"]}, quote["total"]["amount"]


async def limited(house: House, customer: Customer, amount: str) -> None:
    manager, _ = await operator_in(house, customer, OperatorRole.SUPPORT_MANAGER)
    payload: Any = await manager.do("changeContract", {"confirmationStepUpAbove": amount}, SHOWN)
    assert payload["errors"] == []


async def test_a_confirmation_above_the_contracts_amount_takes_a_fresh_factor(
    shared_house: House, customer: Customer
) -> None:
    owner, given, total = await quoted(shared_house, customer)
    assert total == "1000.00"
    await limited(shared_house, customer, "999.99")
    before = await contents(customer.scope, ATTEMPTS)
    refused = await owner.do("confirmConsultancy", given, REQUEST)
    assert [error["code"] for error in refused["errors"]] == ["STEP_UP_REQUIRED"]
    assert await contents(customer.scope, ATTEMPTS) == before
    fresh = await customer.client()
    confirmed = await fresh.do("confirmConsultancy", given, REQUEST)
    assert (confirmed["errors"], confirmed["request"]["status"]) == ([], "CONFIRMED")


@pytest.mark.parametrize("amount", ["1000.00", None])
async def test_a_confirmation_of_that_amount_or_without_one_takes_none(
    shared_house: House, customer: Customer, amount: str
) -> None:
    owner, given, _ = await quoted(shared_house, customer)
    if amount:
        await limited(shared_house, customer, amount)
    confirmed = await owner.do("confirmConsultancy", given, REQUEST)
    assert (confirmed["errors"], confirmed["request"]["status"]) == ([], "CONFIRMED")
