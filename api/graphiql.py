"""GraphiQL from files of our own: no CDN, and nothing runs in the page that is not one of them."""

from __future__ import annotations

import secrets
from pathlib import Path

from starlette.responses import HTMLResponse
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

ASSETS_PATH = "/static/graphiql"
ASSETS = Path(__file__).parent / "static" / "graphiql"
PAGE = "index.html"

# The nonce is for the one style element that GraphiQL makes itself, to lock scrolling behind a dialog.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class GraphiqlPage:
    """Reads the page once; each answer gets a nonce of its own."""

    def __init__(self, folder: Path = ASSETS) -> None:
        self._html = (folder / PAGE).read_text(encoding="utf-8")

    def response(self) -> HTMLResponse:
        nonce = secrets.token_urlsafe(16)
        return HTMLResponse(
            self._html.replace("{assets}", ASSETS_PATH).replace("{nonce}", nonce),
            headers={"content-security-policy": _POLICY.format(nonce=nonce), "vary": "accept"},
        )


def graphiql_assets() -> Mount:
    """Route to the page's scripts and styles; add it only where GraphiQL is on."""
    return Mount(ASSETS_PATH, StaticFiles(directory=ASSETS), name="graphiql")
