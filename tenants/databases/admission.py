"""How many connections a process may hold to one server, and who gets them."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from tenants.databases.connections import WAIT_SECONDS
from tenants.databases.errors import ServerBusy

AT_MOST = 4
"""Connections to one database."""


class Seats:
    """The connections of one database: `held` of the server's, `busy` of them in use.

    `shared` is a database whose readers need no connection of their own: it takes one seat, however many come.
    """

    def __init__(self, close: Callable[[], Awaitable[None]], *, shared: bool) -> None:
        self.close = close
        self.shared = shared
        self.held = 0
        self.busy = 0
        self.waiting: deque[asyncio.Future[None]] = deque()

    @property
    def free(self) -> bool:
        return self.busy < self.held or (self.shared and self.held > 0)


class Admission:
    """Gives out the `budget` of connections to one server.

    A database in use is never closed. Each gets its first connection as long as anything idle can be closed for it;
    further ones come from the first half of the budget only, so that a few busy databases leave room for the others.
    """

    def __init__(self, budget: int, wait: float = WAIT_SECONDS) -> None:
        self._budget = budget
        self._wait = wait
        self._held = 0
        self._idle: OrderedDict[Seats, None] = OrderedDict()
        self._waiting: deque[asyncio.Future[None]] = deque()

    @property
    def held(self) -> int:
        """Connections that are given out, busy or idle."""
        return self._held

    @asynccontextmanager
    async def seat(self, seats: Seats) -> AsyncIterator[None]:
        """One connection of a database until the end of the block. Raises `ServerBusy`."""
        try:
            async with asyncio.timeout(self._wait):
                await self._enter(seats)
        except TimeoutError as error:
            raise ServerBusy(f"all {self._budget} connections of this process are in use") from error
        try:
            yield
        finally:
            self._leave(seats)

    async def forget(self, seats: Seats) -> None:
        """Closes a database whoever uses it: at the end of the process, or when it is gone."""
        self._idle.pop(seats, None)
        await self._give_up(seats)

    async def _enter(self, seats: Seats) -> None:
        while not seats.free:
            if seats.held == 0:
                await self._take_first(seats)
            elif seats.held < AT_MOST and self._held < self._budget // 2:
                self._take(seats)
            else:
                await _turn(seats.waiting)
        seats.busy += 1
        self._idle.pop(seats, None)

    async def _take_first(self, seats: Seats) -> None:
        while self._held >= self._budget:
            if self._idle:
                await self._give_up(self._idle.popitem(last=False)[0])
            else:
                await _turn(self._waiting)
            if seats.held:
                return
        self._take(seats)

    def _take(self, seats: Seats) -> None:
        self._held += 1
        seats.held += 1

    async def _give_up(self, seats: Seats) -> None:
        given, seats.held = seats.held, 0
        try:
            await asyncio.shield(seats.close())
        finally:
            self._held -= given
            _wake(self._waiting)

    def _leave(self, seats: Seats) -> None:
        seats.busy -= 1
        if seats.held == 0:  # it was closed under the one who left
            return
        if seats.busy == 0:
            self._idle[seats] = None
            _wake(self._waiting)
        _wake(seats.waiting)


async def _turn(queue: deque[asyncio.Future[None]]) -> None:
    """Waits until something came free; whoever waited longest looks first."""
    mine = asyncio.get_running_loop().create_future()
    queue.append(mine)
    try:
        await mine
    except asyncio.CancelledError:
        if mine.done() and not mine.cancelled():
            _wake(queue)  # the turn was given to somebody who has left
        raise
    finally:
        if mine in queue:
            queue.remove(mine)


def _wake(queue: deque[asyncio.Future[None]]) -> None:
    while queue:
        waiting = queue.popleft()
        if not waiting.done():
            waiting.set_result(None)
            return
