"""Sessions of browser front ends, in cookies that scripts cannot read (docs/decisions/0013).

A request uses them only where it says so with `Portal-Session: cookie`: a header that a foreign page cannot send
without asking first (Fetch, 3.2.2). It must then come from a page that we know, and bear the `Portal-CSRF` of
its session.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime
from http.cookies import SimpleCookie
from uuid import UUID

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection

from api.http_errors import Forbidden, RequestRefused
from api.origins import require_known_page
from api.settings import Settings
from auth.keys import KeyRing
from auth.plane import SessionIssued
from auth.rules import SignInRules

ASKED = "portal-session"
CSRF_HEADER = "portal-csrf"
ACCESS = "__Host-slaportal-access"
REFRESH = "__Host-slaportal-refresh"
CSRF = "__Host-slaportal-csrf"
_PURPOSE = "csrf token"


@dataclass(frozen=True, slots=True)
class BrowserSession:
    """What a request that asks for cookies brought along. `refresh` is `<session id>.<refresh token>`."""

    access: str | None
    refresh: str | None
    csrf: str

    def require_csrf(self, keys: KeyRing, session_id: UUID) -> None:
        """Forbidden unless the request bears the token that was handed out with this very session."""
        expected = csrf_token(keys, session_id)
        if not hmac.compare_digest(self.csrf.encode(), expected.encode()):
            raise Forbidden("Send the session's Portal-CSRF header.")

    def refresh_token(self, keys: KeyRing) -> str:
        """The refresh token of the cookie, "" where there is none. Forbidden without the session's CSRF token."""
        session_id, _, token = (self.refresh or "").partition(".")
        try:
            self.require_csrf(keys, UUID(session_id))
        except ValueError:
            return ""
        return token


def browser_session(connection: HTTPConnection, settings: Settings) -> BrowserSession | None:
    """None where the request does not ask for cookies. RequestRefused where it may not, or contradicts itself."""
    headers = connection.headers
    asked = headers.getlist(ASKED)
    if not asked:
        return None
    if asked != ["cookie"]:
        raise RequestRefused(400, "BAD_USER_INPUT", "Portal-Session is `cookie`, or is left out.")
    if "authorization" in headers:
        raise RequestRefused(
            400, "BAD_USER_INPUT", "Send Portal-Session: cookie or an Authorization header, not both."
        )
    require_known_page(connection, settings.origins)
    sent = connection.cookies
    return BrowserSession(sent.get(ACCESS) or None, sent.get(REFRESH) or None, _csrf_of(headers))


def csrf_token(keys: KeyRing, session_id: UUID) -> str:
    """The same for as long as the session lasts, and worth nothing in another one; 256 bits as hex."""
    return hmac.digest(keys.derive(_PURPOSE), session_id.bytes, "sha256").hex()


def cookies_of(issued: SessionIssued, csrf: str, rules: SignInRules, now: datetime) -> list[str]:
    """The `Set-Cookie` lines of a session: each lives as long as what it holds is good."""
    idle = int(rules.idle.total_seconds())
    return [
        access_cookie(issued.access_token, issued.expires_at, now),
        _line(REFRESH, f"{issued.holder.session_id}.{issued.refresh_token}", idle),
        _line(CSRF, csrf, idle, readable=True),
    ]


def access_cookie(token: str, expires_at: datetime, now: datetime) -> str:
    """The line of an access token alone, in place of the one before."""
    return _line(ACCESS, token, max(int((expires_at - now).total_seconds()), 0))


def cleared_cookies() -> list[str]:
    """The lines that take a session out of the browser."""
    return [_line(ACCESS, "", 0), _line(REFRESH, "", 0), _line(CSRF, "", 0, readable=True)]


def _csrf_of(headers: Headers) -> str:
    given = headers.getlist(CSRF_HEADER)
    return given[0] if len(given) == 1 else ""


def _line(name: str, value: str, seconds: int, *, readable: bool = False) -> str:
    jar: SimpleCookie = SimpleCookie()
    jar[name] = value
    line = jar[name]
    line["path"], line["secure"], line["samesite"], line["max-age"] = "/", True, "Strict", seconds
    line["httponly"] = not readable
    return line.OutputString()
