"""Takes waiting mails out of their databases, sends them, and notes what became of each.

No transaction is open while a mail server is spoken to. A mail is claimed by moving its `due_at` to the next try and
raising `tries` (compare-and-set), so a crash counts as a try that failed, and nobody else takes the mail meanwhile.
A crash between sending and noting it sends the mail again, under the same Message-ID.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any
from uuid import UUID

import orjson
import structlog
from sqlalchemy import Row, Table, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from auth.errors import SealBroken
from auth.keys import KeyRing
from sla.errors import UnknownPolicy
from sla.policy import Library
from tenants.catalog.directory import TenantDirectory, TenantRecord
from tenants.catalog.mails import OPERATOR_MAILS
from tenants.credentials.claims import changed
from tenants.databases.scopes import CatalogScope, Scope, leaves_work
from tenants.mails.carriers import Carrier, Send
from tenants.mails.errors import CarrierAway, MailDelayed, MailRefused
from tenants.mails.service import TENANT_MAILS, MailKind, is_waiting, mail_seal
from tenants.mails.writing import Place, Writer, Written

AT_ONCE = 50
PAUSES = (
    *(timedelta(minutes=pause) for pause in (2, 5, 15, 30)),
    *(timedelta(hours=pause) for pause in (1, 2, 4, 8, 12, 20)),
)
"""After the first try, the second, and so on: after ten tries in two days a mail is given up."""
MARGIN = timedelta(seconds=60)
"""So long before its next try nobody starts to send a mail any more: no server holds one up for longer."""
EXPIRED = "its link has run out"

_log = structlog.get_logger("mails")


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail that is claimed until its next try, and since when it was due. `tenant_id` is None for an operator's."""

    id: UUID
    tenant_id: UUID | None
    tries: int
    due_at: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where links point to: `tenant` holds `{tenant}` for the slug."""

    tenant: str
    console: str


@dataclass(frozen=True, slots=True)
class Office:
    """The parts that mails are sent with."""

    keys: KeyRing
    tenants: TenantDirectory
    catalog: CatalogScope
    library: Library
    writer: Writer
    addresses: Addresses
    carrier: Carrier
    clock: Callable[[], datetime]


class Postman:
    """Holds the letters of one process between the visits that claim them and the rounds that send them."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._letters: deque[tuple[Letter, EmailMessage]] = deque()

    async def collect(self, scope: Scope, tenant: TenantRecord, now: datetime) -> datetime | None:
        """Claims a customer's mails that are due; gives when the next one will be, None where none waits."""
        address = self._office.addresses.tenant.replace("{tenant}", tenant.slug)
        place = Place(tenant.name, address, _zone(self._office.library, tenant.policy_key))
        return await self._collect(scope, TENANT_MAILS, place, tenant.id, now)

    async def collect_operators(self, now: datetime) -> None:
        """Claims the operators' mails that are due."""
        place = Place(None, self._office.addresses.console, "UTC")
        await self._collect(self._office.catalog, OPERATOR_MAILS, place, None, now)

    async def _collect(
        self, scope: Scope, mails: Table, place: Place, tenant_id: UUID | None, now: datetime
    ) -> datetime | None:
        due, room = await _next_due(scope, mails), AT_ONCE - len(self._letters)
        if due is None or due > now or room <= 0:
            return due
        async with scope.write() as session:
            rows = await _claim(session, mails, room, now)
        for row in rows:
            until = now + pause_after(row.tries + 1)
            letter = Letter(row.id, tenant_id, row.tries + 1, row.due_at, until)
            message = await self._written(letter, row, place, now)
            if message is not None:
                self._letters.append((letter, message))
        return await _next_due(scope, mails)

    async def _written(
        self, letter: Letter, row: Row[Any], place: Place, now: datetime
    ) -> EmailMessage | None:
        """None for one that is not to be sent, which is noted."""
        try:
            mail = opened(self._office.keys, row)
            if mail.expires_at is None or mail.expires_at > now:
                return self._office.writer.write(mail, place)
            gone = {"failure": EXPIRED, "content": None}
        except MailRefused as refused:
            gone = {"failure": str(refused)}
        except (SealBroken, KeyError, ValueError) as error:
            gone = {"failure": f"cannot be written: {type(error).__name__}"}
        await self._settle(letter, failed_at=now, **gone)
        return None

    async def send_round(self, _now: datetime) -> int:
        """Sends what was claimed, over one connection; gives how many went out. Where nobody takes any, all wait."""
        if not self._letters:
            return 0
        sent = 0
        try:
            async with self._office.carrier.open() as send:
                while self._letters:
                    sent += await self._send(send, *self._letters[0])
                    self._letters.popleft()
        except CarrierAway as away:
            left, self._letters = list(self._letters), deque()
            _log.warning("mails_wait", reason=str(away), mails=len(left))
            for letter, _ in left:
                await self._delayed(letter, str(away))
        return sent

    async def _send(self, send: Send, letter: Letter, message: EmailMessage) -> bool:
        if self._office.clock() > letter.until - MARGIN:
            # Soon somebody else may claim it. Those before it took the time: that is no try of this one.
            await self._settle(letter, tries=letter.tries - 1, due_at=letter.due_at)
            return False
        try:
            await send(message)
        except CarrierAway:
            raise
        except MailDelayed as delayed:
            await self._delayed(letter, str(delayed))
            return False
        except Exception as error:  # noqa: BLE001  # whatever is wrong with one, the others are still to be sent
            reason = (
                str(error) if isinstance(error, MailRefused) else f"cannot be sent: {type(error).__name__}"
            )
            await self._settle(letter, failed_at=self._office.clock(), failure=reason)
            return False
        await self._settle(letter, sent_at=self._office.clock(), content=None, failure=None)
        return True

    async def _delayed(self, letter: Letter, reason: str) -> None:
        given_up = {"failed_at": self._office.clock()} if letter.tries >= len(PAUSES) else {}
        await self._settle(letter, failure=reason, **given_up)

    async def _settle(self, letter: Letter, **values: Any) -> None:
        """Notes it, unless the mail has been claimed again; a database that is away costs a repetition."""
        mails = OPERATOR_MAILS if letter.tenant_id is None else TENANT_MAILS
        own = (mails.c.id == letter.id, *is_waiting(mails))
        if "sent_at" not in values:
            own = (*own, mails.c.tries == letter.tries)
        try:
            async with (await self._scope(letter.tenant_id)).write() as session:
                await session.execute(update(mails).where(*own).values(values))
                if "due_at" in values:
                    leaves_work(session, self._office.clock())
        except Exception as error:  # noqa: BLE001  # the others are still to be sent
            _log.warning("mail_not_noted", mail=str(letter.id), error=repr(error))

    async def _scope(self, tenant_id: UUID | None) -> Scope:
        if tenant_id is None:
            return self._office.catalog
        tenants = self._office.tenants
        return tenants.upkeep_scope(await tenants.fresh(tenant_id))


def pause_after(tries: int) -> timedelta:
    """How long a mail waits after so many tries (1, 2, ...)."""
    return PAUSES[min(tries, len(PAUSES)) - 1]


def opened(keys: KeyRing, row: Row[Any]) -> Written:
    """What the row's content holds. Raises `SealBroken`, `KeyError` or `ValueError` where it is none of ours."""
    content = orjson.loads(keys.decrypt(row.content or "", mail_seal(row.id)))
    expires_at = content.get("expires_at")
    return Written(
        id=row.id,
        kind=MailKind(row.kind),
        email=content["email"],
        name=content["name"],
        locale=content["locale"],
        values=content["values"],
        created_at=row.created_at,
        expires_at=datetime.fromisoformat(expires_at) if expires_at else None,
    )


async def _claim(session: AsyncSession, mails: Table, limit: int, now: datetime) -> Sequence[Row[Any]]:
    """The mails that were due and are ours now, as they were before."""
    due = select(mails).where(*is_waiting(mails), mails.c.due_at <= now).order_by(mails.c.due_at, mails.c.id)
    rows = (await session.execute(due.limit(limit).with_for_update(skip_locked=True))).all()
    claimed = []
    for row in rows:
        same = (mails.c.id == row.id, mails.c.tries == row.tries, *is_waiting(mails))
        claim = {"tries": row.tries + 1, "due_at": now + pause_after(row.tries + 1), "failure": None}
        if await changed(session, update(mails).where(*same).values(claim)):
            claimed.append(row)
    return claimed


async def _next_due(scope: Scope, mails: Table) -> datetime | None:
    async with scope.read() as reader:
        due: datetime | None = await reader.scalar(select(func.min(mails.c.due_at)).where(*is_waiting(mails)))
        return due


def _zone(library: Library, policy_key: str) -> str:
    try:
        return library.get(policy_key).zone
    except UnknownPolicy:
        return "UTC"
