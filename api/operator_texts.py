"""What the vendor's people read when something on their plane is refused."""

from collections.abc import Mapping

OPERATOR_TEXTS: Mapping[str, tuple[str, str, str]] = {
    # name: Dutch, English, French
}
