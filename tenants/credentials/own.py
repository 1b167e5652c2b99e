"""The part of the store by which persons change what they show: `auth.store.OwnCredentials`."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from auth.events import AuthEvent
from auth.store import EmailChange, Factor, Link, LinkPurpose, MfaMethod, NewLink, OpenSession, SessionEnd
from auth.throttle import ThrottleKey
from tenants.acts import NOBODY
from tenants.credentials import factors, links, sessions, throttles
from tenants.credentials.base import StoreBase
from tenants.credentials.claims import Lost
from tenants.credentials.presence import end_presence
from tenants.mails.service import MailKind


class OwnCredentialsStore(StoreBase):
    """Each method is one transaction: what changed, what ends with it, the record of it, and the mail."""

    async def password_hash(self, subject_id: UUID) -> str | None:
        person = self._tables.person.c
        async with self._scope.read() as reader:
            known: str | None = await reader.scalar(
                select(person.password_hash).where(person.id == subject_id)
            )
        return known

    async def change_password(
        self,
        subject_id: UUID,
        old: str,
        new: str,
        keep_session: UUID,
        clear: Sequence[ThrottleKey],
        now: datetime,
    ) -> bool:
        async def change(session: AsyncSession) -> None:
            await links.set_password(session, self._tables, subject_id, new, old=old)
            await throttles.take_back(session, self._tables.throttle, clear, ())
            await self._password_changed(session, subject_id, keep_session, now)

        return await self._once(change)

    async def mail_link(self, subject_id: UUID, link: NewLink, now: datetime) -> None:
        is_reset = link.purpose is LinkPurpose.RESET
        kind = MailKind.PASSWORD_RESET if is_reset else MailKind.EMAIL_CHANGE

        async def mail(session: AsyncSession) -> None:
            token = {"token": link.token}
            await self._post(session, kind, subject_id, token, now, link.email, link.expires_at)
            await links.add_link(session, self._tables, subject_id, link, now)
            if is_reset:
                asked, actor, detail = AuthEvent.PASSWORD_RESET_ASKED, NOBODY, {"mailed": True}
            else:
                asked, actor, detail = AuthEvent.EMAIL_CHANGE_ASKED, self._self(subject_id), {}
            await self._say(session, asked, actor, subject_id, detail, now)

        await self._once(mail)

    async def link(self, token_hash: str, purpose: LinkPurpose, now: datetime) -> Link | None:
        async with self._scope.read() as reader:
            return await links.link(reader, self._tables, token_hash, purpose, now)

    async def reset_password(self, link: Link, new: str, clear: Sequence[ThrottleKey], now: datetime) -> bool:
        async def reset(session: AsyncSession) -> None:
            # The person first, as everywhere: so two calls that change the same person cannot wait for each other.
            await links.set_password(session, self._tables, link.person.id, new)
            await links.use_link(session, self._tables, link, now)
            await throttles.take_back(session, self._tables.throttle, clear, ())
            await self._password_changed(session, link.person.id, None, now)

        return await self._once(reset)

    async def change_email(self, link: Link, now: datetime) -> EmailChange:
        subject_id, email = link.person.id, link.email
        if email is None:
            return EmailChange.LOST

        async def change(session: AsyncSession) -> None:
            # To the old address, so before it changes.
            await self._post(session, MailKind.EMAIL_CHANGED, subject_id, {}, now)
            await links.use_link(session, self._tables, link, now)
            await links.set_email(session, self._tables, subject_id, email)
            await links.end_links(session, self._tables, subject_id, now)
            detail = {"changed": ["email"]}
            await self._say(session, AuthEvent.USER_UPDATED, self._self(subject_id), subject_id, detail, now)

        try:
            done = await self._once(change)
        except IntegrityError:  # the address is unique, and nothing else here can be there already
            return EmailChange.TAKEN
        return EmailChange.DONE if done else EmailChange.LOST

    async def confirmed_factor(self, subject_id: UUID) -> Factor | None:
        async with self._scope.read() as reader:
            rows = await reader.rows(factors.factors_of(self._tables, subject_id))
        return next((factors.factor_of(row) for row in rows if row.confirmed_at is not None), None)

    async def show_step(
        self,
        session_id: UUID,
        subject_id: UUID,
        factor: Factor,
        step: int,
        clear: Sequence[ThrottleKey],
        now: datetime,
    ) -> bool:
        async def use(session: AsyncSession) -> None:
            await factors.use_step(session, self._tables, factor, step)

        return await self._shown(use, session_id, subject_id, MfaMethod.TOTP, clear, now)

    async def show_recovery_code(
        self, session_id: UUID, subject_id: UUID, code_hash: str, clear: Sequence[ThrottleKey], now: datetime
    ) -> bool:
        async def use(session: AsyncSession) -> None:
            await self._use_recovery_code(session, subject_id, code_hash, now)

        return await self._shown(use, session_id, subject_id, MfaMethod.RECOVERY_CODE, clear, now)

    async def renew_recovery_codes(
        self, subject_id: UUID, code_hashes: Sequence[str], keep_session: UUID | None, now: datetime
    ) -> bool:
        async def renew(session: AsyncSession) -> None:
            person = await links.locked_person(session, self._tables, subject_id)
            if not await factors.has_confirmed(session, self._tables, subject_id):
                raise Lost
            await factors.replace_recovery_codes(session, self._tables, subject_id, code_hashes, now)
            if keep_session is not None:
                reason = SessionEnd.FACTOR_CHANGED
                await end_presence(session, self._tables, subject_id, reason, now, keep=keep_session)
            await self._post(session, MailKind.FACTOR_CHANGED, subject_id, {"change": "recovery_codes"}, now)
            actor = self._self(subject_id)
            await self._say(session, AuthEvent.MFA_CODES_RENEWED, actor, person.subject_id, {}, now)

        return await self._once(renew)

    async def open_sessions(self, subject_id: UUID, idle: timedelta, now: datetime) -> Sequence[OpenSession]:
        async with self._reading() as reader:
            rows = await reader.rows(sessions.open_ones(self._tables, subject_id, idle, now))
        return [
            OpenSession(row.id, row.created_at, row.last_seen_at, row.expires_at, row.address, row.user_agent)
            for row in rows
        ]

    async def end_own_session(self, subject_id: UUID, session_id: UUID, now: datetime) -> bool:
        async def end(session: AsyncSession) -> None:
            reason = SessionEnd.SIGNED_OUT
            if not await sessions.end(session, self._tables, subject_id, session_id, reason, now):
                raise Lost
            detail = {"reason": reason.value, "session": str(session_id)}
            await self._say(session, AuthEvent.TOKEN_REVOKED, self._self(subject_id), subject_id, detail, now)

        return await self._once(end)

    async def _password_changed(
        self, session: AsyncSession, subject_id: UUID, keep: UUID | None, now: datetime
    ) -> None:
        reason = SessionEnd.PASSWORD_CHANGED
        await end_presence(session, self._tables, subject_id, reason, now, keep=keep)
        await self._post(session, MailKind.PASSWORD_CHANGED, subject_id, {}, now)
        detail = {"reset": keep is None}
        await self._say(session, AuthEvent.PASSWORD_CHANGE, self._self(subject_id), subject_id, detail, now)

    async def _shown(
        self,
        use: Callable[[AsyncSession], Awaitable[None]],
        session_id: UUID,
        subject_id: UUID,
        method: MfaMethod,
        clear: Sequence[ThrottleKey],
        now: datetime,
    ) -> bool:
        async def show(session: AsyncSession) -> None:
            await use(session)
            await sessions.freshen(session, self._tables, subject_id, session_id, now)
            await throttles.take_back(session, self._tables.throttle, clear, ())
            detail = {"factor": method.value, "session": str(session_id)}
            await self._say(session, AuthEvent.MFA_SUCCESS, self._self(subject_id), subject_id, detail, now)

        return await self._once(show)
