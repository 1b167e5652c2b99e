"""What takes mails out of the house: a mail server, or a folder where there is none."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTPUTF8
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPException,
    SMTPNotSupported,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPServerDisconnected,
    SMTPTimeoutError,
)

from tenants.mails.errors import CarrierAway, MailDelayed, MailRefused, MailSettingWrong

ANSWER_SECONDS = 10.0
"""How long the server may take for one answer."""
PORTS = {"smtp": 587, "smtps": 465}
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})

Send = Callable[[EmailMessage], Awaitable[str]]
"""Sends one message and gives what was answered. Raises `MailRefused`, `MailDelayed` or `CarrierAway`."""


class Carrier(Protocol):
    """Takes any number of messages one after another, over one connection."""

    def open(self) -> AbstractAsyncContextManager[Send]:
        """Raises `CarrierAway`."""


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where mails are handed in: with TLS from the start (`tls`), by STARTTLS, or in the clear if told so."""

    host: str
    port: int
    tls: bool
    start_tls: bool
    username: str | None = None
    password: str | None = field(default=None, repr=False)

    @classmethod
    def of(cls, url: str) -> "SmtpServer":
        """From `smtp://user:password@host:587` (STARTTLS), `smtps://host` or `smtp://host:25?starttls=never`.

        Raises `MailSettingWrong`, without the URL: there may be a password in it.
        """
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise MailSettingWrong("the port is no number") from error
        options = parse_qs(parts.query)
        never = options.pop("starttls", ["always"]) == ["never"]
        if parts.scheme not in PORTS or not parts.hostname or options or parts.path not in {"", "/"}:
            raise MailSettingWrong(
                "expected smtp://user:password@host:587, smtps://host or ...?starttls=never"
            )
        if never and parts.password and parts.hostname not in LOOPBACK:
            raise MailSettingWrong("a password is not sent in the clear: leave ?starttls=never away")
        tls = parts.scheme == "smtps"
        return cls(
            host=parts.hostname,
            port=port or PORTS[parts.scheme],
            tls=tls,
            start_tls=not tls and not never,
            username=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
        )


@dataclass(frozen=True, slots=True)
class SmtpCarrier:
    """Hands mails to a server (RFC 5321). Its certificate is checked; `SSL_CERT_FILE` names a CA of one's own."""

    server: SmtpServer
    answer_seconds: float = ANSWER_SECONDS

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Send]:
        client = self._client()
        try:
            await client.connect()
        except SMTPAuthenticationError as error:
            raise CarrierAway(f"the mail server does not let us in: {_code(error)}") from error
        except (SMTPException, OSError, ValueError) as error:
            raise CarrierAway(f"the mail server cannot be reached: {type(error).__name__}") from error
        try:
            yield lambda message: _send(client, message)
            with suppress(SMTPException):
                await client.quit()
        finally:
            client.close()

    def _client(self) -> SMTP:
        server = self.server
        return SMTP(
            hostname=server.host,
            port=server.port,
            use_tls=server.tls,
            start_tls=server.start_tls,
            username=server.username,
            password=server.password,
            timeout=self.answer_seconds,
        )


async def _send(client: SMTP, message: EmailMessage) -> str:
    try:
        _, answer = await client.send_message(message)
    except SMTPRecipientsRefused as error:
        raise _refusal(error.recipients[0]) from error
    except SMTPNotSupported as error:
        raise MailRefused("the mail server takes no such address") from error
    except (SMTPServerDisconnected, SMTPTimeoutError) as error:
        raise CarrierAway(f"the mail server broke off: {type(error).__name__}") from error
    except SMTPResponseException as error:
        raise _refusal(error) from error
    except (SMTPException, OSError) as error:
        raise CarrierAway(f"the mail server broke off: {type(error).__name__}") from error
    return answer


def _refusal(error: SMTPResponseException) -> Exception:
    """By the first digit (RFC 5321, 4.2.1): 5 is for good, everything else may pass."""
    if error.code == 421:  # closing the channel: for everybody
        return CarrierAway(f"the mail server sent us away: {_code(error)}")
    kind = MailRefused if 500 <= error.code < 600 else MailDelayed
    return kind(f"the mail server answered {_code(error)}")


def _code(error: SMTPResponseException) -> str:
    """The codes alone: the words of a server often repeat the address."""
    first = error.message.split(maxsplit=1)[0] if error.message.strip() else ""
    enhanced = first if len(first) <= 9 and first.replace(".", "").isdigit() and "." in first else ""
    return f"{error.code} {enhanced}".strip()


@dataclass(frozen=True, slots=True)
class FileCarrier:
    """Puts mails into a folder as `.eml`, for their owner alone; a repeated one takes the place of the first."""

    folder: Path

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Send]:
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise CarrierAway(f"the folder of mails cannot be made: {error.strerror}") from error
        yield self._put

    async def _put(self, message: EmailMessage) -> str:
        name = str(message["Message-ID"]).strip("<>").partition("@")[0]
        draft = self.folder / f"{name}.draft"
        try:
            draft.unlink(missing_ok=True)
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(message.as_bytes(policy=SMTPUTF8))  # whatever script an address is of (RFC 6532)
            draft.replace(self.folder / f"{name}.eml")
        except OSError as error:
            raise CarrierAway(f"the folder of mails cannot be written: {error.strerror}") from error
        return f"kept as {name}.eml"
