"""Persons with both factors, on either plane."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from auth.keys import KeyRing
from auth.passwords import Hasher
from auth.permissions import OperatorRole, Permission
from auth.plane import Plane
from auth.recovery import new_codes
from auth.rules import ACCOUNT_RULES, OPERATOR_RULES, SignInRules
from auth.store import CredentialStore
from auth.tokens import CONSOLE, AccessTokens
from auth.totp import code_at, new_secret
from tenants.accounts.credentials import account_store
from tenants.accounts.service import add_enrolled_account
from tenants.acts import INSIDE
from tenants.catalog.operator_credentials import operator_store
from tenants.catalog.operator_service import add_enrolled_operator
from tenants.credentials.people import BothFactors
from tenants.databases.scopes import CatalogScope, TenantScope

BEFORE = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
PASSWORD = "drie kleine kleutertjes"


@dataclass(frozen=True)
class Someone:
    """A person who can sign in, and what they show."""

    id: UUID
    email: str
    password: str
    secret: str
    recovery_codes: tuple[str, ...]

    def code(self, now: datetime) -> str:
        return code_at(self.secret, now)


def account_plane(
    scope: TenantScope, keys: KeyRing, hasher: Hasher, rules: SignInRules = ACCOUNT_RULES
) -> Plane:
    return _plane(account_store(scope, INSIDE, keys), keys, hasher, rules, str(scope.tenant_id))


def operator_plane(
    scope: CatalogScope, keys: KeyRing, hasher: Hasher, rules: SignInRules = OPERATOR_RULES
) -> Plane:
    return _plane(operator_store(scope, INSIDE, keys), keys, hasher, rules, CONSOLE)


def _plane(store: CredentialStore, keys: KeyRing, hasher: Hasher, rules: SignInRules, audience: str) -> Plane:
    return Plane(
        store=store,
        hasher=hasher,
        keys=keys,
        tokens=AccessTokens(keys, "slaportal"),
        rules=rules,
        audience=audience,
        label="SLA portal",
        names=("Qixium",),
        address="192.0.2.1",
    )


async def add_account(
    scope: TenantScope,
    keys: KeyRing,
    hasher: Hasher,
    email: str = "anna@example.org",
    *,
    contact_id: UUID | None = None,
) -> Someone:
    """An active account with every right."""
    shown, codes = await _factors(hasher)
    async with scope.write() as session:
        account_id = await add_enrolled_account(
            session,
            keys,
            shown,
            email=email,
            name="Anna de Vries",
            locale="nl",
            permissions=Permission,
            contact_id=contact_id,
            now=BEFORE,
        )
    return Someone(account_id, email, PASSWORD, shown.totp_secret, codes)


async def add_operator(
    scope: CatalogScope, keys: KeyRing, hasher: Hasher, email: str = "olga@example.org"
) -> Someone:
    """An active operator of the support desk."""
    shown, codes = await _factors(hasher)
    async with scope.write() as session:
        operator_id = await add_enrolled_operator(
            session,
            keys,
            shown,
            email=email,
            name="Olga Peeters",
            locale="en",
            roles={OperatorRole.SUPPORT},
            now=BEFORE,
        )
    return Someone(operator_id, email, PASSWORD, shown.totp_secret, codes)


async def _factors(hasher: Hasher) -> tuple[BothFactors, tuple[str, ...]]:
    codes = tuple(new_codes())
    password_hash = await hasher.hash(PASSWORD)
    return BothFactors(password_hash=password_hash, totp_secret=new_secret(), recovery_codes=codes), codes


def later(now: datetime, **parts: float) -> datetime:
    return now + timedelta(**parts)
