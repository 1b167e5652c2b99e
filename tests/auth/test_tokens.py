import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc.jwk import OKPKey

from auth.errors import TokenExpired, TokenInvalid
from auth.keys import KeyRing
from auth.tokens import AccessTokens

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
ANNA, SESSION, TENANT = UUID(int=1), UUID(int=2), UUID(int=3)
AUDIENCE = str(TENANT)
HEADER = {"typ": "at+jwt", "alg": "Ed25519"}


@pytest.fixture
def tokens(keys: KeyRing) -> AccessTokens:
    return AccessTokens(keys, "slaportal")


@pytest.fixture
def token(tokens: AccessTokens) -> str:
    return tokens.issue(subject=ANNA, session_id=SESSION, audience=AUDIENCE, now=NOW)[0]


def claims(**changes: Any) -> dict[str, Any]:
    issued = int(NOW.timestamp())
    good = {
        "iss": "slaportal",
        "sub": str(ANNA),
        "aud": AUDIENCE,
        "client_id": "slaportal",
        "sid": str(SESSION),
        "jti": "x",
        "iat": issued,
        "auth_time": issued - 60,
        "exp": issued + 600,
    }
    return {name: value for name, value in {**good, **changes}.items() if value is not None}


def segment(content: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


def signed(keys: KeyRing, content: dict[str, Any], **header: Any) -> str:
    """A token with a good signature, whatever its header says; None takes a parameter away."""
    key = keys.signing[keys.current_signing].private_key
    assert isinstance(key, Ed25519PrivateKey)
    full = {**HEADER, "kid": keys.current_signing, **header}
    body = f"{segment({k: v for k, v in full.items() if v is not None})}.{segment(content)}"
    return f"{body}.{base64.urlsafe_b64encode(key.sign(body.encode())).rstrip(b'=').decode()}"


def parts_of(token: str) -> list[dict[str, Any]]:
    return [json.loads(base64.urlsafe_b64decode(part + "==")) for part in token.split(".")[:2]]


def test_a_token_carries_the_claims_of_rfc_9068(keys: KeyRing, token: str) -> None:
    header, content = parts_of(token)
    assert header == {**HEADER, "kid": keys.current_signing}
    assert set(content) == {"iss", "sub", "aud", "client_id", "sid", "jti", "iat", "auth_time", "exp"}
    assert (content["aud"], content["exp"] - content["iat"]) == (AUDIENCE, 600)


def test_a_good_token_tells_who_and_for_which_tenant(tokens: AccessTokens, token: str) -> None:
    for _ in range(2):
        found = tokens.verify(token, now=NOW, audience=AUDIENCE)
        assert (found.subject, found.session_id, found.tenant_id) == (ANNA, SESSION, TENANT)


def test_an_operators_token_is_for_the_console(tokens: AccessTokens) -> None:
    token, expires = tokens.issue(subject=ANNA, session_id=SESSION, audience="console", now=NOW)
    assert tokens.verify(token, now=NOW, audience="console").tenant_id is None
    assert expires == NOW + timedelta(minutes=10)


def test_a_token_ends_to_the_second_also_when_it_was_seen_before(tokens: AccessTokens, token: str) -> None:
    tokens.verify(token, now=NOW + timedelta(seconds=599))
    for _ in range(2):
        with pytest.raises(TokenExpired):
            tokens.verify(token, now=NOW + timedelta(seconds=600))


@pytest.mark.parametrize("audience", ["console", str(UUID(int=4)), ""])
def test_a_token_for_another_audience_is_refused(tokens: AccessTokens, token: str, audience: str) -> None:
    tokens.verify(token, now=NOW)
    with pytest.raises(TokenInvalid):
        tokens.verify(token, now=NOW, audience=audience)


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "somebody else"},
        {"iss": None},
        {"aud": None},
        {"aud": [AUDIENCE]},
        {"aud": "*"},
        {"aud": AUDIENCE.upper().replace("-", "")},
        {"sub": None},
        {"sub": "anna"},
        {"sub": 1},
        {"sid": None},
        {"exp": None},
        {"exp": "never"},
        {"exp": 10**30},
        {"iat": None},
        {"auth_time": None},
        {"jti": None},
        {"client_id": None},
    ],
)
def test_a_token_with_other_claims_is_refused(
    keys: KeyRing, tokens: AccessTokens, changes: dict[str, Any]
) -> None:
    assert tokens.verify(signed(keys, claims()), now=NOW).subject == ANNA
    with pytest.raises(TokenInvalid):
        tokens.verify(signed(keys, claims(**changes)), now=NOW)


@pytest.mark.parametrize(
    "header",
    [
        {"typ": "JWT"},
        {"typ": None},
        {"typ": "AT+JWT"},
        {"alg": "EdDSA"},
        {"kid": None},
        {"kid": "other"},
        {"kid": "../../keys.json"},
        {"jku": "https://example.org/keys"},
        {"jwk": {"kty": "OKP"}},
        {"x5u": "https://example.org/chain"},
    ],
)
def test_a_token_with_another_header_is_refused(
    keys: KeyRing, tokens: AccessTokens, header: dict[str, Any]
) -> None:
    with pytest.raises(TokenInvalid):
        tokens.verify(signed(keys, claims(), **header), now=NOW)


def test_an_unsigned_token_is_refused(keys: KeyRing, tokens: AccessTokens) -> None:
    for algorithm in ("none", "None", "Ed25519"):
        header = segment({**HEADER, "alg": algorithm, "kid": keys.current_signing})
        with pytest.raises(TokenInvalid):
            tokens.verify(f"{header}.{segment(claims())}.", now=NOW)


def test_the_public_key_is_no_shared_secret(keys: KeyRing, tokens: AccessTokens) -> None:
    key = keys.signing[keys.current_signing]
    public = key.public_key
    secrets = (
        public.public_bytes(Encoding.Raw, PublicFormat.Raw),
        public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
    )
    header = segment({**HEADER, "alg": "HS256", "kid": key.kid})
    body = f"{header}.{segment(claims())}"
    for secret in secrets:
        mac = (
            base64.urlsafe_b64encode(hmac.digest(secret, body.encode(), hashlib.sha256)).rstrip(b"=").decode()
        )
        with pytest.raises(TokenInvalid):
            tokens.verify(f"{body}.{mac}", now=NOW)


def test_a_key_that_is_not_on_the_ring_signs_nothing(
    tokens: AccessTokens, keys: KeyRing, tmp_path: Path
) -> None:
    other = KeyRing.create(tmp_path / "other.json")
    foreign = signed(other, claims())
    borrowed = signed(other, claims(), kid=keys.current_signing)
    for token in (foreign, borrowed):
        with pytest.raises(TokenInvalid):
            tokens.verify(token, now=NOW)


def test_a_changed_token_is_refused_also_after_the_good_one_was_seen(
    tokens: AccessTokens, token: str
) -> None:
    tokens.verify(token, now=NOW)
    header, _, signature = token.split(".")
    changed = f"{header}.{segment(claims(aud='console'))}.{signature}"
    with pytest.raises(TokenInvalid):
        tokens.verify(changed, now=NOW)


@pytest.mark.parametrize("text", ["", ".", "..", "a.b.c", "\x00", "é.é.é", "\ud800", "x" * 5000, "a.b.c.d.e"])
def test_what_is_no_token_is_refused(tokens: AccessTokens, text: str) -> None:
    with pytest.raises(TokenInvalid):
        tokens.verify(text, now=NOW)


def test_an_older_signing_key_on_the_ring_still_counts(keys: KeyRing, token: str) -> None:
    newer = OKPKey.generate_key("Ed25519", auto_kid=True)
    ring = KeyRing(
        signing={**keys.signing, str(newer.kid): newer},
        current_signing=str(newer.kid),
        fields=keys.fields,
        current_field=keys.current_field,
        cursor_key=keys.cursor_key,
    )
    tokens = AccessTokens(ring, "slaportal")
    renewed, _ = tokens.issue(subject=ANNA, session_id=SESSION, audience=AUDIENCE, now=NOW)
    assert parts_of(renewed)[0]["kid"] == newer.kid
    assert tokens.verify(renewed, now=NOW) != tokens.verify(token, now=NOW)


def test_no_more_tokens_are_remembered_than_was_said(keys: KeyRing) -> None:
    tokens = AccessTokens(keys, "slaportal", remembered=3)
    issued = [tokens.issue(subject=ANNA, session_id=SESSION, audience=AUDIENCE, now=NOW)[0] for _ in range(5)]
    for token in issued:
        tokens.verify(token, now=NOW)
    assert len(tokens._seen) == 3
    assert tokens.verify(issued[0], now=NOW).subject == ANNA
