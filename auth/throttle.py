"""How fast somebody may try: counts that grow into waiting times, never into a lock."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from auth.rules import SignInRules


NOBODYS = UUID(int=0)


@dataclass(frozen=True, slots=True)
class ThrottleKey:
    """What is counted. `key` is a hash, for people type passwords where an e-mail address belongs."""

    key: str
    tries: int
    window: timedelta
    first_delay: timedelta


@dataclass(frozen=True, slots=True)
class ThrottleCount:
    """Tries that were let through since `window_started_at`, and until when none is."""

    tries: int
    window_started_at: datetime
    blocked_until: datetime


def account_key(email: str, rules: SignInRules) -> ThrottleKey:
    """The count of one e-mail address, whether or not an account has it."""
    return ThrottleKey(_hashed("account", email), rules.tries, rules.window, rules.first_delay)


def factor_key(subject_id: UUID, rules: SignInRules) -> ThrottleKey:
    """The count of one person's second factors."""
    return ThrottleKey(_hashed("factor", subject_id.hex), rules.tries, rules.window, rules.first_delay)


def address_key(address: str, rules: SignInRules) -> ThrottleKey:
    """The count of one network address."""
    tries = rules.tries * rules.address_factor
    return ThrottleKey(_hashed("address", address), tries, rules.window, rules.first_delay)


def password_key(subject_id: UUID, rules: SignInRules) -> ThrottleKey:
    """The count of one signed-in person's tries of the current password; no stranger adds to it."""
    return replace(factor_key(subject_id, rules), key=_hashed("password", subject_id.hex))


def mail_keys(email: str, address: str, rules: SignInRules) -> tuple[ThrottleKey, ...]:
    """The counts of mails that anybody may ask for: of one account, one network address, and the whole tenant."""
    counted = (
        ("mail-account", email, rules.mails),
        ("mail-address", address, rules.mails_of_address),
        ("mail-tenant", "", rules.mails_of_tenant),
    )
    like = factor_key(NOBODYS, rules)
    return tuple(replace(like, key=_hashed(kind, value), tries=tries) for kind, value, tries in counted)


def next_count(key: ThrottleKey, count: ThrottleCount | None, now: datetime) -> ThrottleCount | None:
    """The count with one more try let through at `now`; None when it has to wait.

    A try that is refused leaves the count alone, so that hammering does not make the wait longer. The first
    try after a quiet window starts at one again.
    """
    if count is None:
        return _counted(key, 1, now, now)
    if now < count.blocked_until:
        return None
    if now >= max(count.window_started_at, count.blocked_until) + key.window:
        return _counted(key, 1, now, now)
    if count.tries < key.tries and now >= count.window_started_at + key.window:
        return _counted(key, 1, now, now)
    return _counted(key, count.tries + 1, count.window_started_at, now)


def _counted(key: ThrottleKey, tries: int, started: datetime, now: datetime) -> ThrottleCount:
    doublings = tries - key.tries
    wait = timedelta(0)
    if doublings >= 0:
        # 2**16 times the first delay is beyond any window
        wait = min(key.first_delay * 2 ** min(doublings, 16), key.window)
    return ThrottleCount(tries, started, now + wait)


def _hashed(kind: str, value: str) -> str:
    return sha256(f"{kind}\0{value}".encode("utf-8", "replace")).hexdigest()
