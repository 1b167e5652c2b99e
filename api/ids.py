"""Global ids (Relay): base64url of the type's name and the UUID. No integer key leaves the process."""

import base64
import binascii
from uuid import UUID

from tenants.refusals import Refusal

MAX_LENGTH = 120


class UnknownId(Refusal):
    """The id is not one of this type here; foreign and random ids are answered alike."""

    code = "NOT_FOUND"


def encode_id(type_name: str, key: UUID) -> str:
    return base64.urlsafe_b64encode(type_name.encode() + b":" + key.bytes).rstrip(b"=").decode()


def decode_id(text: str) -> tuple[str, UUID] | None:
    """Type name and UUID, or None for anything that `encode_id` did not make."""
    if len(text) > MAX_LENGTH:
        return None
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return None
    name, colon, key = raw[:-17], raw[-17:-16], raw[-16:]
    if colon != b":" or not name.isalpha() or not name.isascii():
        return None
    type_name = name.decode()
    uuid = UUID(bytes=key)
    return (type_name, uuid) if encode_id(type_name, uuid) == text else None


def key_of(text: str, type_name: str, path: str) -> UUID:
    """The UUID of an id of one type. Raises `UnknownId`."""
    decoded = decode_id(text)
    if decoded is None or decoded[0] != type_name:
        raise UnknownId(path=path)
    return decoded[1]
