"""The mails of an installation without a mail server, on a page for whoever sits at this machine.

Mails hold tokens that let people in: they are shown to nobody else. The caller must be on this machine and have asked
for it by a name of this machine, so that neither a proxy nor a page elsewhere whose name leads here gets at them.
"""

import ipaddress
import re
import secrets
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from pathlib import Path
from uuid import UUID

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

PAGES = Path(__file__).parent / "static" / "mails"
MOST = 200
SHOWN = ("From", "To", "Subject", "Message-ID")
FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")

_LINK = re.compile(r"(https?://[^\s<>\"]+)")
_POLICY = (
    "default-src 'none'; style-src 'nonce-{nonce}'; img-src data:; frame-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
# What stands in a mail runs nothing, loads nothing and reaches nothing; its links open in a window of their own.
_MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)


def mails_page(folder: Path) -> Sequence[BaseRoute]:
    """The routes; add them only where mails are files and somebody asked for the page."""
    page = MailsPage(folder)
    return (
        Route("/mails", _near(page.all_mails)),
        Route("/mails/{mail:uuid}", _near(page.one_mail)),
        Route("/mails/{mail:uuid}/html", _near(page.html_of_mail)),
    )


class MailsPage:
    """Reads the folder anew for each answer."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        pages = Environment(loader=FileSystemLoader(PAGES), autoescape=True, undefined=StrictUndefined)
        self._page = pages.get_template("page.html")

    def all_mails(self, _request: Request) -> Response:
        """The newest first."""
        files = sorted(self._folder.glob("*.eml"), key=lambda file: file.stat().st_mtime, reverse=True)[:MOST]
        mails = [
            {"id": file.stem, "date": _told(mail), "to": mail["To"], "subject": mail["Subject"]}
            for file in files
            if (mail := _read(file)) is not None
        ]
        return self._respond(title="Mails", mails=mails)

    def one_mail(self, request: Request) -> Response:
        mail = self._mail(request)
        if mail is None:
            return _nothing()
        return self._respond(
            title=str(mail["Subject"]),
            id=request.path_params["mail"],
            headers=[("Date", _told(mail)), *((name, mail[name]) for name in SHOWN)],
            text=list(_linked(_part(mail, "plain"))),
        )

    def html_of_mail(self, request: Request) -> Response:
        mail = self._mail(request)
        if mail is None:
            return _nothing()
        return HTMLResponse(_part(mail, "html"), headers={"content-security-policy": _MAIL_POLICY})

    def _mail(self, request: Request) -> EmailMessage | None:
        mail_id: UUID = request.path_params["mail"]
        return _read(self._folder / f"{mail_id}.eml")

    def _respond(self, **known: object) -> Response:
        nonce = secrets.token_urlsafe(16)
        page = self._page.render(nonce=nonce, **known)
        return HTMLResponse(page, headers={"content-security-policy": _POLICY.format(nonce=nonce)})


def is_near(request: Request) -> bool:
    """Whether the caller is on this machine, calls it by a name of this machine, and no proxy stands between."""
    if request.client is None or any(name in request.headers for name in FORWARDED):
        return False
    try:
        here = ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False
    name = request.url.hostname or ""
    return here and (name in {"localhost", "127.0.0.1", "::1"} or name.endswith(".localhost"))


def _near(answer: Callable[[Request], Response]) -> Callable[[Request], Response]:
    def answered(request: Request) -> Response:
        return answer(request) if is_near(request) else _nothing()

    return answered


def _nothing() -> Response:
    return PlainTextResponse("Not Found", 404)


def _read(file: Path) -> EmailMessage | None:
    """None where it went away meanwhile."""
    try:
        with file.open("rb") as content:
            return BytesParser(policy=default).parse(content)
    except FileNotFoundError:
        return None


def _told(mail: EmailMessage) -> str:
    """When it was written; with its zone, as a mail tells moments in the organisation's."""
    return f"{mail['Date'].datetime.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _part(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    return str(part.get_content()) if part is not None else ""


def _linked(text: str) -> Iterator[tuple[str, bool]]:
    """The text in pieces, each with whether it is a link."""
    for place, piece in enumerate(_LINK.split(text)):
        if piece:
            yield piece, place % 2 == 1
