"""The figures of sign-in: lifetimes and tries. `docs/operations.md` says which are settings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from auth.permissions import Permission


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInRules:
    """How long things live and how often they may be tried, on one plane.

    `tries` failed sign-ins of one account from one place within `window` cost nothing; each further one doubles the
    wait, from `first_delay` to at most `window`. Over all unfamiliar places an account has `account_factor` times as
    many, an address `address_factor` (an office shares one), a tenant `tenant_factor`. A place where somebody came in
    is `familiar` so long.
    `mails` that somebody may have sent to one account within `window`, from one address, and within one tenant.
    A mailed link is good for `mailed_link`; whoever asks for one is answered after `even_answer` at least.
    """

    challenge: timedelta = timedelta(minutes=10)
    challenge_tries: int = 5
    invitation: timedelta = timedelta(days=7)
    idle: timedelta = timedelta(hours=8)
    absolute: timedelta = timedelta(days=30)
    absolute_managing: timedelta = timedelta(hours=24)
    mailed_link: timedelta = timedelta(hours=1)
    even_answer: timedelta = timedelta(milliseconds=300)
    fresh: timedelta = timedelta(minutes=10)
    tries: int = 10
    account_factor: int = 3
    address_factor: int = 10
    tenant_factor: int = 100
    familiar: timedelta = timedelta(days=30)
    window: timedelta = timedelta(minutes=15)
    first_delay: timedelta = timedelta(seconds=30)
    mails: int = 3
    mails_of_address: int = 30
    mails_of_tenant: int = 300

    @property
    def lifetimes(self) -> Lifetimes:
        """How long a session of this plane lives."""
        return Lifetimes(self.idle, self.absolute, self.absolute_managing)


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """A session ends `idle` after its last refresh, and `absolute` after its sign-in however busy it is.

    Who may manage accounts has `absolute_managing` instead, by the rights of the moment. An access token is good
    for `ACCESS_LIFETIME` and `idle` is never shorter: so no access token is of use after the idle time either.
    """

    idle: timedelta
    absolute: timedelta
    absolute_managing: timedelta

    def longest(self, grants: str) -> timedelta:
        """The absolute lifetime for somebody with these rights or roles, written as one text."""
        managing = Permission.MANAGE_ACCOUNTS.value in grants.split()
        return min(self.absolute, self.absolute_managing) if managing else self.absolute


ACCOUNT_RULES = SignInRules()
OPERATOR_RULES = SignInRules(idle=timedelta(hours=1), absolute=timedelta(hours=12))
ACCESS_LIFETIME = timedelta(minutes=10)
