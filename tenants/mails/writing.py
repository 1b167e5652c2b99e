"""Writes a mail: its words from the templates, and a message whose headers nobody can add to.

A template gives its blocks once; two layouts make plain text and HTML of them, so that both say the same.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from pathlib import Path
from uuid import UUID

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from auth.emails import fold_email, is_email
from tenants.ids import new_id
from tenants.mails.errors import MailRefused, MailSettingWrong
from tenants.mails.service import MailKind
from tenants.mails.words import WORDS, Words

TEMPLATES = Path(__file__).parent / "templates"
LONGEST = 200  # characters of one value in a mail
LINE = (
    78  # characters of one line of a head, which the library folds anew where it is longer (RFC 5322, 2.1.1)
)
PLAIN_NAME = re.compile(r"[A-Za-z0-9' -]+")
PAGES: Mapping[MailKind, str] = {
    MailKind.INVITATION: "invitation",
    MailKind.PASSWORD_RESET: "password-reset",
    MailKind.EMAIL_CHANGE: "email-change",
}
"""Of mails with a link: the page of the front end that it leads to, with the token behind the hash."""


@dataclass(frozen=True, slots=True)
class Sender:
    """From whom mails come."""

    name: str
    address: str

    @classmethod
    def of(cls, text: str) -> "Sender":
        """From `portal@example.com` or `Portal <portal@example.com>`. Raises `MailSettingWrong`."""
        name, address = parseaddr(text)
        if one_line(text) != text.strip() or not is_email(fold_email(address)) or not address.isascii():
            raise MailSettingWrong(f"{text!r} holds no e-mail address to send from")
        return cls(one_line(name), address)

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a mail comes from: a customer's portal, or the vendor's console where `name` is None."""

    name: str | None
    base_url: str
    zone: str


@dataclass(frozen=True, slots=True)
class Written:
    """What a waiting mail holds, opened."""

    id: UUID
    kind: MailKind
    email: str
    name: str
    locale: str
    values: Mapping[str, str]
    created_at: datetime
    expires_at: datetime | None


def one_line(text: str) -> str:
    """The text without anything that ends a line or steers one, and without what mail programs decode (RFC 2047)."""
    steering = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    kept = "".join(" " if unicodedata.category(sign) in steering else sign for sign in text)
    return " ".join(kept.replace("=?", "= ?").split())[:LONGEST]


class Writer:
    """Holds the templates, compiled once."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender
        self._plain, self._html = _environment(escaped=False), _environment(escaped=True)

    def write(self, mail: Written, place: Place) -> EmailMessage:
        """The message, the same each time but for its MIME boundary. Raises `MailRefused` where it cannot be."""
        locale = mail.locale.lower() if mail.locale.lower() in WORDS else "en"
        known = _known(mail, place, locale)
        name = f"{mail.kind.value.lower()}.{locale}.jinja"
        plain, html = self._plain.get_template(name), self._html.get_template(name)
        message = EmailMessage(policy=SMTP)
        message["From"] = Address(self._sender.name, addr_spec=self._sender.address)
        _put_recipient(message, address_of(mail.name, mail.email))
        _put_subject(message, one_line(_block(plain, "subject", known)))
        message["Date"] = mail.created_at
        message["Message-ID"] = f"<{mail.id}@{self._sender.domain}>"
        message["Auto-Submitted"] = "auto-generated"
        text = plain.render(known | {"layout": "layout.txt"})
        message.set_content(text, cte="quoted-printable")
        page = html.render(known | {"layout": "layout.html"})
        message.add_alternative(page, subtype="html", cte="quoted-printable")
        message["Content-Language"] = locale  # of both parts, so not before them
        return message

    def write_test(self, email: str, now: datetime) -> EmailMessage:
        """A message that says that mails arrive. Raises `MailRefused` where it is no address."""
        message = EmailMessage(policy=SMTP)
        message["From"] = Address(self._sender.name, addr_spec=self._sender.address)
        _put_recipient(message, address_of("", email))
        message["Subject"] = "Mails from the service portal arrive"
        message["Date"] = now
        message["Message-ID"] = f"<{new_id(now)}@{self._sender.domain}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content("This is a test: `slaportal mails test` sent it.\n")
        return message


def address_of(name: str, email: str) -> Address:
    """A recipient; its domain in the form that every server takes. Raises `MailRefused` where it is no address."""
    if not is_email(fold_email(email)):
        raise MailRefused("the address cannot be used")
    local, _, domain = email.rpartition("@")
    try:
        return Address(one_line(name), username=local, domain=domain.encode("idna").decode())
    except (UnicodeError, ValueError) as error:
        raise MailRefused("the address cannot be used") from error


def _put_subject(message: EmailMessage, subject: str) -> None:
    """Folded here: the library adds and loses spaces where it folds a mixture of scripts (seen in Python 3.11)."""
    charset = "us-ascii" if subject.isascii() else "utf-8"
    message.set_raw("Subject", Header(subject, charset, header_name="Subject").encode(linesep="\r\n"))


def _put_recipient(message: EmailMessage, to: Address) -> None:
    """The same: a name of more than plain words is encoded whole, so that no sign in it is one of the line's.

    A name is left out beside an address that fills a line: the library folds that line anew, decodes the name and
    leaves it unquoted, and then there are more addresses than one.
    """
    name, address = to.display_name, f"<{to.addr_spec}>"
    line = f"{name} {address}"
    if not name or len(address) >= LINE:
        message.set_raw("To", address)
    elif PLAIN_NAME.fullmatch(name) and len(f"To: {line}") <= LINE:
        message.set_raw("To", line)
    else:
        encoded = Header(name, "utf-8", header_name="To").encode(linesep="\r\n")
        message.set_raw("To", f"{encoded}\r\n {address}")


def _environment(*, escaped: bool) -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=escaped,  # noqa: S701  # plain text is not escaped
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _known(mail: Written, place: Place, locale: str) -> dict[str, object]:
    """Everything that a template may name; every value is one line."""
    words, values = WORDS[locale], {name: one_line(value) for name, value in mail.values.items()}
    name = one_line(mail.name)
    page = PAGES.get(mail.kind, "")
    token = values.get("token", "") if page else ""
    return values | {
        "locale": locale,
        "words": words,
        "greeting": words.greeting.format(name) if name else words.greeting_nameless,
        "where": words.portal.format(one_line(place.name)) if place.name else words.console,
        "helper": words.helper if place.name else words.vendor_helper,
        "facts": list(_facts(mail, values, words, place.zone)),
        "token": token,
        "link": f"{place.base_url}/{page}#{token}",
    }


def _facts(mail: Written, values: Mapping[str, str], words: Words, zone: str) -> Iterator[tuple[str, str]]:
    at = values.get("at")
    yield words.at, words.tell(datetime.fromisoformat(at) if at else mail.created_at, zone)
    if mail.kind is MailKind.CONTACT_REPLACED:
        yield words.old_contact, values["old_name"]
        yield words.new_contact, values["new_name"]
    if mail.kind is MailKind.NEW_SIGN_IN or values.get("address"):
        yield words.address, values.get("address") or "?"
    if mail.kind is MailKind.NEW_SIGN_IN or values.get("user_agent"):
        yield words.device, values.get("user_agent") or "?"
    if mail.kind in PAGES and mail.expires_at:
        yield words.valid_until, words.tell(mail.expires_at, zone)


def _block(template: Template, name: str, known: Mapping[str, object]) -> str:
    return "".join(template.blocks[name](template.new_context(dict(known))))
