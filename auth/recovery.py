"""Recovery codes: ten of 120 random bits, each good for one sign-in when the authenticator is lost."""

from __future__ import annotations

import base64
import secrets
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from uuid import UUID

CODES = 10
CODE_BYTES = 15
_LENGTH = 24


def new_codes() -> list[str]:
    """Ten codes in base32, written in groups of four: `ABCD-EFGH-IJKL-MNOP-QRST-UVWX`."""
    return [_grouped(base64.b32encode(secrets.token_bytes(CODE_BYTES)).decode()) for _ in range(CODES)]


def code_hash(subject_id: UUID, code: str) -> str | None:
    """What is stored of a code of that person, however it was typed; None if it cannot be one.

    From 112 random bits on one SHA-256 is enough (OWASP ASVS 5.0, 6.5.2); with the person's id in it, equal codes
    of two persons differ.
    """
    bare = "".join(character for character in code.upper() if character.isalnum())
    if len(bare) != _LENGTH or not bare.isascii():
        return None
    return sha256(subject_id.bytes + bare.encode()).hexdigest()


def _grouped(code: str) -> str:
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))
