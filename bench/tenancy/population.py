"""Many customers, each with a database of its own that the real provisioning made."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert

from api.portal import Portal
from api.settings import Settings
from auth.keys import KeyRing
from auth.permissions import OperatorRole
from auth.principals import Origin
from auth.sessions import open_session
from auth.store import MfaMethod, Person
from auth.totp import new_secret
from bench.seeding import PASSWORD, POLICY, add_customer
from bench.tenancy.figures import Say
from tenants.catalog.models import Tenant, TenantStatus
from tenants.catalog.operator_service import add_enrolled_operator
from tenants.credentials.people import BothFactors
from tenants.databases.provisioning import create_database, create_tenant_database
from tenants.databases.revisions import TENANT_HEAD
from tenants.ids import new_id
from tenants.tables import table

AT_ONCE = 4
ROWS = 500
OPERATOR = "jan@vendor.example"


async def found(settings: Settings) -> None:
    """A new installation: keys and an empty catalog."""
    KeyRing.create(settings.keys_path)
    place = settings.catalog()
    await create_database(settings.servers()[place.server], place.database, "catalog")


async def add_empty_tenants(portal: Portal, count: int, say: Say) -> None:
    """Their databases are made one by one, their rows in the catalog by hundreds.

    The worker has been everywhere within the last hour: it finds what it finds on any day.
    """
    now = datetime.now(UTC)
    server = portal.engines.server(portal.engines.catalog_placement.server)
    rows = [
        _row(f"c{number:05}", server.name, now - timedelta(hours=number / count)) for number in range(count)
    ]
    for done, row in enumerate(rows):
        if done % ROWS == 0:
            say(f"{done:,} of {count:,} databases")
            async with portal.catalog.write() as session:
                await session.execute(insert(table(Tenant)), rows[done : done + ROWS])
        tenant_id = row["id"]
        await create_tenant_database(server, f"t_{tenant_id.hex}", tenant_id, epoch=1)


def _row(slug: str, server: str, visited_at: datetime) -> dict[str, Any]:
    tenant_id = new_id(visited_at)
    return {
        "id": tenant_id,
        "slug": slug,
        "name": "Bench",
        "status": TenantStatus.ACTIVE,
        "epoch": 1,
        "server": server,
        "database_name": f"t_{tenant_id.hex}",
        "policy_key": POLICY,
        "locale": "EN",
        "created_at": visited_at,
        "visited_at": visited_at,
        "revision": TENANT_HEAD,
    }


async def operator_token(portal: Portal) -> str:
    """The access token of an operator, who may work for every customer."""
    now = datetime.now(UTC)
    shown = BothFactors(password_hash=await portal.hasher.hash(PASSWORD), totp_secret=new_secret())
    async with portal.catalog.write() as session:
        operator_id = await add_enrolled_operator(
            session,
            portal.keys,
            shown,
            email=OPERATOR,
            name="Jan Jansen",
            locale="EN",
            roles=(OperatorRole.SUPPORT,),
            now=now,
        )
    plane = portal.operator_plane(Origin())
    issued = await open_session(plane, Person(operator_id, OPERATOR, ""), MfaMethod.TOTP, now)
    return issued.access_token


async def add_customers(portal: Portal, count: int, tickets: int, say: Say) -> dict[str, str]:
    """Slug -> access token of customers with tickets, a few of them made at once."""
    slugs = iter([f"c{number:03}" for number in range(count)])
    tokens: dict[str, str] = {}

    async def make() -> None:
        for slug in slugs:
            tokens[slug] = await _customer(portal, slug, tickets)
            say(f"{len(tokens)} of {count} customers")

    await asyncio.gather(*[make() for _ in range(AT_ONCE)])
    return tokens


async def _customer(portal: Portal, slug: str, tickets: int) -> str:
    guest = await add_customer(portal, slug, tickets)
    now = datetime.now(UTC)
    record = await portal.tenants.by_slug(slug, now)
    plane = portal.account_plane(record, portal.tenants.scope(record), Origin())
    person = Person(guest.account_id, guest.email, "")
    return (await open_session(plane, person, MfaMethod.TOTP, now)).access_token
