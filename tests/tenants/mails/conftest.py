"""A mail server of the test's own, and mails that wait to be sent to it."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy import select

from tenants.databases.scopes import Scope
from tenants.mails.carriers import Carrier, SmtpCarrier, SmtpServer
from tenants.mails.postman import Postman
from tenants.mails.service import TENANT_MAILS, MailKind, Recipient, post_mail
from tests.conftest import NOW
from tests.factories.portal import Customer, House


@dataclass
class Inbox:
    """What a server took; `answers` are given to MAIL, RCPT and DATA in the place of its own."""

    taken: list[Envelope] = field(default_factory=list)
    logins: list[tuple[bytes, bytes]] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    hang: asyncio.Event | None = None
    port: int = 0

    @property
    def messages(self) -> list[EmailMessage]:
        contents = [each.original_content or b"" for each in self.taken]
        return [BytesParser(policy=default).parsebytes(content) for content in contents]

    async def handle_RCPT(  # noqa: N802  # as aiosmtpd calls it
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if "RCPT" in self.answers:
            return self.answers["RCPT"]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        if "HANG" in self.answers:
            await asyncio.sleep(float(self.answers["HANG"]))
        if "DATA" in self.answers:
            return self.answers["DATA"]
        self.taken.append(envelope)
        return "250 2.0.0 taken"

    def login(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _how: str, data: Any
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append((data.login, data.password))
        return AuthResult(success=data.password == b"wachtwoord/1", handled=False)


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def serving(inbox: Inbox, **options: Any) -> AsyncIterator[Inbox]:
    """A real server of aiosmtpd, in a thread of its own."""
    inbox.port = inbox.port or free_port()
    controller = Controller(inbox, hostname="127.0.0.1", port=inbox.port, **options)
    controller.start()
    try:
        yield inbox
    finally:
        controller.stop()


@pytest.fixture
async def inbox() -> AsyncIterator[Inbox]:
    """Takes everything, in the clear."""
    async with serving(Inbox()) as opened:
        yield opened


def carrier_to(inbox: Inbox, seconds: float = 5.0) -> SmtpCarrier:
    return SmtpCarrier(SmtpServer("127.0.0.1", inbox.port, tls=False, start_tls=False), seconds)


def postman_of(house: House, carrier: Carrier, at: Callable[[], datetime] | None = None) -> Postman:
    """A postman of that house, who hands everything to this carrier."""
    portal = replace(house.portal, carrier=carrier)
    return portal.postman(at or (lambda: datetime.now(UTC)))


async def post(
    customer: Customer,
    kind: MailKind = MailKind.INVITATION,
    now: datetime = NOW,
    email: str = "eva@alfa.example",
) -> str:
    """Queues a mail; gives its token."""
    token = f"token-{uuid4().hex}"
    async with customer.scope.write() as session:
        to = Recipient(uuid4(), email, "Eva Evers", "NL")
        await post_mail(session, customer.house.portal.keys, kind, to, {"token": token}, now)
    return token


async def rows(scope: Scope, mails: Any = TENANT_MAILS) -> list[Any]:
    async with scope.read() as reader:
        return list(await reader.rows(select(mails).order_by(mails.c.id)))


async def work(postman: Postman, customer: Customer, now: datetime) -> int:
    """One visit and one round."""
    await postman.collect(customer.scope, customer.record, now)
    return await postman.send_round(now)


@dataclass(frozen=True)
class Certificate:
    """Of 127.0.0.1, signed by a CA of its own."""

    authority: Path
    context: ssl.SSLContext


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    folder = tmp_path_factory.mktemp("ca")
    root_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test CA")])
    root = _signed(root_name, root_name, root_key, root_key, x509.BasicConstraints(ca=True, path_length=None))
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail")])
    leaf = _signed(
        name, root_name, key, root_key, x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    )
    pem = serialization.Encoding.PEM
    (folder / "ca.pem").write_bytes(root.public_bytes(pem))
    (folder / "leaf.pem").write_bytes(leaf.public_bytes(pem))
    plain = serialization.NoEncryption()
    (folder / "key.pem").write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "leaf.pem", folder / "key.pem")
    return Certificate(folder / "ca.pem", context)


def _signed(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    signer: ec.EllipticCurvePrivateKey,
    extension: x509.ExtensionType,
) -> x509.Certificate:
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer)
    builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    return builder.add_extension(extension, critical=False).sign(signer, hashes.SHA256())


@pytest.fixture
async def alfa(house: House) -> Customer:
    return await house.tenant("alfa")


def at_noon() -> datetime:
    return NOW
