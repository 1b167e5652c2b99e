"""How many connections a process may hold to one server, and who gets them."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from tenants.databases.connections import WAIT_SECONDS
from tenants.databases.errors import ServerBusy

AT_MOST = 4
"""Connections to one database."""

Close = Callable[[], Coroutine[Any, Any, None]]
"""Called, it takes the database out of use at once; awaited, it has closed its connections."""


class Seats:
    """The connections of one database: `held` of the server's, `busy` of them in use.

    `shared` is a database whose readers need no connection of their own: it takes one seat, however many come.
    """

    def __init__(self, close: Close, *, shared: bool) -> None:
        self.close = close
        self.shared = shared
        self.held = 0
        self.busy = 0
        self.opening = 0
        """Counts how often it was closed: so it is known who still sits in what was closed since."""
        self.closing: asyncio.Future[None] | None = None
        self.waiting: deque[asyncio.Future[int]] = deque()

    @property
    def free(self) -> bool:
        return self.busy < self.held or (self.shared and self.held > 0)


class Admission:
    """Gives out the `budget` of connections to one server.

    A database in use is never closed for another. Each gets its first connection as soon as anything idle can be
    closed for it, in the order of asking; further ones come from the first half of the budget only, so that a few
    busy databases leave room for the others. A seat is handed to who waited longest: nobody slips past.
    """

    def __init__(self, budget: int, wait: float = WAIT_SECONDS) -> None:
        self._budget = budget
        self._wait = wait
        self._held = 0
        self._idle: OrderedDict[Seats, None] = OrderedDict()
        self._unopened: OrderedDict[Seats, None] = OrderedDict()  # that somebody waits for
        self._closing: dict[asyncio.Future[None], int] = {}

    @property
    def held(self) -> int:
        """Connections that are given out, busy or idle, until they are closed."""
        return self._held

    @asynccontextmanager
    async def seat(self, seats: Seats) -> AsyncIterator[None]:
        """One connection of a database until the end of the block. Raises `ServerBusy`."""
        try:
            async with asyncio.timeout(self._wait):
                # What was closed between being handed over and being taken is asked for again.
                while (opening := await self._enter(seats)) != seats.opening:
                    self._leave(seats, opening)
        except TimeoutError as error:
            raise ServerBusy(f"all {self._budget} connections of this process are in use") from error
        try:
            yield
        finally:
            self._leave(seats, opening)

    async def forget(self, seats: Seats) -> None:
        """Closes a database whoever uses it: at the end of the process, or when it is gone."""
        if seats.held:
            in_use, seats.busy = (0 if seats.shared else seats.busy), 0
            await asyncio.shield(self._close(seats, seats.held - in_use))

    async def settle(self) -> None:
        """Waits for what is being closed."""
        if self._closing:
            await asyncio.wait(self._closing)

    async def _enter(self, seats: Seats) -> int:
        mine: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        seats.waiting.append(mine)
        self._hand_out(seats)
        self._serve()
        try:
            return await mine
        except asyncio.CancelledError:
            if not mine.cancelled():  # the seat was handed to somebody who does not come any more
                self._leave(seats, mine.result())
            elif mine in seats.waiting:
                seats.waiting.remove(mine)
                if not seats.waiting:
                    self._unopened.pop(seats, None)
            raise

    def _leave(self, seats: Seats, opening: int) -> None:
        if opening != seats.opening:  # closed under the one who leaves
            self._give_back(seats)
        else:
            seats.busy -= 1
            if seats.busy == 0:
                self._idle[seats] = None
        self._serve()
        self._hand_out(seats)

    def _hand_out(self, seats: Seats) -> None:
        """Gives those who wait for this database what it has, and further connections where it may have them."""
        while seats.waiting and seats.held:
            if seats.waiting[0].done():  # cancelled a moment ago
                seats.waiting.popleft()
                continue
            if not seats.free:
                if seats.held >= AT_MOST or self._held >= self._budget // 2:
                    return
                self._take(seats)
            seats.busy += 1
            self._idle.pop(seats, None)
            seats.waiting.popleft().set_result(seats.opening)
        if seats.waiting:
            self._unopened[seats] = None

    def _serve(self) -> None:
        """First connections for those who wait for them, and the closing of idle ones to make room for the rest."""
        while self._unopened and self._held < self._budget:
            seats = self._unopened.popitem(last=False)[0]
            self._take(seats)
            self._idle[seats] = None
            self._hand_out(seats)
        while self._idle and len(self._unopened) > sum(self._closing.values()):
            seats = self._idle.popitem(last=False)[0]
            self._close(seats, seats.held)

    def _give_back(self, seats: Seats) -> None:
        """One connection of a database that was closed; while that goes on, it may be among those being closed."""
        if seats.shared:
            return
        if seats.closing in self._closing:
            self._closing[seats.closing] += 1
        else:
            self._held -= 1

    def _take(self, seats: Seats) -> None:
        self._held += 1
        seats.held += 1

    def _close(self, seats: Seats, given: int) -> asyncio.Future[None]:
        """`given` connections come free when it is done; until then they count."""
        seats.held = 0
        seats.opening += 1
        self._idle.pop(seats, None)
        seats.closing = closing = asyncio.ensure_future(seats.close())
        self._closing[closing] = given
        closing.add_done_callback(self._closed)
        self._hand_out(seats)  # those who wait for it line up again
        return closing

    def _closed(self, closing: asyncio.Future[None]) -> None:
        self._held -= self._closing.pop(closing)
        self._serve()
