"""Requests to the portal in the same process, without a client or a network between."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Message

from bench.client import WrongAnswer
from bench.question import PATH


@dataclass(slots=True)
class _Exchange:
    body: bytes
    sent: bool = False
    status: int = 0
    answer: bytearray = field(default_factory=bytearray)

    async def receive(self) -> Message:
        if self.sent:
            await asyncio.Event().wait()  # the client stays connected
        self.sent = True
        return {"type": "http.request", "body": self.body, "more_body": False}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        else:
            self.answer += message.get("body", b"")


async def ask_app(app: ASGIApp, body: bytes, headers: dict[str, str]) -> bytes:
    """The answer to one GraphQL request. Raises `WrongAnswer` unless it is 200 and without errors."""
    given = {"host": "localhost", "content-type": "application/json", "accept": "application/json"} | headers
    exchange = _Exchange(body)
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": PATH,
        "raw_path": PATH.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [(name.lower().encode(), value.encode()) for name, value in given.items()],
        "client": ("127.0.0.1", 50_000),
        "server": ("127.0.0.1", 8_000),
    }
    await app(scope, exchange.receive, exchange.send)
    if exchange.status != 200 or b'"errors"' in exchange.answer:
        raise WrongAnswer(exchange.status, bytes(exchange.answer[:2000]))
    return bytes(exchange.answer)
