"""Mails are put in the queue in the transaction of the act itself; the worker sends them after it has committed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import orjson
from sqlalchemy import Table, delete, insert
from sqlalchemy.ext.asyncio import AsyncSession

from auth.keys import KeyRing
from tenants.databases.scopes import leaves_work
from tenants.ids import new_id
from tenants.mails.models import Mail
from tenants.tables import table

TENANT_MAILS = table(Mail)


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


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who gets the mail: `subject_id` is the account or operator, None for a contact without an account."""

    subject_id: UUID | None
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
    mails: Table = TENANT_MAILS,
) -> None:
    """Queues one mail; `values` fill its template, `token` among them where it carries a link."""
    mail_id = new_id(now)
    content = {"email": to.email, "name": to.name, "locale": to.locale, "values": dict(values)}
    sealed = keys.encrypt(orjson.dumps(content).decode(), mail_seal(mail_id))
    row = {"id": mail_id, "kind": kind.value, "subject_id": to.subject_id, "content": sealed}
    await session.execute(insert(mails).values(**row, created_at=now, due_at=now, tries=0))
    leaves_work(session, now)


async def forget_mails(session: AsyncSession, subject_id: UUID) -> None:
    """Takes away all mails to a person, also those that still wait."""
    await session.execute(delete(TENANT_MAILS).where(TENANT_MAILS.c.subject_id == subject_id))
