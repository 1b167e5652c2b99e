"""From where a request really comes, and over what: a header is believed from configured proxies only."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

SECURE = {"http": "https", "ws": "wss"}
MOST_HOPS = 50


class Peers:
    """Stands before everything else: what it puts into `scope` is what throttles, records and cookies go by.

    `X-Forwarded-For` counts from the right: the first address that is no proxy of ours is the client's, whatever
    stands before it. `X-Forwarded-Host` and `Forwarded` (RFC 7239) are not read: a proxy that sets one of the
    families hands the other one on as the client wrote it.
    """

    def __init__(self, app: ASGIApp, proxies: Sequence[Network]) -> None:
        self._app = app
        self._proxies = tuple(proxies)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in {"http", "websocket"} and self._proxies:
            scope = self._seen_through(scope)
        await self._app(scope, receive, send)

    def _seen_through(self, scope: Scope) -> Scope:
        peer = _peer(scope)
        if peer is None or not self._is_proxy(peer):
            return scope
        headers = Headers(scope=scope)
        client = self._client(peer, headers.getlist("x-forwarded-for"))
        found = {**scope, "client": (str(client), 0)}
        # Several values are several hops: the way was encrypted when every one of them says so.
        hops = {hop.strip().lower() for hop in ",".join(headers.getlist("x-forwarded-proto")).split(",")}
        if hops == {"https"}:
            found["scheme"] = SECURE.get(scope["scheme"], scope["scheme"])
        return found

    def _client(self, peer: Address, forwarded: Sequence[str]) -> Address:
        client = peer
        for hop in reversed(",".join(forwarded).split(",")[-MOST_HOPS:]):
            address = address_of(hop)
            if address is None:
                break
            client = address
            if not self._is_proxy(address):
                break
        return client

    def _is_proxy(self, address: Address) -> bool:
        return any(address in network for network in self._proxies)


def address_of(text: str) -> Address | None:
    """An IP address with or without brackets and port; an IPv4 one in IPv6 clothes as IPv4."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = None if "%" in text else ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def is_of_this_machine(scope: Scope) -> bool:
    """Whether the client is on this machine: a loopback address, or no address at all (a socket file, a test)."""
    peer = _peer(scope)
    return peer is None or peer.is_loopback


def _peer(scope: Scope) -> Address | None:
    client = scope.get("client")
    return address_of(client[0]) if client else None
