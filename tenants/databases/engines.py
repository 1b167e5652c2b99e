"""The open databases of a process: at most so many to a server, the longest idle are closed first."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Protocol
from uuid import UUID
from weakref import WeakValueDictionary

from sqlalchemy.ext.asyncio import AsyncSession

from tenants.databases.admission import AT_MOST, Admission, Seats
from tenants.databases.connections import WAIT_SECONDS, Compiled
from tenants.databases.database import Database, Rows, open_database
from tenants.databases.errors import UnknownServer
from tenants.databases.servers import Placement, Server, SqliteServer

CONNECTIONS = 64
CATALOG_WAIT_SECONDS = 5.0
"""The least that a connection to the catalog is waited for: everybody needs it."""
FILE_CONNECTIONS = 2
"""Of a file, beside the one for short reads: for the one who writes and for a long read; each has a thread."""

SCANS_AT_ONCE = 2
"""Connections to a server beside the budget, for what goes through all databases."""


class OpenDatabase(Protocol):
    """What scopes read and write: a database that is open, or is opened when it is needed."""

    def read(self) -> AbstractAsyncContextManager[Rows]: ...

    def write(self) -> AbstractAsyncContextManager[AsyncSession]: ...


class AdmittedDatabase:
    """One tenant's database: opened when it is used, closed when others need its place."""

    def __init__(self, server: Server, database: str, tenant_id: UUID, house: "_House") -> None:
        self._place = (server, database, tenant_id)
        self._compiled, self._wait = house.compiled, house.wait
        self._admission = house.admission
        self._database: Database | None = None
        self._seats = Seats(self._close, shared=isinstance(server, SqliteServer))

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Rows]:
        """What runs one statement after another. Raises `ServerBusy`."""
        async with self._admission.seat(self._seats), self._opened().read() as rows:
            yield rows

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """A transaction that commits at the end of the block. Raises `ServerBusy`."""
        async with self._admission.seat(self._seats), self._opened().write() as session:
            yield session

    async def close(self) -> None:
        await self._admission.forget(self._seats)

    def _opened(self) -> Database:
        if self._database is None:
            is_file = isinstance(self._place[0], SqliteServer)
            pool_size = FILE_CONNECTIONS if is_file else AT_MOST
            self._database = open_database(
                *self._place, pool_size=pool_size, wait=self._wait, shared=self._compiled
            )
        return self._database

    def _close(self) -> Coroutine[Any, Any, None]:
        """Whoever comes after this call opens it anew."""
        database, self._database = self._database, None
        return database.close() if database else _nothing_to_close()


async def _nothing_to_close() -> None:
    """It was admitted and never opened."""


class _House:
    """What the databases of one server share."""

    def __init__(self, connections: int, wait: float) -> None:
        self.admission = Admission(connections, wait)
        self.wait = wait
        self.compiled = Compiled()
        self.scans = asyncio.Semaphore(SCANS_AT_ONCE)


class Engines:
    """Every database that this process can open."""

    def __init__(
        self,
        servers: Mapping[str, Server],
        catalog: Placement,
        *,
        connections: int = CONNECTIONS,
        wait: float = WAIT_SECONDS,
    ) -> None:
        """`wait` is how long, in seconds, a connection is waited for."""
        self._servers = dict(servers)
        self._houses = {name: _House(connections, wait) for name in servers}
        self._catalog_placement = catalog
        self._catalog: Database | None = None
        self._catalog_wait = max(wait, CATALOG_WAIT_SECONDS)
        # One that is in use or open is held by who uses it and by the admission; others need not be remembered.
        self._known: WeakValueDictionary[tuple[UUID, Placement], AdmittedDatabase] = WeakValueDictionary()

    @property
    def servers(self) -> Mapping[str, Server]:
        return self._servers

    @property
    def catalog_placement(self) -> Placement:
        return self._catalog_placement

    def server(self, name: str) -> Server:
        try:
            return self._servers[name]
        except KeyError:
            raise UnknownServer(f"no server {name!r} in the settings") from None

    def held(self, server: str) -> int:
        """Connections to tenants' databases on this server, busy or idle."""
        return self._houses[server].admission.held

    def catalog(self) -> Database:
        if self._catalog is None:
            place = self._catalog_placement
            self._catalog = open_database(
                self.server(place.server), place.database, pool_size=AT_MOST, wait=self._catalog_wait
            )
        return self._catalog

    def tenant(self, tenant_id: UUID, placement: Placement) -> AdmittedDatabase:
        """The database of one tenant. Each new connection to it is compared with `tenant_id` first."""
        key = (tenant_id, placement)
        found = self._known.get(key)
        if found is None:
            server = self.server(placement.server)
            house = self._houses[placement.server]
            found = self._known[key] = AdmittedDatabase(server, placement.database, tenant_id, house)
        return found

    @asynccontextmanager
    async def scan(self, tenant_id: UUID, placement: Placement) -> AsyncIterator[Database]:
        """The database of one tenant for a visit to all of them: opened beside the others, closed afterwards."""
        server, house = self.server(placement.server), self._houses[placement.server]
        async with house.scans:
            database = open_database(
                server, placement.database, tenant_id, pool_size=1, shared=house.compiled
            )
            try:
                yield database
            finally:
                await database.close()

    async def close(self) -> None:
        """Closes everything; what is opened anew is closed the next time."""
        for database in list(self._known.values()):
            await database.close()
        for house in self._houses.values():
            await house.admission.settle()
        if self._catalog:  # it stays: scopes hold it
            await self._catalog.close()
