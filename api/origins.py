"""Which pages may talk to the API from a browser: its own, and those of the origins that are configured (CORS)."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http_errors import RequestRefused

PATH = "/graphql"
ASKED_HEADERS = (
    "authorization, content-type, accept-language, portal-tenant, portal-session, portal-csrf, x-request-id"
)
SHOWN_HEADERS = "portal-csrf, ratelimit, ratelimit-policy, retry-after, x-request-id"
PREFLIGHT_SECONDS = 600


class CrossOrigin:
    """Answers preflights of the configured origins, and tells browsers that their pages may read the answers.

    Every other origin gets what it would get without CORS: no header, so that its browser keeps the answer from it.
    """

    def __init__(self, app: ASGIApp, origins: Sequence[str]) -> None:
        self._app = app
        self._origins = frozenset(origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != PATH or not self._origins:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        origins = headers.getlist("origin")
        allowed = origins[0] if len(origins) == 1 and origins[0] in self._origins else None

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                _add_headers(MutableHeaders(scope=message), allowed)
            await send(message)

        if allowed and scope["method"] == "OPTIONS" and "access-control-request-method" in headers:
            await _preflight()(scope, receive, send_with_headers)
        else:
            await self._app(scope, receive, send_with_headers)


def _preflight() -> Response:
    headers = {
        "access-control-allow-methods": "POST",
        "access-control-allow-headers": ASKED_HEADERS,
        "access-control-max-age": str(PREFLIGHT_SECONDS),
    }
    return Response(status_code=204, headers=headers)


def _add_headers(headers: MutableHeaders, allowed: str | None) -> None:
    headers.add_vary_header("Origin")
    if allowed:
        headers["access-control-allow-origin"] = allowed
        headers["access-control-allow-credentials"] = "true"
        headers["access-control-expose-headers"] = SHOWN_HEADERS


def require_known_page(connection: HTTPConnection, origins: Sequence[str]) -> None:
    """RequestRefused (403) unless the browser says that a page of this host, or of a configured origin, asks.

    `Origin` is sent with every POST and no page can write it (Fetch, 3.2). `Sec-Fetch-Site` agrees where it is sent.
    """
    headers = connection.headers
    sent, site = headers.getlist("origin"), headers.get("sec-fetch-site", "none")
    own = f"{connection.scope['scheme']}://{headers.get('host', '')}".lower()
    if sent == [own] and site in {"same-origin", "none"}:
        return
    if len(sent) == 1 and sent[0] in origins and site in {"same-origin", "same-site", "none"}:
        return
    raise RequestRefused(403, "FORBIDDEN", "Pages of this origin cannot use sessions in cookies.")
