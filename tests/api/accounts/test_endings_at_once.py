"""Somebody is shut out at the very moment at which they come in: one of the two is first, and both are answered."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tenants.credentials import challenges, claims, sessions
from tests.api.accounts.people import REFRESH, accepted, account_id, codes, link
from tests.api.conftest import NewCustomer
from tests.api.test_operators import ACCEPT, NEW, NEW_PASSWORD, SHOWN, mails, payload_of
from tests.factories.portal import Client, House


class Slowly:
    """Lets a step of a transaction take its time, once, after it was taken."""

    def __init__(self, step: Callable[..., Awaitable[Any]]) -> None:
        self._step = step
        self.taken = asyncio.Event()

    async def __call__(self, *given: Any, **named: Any) -> Any:
        done = await self._step(*given, **named)
        if not self.taken.is_set():
            self.taken.set()
            await asyncio.sleep(0.3)
        return done


async def both(first: Awaitable[Any], slowly: Slowly, then: Callable[[], Awaitable[Any]]) -> tuple[Any, Any]:
    async def second() -> Any:
        await slowly.taken.wait()
        return await then()

    return await asyncio.gather(first, second())


@pytest.mark.parametrize("act", ["deactivateAccount", "eraseAccount", "renewInvitation"])
async def test_an_invitation_is_accepted_while_it_is_taken_away(
    new_customer: NewCustomer, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    customer = await new_customer()
    owner = await customer.client()
    guest = {"email": "gast@x.example", "name": "Gast", "permissions": ["READ"]}
    key = (await owner.do("inviteAccount", guest, "account { id }"))["account"]["id"]
    token = await link(customer, "gast@x.example")
    slowly = Slowly(claims.claim)
    monkeypatch.setattr(challenges, "claim", slowly)
    came, gone = await both(accepted(customer, token), slowly, lambda: owner.do(act, {"accountId": key}, ""))
    assert codes(came) == []
    assert codes(gone) == (["CONFLICT"] if act == "renewInvitation" else [])


async def test_an_operator_accepts_while_being_deactivated(
    house: House, boss: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = (await boss.do("inviteOperator", NEW, SHOWN))["operator"]["id"]
    token = (await mails(house))[0]["values"]["token"]
    slowly = Slowly(claims.claim)
    monkeypatch.setattr(challenges, "claim", slowly)
    came, gone = await both(
        payload_of(house, ACCEPT, {"token": token, "password": NEW_PASSWORD}),
        slowly,
        lambda: boss.do("deactivateOperator", {"operatorId": key}, SHOWN),
    )
    assert (codes(came), codes(gone), gone["operator"]["status"]) == ([], [], "DEACTIVATED")


async def test_a_session_is_refreshed_while_its_person_is_erased(
    shared_house: House, new_customer: NewCustomer, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer = await new_customer()
    owner, cor = await customer.client(), await customer.reader("Cor Cox")
    own = await shared_house.session(cor)
    slowly = Slowly(sessions._add_token)  # the moment at which both have something to write
    monkeypatch.setattr(sessions, "_add_token", slowly)
    given = {"input": {"refreshToken": own.refresh_token}}
    refreshed, gone = await both(
        shared_house.call(REFRESH, given, Portal_Tenant=customer.record.slug),
        slowly,
        lambda: owner.do("eraseAccount", {"accountId": account_id(cor)}, ""),
    )
    assert codes(gone) == []
    assert refreshed["data"]["refreshSession"]["errors"] == []
