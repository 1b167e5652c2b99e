"""Each mail says the same in text and HTML, in every language, and nobody can add a header to it."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import SMTPUTF8, compat32, default
from html.parser import HTMLParser
from random import Random
from uuid import UUID

import pytest
from aiosmtplib.email import extract_recipients, flatten_message

from tenants.mails.errors import MailRefused, MailSettingWrong
from tenants.mails.service import MailKind
from tenants.mails.words import WORDS
from tenants.mails.writing import PAGES, Place, Sender, Writer, Written, one_line

AT = datetime(2026, 3, 10, 9, 5, tzinfo=UTC)
MAIL_ID = UUID("0195812c-0f00-7000-8000-00000000000a")
ALFA = Place("Alfa & Zonen", "https://alfa.example.com", "Europe/Amsterdam")
CONSOLE = Place(None, "https://console.example.com", "UTC")
TOKEN = "tok_EN-0123456789abcdefghijklmnopqrstuvwxyz"
VALUES = {
    MailKind.INVITATION: {"token": TOKEN},
    MailKind.PASSWORD_RESET: {"token": TOKEN},
    MailKind.EMAIL_CHANGE: {"token": TOKEN},
    MailKind.NEW_SIGN_IN: {
        "at": "2026-03-10T08:30:00+00:00",
        "address": "192.0.2.7",
        "user_agent": "Firefox/140",
    },
    MailKind.FACTOR_CHANGED: {"change": "recovery_codes"},
    MailKind.CONTACT_REPLACED: {"old_name": "Bram Bos", "new_name": "Carla Crone"},
}
EVERY = [
    (kind, locale, place) for kind in MailKind for locale in ("NL", "EN", "FR") for place in (ALFA, CONSOLE)
]
HOSTILE = [
    "Eva\r\nBcc: all@evil.example",
    "Eva\nBcc: all@evil.example",
    "Eva\rBcc: all@evil.example",
    "Eva\u2028Bcc: all@evil.example",
    "Eva\x85Bcc: all@evil.example",
    "Eva\x0b\x0cBcc: all@evil.example",
    "=?utf-8?q?Eva=0d=0aBcc:_all@evil.example?=",
    "=?utf-8?b?RXZhDQpCY2M6IGFsbEBldmlsLmV4YW1wbGU=?=",
    '"Eva" <all@evil.example>, ',
    "Eva\x00, all@evil.example; (",
    "\u202eevE" + "e" * 5_000,
]


def written(kind: MailKind, locale: str = "EN", name: str = "Eva Evers", **changed: str) -> Written:
    return Written(
        id=MAIL_ID,
        kind=kind,
        email="eva@alfa.example",
        name=name,
        locale=locale,
        values=VALUES.get(kind, {}) | changed,
        created_at=AT,
        expires_at=AT + timedelta(days=7) if kind in PAGES else None,
    )


def write(mail: Written, place: Place = ALFA) -> EmailMessage:
    """As it arrives."""
    message = Writer(Sender.of("Portaal <portaal@example.com>")).write(mail, place)
    return BytesParser(policy=default).parsebytes(message.as_bytes())


def part(message: EmailMessage, kind: str) -> str:
    found = message.get_body((kind,))
    assert found is not None
    return str(found.get_content())


class Page(HTMLParser):
    """The words of a page, its tags, and what it would load."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words, self.tags, self.links = "", list[str](), list[str]()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name in {"href", "src", "background"} and value]

    def handle_data(self, data: str) -> None:
        self.words += f" {data}"


def words(text: str) -> list[str]:
    return re.findall(r"[^\s:]+", text)


@pytest.mark.parametrize(("kind", "locale", "place"), EVERY)
def test_text_and_html_say_the_same_and_leave_nothing_unfilled(
    kind: MailKind, locale: str, place: Place
) -> None:
    message = write(written(kind, locale), place)
    text, html = part(message, "plain"), part(message, "html")
    page = Page(html)
    assert words(re.sub(r"(?m)^-- \r?$", "", text)) == words(
        page.words.replace(f"{message['Subject']}", "", 1)
    )
    for placeholder in ("{", "}", "None", "Undefined"):
        assert placeholder not in text + page.words + message["Subject"]
    for value in VALUES.get(kind, {}).values():
        assert value in text or value in {"recovery_codes", "2026-03-10T08:30:00+00:00"}
    assert ("Alfa & Zonen" in text) == (place is ALFA)
    assert message["Content-Language"] == locale.lower()


@pytest.mark.parametrize("change", ["authenticator", "recovery_codes", "recovery_code_used", "reset"])
@pytest.mark.parametrize("locale", ["NL", "EN", "FR"])
def test_each_change_of_a_factor_has_words_of_its_own(locale: str, change: str) -> None:
    texts = {
        part(write(written(MailKind.FACTOR_CHANGED, locale, change=each)), "plain") for each in (change, "x")
    }
    assert len(texts) == (1 if change == "reset" else 2)


@pytest.mark.parametrize("locale", ["NL", "EN", "FR"])
def test_no_two_kinds_or_languages_have_the_same_subject(locale: str) -> None:
    subjects = {write(written(kind, each))["Subject"] for kind in MailKind for each in ("NL", "EN", "FR")}
    assert len(subjects) == 3 * len(MailKind)
    assert locale.lower() in WORDS


def test_a_mail_loads_nothing_and_links_to_the_portal_alone() -> None:
    for kind in MailKind:
        page = Page(part(write(written(kind)), "html"))
        assert all(link.startswith("https://alfa.example.com/") for link in page.links)
        assert not {"img", "script", "link", "iframe", "form", "object"} & set(page.tags)


@pytest.mark.parametrize("kind", list(PAGES))
def test_the_token_stands_once_behind_the_hash_of_a_link_that_fits_its_column(kind: MailKind) -> None:
    message = write(written(kind))
    text, html = part(message, "plain"), part(message, "html")
    link = f"https://alfa.example.com/{PAGES[kind]}#{TOKEN}"
    assert link in text.splitlines()
    assert (text.count(TOKEN), Page(html).words.count(TOKEN)) == (1, 1)
    assert f'<p style="overflow-wrap:anywhere"><a href="{link}"' in html


def test_moments_are_spelled_out_in_the_organisations_zone() -> None:
    sign_in = part(write(written(MailKind.NEW_SIGN_IN, "NL")), "plain")
    assert "10 maart 2026 om 09:30 (Europe/Amsterdam)" in sign_in
    assert "10 March 2026 at 08:30 (UTC)" in part(write(written(MailKind.NEW_SIGN_IN), CONSOLE), "plain")
    assert "17 mars 2026 à 10:05 (Europe/Amsterdam)" in part(
        write(written(MailKind.INVITATION, "FR")), "plain"
    )


def test_the_headers_are_those_of_an_automatic_message_and_the_same_each_time() -> None:
    first, second = (write(written(MailKind.INVITATION)) for _ in range(2))
    assert first["From"] == "Portaal <portaal@example.com>"
    assert first["To"] == "Eva Evers <eva@alfa.example>"
    assert first["Auto-Submitted"] == "auto-generated"
    assert first["Message-ID"] == second["Message-ID"] == f"<{MAIL_ID}@example.com>"
    assert first["Date"] == second["Date"]
    assert first.get_content_type() == "multipart/alternative"


@pytest.mark.parametrize(
    "name",
    [
        "Zoë de Brüyn",
        "Łukasz Żółć",
        "王小明",
        "Ελένη",
        "O'Neill, Sean",
        ("Zoë é a,b 王小明 (x) " * 8 + "é").strip(),
    ],
)
def test_names_of_every_script_arrive_as_they_are(name: str) -> None:
    """Decoded as RFC 2047 has it: the library's newer parser puts spaces between the words of a long name."""
    message = Writer(Sender.of("Portaal <portaal@example.com>")).write(
        written(MailKind.INVITATION, name=name), ALFA
    )
    head = BytesParser(policy=compat32).parsebytes(message.as_bytes())["To"]
    assert str(make_header(decode_header(head))).replace('"', "") == f"{name} <eva@alfa.example>"
    assert name in part(message, "plain")


@pytest.mark.parametrize("hostile", HOSTILE)
def test_no_name_adds_a_header_or_a_recipient(hostile: str) -> None:
    message = Writer(Sender.of("Portaal <portaal@example.com>")).write(
        written(MailKind.CONTACT_REPLACED, name=hostile, old_name=hostile, new_name=hostile),
        Place(hostile, "https://alfa.example.com", "UTC"),
    )
    head = message.as_bytes().partition(b"\r\n\r\n")[0].decode("ascii")
    names = [line.partition(":")[0] for line in head.split("\r\n") if not line.startswith((" ", "\t"))]
    assert sorted(names) == sorted([
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Language", "MIME-Version",
        "Content-Type",
    ])  # fmt: skip
    arrived = BytesParser(policy=default).parsebytes(message.as_bytes())
    assert [each.addr_spec for each in arrived["To"].addresses] == ["eva@alfa.example"]
    assert arrived["Bcc"] is None
    assert not [line for line in part(arrived, "plain").splitlines() if line.startswith("Bcc:")]


SIGNS = "ab \"\\,;:<>@()[]=?_.'é\u0416漢😀\u0301\u200d\t#%&-+"
RECIPIENTS = [
    "eva@alfa.example",
    "e.v+a@alfa.example",
    f"{'a' * 40}@{'b' * 50}.example",
    f"{'a' * 64}@{'b' * 60}.{'c' * 60}.example",
    "éva@alfa.example",
    f"{'é' * 30}@{'b' * 60}.example",
]


@pytest.mark.parametrize("email", RECIPIENTS)
def test_whatever_somebody_is_called_one_address_gets_the_mail(email: str) -> None:
    """In the bytes as both carriers write them, and in what the library makes of the head for the envelope."""
    writer, random = Writer(Sender.of("Portaal <portaal@example.com>")), Random(7)
    names = ["\u0416, b@evil.example, x", "王 (b@evil.example", '"', "x" * 200, "Eva, b@evil.example " * 9]
    names += ["".join(random.choices(SIGNS, k=random.randrange(1, 90))) for _ in range(150)]
    for name in names:
        message = writer.write(replace(written(MailKind.ACCOUNT_DEACTIVATED, name=name), email=email), ALFA)
        assert extract_recipients(message) == [email]
        sent = flatten_message(message, utf8=not email.isascii())
        for flat in (sent, message.as_bytes(policy=SMTPUTF8)):
            arrived = BytesParser(policy=default).parsebytes(flat)["To"].addresses
            got = [each.addr_spec.encode(errors="surrogateescape").decode() for each in arrived]
            assert got == [email], name


@pytest.mark.parametrize(
    "email",
    [
        "eva@alfa.example\r\nBcc: all@evil.example",
        "eva@alfa.example, all@evil.example",
        "eva",
        "",
        "eva@al fa.example",
    ],
)
def test_what_is_no_address_gets_no_mail(email: str) -> None:
    mail = written(MailKind.INVITATION)
    with pytest.raises(MailRefused):
        write(Written(**{name: getattr(mail, name) for name in mail.__slots__} | {"email": email}))


def test_a_domain_of_another_script_is_written_as_every_server_takes_it() -> None:
    mail = written(MailKind.INVITATION)
    given = {name: getattr(mail, name) for name in mail.__slots__} | {"email": "eva@bücher.example"}
    assert write(Written(**given))["To"].addresses[0].addr_spec == "eva@xn--bcher-kva.example"


def test_html_in_names_stays_text() -> None:
    hostile = '<script>alert(1)</script><a href="https://evil.example">'
    page = Page(part(write(written(MailKind.CONTACT_REPLACED, name=hostile, old_name=hostile)), "html"))
    assert "script" not in page.tags
    assert page.links == []
    assert "<script>alert(1)</script>" in page.words


def test_a_value_that_a_mail_needs_and_does_not_get_is_an_error_and_no_gap() -> None:
    mail = Written(MAIL_ID, MailKind.CONTACT_REPLACED, "eva@alfa.example", "Eva", "EN", {}, AT, None)
    with pytest.raises(KeyError):
        write(mail)


def test_a_line_is_one_line_and_bounded() -> None:
    assert one_line("a\r\n\tb\u2029c\u200e") == "a b c"
    assert len(one_line("x" * 1000)) == 200


@pytest.mark.parametrize("setting", ["", "portal", "Portal <portal>", "a@b.example\r\nBcc: c@d.example"])
def test_a_sender_that_is_no_address_is_refused_at_start(setting: str) -> None:
    with pytest.raises(MailSettingWrong):
        Sender.of(setting)
