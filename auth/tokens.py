"""Access tokens: JWTs of type `at+jwt` (RFC 9068), signed with Ed25519 (RFC 9864) and nothing else."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from uuid import UUID

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from auth.errors import TokenExpired, TokenInvalid
from auth.rules import ACCESS_LIFETIME

if TYPE_CHECKING:
    from auth.keys import KeyRing

TYPE = "at+jwt"
ALGORITHM = "Ed25519"
CONSOLE = "console"
CLIENT = "slaportal"
_MAX_LENGTH = 4096
_HEADER = frozenset({"typ", "alg", "kid"})


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessClaims:
    """What a good token says. `audience` is a tenant's id as text, or `console`.

    `authenticated_at` is when a factor had last been shown as it was issued, in whole seconds (`auth_time`).
    """

    subject: UUID
    session_id: UUID
    audience: str
    client_id: str
    token_id: str
    issued_at: datetime
    authenticated_at: datetime
    expires_at: datetime

    @property
    def tenant_id(self) -> UUID | None:
        """The tenant that the token is for; None for the vendor's console."""
        return None if self.audience == CONSOLE else UUID(self.audience)


class AccessTokens:
    """Makes and reads the access tokens of one installation.

    Verified signatures are remembered, by the SHA-256 of the token, for the `remembered` last ones: one
    costs more than the rest of a request's checks. Expiry and audience are looked at every time.
    """

    def __init__(
        self, keys: KeyRing, issuer: str, lifetime: timedelta = ACCESS_LIFETIME, remembered: int = 4096
    ) -> None:
        self._ring = keys
        self._generation = keys.generation
        self._keys = KeySet(list(keys.signing.values()))
        self._registry = jws.JWSRegistry(algorithms=[ALGORITHM])
        self._issuer = issuer
        self._lifetime = lifetime
        self._remembered = remembered
        self._seen: OrderedDict[bytes, AccessClaims] = OrderedDict()

    def issue(
        self,
        *,
        subject: UUID,
        session_id: UUID,
        audience: str,
        now: datetime,
        authenticated_at: datetime | None = None,
        client_id: str = CLIENT,
    ) -> tuple[str, datetime]:
        """A token, and the moment until which it is good. A factor was shown at `authenticated_at`, else now."""
        issued = int(now.timestamp())
        expires = issued + int(self._lifetime.total_seconds())
        claims: dict[str, Any] = {
            "iss": self._issuer,
            "sub": str(subject),
            "aud": audience,
            "client_id": client_id,
            "sid": str(session_id),
            "jti": secrets.token_urlsafe(16),
            "iat": issued,
            "auth_time": int((authenticated_at or now).timestamp()),
            "exp": expires,
        }
        key = self._ring.signer(now)
        header = {"typ": TYPE, "alg": ALGORITHM, "kid": key.kid}
        token = jwt.encode(header, claims, key, registry=self._registry)
        return token, datetime.fromtimestamp(expires, UTC)

    def verify(self, token: str, *, now: datetime, audience: str | None = None) -> AccessClaims:
        """The claims of a token that is good at `now`. TokenInvalid or TokenExpired otherwise.

        Without `audience` any tenant's id or `console` will do: the caller then binds the request to it.
        """
        if len(token) > _MAX_LENGTH:
            raise TokenInvalid("too long")
        self._take_keys_over()
        fingerprint = sha256(token.encode("utf-8", "replace")).digest()
        claims = self._seen.get(fingerprint)
        if claims is None:
            claims = self._checked_by_newest(token)
            self._seen[fingerprint] = claims
            if len(self._seen) > self._remembered:
                self._seen.popitem(last=False)
        else:
            self._seen.move_to_end(fingerprint)
        if audience is not None and claims.audience != audience:
            raise TokenInvalid("another audience")
        if now >= claims.expires_at:
            raise TokenExpired(claims.expires_at.isoformat())
        return claims

    def _take_keys_over(self) -> None:
        """After a rotation: what a key signed that is not on the ring any more is not remembered either."""
        if self._generation != self._ring.generation:
            self._generation = self._ring.generation
            self._keys = KeySet(list(self._ring.signing.values()))
            self._seen.clear()

    def _checked_by_newest(self, token: str) -> AccessClaims:
        """Another process may sign with a key already that is newer than the file as we read it."""
        try:
            return self._checked(token)
        except TokenInvalid:
            if not self._ring.follow():
                raise
            self._take_keys_over()
            return self._checked(token)

    def _checked(self, token: str) -> AccessClaims:
        try:
            decoded = jwt.decode(token, self._keys, registry=self._registry)
        except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise TokenInvalid("not a token of ours") from error
        header = decoded.header
        # Whatever else a header names (jwk, jku, x5u, crit) is a way to bring a key or a rule along.
        if set(header) != _HEADER or header["typ"] != TYPE or header["kid"] not in self._ring.signing:
            raise TokenInvalid("header")
        if decoded.claims.get("iss") != self._issuer:
            raise TokenInvalid("another issuer")
        try:
            return _claims(decoded.claims)
        except (KeyError, ValueError, TypeError, AttributeError, OverflowError) as error:
            raise TokenInvalid("claims") from error


def _claims(claims: dict[str, Any]) -> AccessClaims:
    audience = claims["aud"]
    if not isinstance(audience, str) or (audience != CONSOLE and str(UUID(audience)) != audience):
        raise ValueError("aud")
    return AccessClaims(
        subject=UUID(claims["sub"]),
        session_id=UUID(claims["sid"]),
        audience=audience,
        client_id=str(claims["client_id"]),
        token_id=str(claims["jti"]),
        issued_at=datetime.fromtimestamp(int(claims["iat"]), UTC),
        authenticated_at=datetime.fromtimestamp(int(claims["auth_time"]), UTC),
        expires_at=datetime.fromtimestamp(int(claims["exp"]), UTC),
    )
