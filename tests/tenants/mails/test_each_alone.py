"""Nothing that is wrong with one mail, or slow about it, costs another one anything."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from pathlib import Path

from sqlalchemy import select

from tenants.catalog.models import Tenant
from tenants.mails.carriers import FileCarrier, Send, SmtpCarrier
from tenants.mails.service import MailKind
from tests.conftest import NOW
from tests.factories.portal import Customer, House
from tests.tenants.mails.conftest import Inbox, at_noon, carrier_to, post, postman_of, rows, work

SECOND = timedelta(seconds=1)


@dataclass
class Slow:
    """As if each mail took five seconds of the portal's time."""

    carrier: SmtpCarrier
    moments: list[datetime]

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Send]:
        async with self.carrier.open() as send:

            async def sent_slowly(message: EmailMessage) -> str:
                self.moments.append(self.moments[-1] + 5 * SECOND)
                return await send(message)

            yield sent_slowly


async def test_a_slow_server_costs_no_mail_a_try(house: House, alfa: Customer, inbox: Inbox) -> None:
    for number in range(30):
        await post(alfa, MailKind.ACCOUNT_DEACTIVATED, email=f"eva{number}@alfa.example")
    moments = [NOW]
    postman = postman_of(house, Slow(carrier_to(inbox), moments), lambda: moments[-1])
    sent = await work(postman, alfa, NOW)
    assert 1 < sent < 30
    left = [row for row in await rows(alfa.scope) if row.sent_at is None]
    assert {(row.tries, row.due_at, row.failure) for row in left} == {(0, NOW, None)}
    async with house.portal.catalog.read() as reader:
        asked = await reader.scalar(select(Tenant.attention_at))  # type: ignore[call-overload]  # a column
    assert asked is not None
    while sent < 30:
        sent += await work(postman, alfa, moments[-1])
    assert {row.tries for row in await rows(alfa.scope)} == {1}
    assert moments[-1] == NOW + 30 * 5 * SECOND


async def test_an_address_of_another_script_stops_no_other(
    house: House, alfa: Customer, tmp_path: Path
) -> None:
    carrier = FileCarrier(tmp_path / "mails")
    for email in ("éva@alfa.example", "adam@alfa.example"):
        await post(alfa, email=email)
    assert await work(postman_of(house, carrier, at_noon), alfa, NOW) == 2
    told = [BytesParser(policy=default).parsebytes(file.read_bytes()) for file in carrier.folder.iterdir()]
    assert {str(mail["To"].addresses[0].addr_spec) for mail in told} >= {"adam@alfa.example"}


async def test_a_mail_that_breaks_its_carrier_stops_no_other(
    house: House, alfa: Customer, tmp_path: Path
) -> None:
    """Whatever is wrong with it, and nobody thought of."""
    carrier = FileCarrier(tmp_path / "mails")
    for email in ("broken@alfa.example", "adam@alfa.example"):
        await post(alfa, MailKind.ACCOUNT_DEACTIVATED, email=email)
    postman = postman_of(house, Breaking(carrier), at_noon)
    assert await work(postman, alfa, NOW) == 1
    assert sorted(
        (row.failure, row.failed_at, row.sent_at) for row in await rows(alfa.scope) if row.failure
    ) == [("cannot be sent: UnicodeEncodeError", NOW, None)]


@dataclass
class Breaking:
    """Fails over one mail in a way that no carrier tells of."""

    carrier: FileCarrier

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Send]:
        async with self.carrier.open() as send:

            async def broken(message: EmailMessage) -> str:
                if "broken" in message["To"]:
                    "é".encode("ascii")
                return await send(message)

            yield broken
