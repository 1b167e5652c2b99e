"""What a client may ask for in a minute, counted in cost points in the memory of this process.

A client is the person of a session, whatever the session; before sign-in it is the network that an address belongs
to. It is a limit on load: sign-in and second factors are counted in the database (`auth.throttle`). Counts are kept
of a bounded number of clients, those that asked last; people and addresses apart, so that no flood of addresses
makes a person's count forgotten. The library `limits` keeps an entry for every client or every point until it
expires, and takes 20 to 100 us where this takes one.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import TYPE_CHECKING

from api.http_errors import BudgetSpent
from auth.throttle import site_of

if TYPE_CHECKING:
    from uuid import UUID

WINDOW = timedelta(minutes=1)


@dataclass(slots=True)
class Window:
    """What a client has spent since its first request of the minute."""

    spent: int
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Allowance:
    """`cost` of the request so far, and what is left until `reset_at`."""

    limit: int
    cost: int
    remaining: int
    reset_at: datetime

    def headers(self, now: datetime) -> dict[str, str]:
        """As draft-ietf-httpapi-ratelimit-headers has them."""
        seconds = seconds_until(self.reset_at, now)
        return {
            "RateLimit": f'"default";r={self.remaining};t={seconds}',
            "RateLimit-Policy": f'"default";q={self.limit};w={int(WINDOW.total_seconds())}',
        }


class Ledger:
    """The windows of clients of one sort."""

    def __init__(self, limit: int, remembered: int) -> None:
        self.limit = limit
        self._remembered = remembered
        self._windows: OrderedDict[object, Window] = OrderedDict()

    def __len__(self) -> int:
        return len(self._windows)

    def spend(self, client: object, cost: int, now: datetime) -> tuple[bool, Window]:
        """Whether it could be afforded: what is refused is not counted."""
        window = self._windows.get(client)
        if window is None or window.ends_at <= now:
            window = self._windows[client] = Window(0, now + WINDOW)
        self._windows.move_to_end(client)
        if len(self._windows) > self._remembered:
            self._windows.popitem(last=False)
        afforded = window.spent + cost <= self.limit
        if afforded:
            window.spent += cost
        return afforded, window


class CostBudget:
    """What every client has spent in this process."""

    def __init__(self, signed_in: int, anonymous: int, remembered: int) -> None:
        self.people = Ledger(signed_in, remembered)
        self.addresses = Ledger(anonymous, remembered)

    def charge(self, spending: Spending, cost: int, now: datetime) -> Allowance:
        """Counts `cost` points more of one request. Raises `BudgetSpent` where they are not left."""
        ledger = self.addresses if spending.subject is None else self.people
        client = site_of(spending.address) if spending.subject is None else spending.subject
        afforded, window = ledger.spend(client, cost, now)
        spending.cost += cost if afforded else 0
        allowance = Allowance(ledger.limit, spending.cost, ledger.limit - window.spent, window.ends_at)
        if not afforded:
            raise BudgetSpent(seconds_until(window.ends_at, now), allowance.headers(now))
        return allowance


@dataclass(slots=True)
class Spending:
    """Who asks, and what this request has cost so far."""

    subject: UUID | None
    address: str
    cost: int = 0


def seconds_until(moment: datetime, now: datetime) -> int:
    """Whole seconds, rounded up, at least one."""
    return max(1, ceil((moment - now).total_seconds()))
