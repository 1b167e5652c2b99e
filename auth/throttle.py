"""How fast somebody may try: counts that grow into waiting times, never into a lock.

A password may be tried from one place (an e-mail address and a network address together), for one account, from
one network and in one tenant only so often. Who came in from a place during the last 30 days is counted there and
nowhere else: whatever strangers do elsewhere, those people come in. From a new place a mailed link is the way in
while a flood lasts (OWASP ASVS 5.0, 6.1.1 and 6.3.1).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from hashlib import sha256
from ipaddress import IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from uuid import UUID

    from auth.rules import SignInRules

_IPV6_HOUSEHOLD = 64  # the bits of an IPv6 address that its owner cannot choose
_IPV6_SITE = 48  # the bits that a provider's customer cannot choose (RFC 6177)
_NOWHERE = "nowhere "


class Counted(IntEnum):
    """What is counted, in the order in which counts are locked: two calls cannot wait for each other."""

    TENANT = 1
    ADDRESS = 2
    ACCOUNT = 3
    PLACE = 4
    FACTOR = 5


@dataclass(frozen=True, slots=True)
class ThrottleKey:
    """A count's name and its rule. `key` is a hash, for people type passwords where an e-mail address belongs."""

    kind: Counted
    key: str
    tries: int
    window: timedelta
    first_delay: timedelta

    @property
    def order(self) -> tuple[int, str]:
        return self.kind, self.key


@dataclass(frozen=True, slots=True)
class ThrottleCount:
    """Tries that were let through since `window_started_at`, and until when none is."""

    tries: int
    window_started_at: datetime
    blocked_until: datetime


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of a password: the counts of its place and account, of its address and tenant.

    `familiar` is the key under which it is kept that somebody came in from this place.
    """

    place: ThrottleKey
    account: ThrottleKey
    wide: tuple[ThrottleKey, ...]
    familiar: str


def sign_in_attempt(email: str, address: str, rules: SignInRules, *, nowhere: bool = False) -> Attempt:
    """The counts of a try, whether or not an account has that e-mail address.

    `nowhere` counts apart what is tried where nobody can sign in.
    """
    realm, where = (_NOWHERE if nowhere else ""), f"{email}\0{network_of(address)}"
    return Attempt(
        place=_key(Counted.PLACE, realm + "place", where, rules, 1),
        account=_key(Counted.ACCOUNT, realm + "account", email, rules, rules.account_factor),
        wide=(
            _key(Counted.TENANT, realm + "tenant", "", rules, rules.tenant_factor),
            _key(Counted.ADDRESS, realm + "address", site_of(address), rules, rules.address_factor),
        ),
        familiar=familiar_key(email, address),
    )


def familiar_key(email: str, address: str) -> str:
    """Under which it is kept that the account's owner was seen at an address: signing in, or with a mailed link."""
    return _hashed("familiar", f"{email}\0{network_of(address)}")


def factor_key(subject_id: UUID, rules: SignInRules) -> ThrottleKey:
    """The count of one person's second factors."""
    return _key(Counted.FACTOR, "factor", subject_id.hex, rules, 1)


def password_key(subject_id: UUID, rules: SignInRules) -> ThrottleKey:
    """The count of one signed-in person's tries of the current password; no stranger adds to it."""
    return _key(Counted.FACTOR, "password", subject_id.hex, rules, 1)


def mail_keys(email: str, address: str, rules: SignInRules) -> tuple[ThrottleKey, ...]:
    """The counts of asking for a mail: of one account and one network address.

    They stop no sign-in, and no tries of passwords stop them.
    """
    return (
        _mails(Counted.ADDRESS, "mail-address", site_of(address), rules.mails_of_address, rules),
        _mails(Counted.ACCOUNT, "mail-account", email, rules.mails, rules),
    )


def mail_of_tenant_key(rules: SignInRules) -> ThrottleKey:
    """The count of mails that strangers really had sent in a tenant; asking for nobody's adds nothing to it."""
    return _mails(Counted.TENANT, "mail-tenant", "", rules.mails_of_tenant, rules)


def network_of(address: str) -> str:
    """Where somebody is: an IPv4 address, or the /64 network of an IPv6 address; other text as it is."""
    return _network(address, _IPV6_HOUSEHOLD)


def site_of(address: str) -> str:
    """What one party may command: as `network_of`, but of IPv6 the /48, which holds 65,536 networks."""
    return _network(address, _IPV6_SITE)


def _network(address: str, bits: int) -> str:
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped:
            return str(found.ipv4_mapped)
        return str(ip_network((found, bits), strict=False))
    return str(found)


def next_count(key: ThrottleKey, count: ThrottleCount | None, now: datetime) -> ThrottleCount | None:
    """The count with one more try let through at `now`; None when it has to wait.

    A try that is refused leaves the count alone, so that hammering does not make the wait longer. The first
    try after a quiet window starts at one again.
    """
    if count is None or count.tries == 0:
        return _counted(key, 1, now, now)
    if now < count.blocked_until:
        return None
    if now >= max(count.window_started_at, count.blocked_until) + key.window:
        return _counted(key, 1, now, now)
    if count.tries < key.tries and now >= count.window_started_at + key.window:
        return _counted(key, 1, now, now)
    return _counted(key, count.tries + 1, count.window_started_at, now)


def taken_back(key: ThrottleKey, count: ThrottleCount) -> ThrottleCount:
    """The count without one of its tries, and without the wait that this one brought."""
    tries = max(count.tries - 1, 0)
    until = count.window_started_at if tries < key.tries else count.blocked_until
    return ThrottleCount(tries, count.window_started_at, until)


def _counted(key: ThrottleKey, tries: int, started: datetime, now: datetime) -> ThrottleCount:
    doublings = tries - key.tries
    wait = timedelta(0)
    if doublings >= 0:
        # 2**16 times the first delay is beyond any window
        wait = min(key.first_delay * 2 ** min(doublings, 16), key.window)
    return ThrottleCount(tries, started, now + wait)


def _mails(kind: Counted, name: str, value: str, tries: int, rules: SignInRules) -> ThrottleKey:
    return ThrottleKey(kind, _hashed(name, value), tries, rules.window, rules.first_delay)


def _key(kind: Counted, name: str, value: str, rules: SignInRules, factor: int) -> ThrottleKey:
    return ThrottleKey(kind, _hashed(name, value), rules.tries * factor, rules.window, rules.first_delay)


def _hashed(kind: str, value: str) -> str:
    return sha256(f"{kind}\0{value}".encode("utf-8", "replace")).hexdigest()
