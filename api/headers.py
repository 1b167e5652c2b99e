"""Security headers and the request id, on every HTTP response whoever made it."""

from __future__ import annotations

import re
import secrets

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

REQUEST_ID_HEADER = "x-request-id"
API_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
NO_FEATURES = "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"
TWO_YEARS = 63_072_000  # seconds

_WELL_FORMED = re.compile(rb"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")


class SecurityHeaders:
    """Wraps the whole application, outside of its error handling, so that no answer lacks them.

    A header that the application set itself (a page's own Content-Security-Policy) is left as it is.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        request_id = request_id_of(scope)
        secure = scope.get("scheme") in {"https", "wss"}

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                _add_headers(MutableHeaders(scope=message), request_id, secure=secure)
            await send(message)

        await self._app(scope, receive, send_with_headers)


def request_id_of(scope: Scope) -> str:
    """Take the caller's own id when it is well formed: 8 to 64 letters, digits, `.`, `_` and `-`."""
    state = scope.setdefault("state", {})
    if "request_id" not in state:
        state["request_id"] = _incoming_id(scope) or secrets.token_hex(16)
    return str(state["request_id"])


def _incoming_id(scope: Scope) -> str | None:
    given = [value for name, value in scope["headers"] if name == REQUEST_ID_HEADER.encode()]
    return given[0].decode() if len(given) == 1 and _WELL_FORMED.fullmatch(given[0]) else None


def _add_headers(headers: MutableHeaders, request_id: str, *, secure: bool) -> None:
    headers[REQUEST_ID_HEADER] = request_id
    headers.setdefault("content-security-policy", API_POLICY)
    headers.setdefault("cache-control", "no-store")
    headers.setdefault("referrer-policy", "no-referrer")
    headers.setdefault("cross-origin-opener-policy", "same-origin")
    headers.setdefault("cross-origin-resource-policy", "same-origin")
    headers.setdefault("permissions-policy", NO_FEATURES)
    headers["x-content-type-options"] = "nosniff"
    if secure:
        headers["strict-transport-security"] = f"max-age={TWO_YEARS}; includeSubDomains"
