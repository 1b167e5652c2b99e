"""Connections to one database are few; whoever waits for one gets it in turn."""

import asyncio

from sqlalchemy import text

from tenants.databases.engines import Engines
from tenants.databases.provisioning import create_database, drop_database
from tenants.databases.scopes import CatalogScope
from tenants.databases.servers import Placement, PostgresServer

READERS, ROUNDS = 32, 20


async def test_nobody_is_served_twice_while_another_waits_for_the_catalog(postgres_url: str) -> None:
    server = PostgresServer("main", postgres_url)
    await create_database(server, "catalog_turns", "catalog")
    engines = Engines({"main": server}, Placement("main", "catalog_turns"))
    catalog, served, passed = CatalogScope(engines.catalog()), [0] * READERS, list[int]()

    async def ask_again_and_again(number: int) -> None:
        for _ in range(ROUNDS):
            before = list(served)
            async with catalog.read() as reader:
                passed.append(max(now - then for now, then in zip(served, before, strict=True)))
                await reader.scalar(text("SELECT 1"))
            served[number] += 1

    await asyncio.gather(*[ask_again_and_again(number) for number in range(READERS)])
    await engines.close()
    await drop_database(server, "catalog_turns")
    assert max(passed) <= 1
