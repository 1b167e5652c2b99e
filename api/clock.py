"""The clock of what serves requests: read once at the edge, and by whoever is given it."""

from datetime import UTC, datetime


def present() -> datetime:
    """The moment."""
    return datetime.now(UTC)
