"""The base of every expected failure: something that a person can cause and mend."""

from typing import ClassVar
from unicodedata import category

from auth.emails import fold_email, is_email
from sla.policy import Clause

EMAIL_LENGTH = 254


class Refusal(Exception):
    """Nothing was changed. `code` is the schema's ErrorCode, `path` the input field, `values` fill the text.

    `clause` is the place in the agreement that asks for the refusal, `limit` the figure that was reached.
    """

    code: ClassVar[str] = "INVALID"

    def __init__(
        self,
        *,
        path: str | None = None,
        clause: Clause | None = None,
        limit: int | None = None,
        **values: object,
    ) -> None:
        super().__init__(type(self).__name__)
        self.path = path
        self.clause = clause
        self.limit = limit
        self.values = values


class Missing(Refusal):
    """A text that must not be empty is empty."""


class TooLong(Refusal):
    """A text is longer than its limit."""


class Malformed(Refusal):
    """A value cannot be read, or lies outside its range."""


def checked_line(value: str, path: str, limit: int) -> str:
    """A text of one line, such as a name: no line ends and no control characters. Raises as `checked_text`."""
    line = checked_text(value, path, limit)
    if any(category(char) == "Cc" for char in line):
        raise Malformed(path=path)
    return line


def checked_email(value: str, path: str = "email") -> str:
    """The address in lower case. Raises `Malformed`, `Missing` or `TooLong`."""
    text = fold_email(checked_text(value, path, EMAIL_LENGTH))
    if not is_email(text):
        raise Malformed(path=path)
    return text


def optional_text(value: str | None, path: str, limit: int) -> str | None:
    """A text that may be left out; blank is the same. Raises as `checked_text`."""
    return checked_text(value, path, limit) if value and value.strip() else None


def checked_text(value: str, path: str, limit: int) -> str:
    """The text without surrounding space. Raises `Missing` or `TooLong`; NUL and lone surrogates are `Malformed`."""
    text = value.strip()
    if not text:
        raise Missing(path=path)
    if len(text) > limit:
        raise TooLong(path=path, limit=limit)
    if "\x00" in text or any("\ud800" <= char <= "\udfff" for char in text):
        raise Malformed(path=path)
    return text
