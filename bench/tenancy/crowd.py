"""500 customers on one PostgreSQL server whose connections are far fewer."""

from __future__ import annotations

from dataclasses import dataclass

from api.portal import open_portal
from api.settings import read_settings
from bench.tenancy.figures import Figure, Say
from bench.tenancy.places import folder_with_room, postgres_in
from bench.tenancy.population import add_customers, found
from bench.tenancy.rush import rush
from bench.tenancy.skew import EXPONENT, measure_skew
from bench.tenancy.work import Work
from tenants.databases.admission import AT_MOST
from tenants.databases.servers import PostgresServer

TICKETS = 50
DATABASE_SIZE = 12_000_000


@dataclass(frozen=True, slots=True)
class Load:
    """A rush of `rush` operations, `at_once` at a time; then `turns` of `count` operations, skewed and cached."""

    customers: int = 500
    rush: int = 2_000
    at_once: int = 64
    turns: int = 4
    count: int = 300


async def crowd_figures(load: Load, say: Say) -> list[Figure]:
    """On a server of its own as it is delivered, with the portal's default settings; nothing waits for the disk."""
    with (
        folder_with_room(load.customers * DATABASE_SIZE) as folder,
        postgres_in(folder, durable=False) as url,
    ):
        settings = read_settings({}, data=folder, database_urls={"main": url}, password_rounds=1_000)
        await found(settings)
        portal = open_portal(settings)
        try:
            tokens = await add_customers(portal, load.customers, TICKETS, say)
            work, server = Work(portal), PostgresServer("main", url)
            say(f"{load.rush:,} operations of {load.at_once} at once")
            seen = await rush(work, server, sorted(tokens), load.rush, load.at_once)
            say("skewed load, and all cached")
            skew = await measure_skew(work, tokens, settings.connections, load.turns, load.count)
        finally:
            await portal.close()
    where = f"{load.customers} PostgreSQL tenants, max_connections={seen.limit}"
    return [
        Figure(f"{where}: errors in {load.rush:,} operations", len(seen.errors), 0),
        Figure(f"{where}: backends, most", seen.backends, settings.connections + AT_MOST),
        Figure(f"skewed load (Zipf, exponent {EXPONENT}) / all cached", skew.share, 0.6, at_most=False),
        Figure("  connections made for one operation of the skewed load", skew.opened),
    ]
