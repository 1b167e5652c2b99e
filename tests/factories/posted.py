"""Mails that wait in the queue of a database, opened."""

from dataclasses import dataclass

import orjson
from sqlalchemy import Table, select

from auth.keys import KeyRing
from tenants.catalog.mails import OperatorMail
from tenants.databases.scopes import Scope
from tenants.mails.service import TENANT_MAILS, mail_seal
from tenants.tables import table

OPERATOR_MAILS = table(OperatorMail)


@dataclass(frozen=True)
class Posted:
    """One mail: what it is about, to whom, and what fills its template."""

    kind: str
    email: str
    values: dict[str, str]


async def posted(scope: Scope, keys: KeyRing, mails: Table = TENANT_MAILS) -> list[Posted]:
    """The mails of one database that still wait, in the order in which they were posted."""
    async with scope.read() as reader:
        rows = await reader.rows(select(mails).where(mails.c.content.is_not(None)).order_by(mails.c.id))
    opened = [(row.kind, orjson.loads(keys.decrypt(row.content, mail_seal(row.id)))) for row in rows]
    return [Posted(kind, content["email"], content["values"]) for kind, content in opened]
