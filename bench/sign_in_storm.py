"""What a storm of sign-ins leaves to everybody else: how late the event loop is, and how many pages are answered."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from statistics import median

import orjson

from api.settings import Settings
from bench.client import ask, load, request_bytes
from bench.question import BODY
from bench.rules import Ratio
from bench.seeding import PASSWORD, Guest, seed
from bench.servers import Server, serving
from bench.session import SIGN_IN, signed_in

IN_FLIGHT = 16
CONNECTIONS = 8
TICKETS = 1_000
ROUNDS = 220_000
LAG_BOUND = 5.0
PAGES_BOUND = 0.4
SETTLE_SECONDS = 0.5


async def storm_ratios(
    kind: str, settings: Settings, seconds: float, turns: int, say: Callable[[str], None]
) -> list[Ratio]:
    """Both ratios with hashes of 220,000 rounds, measured in turns; of each the median turn counts."""
    settings = settings.model_copy(update={"password_rounds": ROUNDS, "sign_in_tries": 100_000})
    say(f"{kind}: {TICKETS} tickets")
    guest = await seed(settings, TICKETS)
    async with serving("measured_portal", settings) as server:
        page = request_bytes(BODY, {"Authorization": f"Bearer {await signed_in(server.port, guest)}"})
        await load(server.port, page, SETTLE_SECONDS, CONNECTIONS)
        lags, pages = [], []
        for turn in range(turns):
            idle = await _lag(server, asyncio.sleep(seconds))
            storming = await _lag(server, _storm(server, guest, seconds))
            lags.append(storming / idle)
            calm = (await load(server.port, page, seconds, CONNECTIONS)).requests / seconds
            storm = asyncio.ensure_future(_storm(server, guest, seconds + SETTLE_SECONDS))
            await asyncio.sleep(SETTLE_SECONDS / 2)
            pages.append((await load(server.port, page, seconds, CONNECTIONS)).requests / seconds / calm)
            await storm
            say(f"{kind}: turn {turn + 1} of {turns}, lag x {lags[-1]:.1f}, pages {pages[-1]:.2f}")
    what = f"{kind}: {IN_FLIGHT} sign-ins in flight / none"
    return [
        Ratio(f"{what}, 99th percentile of the event loop's lag", median(lags), LAG_BOUND),
        Ratio(f"{what}, pages of 50 tickets a second", median(pages), PAGES_BOUND, at_most=False),
    ]


async def _storm(server: Server, guest: Guest, seconds: float) -> None:
    given = {"input": {"email": guest.email, "password": PASSWORD}}
    body = orjson.dumps({"query": SIGN_IN, "variables": given})
    await load(server.port, request_bytes(body, {"Portal-Tenant": guest.tenant}), seconds, IN_FLIGHT)


async def _lag(server: Server, meanwhile: Awaitable[None]) -> float:
    """The 99th percentile of how many seconds late the server's loop was while something went on."""
    request = request_bytes(b"{}", {}).replace(b"/graphql", b"/lag", 1)
    await ask(server.port, request)
    await meanwhile
    samples = sorted(orjson.loads(await ask(server.port, request)))
    return float(samples[int(len(samples) * 0.99)])
