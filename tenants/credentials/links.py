"""Mailed links, each good once, and what they change."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from auth.opaque import token_hash
from auth.store import Link, LinkPurpose, NewLink, Person
from tenants.credentials.claims import Lost, claim
from tenants.credentials.tables import CredentialTables
from tenants.databases.scopes import Reader
from tenants.ids import new_id
from tenants.mails.service import Recipient


async def locked_person(session: AsyncSession, tables: CredentialTables, subject_id: UUID) -> Recipient:
    """The person, for a mail, held until the transaction ends. Lost when they may not come in."""
    person = tables.person.c
    columns = select(person.id, person.email, person.name, person.locale)
    active = columns.where(person.id == subject_id, tables.may_come_in)
    row = (await session.execute(active.with_for_update(key_share=True))).first()
    if row is None:
        raise Lost
    return Recipient(row.id, row.email, row.name, row.locale)


async def set_password(
    session: AsyncSession, tables: CredentialTables, subject_id: UUID, new: str, *, old: str | None = None
) -> None:
    """Lost when the person may not come in, or when their hash is not `old`, where that is given."""
    person = tables.person
    same = and_(person.c.id == subject_id, tables.may_come_in)
    if old is not None:
        same = and_(same, person.c.password_hash == old)
    await claim(session, update(person).where(same).values(password_hash=new))


async def set_email(session: AsyncSession, tables: CredentialTables, subject_id: UUID, email: str) -> None:
    """IntegrityError when somebody else has the address."""
    person = tables.person
    own = and_(person.c.id == subject_id, tables.may_come_in)
    await claim(session, update(person).where(own).values(email=email))


async def add_link(
    session: AsyncSession, tables: CredentialTables, subject_id: UUID, new: NewLink, now: datetime
) -> None:
    """A link beside those that are open; only the last one that was asked for changes an address."""
    if new.purpose is LinkPurpose.EMAIL:
        await end_links(session, tables, subject_id, now, LinkPurpose.EMAIL)
    values = {
        "id": new_id(now),
        "subject_id": subject_id,
        "purpose": new.purpose.value,
        "token_hash": token_hash(new.token),
        "email": new.email,
        "created_at": now,
        "expires_at": new.expires_at,
    }
    await session.execute(insert(tables.mailed_token).values(values))


async def use_link(session: AsyncSession, tables: CredentialTables, link: Link, now: datetime) -> None:
    """Lost when it was used or is too old."""
    own = tables.mailed_token
    open_ = and_(own.c.id == link.id, own.c.used_at.is_(None), own.c.expires_at > now)
    await claim(session, update(own).where(open_).values(used_at=now))


async def end_links(
    session: AsyncSession,
    tables: CredentialTables,
    subject_id: UUID,
    now: datetime,
    purpose: LinkPurpose | None = None,
) -> None:
    """Ends the person's open links: those for one purpose, or all."""
    own = tables.mailed_token
    open_ = and_(own.c.subject_id == subject_id, own.c.used_at.is_(None))
    if purpose is not None:
        open_ = and_(open_, own.c.purpose == purpose.value)
    await session.execute(update(own).where(open_).values(used_at=now))


async def link(
    reader: Reader, tables: CredentialTables, hashed: str, purpose: LinkPurpose, now: datetime
) -> Link | None:
    """The link while it is open and its person may come in."""
    own, person = tables.mailed_token, tables.person
    statement = (
        select(own.c.id, own.c.subject_id, own.c.email.label("new_email"), person.c.email, person.c.name)
        .join(person, person.c.id == own.c.subject_id)
        .where(own.c.token_hash == hashed, own.c.purpose == purpose.value)
        .where(own.c.used_at.is_(None), own.c.expires_at > now, tables.may_come_in)
    )
    row = await reader.first(statement)
    if row is None:
        return None
    return Link(row.id, purpose, Person(row.subject_id, row.email, row.name), row.new_email)
