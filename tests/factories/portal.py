"""A portal over fresh databases, customers in it, and clients that sign in to it."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pyotp
from passlib.hash import pbkdf2_sha512
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.app import app_over
from api.portal import Portal, open_portal
from api.settings import Settings, read_settings
from auth.keys import KeyRing
from auth.permissions import OperatorRole, Permission
from auth.principals import Origin
from auth.sessions import open_session
from auth.store import MfaMethod
from auth.store import Person as Holder
from tenants.accounts.service import add_enrolled_account
from tenants.acts import SYSTEM
from tenants.catalog.directory import TenantRecord
from tenants.catalog.operator_service import add_enrolled_operator
from tenants.catalog.queries import all_tenants
from tenants.catalog.service import create_tenant
from tenants.catalog.upkeep import SideDatabase
from tenants.contacts.service import name_contact
from tenants.contracts.models import Contract
from tenants.credentials.people import BothFactors
from tenants.databases.errors import DatabaseUnavailable, UnknownServer
from tenants.databases.provisioning import create_database, drop_database
from tenants.databases.scopes import TenantScope
from tenants.databases.servers import Placement, PostgresServer, Server
from tenants.ids import new_id
from tenants.jobs.delivery import deliver
from tenants.organization.models import Organization
from tenants.tables import table

PASSWORD = "paars fietspad langs de dijk"
HASH: str = pbkdf2_sha512.using(rounds=1000).hash(PASSWORD)  # type: ignore[no-untyped-call]  # its stubs
GENEROUS = 1_000_000_000  # points: tests ask faster than people
EVERY_RIGHT = tuple(Permission)
NO_OTHERS: Mapping[str, str] = {}


@dataclass(slots=True)
class Person:
    """Somebody who can sign in; `tenant` is None for an operator."""

    email: str
    secret: str
    tenant: str | None
    id: UUID
    contact_id: UUID | None = None


@dataclass(slots=True)
class House:
    """A running portal of a test."""

    portal: Portal
    http: httpx2.AsyncClient
    databases: list[str] = field(default_factory=list)

    async def tenant(
        self, slug: str, policy: str = "qixium", tier: str = "SUPPORT", **contract: Any
    ) -> "Customer":
        """A customer with a signed contract, one named contact and an account with every right."""
        now = datetime.now(UTC) - timedelta(minutes=1)
        engines, library = self.portal.engines, self.portal.library
        record = await create_tenant(
            engines, slug=slug, name=slug.title(), policy_key=policy, locale="EN", actor=SYSTEM, now=now
        )
        self.databases.append(record.placement.database)
        version = library.get(policy).version
        async with self.portal.tenants.scope(record).write() as session:
            _sign(session, record, policy, version, tier, contract, now)
        customer = Customer(self, record)
        customer.owner = await customer.contact("Anna de Vries", EVERY_RIGHT)
        return customer

    async def operator(self, *roles: OperatorRole, email: str = "jan@vendor.example") -> Person:
        secret = pyotp.random_base32()
        async with self.portal.catalog.write() as session:
            key = await add_enrolled_operator(
                session,
                self.portal.keys,
                BothFactors(password_hash=HASH, totp_secret=secret),
                email=email,
                name="Jan Jansen",
                locale="EN",
                roles=roles or (OperatorRole.SUPPORT, OperatorRole.CONSULTANT),
                now=datetime.now(UTC),
            )
        return Person(email, secret, None, key)

    async def call(self, document: str, variables: dict[str, Any] | None = None, **headers: str) -> Any:
        """The whole answer as JSON. Header names have underscores for hyphens."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        body = {"query": document, "variables": variables or {}}
        return (await self.http.post("/graphql", json=body, headers=named)).json()

    async def session(self, person: Person, tenant: str | None = None) -> "Client":
        """A client whose session was opened without showing factors: a code works once in 30 seconds."""
        now, portal = datetime.now(UTC), self.portal
        if person.tenant:
            record = await portal.tenants.by_slug(person.tenant, now)
            plane = portal.account_plane(record, portal.tenants.scope(record), Origin())
        else:
            plane = portal.operator_plane(Origin())
        holder = Holder(person.id, person.email, "")
        issued = await open_session(plane, holder, MfaMethod.TOTP, now)
        return Client(self, issued.access_token, issued.refresh_token, tenant)

    async def sign_in(self, person: Person, tenant: str | None = None) -> "Client":
        """A client with a session; `tenant` is where an operator works."""
        place = {"Portal_Tenant": person.tenant} if person.tenant else {}
        given = {"email": person.email, "password": PASSWORD}
        first = await self.call(SIGN_IN, {"input": given}, **place)
        token = first["data"]["signIn"]["challenge"]["token"]
        code = pyotp.TOTP(person.secret).now()
        second = await self.call(
            VERIFY, {"input": {"challengeToken": token, "method": "TOTP", "code": code}}, **place
        )
        session = second["data"]["verifyMfa"]["session"]
        assert session, second
        return Client(self, session["accessToken"], session["refreshToken"], tenant)


SIGN_IN = """mutation($input: SignInInput!) { signIn(input: $input) {
  challenge { token methods enrollmentRequired expiresAt } errors { code message path } } }"""
ERRORS = """errors { __typename code message path
  ... on LimitError { limit } ... on ContractError { clause { key } } }"""
VERIFY = """mutation($input: VerifyMfaInput!) { verifyMfa(input: $input) {
  session { accessToken refreshToken expiresAt } errors { code message } } }"""


@dataclass(slots=True)
class Client:
    """Calls with a session's token."""

    house: House
    token: str
    refresh_token: str
    tenant: str | None

    async def call(self, document: str, variables: dict[str, Any] | None = None) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"}
        if self.tenant:
            headers["Portal_Tenant"] = self.tenant
        return await self.house.call(document, variables, **headers)

    async def data(self, document: str, variables: dict[str, Any] | None = None) -> Any:
        """The data of an answer that must have no errors."""
        answer = await self.call(document, variables)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    async def do(self, mutation: str, given: dict[str, Any], below: str) -> Any:
        """The payload of one mutation with one input; `below` is what is asked of it besides errors."""
        type_name = mutation[0].upper() + mutation[1:] + "Input"
        document = f"mutation($input: {type_name}!) {{ {mutation}(input: $input) {{ {below} {ERRORS} }} }}"
        return (await self.data(document, {"input": given}))[mutation]


@dataclass(slots=True)
class Customer:
    """One customer of the test's vendor."""

    house: House
    record: TenantRecord
    owner: Person = field(init=False)

    @property
    def scope(self) -> TenantScope:
        """The customer's database, beside the API."""
        return self.house.portal.tenants.scope(self.record)

    async def deliver(self) -> int:
        """What the worker does on one visit: puts what changed on the work queue."""
        portal = self.house.portal
        return await deliver(self.scope, portal.catalog, datetime.now(UTC))

    async def client(self) -> Client:
        """The owner with a session."""
        return await self.house.session(self.owner)

    async def contact(self, name: str, permissions: tuple[Permission, ...] = EVERY_RIGHT) -> Person:
        """A named contact with an account."""
        portal, now = self.house.portal, datetime.now(UTC)
        email = f"{name.split(maxsplit=1)[0].lower()}@{self.record.slug}.example"
        async with portal.tenants.scope(self.record).write() as session:
            contact = await name_contact(
                session,
                portal.library,
                name=name,
                email=email,
                phone="+31 30 123 45 67",
                mobile=None,
                actor=SYSTEM,
                now=now,
            )
            await session.flush()
            return await self._account(session, name, email, permissions, contact.id)

    async def reader(self, name: str = "Rik Lezer") -> Person:
        """An account that is no contact."""
        email = f"{name.split(maxsplit=1)[0].lower()}@{self.record.slug}.example"
        async with self.house.portal.tenants.scope(self.record).write() as session:
            return await self._account(session, name, email, (Permission.READ,), None)

    async def _account(
        self,
        session: AsyncSession,
        name: str,
        email: str,
        permissions: tuple[Permission, ...],
        contact_id: UUID | None,
    ) -> Person:
        secret = pyotp.random_base32()
        key = await add_enrolled_account(
            session,
            self.house.portal.keys,
            BothFactors(password_hash=HASH, totp_secret=secret),
            email=email,
            name=name,
            locale="EN",
            permissions=permissions,
            contact_id=contact_id,
            now=datetime.now(UTC),
        )
        return Person(email, secret, self.record.slug, key, contact_id)


def _sign(
    session: AsyncSession,
    record: TenantRecord,
    policy: str,
    version: date,
    tier: str,
    contract: dict[str, Any],
    now: datetime,
) -> None:
    session.add(Organization(id=new_id(now), slug=record.slug, name=record.name, locale="EN", created_at=now))
    values: dict[str, Any] = {"starts_on": version, "status": "ACTIVE"} | contract
    session.add(
        Contract(
            id=new_id(now),
            reference=f"C-{record.slug}",
            policy_key=policy,
            policy_version=version,
            tier=tier,
            created_at=now,
            **values,
        )
    )


def settings_for(
    server: Server, data: Path, others: Mapping[str, str] = NO_OTHERS, *, worker: bool = False, **given: Any
) -> Settings:
    """Settings over a catalog of its own; tests hash with 1,000 rounds. `others` are URLs of further servers."""
    given = {"password_rounds": 1000} | given
    urls = {"main": server.base} if isinstance(server, PostgresServer) else {}
    return read_settings(
        {},
        data=data,
        database_urls={**urls, **others},
        catalog_database=f"catalog_{uuid4().hex}",
        connection_wait=60,  # however slow the machine is
        cost_per_minute=GENEROUS,
        anonymous_cost_per_minute=GENEROUS,
        worker=worker,
        **given,
    )


@asynccontextmanager
async def open_house(
    server: Server, data: Path, others: Mapping[str, str] = NO_OTHERS, *, worker: bool = False, **given: Any
) -> AsyncIterator[House]:
    """A portal with an empty catalog; its databases are dropped afterwards. `worker` is for processes of their own.

    `given` are further settings.
    """
    settings = settings_for(server, data, others, worker=worker, **given)
    place = settings.servers()["main"]
    KeyRing.create(settings.keys_path)
    await create_database(place, settings.catalog_database, "catalog")
    portal = open_portal(settings)
    transport = httpx2.ASGITransport(app=app_over(portal))
    async with httpx2.AsyncClient(transport=transport, base_url="http://testserver") as http:
        house = House(portal, http)
        yield house
    beside = await _placements(portal)
    await portal.close()
    for home in beside:
        with suppress(DatabaseUnavailable, UnknownServer):  # a test may have put a customer where nothing is
            await drop_database(portal.engines.server(home.server), home.database)
    for database in [*house.databases, settings.catalog_database]:
        await drop_database(place, database)


async def _placements(portal: Portal) -> list[Placement]:
    """Where the catalog says that databases are, serving and beside those."""
    found = [tenant.placement for tenant in await all_tenants(portal.catalog)]
    async with portal.catalog.read() as reader:
        rows = await reader.rows(select(table(SideDatabase)))
    return found + [Placement(row.server, row.database_name) for row in rows]
