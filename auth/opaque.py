"""Tokens that mean nothing by themselves: challenges, invitations, refresh tokens."""

from __future__ import annotations

import secrets
from hashlib import sha256

TOKEN_BYTES = 32


def new_token() -> str:
    """256 random bits as URL-safe text (43 characters)."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def token_hash(token: str) -> str:
    """What is stored of a token. One plain SHA-256 is enough: 256 random bits cannot be guessed."""
    return sha256(token.encode("utf-8", "replace")).hexdigest()
