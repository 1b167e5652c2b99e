"""What holds for a contract: the policy's terms, what was agreed apart from them, and what follows for tickets."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from sla.errors import OverrideWithoutReference
from sla.layers import Agreed
from sla.service_terms import Layer
from tenants.acts import SYSTEM
from tenants.contracts.errors import TermNotAgreeable, UnknownContract
from tenants.contracts.models import Contract, ContractOverride
from tenants.contracts.service import agree
from tenants.ids import new_id
from tenants.tables import table
from tests.api.conftest import NewCustomer
from tests.factories.contents import audit_log
from tests.factories.portal import Customer, House
from tests.factories.tickets import History

TERMS = "{ organization { contract { terms { key value layer reference clause { key } } } } }"
OVERRIDES = "{ organization { contract { overrides { term value reference } } } }"
CLOCKS = """query($number: String!) { ticket(number: $number) { responseClock { target dueAt
  explanation { counted reason clause { key } } } resolutionClock { target } } }"""
POLICY = """{ policy(key: "qixium") { tiers { key
    terms { key value layer reference clause { key text(locale: NL) } } features { key value clause { key } } }
  facts { key values clause { key } } workflow { number } } }"""
NOW = datetime(2026, 3, 9, 12, 0, tzinfo=UTC)


async def agreed(
    customer: Customer, term: str, value: str, *, layer: Layer = Layer.SPECIFIC_AGREEMENT
) -> None:
    async with customer.scope.write() as session:
        contract = (await session.execute(select(Contract))).scalar_one()
        told = Agreed(term, value, "AGR-9", layer)
        await agree(session, customer.house.portal.library, contract.id, told, actor=SYSTEM, now=NOW)


async def terms_of(customer: Customer) -> dict[str, Any]:
    told = await (await customer.client()).data(TERMS)
    return {term["key"]: term for term in told["organization"]["contract"]["terms"]}


@pytest.mark.clause("QX-005", "QX-065")
async def test_a_contract_tells_each_term_with_its_layer_and_clause(new_customer: NewCustomer) -> None:
    customer = await new_customer()
    await agreed(customer, "response.HIGH", "60 minutes")
    terms = await terms_of(customer)
    assert terms["response.HIGH"] == {
        "key": "response.HIGH",
        "value": "60 minutes",
        "layer": "SPECIFIC_AGREEMENT",
        "reference": "AGR-9",
        "clause": {"key": "QX-005"},
    }
    assert terms["resolution.HIGH"] == {
        "key": "resolution.HIGH",
        "value": "8 hours",
        "layer": "POLICY",
        "reference": None,
        "clause": {"key": "QX-048"},
    }
    told = await (await customer.client()).data(OVERRIDES)
    assert told["organization"]["contract"]["overrides"] == [
        {"term": "response.HIGH", "value": "60 minutes", "reference": "AGR-9"}
    ]


@pytest.mark.clause("QX-005")
async def test_tickets_are_judged_by_what_was_agreed_when_they_were_registered(
    shared_house: House, new_customer: NewCustomer
) -> None:
    customer = await new_customer()
    past = await History.of(customer, await shared_house.operator(email="term@vendor.example"))
    before = await past.register("2026-03-10 09:00")
    await agreed(customer, "response.NORMAL", "1 hour")
    after = await past.register("2026-03-10 09:00")
    client = await customer.client()
    old = (await client.data(CLOCKS, {"number": before.number}))["ticket"]["responseClock"]
    new = (await client.data(CLOCKS, {"number": after.number}))["ticket"]["responseClock"]
    assert (old["target"], old["dueAt"]) == ("PT4H", "2026-03-10T12:00:00+00:00")
    assert (new["target"], new["dueAt"]) == ("PT1H", "2026-03-10T09:00:00+00:00")
    assert new["explanation"][0]["reason"] == "Counts: support hours, towards the time agreed in AGR-9."


async def test_a_term_agreed_again_replaces_what_was_agreed(new_customer: NewCustomer) -> None:
    customer = await new_customer()
    for value in ("5", "4"):
        await agreed(customer, "contacts.limit", value)
    assert (await terms_of(customer))["contacts.limit"]["value"] == "4"
    limit = await (await customer.client()).data("{ organization { contactLimit } }")
    assert limit == {"organization": {"contactLimit": 4}}


async def test_one_term_agreed_by_many_at_once_is_kept_once(new_customer: NewCustomer) -> None:
    customer = await new_customer()
    values = [f"{minutes} minutes" for minutes in range(20, 32)]
    await asyncio.gather(*(agreed(customer, "response.HIGH", value) for value in values))
    told = await (await customer.client()).data(OVERRIDES)
    (override,) = told["organization"]["contract"]["overrides"]
    assert override["value"] in values
    kept = [event.detail for event in await audit_log(customer.scope, "term_agreed")]
    assert sorted(detail["value"] for detail in kept) == values
    assert {detail["before"] for detail in kept} == {None, *values} - {override["value"]}


@pytest.mark.clause("OB-003")
async def test_general_terms_prevail_where_the_policy_lets_them(new_customer: NewCustomer) -> None:
    customer = await new_customer("open2bizz", "STANDARD")
    await agreed(customer, "response.P1", "90 minutes", layer=Layer.GENERAL_TERMS)
    assert (await terms_of(customer))["response.P1"]["value"] == "90 minutes"
    await agreed(customer, "response.P1", "60 minutes")
    term = (await terms_of(customer))["response.P1"]
    assert (term["value"], term["layer"]) == ("60 minutes", "SPECIFIC_AGREEMENT")


async def test_what_cannot_be_agreed_changes_nothing(new_customer: NewCustomer) -> None:
    customer = await new_customer()
    for term, value in (("response.URGENT", "1 hour"), ("response.HIGH", "soon")):
        with pytest.raises(TermNotAgreeable):
            await agreed(customer, term, value)
    with pytest.raises(OverrideWithoutReference):
        Agreed("response.HIGH", "1 hour", " ")
    nobody, told, library = (
        new_id(NOW),
        Agreed("response.HIGH", "1 hour", "AGR-9"),
        customer.house.portal.library,
    )
    async with customer.scope.write() as session:
        with pytest.raises(UnknownContract):
            await agree(session, library, nobody, told, actor=SYSTEM, now=NOW)
    async with customer.scope.read() as reader:
        assert await reader.rows(select(table(ContractOverride))) == []


async def test_a_policy_tells_the_terms_and_features_of_each_tier(new_customer: NewCustomer) -> None:
    policy = (await (await (await new_customer()).client()).data(POLICY))["policy"]
    qaas = next(tier for tier in policy["tiers"] if tier["key"] == "QAAS")
    rate = next(term for term in qaas["terms"] if term["key"] == "consultancy.STANDARD.hourly")
    assert (rate["value"], rate["layer"], rate["clause"]["key"]) == ("150.00", "POLICY", "QX-099")
    assert "€ 150" in rate["clause"]["text"]
    monitoring = {"key": "PROACTIVE_MONITORING", "value": "EXTENDED", "clause": {"key": "QX-022"}}
    assert monitoring in qaas["features"]
    phone = {"key": "SUPPORT_PHONE", "values": ["+31 318 894 613"], "clause": {"key": "QX-038"}}
    assert phone in policy["facts"]
    assert policy["workflow"] == []


@pytest.mark.clause("S4-040")
async def test_a_workflow_tells_who_does_each_step(new_customer: NewCustomer) -> None:
    client = await (await new_customer("s4m-support", "DEFAULT")).client()
    told = await client.data(
        '{ policy(key: "s4m-support") { workflow { number label raci { party letter } clause { key } } } }'
    )
    first = told["policy"]["workflow"][0]
    assert len(told["policy"]["workflow"]) == 13
    assert (first["number"], first["label"], first["clause"]["key"]) == (1, "Register the ticket", "S4-040")
    assert {"party": "SUPPORT_MANAGER", "letter": "A"} in first["raci"]
