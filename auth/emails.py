"""E-mail addresses as names to sign in by."""

from __future__ import annotations

import re
import unicodedata

MAX_LENGTH = 254
_LOCAL = r"[^@\s\x00-\x1f\x7f\ud800-\udfff<>\"(),:;\[\]\\]{1,64}"
_LABEL = r"[^@\s\x00-\x1f\x7f\ud800-\udfff<>\"(),:;\[\]\\.]{1,63}"
_ADDRESS = re.compile(rf"{_LOCAL}@{_LABEL}(\.{_LABEL})+")


def fold_email(text: str) -> str:
    """The address as it is stored and looked up: NFC, without space around it, in lower case."""
    return unicodedata.normalize("NFC", text).strip().lower()


def is_email(folded: str) -> bool:
    """Whether a folded text can be an address: one @, a domain with a dot, 254 characters at most.

    Only a mail proves more. Control characters are refused so that no address can add
    a header to one, and lone surrogates because they are no text.
    """
    return len(folded) <= MAX_LENGTH and _ADDRESS.fullmatch(folded) is not None
