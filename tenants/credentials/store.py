"""The credential store of a plane: `auth.store.CredentialStore` over a scope and that plane's tables."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, update
from sqlalchemy.ext.asyncio import AsyncSession

from auth.events import AuthEvent
from auth.principals import Origin
from auth.rules import Lifetimes
from auth.store import (
    Challenge,
    Credential,
    Factor,
    Holder,
    Invitation,
    MfaMethod,
    NewChallenge,
    NewSession,
    Rotation,
    SessionEnd,
)
from auth.throttle import Attempt, ThrottleKey
from tenants.acts import NOBODY
from tenants.credentials import challenges, factors, reading, sessions, throttles
from tenants.credentials.claims import Lost, changed
from tenants.credentials.own import OwnCredentialsStore
from tenants.credentials.presence import end_presence, forget_presence
from tenants.ids import new_id
from tenants.mails.service import MailKind


class DatabaseCredentials(OwnCredentialsStore):
    """Everything about who may come in, of one plane, for one request."""

    async def admit(self, keys: Sequence[ThrottleKey], now: datetime) -> bool:
        async with self._scope.record() as session:
            return await throttles.admit(session, self._tables.throttle, keys, now)

    async def admit_attempt(self, attempt: Attempt, now: datetime) -> Sequence[ThrottleKey]:
        async with self._scope.record() as session:
            return await throttles.admit_attempt(session, self._tables.throttle, attempt, now)

    async def take_back(self, keys: Sequence[ThrottleKey]) -> None:
        async with self._scope.record() as session:
            await throttles.take_back(session, self._tables.throttle, (), keys)

    async def remember(self, familiar: str, until: datetime, now: datetime) -> None:
        async with self._scope.record() as session:
            await throttles.remember(session, self._tables.throttle, familiar, now, until)

    async def credential(self, email: str) -> Credential | None:
        async with self._scope.read() as reader:
            return await reading.credential(reader, self._tables, email)

    async def note(
        self, event: AuthEvent, subject_id: UUID | None, detail: Mapping[str, object], now: datetime
    ) -> None:
        async with self._scope.record() as session:
            await self._say(session, event, NOBODY, subject_id, detail, now)

    async def replace_password_hash(self, subject_id: UUID, old: str, new: str) -> None:
        person = self._tables.person
        same = update(person).where(person.c.id == subject_id, person.c.password_hash == old)
        async with self._scope.write() as session:
            await changed(session, same.values(password_hash=new))

    async def open_challenge(self, subject_id: UUID, challenge: NewChallenge, now: datetime) -> bool:
        async def open_(session: AsyncSession) -> None:
            await challenges.add_challenge(session, self._tables, subject_id, challenge, now)
            await self._say(session, AuthEvent.PASSWORD_OK, NOBODY, subject_id, {}, now)

        return await self._once(open_)

    async def challenge(self, token_hash: str, now: datetime) -> Challenge | None:
        async with self._scope.read() as reader:
            return await reading.challenge(reader, self._tables, token_hash, now)

    async def count_try(self, challenge_id: UUID, limit: int, now: datetime) -> bool:
        async with self._scope.record() as session:
            return await challenges.count_try(session, self._tables, challenge_id, limit, now)

    async def use_step(self, challenge: Challenge, factor: Factor, step: int, now: datetime) -> bool:
        async def use(session: AsyncSession) -> None:
            await factors.use_step(session, self._tables, factor, step)
            await self._answered(session, challenge, MfaMethod.TOTP, now)

        return await self._once(use)

    async def use_recovery_code(self, challenge: Challenge, code_hash: str, now: datetime) -> bool:
        async def use(session: AsyncSession) -> None:
            await self._use_recovery_code(session, challenge.person.id, code_hash, now)
            await self._answered(session, challenge, MfaMethod.RECOVERY_CODE, now)

        return await self._once(use)

    async def new_factor_id(self, now: datetime) -> UUID:
        return new_id(now)

    async def put_pending_factor(self, subject_id: UUID, factor: Factor, now: datetime) -> None:
        async with self._scope.write() as session:
            await factors.put_pending(session, self._tables, subject_id, factor, now)

    async def confirm_factor(
        self,
        subject_id: UUID,
        factor: Factor,
        step: int,
        code_hashes: Sequence[str],
        challenge: Challenge | None,
        keep_session: UUID | None,
        now: datetime,
    ) -> bool:
        async def confirm(session: AsyncSession) -> None:
            first = challenge is not None
            await factors.confirm(session, self._tables, subject_id, factor, step, first=first, now=now)
            if challenge is not None:
                await factors.use_challenge(session, self._tables, challenge, now)
            await factors.replace_recovery_codes(session, self._tables, subject_id, code_hashes, now)
            reason = SessionEnd.FACTOR_CHANGED
            await end_presence(session, self._tables, subject_id, reason, now, keep=keep_session)
            if not first:
                await self._post(
                    session, MailKind.FACTOR_CHANGED, subject_id, {"change": "authenticator"}, now
                )
            detail = {"factor": MfaMethod.TOTP.value, "first": first}
            await self._say(session, AuthEvent.MFA_ENROLLED, self._self(subject_id), subject_id, detail, now)

        return await self._once(confirm)

    async def pending_factor(self, subject_id: UUID) -> Factor | None:
        async with self._scope.read() as reader:
            rows = await reader.rows(factors.factors_of(self._tables, subject_id))
        return next((factors.factor_of(row) for row in rows if row.confirmed_at is None), None)

    async def open_session(self, subject_id: UUID, session: NewSession, now: datetime) -> Holder | None:
        tables, actor = self._tables, self._self(subject_id)
        try:
            async with self._scope.write() as transaction:
                origin = self._origin
                known = await sessions.known_origin(transaction, tables, subject_id, origin)
                holder = await sessions.open_session(transaction, tables, subject_id, session, origin, now)
                await forget_presence(transaction, tables, subject_id, now)
                if not known:
                    await self._post(transaction, MailKind.NEW_SIGN_IN, subject_id, _told(origin, now), now)
                familiar = await throttles.is_familiar(transaction, tables.throttle, session.familiar, now)
                counted = () if familiar else session.give_back  # what its first step was counted under
                await throttles.take_back(transaction, tables.throttle, session.clear, counted)
                await throttles.remember(
                    transaction, tables.throttle, session.familiar, now, session.familiar_until
                )
                detail = {"factor": session.method.value, "session": str(holder.session_id)}
                await self._say(transaction, AuthEvent.LOGIN_SUCCESS, actor, subject_id, detail, now)
                return holder
        except Lost:
            return None

    async def rotate(
        self, token_hash: str, new_hash: str, lifetimes: Lifetimes, now: datetime
    ) -> tuple[Rotation, Holder | None]:
        try:
            async with self._scope.record() as session:
                hashes = (token_hash, new_hash)
                rotation, row = await sessions.rotate(session, self._tables, hashes, lifetimes, now)
                await self._say_refused(session, rotation, row, now)
        except Lost:
            return Rotation.ENDED, None
        return rotation, _holder(row) if row is not None and rotation is Rotation.ROTATED else None

    async def holder(self, session_id: UUID, subject_id: UUID, now: datetime) -> Holder | None:
        values = {"session": session_id, "subject": subject_id, "now": now}
        async with self._reading() as reader:
            row = await reader.first(self._tables.holder, values)
        return None if row is None else _holder(row)

    async def end_sessions(self, subject_id: UUID, reason: SessionEnd, now: datetime) -> int:
        async with self._scope.write() as session:
            ended = await sessions.end_all(session, self._tables, subject_id, reason, now)
            detail = {"reason": reason.value, "sessions": ended}
            actor = self._self(subject_id)
            await self._say(session, AuthEvent.TOKEN_REVOKED, actor, subject_id, detail, now)
            return ended

    async def invitation(self, token_hash: str, now: datetime) -> Invitation | None:
        async with self._scope.read() as reader:
            return await reading.invitation(reader, self._tables, token_hash, now)

    async def accept_invitation(
        self, invitation: Invitation, password_hash: str, challenge: NewChallenge, now: datetime
    ) -> bool:
        person_id = invitation.person.id

        async def accept(session: AsyncSession) -> None:
            await challenges.accept(session, self._tables, invitation, password_hash, now)
            await challenges.add_challenge(session, self._tables, person_id, challenge, now)
            await self._say(session, AuthEvent.PASSWORD_CHANGE, self._self(person_id), person_id, {}, now)

        return await self._once(accept)

    async def _answered(
        self, session: AsyncSession, challenge: Challenge, method: MfaMethod, now: datetime
    ) -> None:
        await factors.use_challenge(session, self._tables, challenge, now)
        detail = {"factor": method.value}
        await self._say(session, AuthEvent.MFA_SUCCESS, NOBODY, challenge.person.id, detail, now)

    async def _say_refused(
        self, session: AsyncSession, rotation: Rotation, row: Row[Any] | None, now: datetime
    ) -> None:
        if row is None or rotation is Rotation.ROTATED:
            return
        event = AuthEvent.TOKEN_REUSE if rotation is Rotation.REUSED else AuthEvent.SESSION_USE_AFTER_EXPIRE
        await self._say(session, event, NOBODY, row.id, {"session": str(row.session_id)}, now)


def _told(origin: Origin, now: datetime) -> dict[str, str]:
    seen = sessions.seen_from(origin)
    return {"at": now.isoformat(), **{name: value or "" for name, value in seen.items()}}


def _holder(row: Row[Any]) -> Holder:
    return Holder(
        row.id,
        row.session_id,
        row.email,
        row.name,
        row.locale,
        row.grants,
        row.contact_id,
        row.authenticated_at,
    )
