"""Which network addresses somebody may come from."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence

Network: TypeAlias = IPv4Network | IPv6Network


def networks_of(text: str) -> tuple[Network, ...]:
    """The networks of a list with commas, such as `192.0.2.0/24, 2001:db8::/32`; a bare address is a network of one.

    ValueError, telling which part is no network, and what was meant where host bits are set.
    """
    return tuple(_network(part.strip()) for part in text.split(",") if part.strip())


def within(address: str, networks: Sequence[Network]) -> bool:
    """Whether the address lies in one of the networks; without any, everywhere is in.

    An IPv4 address in IPv6 clothes (RFC 4291, 2.5.5.2) is the IPv4 address. What is no address lies nowhere.
    """
    if not networks:
        return True
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return any(found in network for network in networks)


def _network(text: str) -> Network:
    try:
        return ip_network(text)
    except ValueError as error:
        try:
            meant = f" Write {ip_network(text, strict=False)} if the whole network is meant."
        except ValueError:
            meant = " Write networks as 192.0.2.0/24 or 2001:db8::/32, with commas between them."
        raise ValueError(f"{text!r} is no network: {error}.{meant}") from error
