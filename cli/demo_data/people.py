"""Demo people get random passwords and TOTP secrets, different in each installation."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from auth.passwords import Hasher
from auth.permissions import OperatorRole, Permission
from auth.totp import new_secret
from cli.demo_data.customers import VENDOR_DOMAIN, Customer, Person
from cli.demo_data.records import DemoAccount
from tenants.credentials.people import BothFactors

# Without letters and digits that look alike: passwords of the demo are read from a screen.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True, slots=True)
class Someone:
    """What the owner of the demo is told, and what the database keeps."""

    account: DemoAccount
    factors: BothFactors


def random_password() -> str:
    """Three groups of five: 74 random bits."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(3))


async def new_member(
    hasher: Hasher, customer: Customer, person: Person, permissions: Iterable[Permission], *, named: bool
) -> Someone:
    """A customer's account; `named` links it to the contact of the same name."""
    password, secret = random_password(), new_secret()
    account = DemoAccount(
        tenant=customer.slug,
        kind="CUSTOMER",
        email=f"{person.email}@{customer.domain}",
        password=password,
        totp_secret=secret,
        policy=customer.policy_key,
        tier=customer.tier,
        permissions=tuple(permission.value for permission in permissions),
        contact=person.name if named else None,
    )
    return Someone(account, BothFactors(password_hash=await hasher.hash(password), totp_secret=secret))


async def new_operator(hasher: Hasher, person: Person, roles: frozenset[OperatorRole]) -> Someone:
    password, secret = random_password(), new_secret()
    account = DemoAccount(
        tenant=None,
        kind="OPERATOR",
        email=f"{person.email}@{VENDOR_DOMAIN}",
        password=password,
        totp_secret=secret,
        policy=None,
        tier=None,
        permissions=tuple(sorted(role.value for role in roles)),
        contact=None,
    )
    return Someone(account, BothFactors(password_hash=await hasher.hash(password), totp_secret=secret))
