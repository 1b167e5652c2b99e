"""Both servers under the same load, in turns, on one kind of database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import orjson

from api.settings import Settings
from bench.client import ask, load, request_bytes
from bench.question import BODY
from bench.seeding import seed
from bench.servers import Server, serving
from bench.session import signed_in

WARM_SECONDS = 0.5


class AnswersDiffer(RuntimeError):
    """The baseline does not answer what the portal answers: the comparison would mean nothing."""


@dataclass(frozen=True, slots=True)
class Plan:
    """`rounds` turns of `seconds` for each server over as many connections at once."""

    rounds: int
    seconds: float
    connections: int
    tickets: int


@dataclass(slots=True)
class Tally:
    """What one server did in all of its turns."""

    requests: int = 0
    seconds: float = 0.0
    processor: float = 0.0

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds

    @property
    def cost(self) -> float:
        """Milliseconds of the server's processor time a request."""
        return 1000 * self.processor / self.requests


@dataclass(frozen=True, slots=True)
class Comparison:
    kind: str
    portal: Tally
    baseline: Tally

    @property
    def ratio(self) -> float:
        """The portal's share of the baseline's requests/s."""
        return self.portal.rate / self.baseline.rate

    @property
    def processor_ratio(self) -> float:
        """The baseline's processor time as a share of the portal's."""
        return self.baseline.cost / self.portal.cost


async def compare(kind: str, settings: Settings, plan: Plan, say: Callable[[str], None]) -> Comparison:
    """Seeds a fresh installation, checks that both servers answer alike, and measures them in turns."""
    say(f"{kind}: {plan.tickets} tickets")
    guest = await seed(settings, plan.tickets)
    async with serving("portal", settings) as portal, serving("baseline", settings) as baseline:
        token = await signed_in(portal.port, guest)
        request = request_bytes(BODY, {"Authorization": f"Bearer {token}"})
        await _same_answer(portal, baseline, request)
        for server in (portal, baseline):
            await load(server.port, request, WARM_SECONDS, plan.connections)
        found = Comparison(kind, Tally(), Tally())
        for turn in range(plan.rounds):
            await _turn(portal, request, plan, found.portal)
            await _turn(baseline, request, plan, found.baseline)
            say(f"{kind}: turn {turn + 1} of {plan.rounds}, ratio {found.ratio:.3f}")
    return found


async def _same_answer(portal: Server, baseline: Server, request: bytes) -> None:
    answers = [orjson.loads(await ask(server.port, request)) for server in (portal, baseline)]
    sorted_answers = {orjson.dumps(answer, option=orjson.OPT_SORT_KEYS) for answer in answers}
    if len(sorted_answers) > 1:
        raise AnswersDiffer(*[str(answer)[:800] for answer in answers])


async def _turn(server: Server, request: bytes, plan: Plan, tally: Tally) -> None:
    before = server.processor_seconds()
    done = await load(server.port, request, plan.seconds, plan.connections)
    tally.processor += server.processor_seconds() - before
    tally.requests += done.requests
    tally.seconds += done.seconds
