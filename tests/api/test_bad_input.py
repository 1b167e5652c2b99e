"""Bad input gets a typed error, changes nothing, and is never a failure of ours."""

from typing import Any

import pytest

from sla.vocabulary import TicketStatus, TicketType
from tests.api.bad_input import BY_CONTACT, BY_OPERATOR, Bad, names
from tests.api.conftest import NewCustomer
from tests.factories.contents import Contents, audit_log, contents
from tests.factories.everything import ids_of_everything
from tests.factories.portal import Client, Customer, House
from tests.factories.tickets import History

ATTEMPTS = frozenset({"audit_log", "throttle", "session", "refresh_token", "work_session", "agent"})


class Desk:
    """A customer with one of everything, its owner and an operator at work there."""

    def __init__(self, customer: Customer, owner: Client, operator: Client, ids: dict[str, str]) -> None:
        self.customer, self.owner, self.operator, self.ids = customer, owner, operator, ids

    async def state(self) -> Contents:
        return await contents(self.customer.scope, ATTEMPTS)

    def filled(self, given: dict[str, Any]) -> dict[str, Any]:
        """The input with the customer's own ids in their places."""
        named = {f"{{{name}}}": key for name, key in self.ids.items()}
        return {
            name: named.get(value, value) if isinstance(value, str) else value
            for name, value in given.items()
        }


@pytest.fixture(scope="module")
async def desk(shared_house: House, new_customer: NewCustomer) -> Desk:
    customer, agent = await new_customer(), await shared_house.operator()
    ids = await ids_of_everything(customer, agent)
    past = History(customer, agent)
    fresh = await past.register("2026-03-10 09:00")
    question = await past.register("2026-03-10 09:00", TicketType.QUESTION)
    waiting = await past.register("2026-03-10 09:00", TicketType.BUG)
    await waiting.status("2026-03-10 10:00", TicketStatus.WAITING_FOR_DEVELOPMENT)
    closed = await past.register("2026-03-10 09:00")
    await closed.close("2026-03-10 10:00")
    ids |= {"Ticket": fresh.id, "question": question.id, "waiting": waiting.id, "closed": closed.id}
    ids |= {"email": customer.owner.email}
    operator = await shared_house.session(agent, customer.record.slug)
    owner = await customer.client()
    return Desk(customer, owner, operator, ids | await large_quote(owner, operator))


async def large_quote(owner: Client, operator: Client) -> dict[str, str]:
    """A request quoted at three hours and then at nine: three blocks, and the card holds two."""
    below = "request { id quote { digest } }"
    asked = await owner.do("requestConsultancy", {"subject": "Inrichting", "description": "Veel."}, below)
    key: str = asked["request"]["id"]
    digests = []
    for hours in ("3", "9"):
        quoted = await operator.do("quoteConsultancy", {"requestId": key, "estimatedHours": hours}, below)
        digests.append(quoted["request"]["quote"]["digest"])
    return {"large": key, "replaced": digests[0], "digest": digests[1]}


async def check(desk: Desk, client: Client, bad: Bad) -> None:
    before, log = await desk.state(), await audit_log(desk.customer.scope, "call_refused")
    payload = await client.do(bad.mutation, desk.filled(bad.given), "")
    (error,) = payload["errors"]
    assert (error["code"], error["path"]) == (bad.code, [bad.path] if bad.path else None)
    assert error["message"]
    assert error.get("limit") == bad.limit
    assert await desk.state() == before
    new = (await audit_log(desk.customer.scope, "call_refused"))[len(log) :]
    assert [entry.detail for entry in new] == [{"field": bad.mutation, "code": bad.code}]


@pytest.mark.parametrize("bad", BY_CONTACT, ids=names(BY_CONTACT))
async def test_what_a_contact_gets_wrong_is_told_and_changes_nothing(desk: Desk, bad: Bad) -> None:
    await check(desk, desk.owner, bad)


@pytest.mark.parametrize("bad", BY_OPERATOR, ids=names(BY_OPERATOR))
async def test_what_an_operator_gets_wrong_is_told_and_changes_nothing(desk: Desk, bad: Bad) -> None:
    await check(desk, desk.operator, bad)
