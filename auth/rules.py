"""The figures of sign-in: lifetimes and tries. Every one is a setting."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInRules:
    """How long things live and how often they may be tried, on one plane.

    `tries` failed sign-ins of one account from one place within `window` cost nothing; each further one doubles the
    wait, from `first_delay` to at most `window`. Over all unfamiliar places an account has `account_factor` times as
    many, an address `address_factor` (an office shares one), a tenant `tenant_factor`. A place where somebody came in
    is `familiar` so long.
    """

    challenge: timedelta = timedelta(minutes=10)
    challenge_tries: int = 5
    invitation: timedelta = timedelta(days=7)
    idle: timedelta = timedelta(hours=8)
    absolute: timedelta = timedelta(days=30)
    fresh: timedelta = timedelta(minutes=10)
    tries: int = 10
    account_factor: int = 3
    address_factor: int = 10
    tenant_factor: int = 100
    familiar: timedelta = timedelta(days=30)
    window: timedelta = timedelta(minutes=15)
    first_delay: timedelta = timedelta(seconds=30)


ACCOUNT_RULES = SignInRules()
OPERATOR_RULES = SignInRules(absolute=timedelta(hours=12))
ACCESS_LIFETIME = timedelta(minutes=10)
