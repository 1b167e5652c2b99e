"""GraphiQL from files of our own: no CDN, and nothing runs in the page that is not one of them."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

ASSETS_PATH = "/static/graphiql"
ASSETS = Path(__file__).parent / "static" / "graphiql"
PAGE = "index.html"
DEMO_CUSTOMER = "zonnedael"
"""The customer of README's walk: filled in where the demo's mails are shown."""
FRONT_PAGES = {
    "invitation": "AcceptInvitation",
    "password-reset": "ResetPassword",
    "email-change": "ConfirmEmail",
}
"""Pages that links in mails point to, and the example operation that does the same in GraphiQL."""

# The nonce is for the one style element that GraphiQL makes itself, to lock scrolling behind a dialog.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class GraphiqlPage:
    """Reads the page once; each answer gets a nonce of its own.

    With `mails`, beside a demo, it links to the page of mails: in a window of its own, as a page that is left
    forgets who was signed in.
    """

    def __init__(self, folder: Path = ASSETS, *, mails: bool = False) -> None:
        link = '<a class="mails" href="/mails" target="_blank" rel="noopener">Mails</a>' if mails else ""
        html = (folder / PAGE).read_text(encoding="utf-8")
        self._html = html.replace("{mails}", link).replace("{customer}", DEMO_CUSTOMER if mails else "")

    def response(self) -> HTMLResponse:
        nonce = secrets.token_urlsafe(16)
        return HTMLResponse(
            self._html.replace("{assets}", ASSETS_PATH).replace("{nonce}", nonce),
            headers={"content-security-policy": _POLICY.format(nonce=nonce), "vary": "accept"},
        )


def graphiql_assets() -> Mount:
    """Route to the page's scripts and styles; add it only where GraphiQL is on."""
    return Mount(ASSETS_PATH, StaticFiles(directory=ASSETS), name="graphiql")


def front_pages() -> Sequence[BaseRoute]:
    """Stands in for a front end's pages that mails point to: GraphiQL with the mutation that takes the token.

    The token stands behind the #, which no browser sends: the page itself puts it in its place.
    """
    return [Route(f"/{path}", _graphiql_with(name)) for path, name in FRONT_PAGES.items()]


def _graphiql_with(example: str) -> Callable[[Request], Awaitable[Response]]:
    async def redirect(_request: Request) -> Response:
        return RedirectResponse(f"/graphql?example={example}")

    return redirect
