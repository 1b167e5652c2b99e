"""The portal is served over TLS only (OX-009): what comes in plain text is redirected or refused."""

from __future__ import annotations

import orjson
from starlette.datastructures import URL, Headers
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api.error_format import error_body
from api.headers import request_id_of
from api.hosts import host_name
from api.http_errors import RequestRefused
from api.peers import is_of_this_machine
from api.settings import PlainHttp, Settings

PROBES = frozenset({"/healthz", "/readyz"})
"""What load balancers ask, from inside and often without TLS; it tells nothing of anybody."""


class Encryption:
    """Lets requests over https through, and those over http as far as the settings say.

    Reading is sent to https by 308 (RFC 9110, 15.4.9). Anything else is refused: its body, secrets and all, went over
    the wire in the open already, and a redirect would hide that from whoever configured the client.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["scheme"] == "http" and not self._is_served(scope):
            await self._refusal(scope)(scope, receive, send)
        elif scope["type"] == "websocket" and scope["scheme"] == "ws" and not self._is_served(scope):
            await send({"type": "websocket.close", "code": 1008})
        else:
            await self._app(scope, receive, send)

    def _is_served(self, scope: Scope) -> bool:
        match self._settings.plain_http:
            case PlainHttp.ALLOWED:
                return True
            case PlainHttp.LOOPBACK:
                return scope["path"] in PROBES or is_of_this_machine(scope)
            case PlainHttp.REFUSED:
                return scope["path"] in PROBES

    def _refusal(self, scope: Scope) -> Response:
        try:
            host = host_name(self._settings, Headers(scope=scope).getlist("host"))
        except RequestRefused as refused:
            return _told(refused, scope)
        if scope["method"] in {"GET", "HEAD"}:
            return RedirectResponse(URL(scope=scope).replace(scheme="https", netloc=host), 308)
        return _told(RequestRefused(403, "FORBIDDEN", "This is served over https only."), scope)


def _told(refused: RequestRefused, scope: Scope) -> Response:
    body = error_body(refused.message, refused.code, request_id_of(scope))
    return Response(orjson.dumps(body), refused.status, media_type="application/json")
