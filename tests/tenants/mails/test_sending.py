"""Each mail leaves once where all goes well, again where it may not have, and nothing waits for a mail server."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from auth.permissions import OperatorRole
from tenants.catalog.mails import OPERATOR_MAILS
from tenants.catalog.models import Tenant
from tenants.jobs.worker import KEEP_VISITING, Worker
from tenants.mails.carriers import FileCarrier, Send, SmtpCarrier, SmtpServer
from tenants.mails.errors import CarrierAway
from tenants.mails.postman import EXPIRED, PAUSES
from tenants.mails.service import (
    LINKS,
    TENANT_MAILS,
    WITHDRAWN,
    MailKind,
    Recipient,
    post_mail,
    withdraw_links,
)
from tests.conftest import NOW
from tests.factories.mails import mails_in
from tests.factories.portal import Customer, House
from tests.tenants.mails.conftest import (
    Certificate,
    Inbox,
    at_noon,
    carrier_to,
    post,
    postman_of,
    rows,
    serving,
    work,
)

SECOND = timedelta(seconds=1)


async def test_a_mail_leaves_once_and_nothing_of_it_stays(house: House, alfa: Customer, inbox: Inbox) -> None:
    token = await post(alfa)
    postman = postman_of(house, carrier_to(inbox), at_noon)
    assert await work(postman, alfa, NOW) == 1
    assert await work(postman, alfa, NOW + timedelta(days=1)) == 0
    (message,) = inbox.messages
    assert message["To"] == "Eva Evers <eva@alfa.example>"
    assert message["Subject"] == "Uw uitnodiging voor het serviceportaal van Alfa"
    assert f"http://alfa.localhost:8000/invitation#{token}" in message.as_bytes().replace(
        b"=\r\n", b""
    ).decode() or (house.portal.settings.in_production)
    (row,) = await rows(alfa.scope)
    assert (row.sent_at, row.failed_at, row.content, row.failure) == (NOW, None, None, None)
    assert inbox.taken[0].rcpt_tos == ["eva@alfa.example"]


async def test_a_token_is_never_readable_in_the_database(house: House, alfa: Customer, inbox: Inbox) -> None:
    token = await post(alfa)
    (waiting,) = await rows(alfa.scope)
    assert waiting.content
    for secret in (token, "eva@alfa.example", "Eva Evers"):
        assert secret not in str(waiting)
    assert [mail.values["token"] for mail in await mails_in(alfa.scope, house.portal.keys)] == [token]
    await work(postman_of(house, carrier_to(inbox), at_noon), alfa, NOW)
    assert all(row.content is None for row in await rows(alfa.scope))


async def test_two_workers_at_once_send_each_mail_once(house: House, alfa: Customer, inbox: Inbox) -> None:
    for number in range(20):
        await post(alfa, MailKind.ACCOUNT_DEACTIVATED, email=f"eva{number}@alfa.example")
    postmen = [postman_of(house, carrier_to(inbox), at_noon) for _ in range(2)]
    counts = await asyncio.gather(*(work(postman, alfa, NOW) for postman in postmen))
    assert sum(counts) == 20
    assert len({message["To"] for message in inbox.messages}) == len(inbox.messages) == 20


async def test_a_crash_between_sending_and_noting_repeats_the_mail_under_its_message_id(
    house: House, alfa: Customer, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    await post(alfa)
    crashing = postman_of(house, carrier_to(inbox), at_noon)
    monkeypatch.setattr(crashing, "_settle", _crash)
    with pytest.raises(KeyboardInterrupt):
        await work(crashing, alfa, NOW)
    monkeypatch.undo()
    anew = NOW + PAUSES[0]
    postman = postman_of(house, carrier_to(inbox), lambda: anew)
    assert await work(postman, alfa, anew - SECOND) == 0
    assert await work(postman, alfa, anew) == 1
    first, second = inbox.messages
    assert first["Message-ID"] == second["Message-ID"]
    assert (await rows(alfa.scope))[0].sent_at == anew


async def _crash(*_given: Any, **_named: Any) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("answer", ["450 4.2.1 eva@alfa.example is busy", "451 try later", "452 4.3.1 full"])
@pytest.mark.parametrize("step", ["RCPT", "DATA"])
async def test_a_refusal_for_now_is_tried_again_ever_later_and_given_up_after_two_days(
    house: House, alfa: Customer, inbox: Inbox, answer: str, step: str
) -> None:
    inbox.answers[step] = answer
    await post(alfa, MailKind.ACCOUNT_DEACTIVATED)
    moments = [NOW]
    postman = postman_of(house, carrier_to(inbox), lambda: moments[-1])
    for number, pause in enumerate(PAUSES, 1):
        assert await work(postman, alfa, moments[-1]) == 0
        (row,) = await rows(alfa.scope)
        assert (row.tries, row.due_at) == (number, moments[-1] + pause)
        moments.append(row.due_at)
    assert row.failed_at == moments[-2]
    assert timedelta(hours=24) < moments[-2] - NOW < timedelta(days=2)
    assert answer[:3] in row.failure
    assert "eva" not in row.failure
    assert await work(postman, alfa, moments[-1] + timedelta(days=9)) == 0
    assert inbox.taken == []


@pytest.mark.parametrize("step", ["RCPT", "DATA"])
async def test_a_refusal_for_good_is_given_up_at_once_and_stops_no_other(
    house: House, alfa: Customer, inbox: Inbox, step: str
) -> None:
    inbox.answers[step] = "550 5.1.1 <eva@alfa.example>: no such user"
    await post(alfa)
    postman = postman_of(house, carrier_to(inbox), at_noon)
    assert await work(postman, alfa, NOW) == 0
    (row,) = await rows(alfa.scope)
    assert (row.failed_at, row.failure) == (NOW, "the mail server answered 550 5.1.1")
    inbox.answers.clear()
    await post(alfa, email="adam@alfa.example")
    assert await work(postman, alfa, NOW + SECOND) == 1


async def test_a_server_that_is_away_delays_every_mail_and_is_asked_once(
    house: House, alfa: Customer
) -> None:
    for number in range(5):
        await post(alfa, MailKind.ACCOUNT_DEACTIVATED, email=f"eva{number}@alfa.example")
    carrier = Counting(SmtpCarrier(SmtpServer("127.0.0.1", 9, tls=False, start_tls=False)))
    assert await work(postman_of(house, carrier, at_noon), alfa, NOW) == 0
    assert carrier.opened == 1
    found = await rows(alfa.scope)
    assert {(row.tries, row.failed_at) for row in found} == {(1, None)}
    assert all("cannot be reached" in row.failure for row in found)


@dataclass
class Counting:
    """Counts how often a carrier is asked."""

    carrier: SmtpCarrier
    opened: int = 0

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Send]:
        self.opened += 1
        async with self.carrier.open() as send:
            yield send


async def test_a_server_that_hangs_holds_up_neither_visits_nor_writers(
    house: House, alfa: Customer, inbox: Inbox
) -> None:
    inbox.answers["HANG"] = "3"
    await post(alfa)
    postman = postman_of(house, carrier_to(inbox, seconds=1), at_noon)
    started = time.monotonic()
    await postman.collect(alfa.scope, alfa.record, NOW)
    sending = asyncio.create_task(postman.send_round(NOW))
    await asyncio.sleep(0.1)
    await post(alfa, MailKind.ACCOUNT_DEACTIVATED)
    await postman.collect(alfa.scope, alfa.record, NOW)
    assert time.monotonic() - started < 0.9
    assert not sending.done()
    assert await sending == 0
    first = (await rows(alfa.scope))[0]
    assert (first.sent_at, first.tries) == (None, 1)
    assert "broke off" in first.failure


async def test_a_server_that_drops_the_line_is_tried_again_later(house: House, alfa: Customer) -> None:
    async def drop(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail\r\n")
        writer.close()

    async with await asyncio.start_server(drop, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        await post(alfa)
        carrier = SmtpCarrier(SmtpServer("127.0.0.1", port, tls=False, start_tls=False), 5)
        assert await work(postman_of(house, carrier, at_noon), alfa, NOW) == 0
    (row,) = await rows(alfa.scope)
    assert (row.tries, row.sent_at, row.failed_at) == (1, None, None)


async def test_a_letter_that_somebody_else_may_claim_by_now_is_not_sent(
    house: House, alfa: Customer, inbox: Inbox
) -> None:
    await post(alfa)
    postman = postman_of(house, carrier_to(inbox), lambda: NOW + PAUSES[0])
    await postman.collect(alfa.scope, alfa.record, NOW)
    assert await postman.send_round(NOW) == 0
    assert inbox.taken == []


async def test_an_invitation_that_has_run_out_is_not_sent(house: House, alfa: Customer, inbox: Inbox) -> None:
    await post(alfa)
    late = NOW + timedelta(days=7)
    assert await work(postman_of(house, carrier_to(inbox), lambda: late), alfa, late) == 0
    (row,) = await rows(alfa.scope)
    assert (row.failed_at, row.failure, row.content) == (late, EXPIRED, None)


async def test_a_newer_link_withdraws_the_one_that_waits(house: House, alfa: Customer, inbox: Inbox) -> None:
    to = Recipient(alfa.owner.id, "eva@alfa.example", "Eva Evers", "NL")
    for token in ("first", "second"):
        async with alfa.scope.write() as session:
            given, until = {"token": token}, NOW + timedelta(hours=1)
            kind = MailKind.PASSWORD_RESET
            await post_mail(session, house.portal.keys, kind, to, given, NOW, expires_at=until)
    assert await work(postman_of(house, carrier_to(inbox), at_noon), alfa, NOW) == 1
    assert "#second" in inbox.messages[0].as_string()
    assert sorted((row.failure or "", row.content) for row in await rows(alfa.scope)) == [
        ("", None),
        (WITHDRAWN, None),
    ]


async def test_a_link_that_ends_takes_its_mail_back_and_no_other(
    house: House, alfa: Customer, inbox: Inbox
) -> None:
    to, until = Recipient(alfa.owner.id, "eva@alfa.example", "Eva Evers", "NL"), NOW + timedelta(hours=1)
    async with alfa.scope.write() as session:
        for kind in MailKind:
            values = {"token": kind.value, "old_name": "Bea", "new_name": "Cor", "change": "reset"}
            await post_mail(session, house.portal.keys, kind, to, values, NOW, expires_at=until)
    await post(alfa)
    async with alfa.scope.write() as session:
        await withdraw_links(session, alfa.owner.id, NOW)
    assert await work(postman_of(house, carrier_to(inbox), at_noon), alfa, NOW) == len(MailKind) - 2
    own = [row for row in await rows(alfa.scope) if row.subject_id == alfa.owner.id and row.failure]
    assert {(row.kind, row.failure, row.content) for row in own} == {
        (kind.value, WITHDRAWN, None) for kind in LINKS
    }


async def test_a_link_but_an_invitation_says_how_long_it_works(house: House, alfa: Customer) -> None:
    to = Recipient(alfa.owner.id, "eva@alfa.example", "Eva Evers", "NL")
    for kind in LINKS - {MailKind.INVITATION}:
        async with alfa.scope.write() as session:
            with pytest.raises(ValueError, match="until when"):
                await post_mail(session, house.portal.keys, kind, to, {"token": "x"}, NOW)


async def test_a_mail_that_cannot_be_opened_or_written_stops_no_other(
    house: House, alfa: Customer, inbox: Inbox
) -> None:
    await post(alfa)
    await post(alfa, MailKind.NEW_SIGN_IN)  # without its values
    await post(alfa, MailKind.CONTACT_REPLACED)
    async with alfa.scope.write() as session:
        broken = TENANT_MAILS.update().where(TENANT_MAILS.c.kind == "NEW_SIGN_IN")
        await session.execute(broken.values(content="moved from elsewhere"))
    assert await work(postman_of(house, carrier_to(inbox), at_noon), alfa, NOW) == 1
    failures = {row.kind: row.failure for row in await rows(alfa.scope)}
    assert failures == {
        "INVITATION": None,
        "NEW_SIGN_IN": "cannot be written: SealBroken",
        "CONTACT_REPLACED": "cannot be written: KeyError",
    }


async def test_an_operators_mail_waits_in_the_catalog(house: House, inbox: Inbox) -> None:
    operator, portal = await house.operator(OperatorRole.SUPPORT), house.portal
    async with portal.catalog.write() as session:
        to, values = Recipient(operator.id, operator.email, "Jan", "EN"), {"change": "authenticator"}
        await post_mail(session, portal.keys, MailKind.FACTOR_CHANGED, to, values, NOW, mails=OPERATOR_MAILS)
    postman = postman_of(house, carrier_to(inbox), at_noon)
    await postman.collect_operators(NOW)
    assert await postman.send_round(NOW) == 1
    assert (
        inbox.messages[0]["Subject"] == "Your second factor for the console of the service portal was changed"
    )
    (row,) = await rows(portal.catalog, OPERATOR_MAILS)
    assert (row.sent_at, row.content) == (NOW, None)


async def test_the_worker_comes_back_when_a_mail_is_due(house: House, alfa: Customer) -> None:
    """Although nobody asks for it, and although its server was away."""
    now = datetime.now(UTC)
    await post(alfa, MailKind.ACCOUNT_DEACTIVATED, now)
    carrier = SmtpCarrier(SmtpServer("127.0.0.1", 9, tls=False, start_tls=False))
    postman = postman_of(house, carrier, lambda: now)
    worker = Worker(house.portal.tenants, house.portal.catalog, (), postman.collect)
    await worker.visit_all(now)
    await postman.send_round(now)
    await worker.visit_all(now + KEEP_VISITING + SECOND)
    async with house.portal.catalog.read() as reader:
        asked = await reader.scalar(select(Tenant.attention_at))  # type: ignore[call-overload]  # a column
    assert asked == (await rows(alfa.scope))[0].due_at == now + PAUSES[0]
    await worker.visit_all(now + PAUSES[0])
    assert (await rows(alfa.scope))[0].tries == 2
    # Who makes work now does not wait until then.
    await post(alfa, MailKind.ACCOUNT_DEACTIVATED, now + PAUSES[0])
    async with house.portal.catalog.read() as reader:
        asked = await reader.scalar(select(Tenant.attention_at))  # type: ignore[call-overload]  # a column
    assert asked == now + PAUSES[0]


async def test_files_are_for_their_owner_alone_and_a_repeated_mail_takes_its_place(
    house: House, alfa: Customer, tmp_path: Path
) -> None:
    carrier = FileCarrier(tmp_path / "kept" / "mails")
    await post(alfa)
    assert await work(postman_of(house, carrier, at_noon), alfa, NOW) == 1
    (row,) = await rows(alfa.scope)
    file = carrier.folder / f"{row.id}.eml"
    assert [path.name for path in carrier.folder.iterdir()] == [file.name]
    assert (file.stat().st_mode & 0o777, carrier.folder.stat().st_mode & 0o777) == (0o600, 0o700)
    async with carrier.open() as send:
        await send(_message(str(row.id)))
    assert file.read_bytes().startswith(b"Message-ID")
    assert len(list(carrier.folder.iterdir())) == 1


def _message(name: str) -> EmailMessage:
    message = EmailMessage()
    message["Message-ID"] = f"<{name}@example.com>"
    message["From"] = "portal@example.com"
    message["To"] = "eva@alfa.example"
    return message


@dataclass(frozen=True)
class Way:
    """How a server is reached, and how its server asks for it."""

    url: str
    options: dict[str, Any] = field(default_factory=dict)


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # the whole line is TLS
@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
async def test_mails_leave_encrypted_and_signed_in_to_a_server_whose_certificate_is_good(
    certificate: Certificate, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    inbox = Inbox()
    tls = {"ssl_context": certificate.context} if scheme == "smtps" else {
        "tls_context": certificate.context, "require_starttls": True,
    }  # fmt: skip
    async with serving(
        inbox, authenticator=inbox.login, auth_required=True, auth_require_tls=scheme == "smtp", **tls
    ):
        carrier = SmtpCarrier(SmtpServer.of(f"{scheme}://portaal:wachtwoord%2F1@127.0.0.1:{inbox.port}"), 5)
        with pytest.raises(CarrierAway, match="cannot be reached"):
            await _one(carrier)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate.authority))
        await _one(carrier)
        assert inbox.logins[-1] == (b"portaal", b"wachtwoord/1")
        wrong = replace(carrier, server=replace(carrier.server, password="other"))
        with pytest.raises(CarrierAway, match="does not let us in: 535"):
            await _one(wrong)
    assert len(inbox.taken) == 1


async def test_nothing_is_sent_in_the_clear_where_the_server_offers_no_encryption(inbox: Inbox) -> None:
    with pytest.raises(CarrierAway):
        await _one(SmtpCarrier(SmtpServer.of(f"smtp://127.0.0.1:{inbox.port}"), 5))
    await _one(SmtpCarrier(SmtpServer.of(f"smtp://127.0.0.1:{inbox.port}?starttls=never"), 5))
    assert len(inbox.taken) == 1


async def _one(carrier: SmtpCarrier) -> None:
    async with carrier.open() as send:
        await send(_message("one"))
