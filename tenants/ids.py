"""Primary keys: UUID version 7 (RFC 9562), made in the process, ordered by the moment they were made."""

import secrets
import uuid
from datetime import datetime


def new_id(now: datetime) -> uuid.UUID:
    """A UUIDv7 whose first 48 bits are `now` in milliseconds; the other 74 free bits are random."""
    milliseconds = int(now.timestamp() * 1000) & 0xFFFF_FFFF_FFFF
    random_a = secrets.randbits(12)
    random_b = secrets.randbits(62)
    return uuid.UUID(int=milliseconds << 80 | 0x7 << 76 | random_a << 64 | 0b10 << 62 | random_b)
