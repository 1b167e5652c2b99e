"""Customers with a past, and their backups."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from tenants.acts import SYSTEM
from tenants.catalog.directory import TenantRecord
from tenants.databases.backups import BackupOrder, Manifest, take_backup
from tenants.databases.contents import digest
from tenants.databases.copying import filling, nobody_looks, snapshot_of
from tenants.databases.provisioning import drop_database, remove_files
from tenants.databases.servers import SqliteServer
from tenants.ids import new_id
from tenants.upkeep.deleting import mark_for_deletion, remove_tenant
from tenants.upkeep.relocating import Yard
from tenants.upkeep.restoring import restore_tenant
from tests.factories.acts import clock
from tests.factories.databases import epoch_of, write_identity
from tests.factories.everything import ids_of_everything
from tests.factories.portal import Client, Customer, House, Person

CHANGED_BY_RESTORING = frozenset({"audit_log", "session", "refresh_token", "tenant_identity"})
REGISTER = "ticket { number } errors { code }"
TICKET = {"type": "BUG", "subject": "Na de back-up", "description": "Dit kwam later."}
NUMBERS = "{ tickets(first: 50) { nodes { number } } }"


@pytest.fixture
async def customer(house: House) -> Customer:
    """Alfa, with one of everything."""
    found = await house.tenant("alfa")
    await ids_of_everything(found, await house.operator())
    return found


@pytest.fixture
def file(tmp_path: Path) -> Path:
    folder = tmp_path / "kept"
    folder.mkdir()
    return folder / "alfa.db"


def yard_of(house: House, at: datetime | None = None) -> Yard:
    """At one moment, or as time goes by."""
    return house.portal.yard((lambda: at) if at else clock)


async def back_up(customer: Customer, file: Path) -> Manifest:
    house = customer.house
    home = customer.record.placement
    server = house.portal.engines.server(home.server)
    scratch = yard_of(house).scratch
    return await take_backup(BackupOrder(server, home.database, customer.record.id, file, scratch, clock()))


async def restored(customer: Customer, file: Path, at: datetime | None = None) -> TenantRecord:
    """The tenant after the restore; its new database is dropped after the test."""
    house = customer.house
    _, tenant = await restore_tenant(
        yard_of(house, at), customer.record.slug, file, actor=SYSTEM, told=nobody_looks
    )
    look_again(house, tenant)
    return tenant


def look_again(house: House, tenant: TenantRecord) -> None:
    """As after the second that an answer of the catalog is kept; what serves now is dropped after the test."""
    house.portal.tenants._seen.clear()
    if tenant.placement.database not in house.databases:
        house.databases.append(tenant.placement.database)


async def sums(house: House, tenant: TenantRecord) -> Mapping[str, str]:
    """The digest of each table that a restore leaves alone."""
    home = tenant.placement
    async with snapshot_of(house.portal.engines.server(home.server), home.database) as connection:
        found = await digest(connection)
    return {name: each for name, each in found.items() if name not in CHANGED_BY_RESTORING}


async def epoch_in(house: House, tenant: TenantRecord) -> int:
    """The epoch that stands in the database."""
    home = tenant.placement
    return await epoch_of(house.portal.engines.server(home.server), home.database)


async def damage(house: House, tenant: TenantRecord, way: str) -> None:
    """Makes the customer's database unusable while the portal runs."""
    server, name = house.portal.engines.server(tenant.placement.server), tenant.placement.database
    await house.portal.engines.close()
    if way == "missing":
        await drop_database(server, name)
    elif way == "wrong identity":
        await write_identity(server, name, new_id(clock()), tenant.epoch)
    elif not isinstance(server, SqliteServer):
        async with filling(server, name) as connection:  # the server's own files are not ours to overwrite
            await connection.execute(text("DROP SCHEMA public CASCADE"))
    else:
        remove_files(server.path(name))
        server.path(name).write_bytes(b"garbage" * 10_000)


async def register(client: Client) -> Any:
    return await client.do("registerTicket", TICKET, "ticket { number }")


async def numbers(house: House, person: Person) -> list[str]:
    """The tickets that somebody sees who signs in."""
    client = await house.sign_in(person)
    found = await client.data(NUMBERS)
    return sorted(each["number"] for each in found["tickets"]["nodes"])


async def databases_on(house: House) -> list[str]:
    """Every customer's database that is there, drafts too."""
    server = house.portal.engines.server("main")
    if isinstance(server, SqliteServer):
        found = server.folder.glob("t_*")
        return sorted(each.name.removesuffix(".db") for each in found if each.suffix in {".db", ".draft"})
    from_catalog = "SELECT datname FROM pg_database WHERE datname LIKE 't\\_%' ORDER BY 1"
    async with snapshot_of(server, "postgres") as connection:
        return list((await connection.execute(text(from_catalog))).scalars())


async def deleted(customer: Customer) -> None:
    yard, slug = yard_of(customer.house), customer.record.slug
    await mark_for_deletion(yard.catalog, slug, actor=SYSTEM, now=clock())
    await remove_tenant(yard, await yard.tenants.fresh_by_slug(slug), actor=SYSTEM)
    yard.tenants._seen.clear()
