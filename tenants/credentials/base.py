"""What every part of the credential store works with."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from auth.events import AuthEvent
from auth.keys import KeyRing
from auth.principals import Origin
from tenants.acts import Actor, Change, Subject
from tenants.credentials import factors, links
from tenants.credentials.audit import RecordEvent
from tenants.credentials.claims import Lost
from tenants.credentials.tables import CredentialTables
from tenants.databases.scopes import Reader, Scope
from tenants.mails.service import MailKind, post_mail


class StoreBase:
    """One plane's database and tables for one request, its audit log and its mails."""

    def __init__(
        self,
        scope: Scope,
        tables: CredentialTables,
        record: RecordEvent,
        origin: Origin,
        keys: KeyRing,
        reader: Reader | None = None,
    ) -> None:
        self._scope = scope
        self._tables = tables
        self._record = record
        self._origin = origin
        self._keys = keys
        self._reader = reader

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[Reader]:
        """The request's own connection where it has one already."""
        if self._reader is not None:
            yield self._reader
            return
        async with self._scope.read() as reader:
            yield reader

    async def _once(self, work: Callable[[AsyncSession], Awaitable[None]]) -> bool:
        """Whether the work was this call's to do; when it was not, nothing of it stays."""
        try:
            async with self._scope.record() as session:
                await work(session)
        except Lost:
            return False
        return True

    async def _post(
        self,
        session: AsyncSession,
        kind: MailKind,
        subject_id: UUID,
        values: Mapping[str, str],
        now: datetime,
        email: str | None = None,
        expires_at: datetime | None = None,
    ) -> None:
        """A mail to the person, at `email` where that is another address than theirs; dead from `expires_at` on."""
        person = await links.locked_person(session, self._tables, subject_id)
        to = person if email is None else replace(person, email=email)
        mails = self._tables.models.mails
        await post_mail(session, self._keys, kind, to, values, now, mails=mails, expires_at=expires_at)

    async def _use_recovery_code(
        self, session: AsyncSession, subject_id: UUID, code_hash: str, now: datetime
    ) -> None:
        """Uses it up and tells the owner, whose row is held first. Lost as `factors.use_recovery_code`."""
        used = {"change": "recovery_code_used"}
        await self._post(session, MailKind.FACTOR_CHANGED, subject_id, used, now)
        await factors.use_recovery_code(session, self._tables, subject_id, code_hash, now)

    def _self(self, subject_id: UUID) -> Actor:
        return Actor(self._tables.models.actor, subject_id)

    async def _say(
        self,
        session: AsyncSession,
        event: AuthEvent,
        actor: Actor,
        subject_id: UUID | None,
        detail: Mapping[str, object],
        now: datetime,
        change: Change | None = None,
    ) -> None:
        subject = None if subject_id is None else Subject(self._tables.models.type_name, subject_id)
        await self._record(
            session,
            now=now,
            event=event.value,
            actor=actor,
            subject=subject,
            detail=detail,
            origin=self._origin,
            change=change,
        )
