"""The vendor's work in a customer's data: on that customer's record, and with a reason where the contract asks."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from auth.permissions import OperatorRole
from tenants.agents.models import WorkSession
from tenants.tables import table
from tests.api.conftest import NewCustomer
from tests.api.test_rights import INPUTS, call_of
from tests.factories.contents import audit_log, contents
from tests.factories.portal import Client, Customer, House

SHOWN = "workSession { reason startedAt expiresAt agent { name } }"
ASKED = "{ organization { slug } }"
QUERIES = (
    ASKED,
    "{ tickets { totalCount } }",
    '{ ticket(number: "T-000001") { id } }',
    "{ consultancyRequests { totalCount } }",
    "{ slaStatus { hoursLeft } }",
    '{ node(id: "x") { id } }',
    '{ nodes(ids: ["x"]) { id } }',
)
OUTSIDE = ("{ viewer { __typename } }", "{ console { operators { name } } }", "{ policies { key } }")
REASON = "Storing die Anna meldde."
BESIDES = frozenset({"audit_log"})


async def operator_in(house: House, customer: Customer, *roles: OperatorRole) -> Client:
    operator = await house.operator(*roles, email=f"{uuid4().hex[:8]}@vendor.example")
    return await house.session(operator, customer.record.slug)


@pytest.fixture
async def strict(new_customer: NewCustomer) -> Customer:
    """A customer whose contract asks why the vendor comes."""
    return await new_customer(work_reason_required=True)


@pytest.fixture
async def free(new_customer: NewCustomer) -> Customer:
    return await new_customer()


def refusals(answer: Any) -> list[tuple[str, Any]]:
    return [
        (error["extensions"]["code"], error["extensions"].get("workSession"))
        for error in answer.get("errors", ())
    ]


async def sessions(customer: Customer) -> list[Any]:
    own = table(WorkSession).c
    async with customer.scope.read() as reader:
        return list(await reader.rows(select(own.reason, own.started_at, own.expires_at).order_by(own.id)))


@pytest.mark.parametrize("document", QUERIES)
async def test_without_a_reason_nothing_of_the_tenant_is_read(
    shared_house: House, strict: Customer, document: str
) -> None:
    client = await operator_in(shared_house, strict, *OperatorRole)
    answer = await client.call(document)
    assert refusals(answer) == [("FORBIDDEN", "REASON_REQUIRED")]
    assert "openWorkSession" in answer["errors"][0]["message"]
    assert not any((answer["data"] or {}).values())
    assert await sessions(strict) == []


async def test_without_a_reason_nothing_of_the_tenant_is_changed(
    shared_house: House, strict: Customer
) -> None:
    client = await operator_in(shared_house, strict, *OperatorRole)
    before = await contents(strict.scope, BESIDES)
    for mutation in set(INPUTS) - {"confirmConsultancy", "declineConsultancy"}:
        answer = await client.call(*call_of(mutation, {}))
        assert refusals(answer) == [("FORBIDDEN", "REASON_REQUIRED")], mutation
    assert await contents(strict.scope, BESIDES) == before


@pytest.mark.parametrize("document", OUTSIDE)
async def test_what_lies_outside_of_the_tenant_needs_no_reason(
    shared_house: House, strict: Customer, document: str
) -> None:
    client = await operator_in(shared_house, strict)
    assert await client.data(document)


async def test_a_reason_opens_the_tenant_and_the_customer_reads_it(
    shared_house: House, strict: Customer
) -> None:
    client = await operator_in(shared_house, strict)
    for missing in ({}, {"reason": None}, {"reason": "  "}):
        refused = await client.do("openWorkSession", missing, SHOWN)
        assert [(error["code"], error["path"]) for error in refused["errors"]] == [("INVALID", ["reason"])]
    too_long = await client.do("openWorkSession", {"reason": "x" * 501}, SHOWN)
    assert [error["code"] for error in too_long["errors"]] == ["INVALID"]
    assert refusals(await client.call(ASKED)) == [("FORBIDDEN", "REASON_REQUIRED")]
    opened = await client.do("openWorkSession", {"reason": REASON}, SHOWN)
    assert (opened["errors"], opened["workSession"]["reason"]) == ([], REASON)
    assert opened["workSession"]["agent"] == {"name": "Jan Jansen"}
    assert await client.data(ASKED) == {"organization": {"slug": strict.record.slug}}
    (entry,) = await audit_log(strict.scope, "work_session_opened")
    assert (entry.actor_kind, entry.detail["reason"]) == ("AGENT", REASON)


async def test_another_sign_in_of_the_same_operator_tells_its_own_reason(
    shared_house: House, strict: Customer
) -> None:
    operator = await shared_house.operator(email=f"{uuid4().hex[:8]}@vendor.example")
    first, second = [await shared_house.session(operator, strict.record.slug) for _ in range(2)]
    await first.do("openWorkSession", {"reason": REASON}, SHOWN)
    assert refusals(await second.call(ASKED)) == [("FORBIDDEN", "REASON_REQUIRED")]


async def test_twenty_calls_at_once_open_one_work_session(shared_house: House, strict: Customer) -> None:
    client = await operator_in(shared_house, strict)
    calls = (client.do("openWorkSession", {"reason": REASON}, SHOWN) for _ in range(20))
    payloads = await asyncio.gather(*calls)
    assert payloads[0]["errors"] == []
    assert [payload for payload in payloads if payload != payloads[0]] == []
    assert len(await sessions(strict)) == 1
    assert len(await audit_log(strict.scope, "work_session_opened")) == 1


async def test_another_reason_begins_another_session(shared_house: House, strict: Customer) -> None:
    client = await operator_in(shared_house, strict)
    for reason in (REASON, "Vraag over rapport.", "Vraag over rapport."):
        await client.do("openWorkSession", {"reason": reason}, SHOWN)
    found = await sessions(strict)
    assert [row.reason for row in found] == [REASON, "Vraag over rapport."]
    assert found[0].expires_at <= found[1].started_at
    assert len(await audit_log(strict.scope, "work_session_closed")) == 1


async def test_who_closes_the_session_tells_the_reason_anew(shared_house: House, strict: Customer) -> None:
    client = await operator_in(shared_house, strict)
    await client.do("openWorkSession", {"reason": REASON}, SHOWN)
    closed = await client.do("closeWorkSession", {}, SHOWN)
    assert (closed["errors"], closed["workSession"]["reason"]) == ([], REASON)
    assert refusals(await client.call(ASKED)) == [("FORBIDDEN", "REASON_REQUIRED")]


async def test_where_no_reason_is_asked_work_begins_with_the_first_request(
    shared_house: House, free: Customer
) -> None:
    client = await operator_in(shared_house, free)
    assert await client.data(ASKED) == {"organization": {"slug": free.record.slug}}
    (entry,) = await audit_log(free.scope, "work_session_opened")
    assert "reason" not in entry.detail
    told = await client.do("openWorkSession", {"reason": REASON}, SHOWN)
    assert told["workSession"]["reason"] == REASON
    assert [row.reason for row in await sessions(free)] == [None, REASON]


async def test_a_contract_that_asks_from_now_on_asks_those_who_are_in_already(
    shared_house: House, free: Customer
) -> None:
    inside = await operator_in(shared_house, free)
    await inside.data(ASKED)
    manager = await operator_in(shared_house, free, OperatorRole.SUPPORT_MANAGER)
    changed = await manager.do(
        "changeContract", {"workReasonRequired": True}, "contract { workReasonRequired }"
    )
    assert changed == {"contract": {"workReasonRequired": True}, "errors": []}
    for client in (inside, manager):
        assert refusals(await client.call(ASKED)) == [("FORBIDDEN", "REASON_REQUIRED")]


async def test_a_customer_opens_no_work_session(strict: Customer) -> None:
    owner = await strict.client()
    document = 'mutation { openWorkSession(input: { reason: "?" }) { errors { code } } }'
    assert refusals(await owner.call(document)) == [("FORBIDDEN", None)]
    assert await owner.data(ASKED) == {"organization": {"slug": strict.record.slug}}
    assert await sessions(strict) == []


async def test_after_the_work_is_closed_nothing_more_of_the_request_is_done(
    shared_house: House, free: Customer, strict: Customer
) -> None:
    for customer in (free, strict):
        client = await operator_in(shared_house, customer)
        await client.do("openWorkSession", {"reason": REASON}, "")
        named = 'input: { name: "X", email: "x@x.example", phone: "030 123 45 67" }'
        after = f"nameContact({named}) {{ contact {{ name }} errors {{ code }} }}"
        answer = await client.call(
            f"mutation {{ closeWorkSession(input: {{}}) {{ errors {{ code }} }} {after} }}"
        )
        assert [code for code, _ in refusals(answer)] == ["FORBIDDEN"]
        events = [entry.event for entry in await audit_log(customer.scope)]
        assert set(events[-2:]) == {"work_session_closed", "authz_fail"}
        assert "contact_named" not in events[-3:]
