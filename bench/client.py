"""A client that costs little beside the server: raw HTTP/1.1 over connections that stay open."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from time import perf_counter

from bench.question import PATH
from bench.servers import HOST

HEAD_END = b"\r\n\r\n"


class WrongAnswer(RuntimeError):
    """Something else than 200 came, or another length than before."""


@dataclass(frozen=True, slots=True)
class Load:
    """What one round did."""

    requests: int
    seconds: float


def request_bytes(body: bytes, headers: dict[str, str]) -> bytes:
    """A POST of JSON as it goes over the wire."""
    given = {
        "Host": HOST,
        "Content-Type": "application/json",
        "Accept": "application/json",
        "Content-Length": str(len(body)),
    } | headers
    lines = [f"POST {PATH} HTTP/1.1", *[f"{name}: {value}" for name, value in given.items()]]
    return "\r\n".join(lines).encode() + HEAD_END + body


async def ask(port: int, request: bytes) -> bytes:
    """The body of one answer. Raises `WrongAnswer` unless the status is 200."""
    asker = Asker(request, asyncio.get_running_loop().time())
    await _connected(asker, port)
    await asker.done
    return asker.body


async def load(port: int, request: bytes, seconds: float, connections: int) -> Load:
    """Asks again and again over each connection until the time is over. Raises `WrongAnswer`."""
    start = perf_counter()
    until = asyncio.get_running_loop().time() + seconds
    askers = [Asker(request, until) for _ in range(connections)]
    for asker in askers:
        await _connected(asker, port)
    await asyncio.gather(*[asker.done for asker in askers])
    return Load(sum(asker.answers for asker in askers), perf_counter() - start)


async def _connected(asker: Asker, port: int) -> None:
    await asyncio.get_running_loop().create_connection(lambda: asker, HOST, port)


class Asker(asyncio.Protocol):
    """Sends the same request after each answer until `until`, at least once."""

    def __init__(self, request: bytes, until: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._request = request
        self._until = until
        self._transport: asyncio.Transport
        self._come = bytearray()
        self._awaited = 0
        self.answers = 0
        self.body = b""
        self.done: asyncio.Future[None] = self._loop.create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # a stream's transport
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self._come += data
        if not self._awaited:
            end = self._come.find(HEAD_END)
            if end < 0:
                return
            self._awaited = end + len(HEAD_END) + _content_length(bytes(self._come[:end]))
        if len(self._come) >= self._awaited:
            self._answered()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(WrongAnswer("the connection was closed", exc))

    def _answered(self) -> None:
        if not self._come.startswith(b"HTTP/1.1 200"):
            self.done.set_exception(WrongAnswer(bytes(self._come[:2000])))
            return
        self.answers += 1
        if self._loop.time() < self._until:
            self._come.clear()
            self._awaited = 0
            self._transport.write(self._request)
        else:
            self.body = bytes(self._come).partition(HEAD_END)[2]
            self._transport.close()
            self.done.set_result(None)


def _content_length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    raise WrongAnswer("no Content-Length", head)
