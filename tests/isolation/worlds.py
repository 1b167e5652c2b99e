"""Worlds to compare: customer alfa with the same past, beside a neighbour full of everything or alone."""

import base64
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
from sqlalchemy import String, Text, select, update
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import AutoString

from api.app import app_over
from api.ids import decode_id, encode_id
from api.portal import Portal
from tenants.contracts.models import ContractAddendum, ContractOverride, ContractSignature
from tenants.databases.servers import Server
from tenants.ids import new_id
from tenants.tables import TenantTable, table
from tenants.tickets.models import Ticket
from tests.conftest import NOW
from tests.factories.contents import contents
from tests.factories.everything import ids_of_everything
from tests.factories.portal import Customer, House, Person, open_house
from tests.factories.tickets import History
from tests.isolation.asking import Asking
from tests.isolation.questions import Foreign

OWN, OTHER = "alfa", "buurman"
MARK = "geheim"
NOBODY = Foreign(OTHER, "T-9999", MARK, "bm9uZQ", ())
FREE_TEXT = frozenset({
    "account.name", "agent.name", "consultancy_request.subject", "consultancy_request.description",
    "consultancy_request.decline_reason", "consultancy_work.description", "contact.name", "contact.email",
    "contact.phone", "contact.mobile", "contract.reference", "contract_override.reference",
    "contract_signature.name", "contract_signature.on_behalf_of", "organization.name", "ticket.subject",
    "ticket.description", "ticket_event.body", "work_session.reason",
})  # fmt: skip
"""What people write. Other texts are keys, states, hashes, names of events, and what sign-in needs."""
SHORTEST = 6
SECRETS = frozenset({
    "token", "secret", "uri", "qrCodeSvg", "recoveryCodes", "accessToken", "refreshToken", "cursor",
    "startCursor", "endCursor", "digest", "requestId", "codes", "data",
})  # fmt: skip
MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S*")
ERASED = re.compile(r"[0-9a-f]{32}(?=@erased\.invalid)")  # the id of who was erased
SPAN = re.compile(r"-?PT?\d\S*")


@dataclass(slots=True)
class World:
    """One portal, and the questions of alfa in it."""

    house: House
    own: Customer
    other: Customer | None
    operator: Person
    asking: Asking


@asynccontextmanager
async def world(
    server: Server, data: Path, foreign: Foreign | None, *, active: bool = True
) -> AsyncIterator[World]:
    """With a neighbour, who has asked and done everything already if `active`; or without.

    Without one, `foreign` is what is known of a neighbour elsewhere.
    """
    data.mkdir(exist_ok=True)  # noqa: ASYNC240  # before anything runs
    async with open_house(server, data) as house:
        operator, other = await house.operator(), None
        if foreign is None:
            other, foreign = await _neighbour(house, operator, active=active)
        own = await house.tenant(OWN)
        ids, number = await furnish(own, operator)
        yield World(house, own, other, operator, Asking(own, operator, ids, number, foreign))


@asynccontextmanager
async def calling(portal: Portal) -> AsyncIterator[House]:
    """The portal with a client over it."""
    transport = httpx2.ASGITransport(app=app_over(portal))
    async with httpx2.AsyncClient(transport=transport, base_url="http://testserver") as http:
        yield House(portal, http)


async def furnish(customer: Customer, operator: Person) -> tuple[dict[str, str], str]:
    """One of each thing; gives the global ids by type, and a ticket's number."""
    ids = await ids_of_everything(customer, operator)
    contract = decode_id(ids["Contract"])
    assert contract
    async with customer.scope.write() as session:
        session.add_all(_papers(contract[1]))
    story = await History(customer, operator).register("2026-03-11 09:00")
    await story.answer("2026-03-11 09:10", internal=True)
    await customer.reader()
    numbers = select(table(Ticket).c.number).order_by(table(Ticket).c.number)
    async with customer.scope.read() as reader:
        return ids, str(await reader.scalar(numbers))


def _papers(contract_id: UUID) -> list[SQLModel]:
    """A signature, a specific agreement and an addendum."""
    signature = ContractSignature(
        id=new_id(NOW),
        contract_id=contract_id,
        party="CUSTOMER",
        name="A",
        on_behalf_of="B",
        signed_on=NOW.date(),
    )
    agreed = ContractOverride(
        id=new_id(NOW),
        contract_id=contract_id,
        term="response.HIGH",
        value="1 hour",
        reference="Brief 12",
        layer="SPECIFIC_AGREEMENT",
    )
    addendum = ContractAddendum(id=new_id(NOW), contract_id=contract_id, key="EXTRA", starts_on=NOW.date())
    return [signature, agreed, addendum]


async def _neighbour(house: House, operator: Person, *, active: bool) -> tuple[Customer, Foreign]:
    """What an active one did is what is kept between requests when others come."""
    other = await house.tenant(OTHER)
    ids, number = await furnish(other, operator)
    asking = Asking(other, operator, ids, number, NOBODY)
    if active:
        await asking.everything()
    await mark(other)
    client = await other.client()
    found = await client.data("{ tickets(first: 1) { edges { cursor } } }")
    theirs = [encode_id(kind, key) for kind in ids for key in sorted(await keys_of(other))[:3]]
    known = [value for name, value in ids.items() if name not in {"Agent", "Tenant", "WorkQueueItem"}]
    cursor = found["tickets"]["edges"][0]["cursor"]
    await asking.jobs()
    return other, Foreign(OTHER, "T-9999", MARK, cursor, [*known, *theirs])


async def mark(customer: Customer) -> None:
    """Every word that people wrote becomes one that nobody else writes."""
    async with customer.scope.write() as session:
        for name in sorted(FREE_TEXT):
            place, column = (TenantTable.metadata.tables[name.split(".")[0]], name.split(".")[1])
            if name not in {"contact.email", "contact.phone", "contact.mobile", "contract.reference"}:
                await session.execute(update(place).values({column: f"{MARK} {name}"}))
        await session.execute(update(TenantTable.metadata.tables["contact"]).values(phone=f"{MARK} 123456"))


def texts() -> set[str]:
    """Every column of a customer's database that holds text."""
    return {
        f"{name}.{column.name}"
        for name, place in TenantTable.metadata.tables.items()
        for column in place.c
        if isinstance(column.type, (String, Text, AutoString))
    }


def leaves(value: object) -> Iterator[object]:
    """All values within rows and answers."""
    if isinstance(value, dict):
        for item in value.values():
            yield from leaves(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from leaves(item)
    elif value is not None:
        yield value


async def keys_of(customer: Customer) -> set[UUID]:
    rows = await contents(customer.scope, frozenset())
    return {UUID(int=value.int) for value in leaves(list(rows.values())) if isinstance(value, UUID)}


async def words_of(customer: Customer) -> set[str]:
    """Texts, and moments to the microsecond."""
    rows = await contents(customer.scope, frozenset())
    found = {str(value) for value in leaves(list(rows.values())) if not isinstance(value, (UUID, int))}
    return {word for word in found if len(word) >= SHORTEST}


def ids_in(text: str) -> Iterator[UUID]:
    """The UUID of a global id, and UUIDs as they are written; also within a longer text."""
    for part in re.findall(r"[A-Za-z0-9_-]{20,}", text):
        decoded = decode_id(part)
        if decoded:
            yield decoded[1]
    for part in re.findall(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}", text):
        yield UUID(part)
    for part in re.findall(r"[A-Za-z0-9_-]{22,}", text):
        raw = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) if len(part) % 4 != 1 else b""
        if len(raw) == 16:
            yield UUID(bytes=raw)


class Alike:
    """Rewrites answers so that those of two worlds are equal if they tell the same: ids by order of appearance."""

    def __init__(self) -> None:
        self._seen: dict[str, str] = {}

    def __call__(self, value: Any, name: str = "") -> Any:
        if name == "auditLog" and isinstance(value, dict):
            return self._record(value)
        if name == "rateLimit":  # what was spent in this very minute
            return name
        if isinstance(value, dict):
            return {key: self(item, key) for key, item in value.items()}
        if value is not None and name in SECRETS:
            return name
        if isinstance(value, list):
            return [self(item, name) for item in value]
        if not isinstance(value, str):
            return value
        decoded = decode_id(value)
        if decoded:
            return self._seen.setdefault(value, f"{decoded[0]} {len(self._seen)}")
        return SPAN.sub("span", MOMENT.sub("moment", ERASED.sub("id", value)))

    def _record(self, value: dict[str, Any]) -> Any:
        """Acts of one moment stand in no order that repeats itself: what is told of each, in an order of its own."""
        acts = [*value.get("nodes", ()), *(edge["node"] for edge in value.get("edges", ()) if "node" in edge)]
        kept = ("event", "actorKind", "subjectType", "address")
        return sorted(repr([act.get(name) for name in kept]) for act in acts)
