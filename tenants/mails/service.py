"""Mails are put in the queue in the transaction of the act itself; the worker sends them after it has committed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, Table, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from auth.keys import KeyRing
from auth.rules import ACCOUNT_RULES
from tenants.databases.scopes import Reader, leaves_work
from tenants.ids import new_id
from tenants.mails.models import Mail
from tenants.tables import table

TENANT_MAILS = table(Mail)
WITHDRAWN = "withdrawn: its link is dead"


class MailKind(StrEnum):
    """What a mail is about; each has a text and an HTML template in every language."""

    INVITATION = "INVITATION"
    PASSWORD_RESET = "PASSWORD_RESET"  # noqa: S105  the name of a mail
    PASSWORD_CHANGED = "PASSWORD_CHANGED"  # noqa: S105  the name of a mail
    NEW_SIGN_IN = "NEW_SIGN_IN"
    FACTOR_CHANGED = "FACTOR_CHANGED"
    EMAIL_CHANGE = "EMAIL_CHANGE"
    EMAIL_CHANGED = "EMAIL_CHANGED"
    CONTACT_REPLACED = "CONTACT_REPLACED"
    ACCOUNT_DEACTIVATED = "ACCOUNT_DEACTIVATED"


LINKS = frozenset({MailKind.INVITATION, MailKind.PASSWORD_RESET, MailKind.EMAIL_CHANGE})
"""The mails that carry a link."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who gets the mail: `subject_id` is the account, the operator or the contact. With that person it goes."""

    subject_id: UUID
    email: str
    name: str
    locale: str


def mail_seal(mail_id: UUID) -> str:
    """What a mail's content is sealed with besides the key."""
    return f"mail.content:{mail_id}"


async def post_mail(
    session: AsyncSession,
    keys: KeyRing,
    kind: MailKind,
    to: Recipient,
    values: Mapping[str, str],
    now: datetime,
    *,
    expires_at: datetime | None = None,
    mails: Table = TENANT_MAILS,
) -> None:
    """Queues one mail; `values` fill its template, `token` among them where it carries a link.

    From `expires_at` on the link is dead and the mail is not sent any more; an invitation lives as long as all do,
    every other link must say. An earlier mail with a link of the same kind that still waits is withdrawn.
    """
    mail_id = new_id(now)
    if kind is MailKind.INVITATION:
        expires_at = expires_at or now + ACCOUNT_RULES.invitation
    if kind in LINKS:
        if expires_at is None:
            raise ValueError(f"{kind} carries a link: until when does it work?")
        await withdraw_links(session, to.subject_id, now, mails, kinds={kind})
    content = {
        "email": to.email,
        "name": to.name,
        "locale": to.locale,
        "values": dict(values),
        "expires_at": expires_at.isoformat() if expires_at else None,
    }
    sealed = keys.encrypt(orjson.dumps(content).decode(), mail_seal(mail_id))
    row = {"id": mail_id, "kind": kind.value, "subject_id": to.subject_id, "content": sealed}
    await session.execute(insert(mails).values(**row, created_at=now, due_at=now, tries=0))
    leaves_work(session, now)


async def forget_mails(
    session: AsyncSession, subjects: Iterable[UUID], *, waiting: MailKind | None = None
) -> None:
    """Takes away all mails to these persons; with `waiting` only those of this kind that have not gone out."""
    theirs = delete(TENANT_MAILS).where(TENANT_MAILS.c.subject_id.in_(list(subjects)))
    if waiting is not None:
        theirs = theirs.where(TENANT_MAILS.c.kind == waiting.value, TENANT_MAILS.c.content.is_not(None))
    await session.execute(theirs)


async def mails_told(reader: Reader, subjects: Iterable[UUID]) -> list[dict[str, object]]:
    """Which mails these persons got or are to get, and when: what stands in one is gone, or not to be read."""
    told = (TENANT_MAILS.c[name] for name in ("kind", "created_at", "due_at", "sent_at", "failed_at"))
    theirs = select(*told).where(TENANT_MAILS.c.subject_id.in_(list(subjects)))
    rows = await reader.rows(theirs.order_by(TENANT_MAILS.c.created_at, TENANT_MAILS.c.id))
    return [dict(row._mapping) for row in rows]  # noqa: SLF001  # the documented way to a row's names


async def withdraw_links(
    session: AsyncSession,
    subject_id: UUID,
    now: datetime,
    mails: Table = TENANT_MAILS,
    *,
    kinds: Iterable[MailKind] = LINKS,
) -> None:
    """Takes back the mails to a person that wait and carry a link: it is dead, or a newer one was made."""
    theirs = (mails.c.subject_id == subject_id, mails.c.kind.in_([kind.value for kind in kinds]))
    gone = {"failed_at": now, "failure": WITHDRAWN, "content": None}
    await session.execute(update(mails).where(*theirs, *is_waiting(mails)).values(gone))


def is_waiting(mails: Table) -> tuple[ColumnElement[bool], ...]:
    """The condition that a mail neither went out nor was given up."""
    return mails.c.sent_at.is_(None), mails.c.failed_at.is_(None)


def is_given_up(mails: Table) -> tuple[ColumnElement[bool], ...]:
    """The condition that a mail could not be sent and may still be, if somebody says so."""
    return mails.c.failed_at.is_not(None), mails.c.content.is_not(None)


async def given_up(reader: Reader, mails: Table = TENANT_MAILS) -> int:
    """How many mails could not be sent and wait for somebody to decide."""
    return int(await reader.scalar(select(func.count()).select_from(mails).where(*is_given_up(mails))))
