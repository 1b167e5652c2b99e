"""The two planes that people sign in on: one customer's, and the vendor's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from auth.keys import KeyRing
    from auth.passwords import Hasher
    from auth.rules import SignInRules
    from auth.store import CredentialStore, Holder, MfaMethod
    from auth.tokens import AccessTokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Plane:
    """Everything sign-in works with. `audience` is the tenant's id as text, or `console`.

    `label` is what authenticators show beside the code; `names` may not make up a password; `address` is
    where the request comes from, and nobody signs in from one that is not `admitted` (QX-120, S4-082).
    """

    store: CredentialStore
    hasher: Hasher
    keys: KeyRing
    tokens: AccessTokens
    rules: SignInRules
    audience: str
    label: str
    names: tuple[str, ...]
    address: str
    admitted: bool = True


@dataclass(frozen=True, slots=True)
class ChallengeIssued:
    """The answer to a right password: no session yet. `methods` is empty when enrolment comes first."""

    token: str
    methods: tuple[MfaMethod, ...]
    expires_at: datetime
    enrollment_required: bool


@dataclass(frozen=True, slots=True)
class SessionIssued:
    """Both tokens, until when the access token is good, and whose session it is."""

    access_token: str
    refresh_token: str
    expires_at: datetime
    holder: Holder


@dataclass(frozen=True, slots=True)
class Enrollment:
    """A new authenticator's secret, as text, as address and as picture; shown once."""

    secret: str
    uri: str
    qr_code_svg: str


@dataclass(frozen=True, slots=True)
class Enrolled:
    """The recovery codes, shown once; `session` only where a challenge was answered."""

    recovery_codes: tuple[str, ...]
    session: SessionIssued | None
