"""Mails that wait in a database, opened with the portal's keys."""

from sqlalchemy import Table, select

from auth.keys import KeyRing
from tenants.databases.scopes import Scope
from tenants.mails.postman import opened
from tenants.mails.service import TENANT_MAILS, MailKind
from tenants.mails.writing import Written


async def mails_in(scope: Scope, keys: KeyRing, mails: Table = TENANT_MAILS) -> list[Written]:
    """All whose content is still there, oldest first."""
    async with scope.read() as reader:
        rows = await reader.rows(select(mails).where(mails.c.content.is_not(None)).order_by(mails.c.id))
    return [opened(keys, row) for row in rows]


async def newest_token(scope: Scope, keys: KeyRing, kind: MailKind = MailKind.INVITATION) -> str:
    """The token of the last link of this kind that was posted and is not sent yet."""
    return [mail.values["token"] for mail in await mails_in(scope, keys) if mail.kind is kind][-1]
