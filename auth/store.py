"""What sign-in needs to know and to have kept; `tenants` implements it for accounts and for operators.

Every method that notes an attempt or uses something up is one transaction of its own, committed when it
returns, and tells by compare-and-set whether this call was the one: of any number at once exactly one is.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime, timedelta
    from uuid import UUID

    from auth.events import AuthEvent
    from auth.rules import Lifetimes
    from auth.throttle import Attempt, ThrottleKey


class MfaMethod(StrEnum):
    TOTP = "TOTP"
    PASSKEY = "PASSKEY"
    RECOVERY_CODE = "RECOVERY_CODE"


class ChallengePurpose(StrEnum):
    """SIGN_IN is answered by a factor; ENROLLMENT makes the first one."""

    SIGN_IN = "SIGN_IN"
    ENROLLMENT = "ENROLLMENT"


class SessionEnd(StrEnum):
    SIGNED_OUT = "SIGNED_OUT"
    TOKEN_REUSED = "TOKEN_REUSED"  # noqa: S105  the name of a reason
    FACTOR_CHANGED = "FACTOR_CHANGED"
    DEACTIVATED = "DEACTIVATED"
    PASSWORD_CHANGED = "PASSWORD_CHANGED"  # noqa: S105  the name of a reason
    RESTORED = "RESTORED"


class LinkPurpose(StrEnum):
    """What a mailed link is good for: a new password, or a new e-mail address."""

    RESET = "RESET"
    EMAIL = "EMAIL"


class EmailChange(StrEnum):
    """What became of a confirmation: DONE, LOST to another call, or the address is TAKEN."""

    DONE = "DONE"
    LOST = "LOST"
    TAKEN = "TAKEN"


class Rotation(StrEnum):
    """What became of a refresh token: ROTATED, or why not."""

    ROTATED = "ROTATED"
    UNKNOWN = "UNKNOWN"
    REUSED = "REUSED"
    ENDED = "ENDED"


@dataclass(frozen=True, slots=True)
class Credential:
    """The person with an e-mail address, and what must be shown. `active`: may sign in at all."""

    subject_id: UUID
    active: bool
    password_hash: str | None
    methods: tuple[MfaMethod, ...]


@dataclass(frozen=True, slots=True)
class Factor:
    """An authenticator; `sealed_secret` opens with `factor_seal(id)`."""

    id: UUID
    sealed_secret: str
    last_step: int


@dataclass(frozen=True, slots=True)
class Challenge:
    """A challenge that still holds, its person, and that person's authenticators and password."""

    id: UUID
    purpose: ChallengePurpose
    person: Person
    confirmed: Factor | None
    pending: Factor | None
    password_hash: str | None


@dataclass(frozen=True, slots=True)
class Person:
    id: UUID
    email: str
    name: str


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation that still holds, and who is invited."""

    id: UUID
    person: Person


@dataclass(frozen=True, slots=True)
class Link:
    """A mailed link that still holds, and its person; `email` is the new address where it is about one."""

    id: UUID
    purpose: LinkPurpose
    person: Person
    email: str | None


@dataclass(frozen=True, slots=True)
class NewLink:
    """A link to mail. `token` itself goes into the mail, its hash is what is kept."""

    purpose: LinkPurpose
    token: str
    expires_at: datetime
    email: str | None = None


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session that still holds, for its person to know it by. `last_seen_at` is the last refresh."""

    id: UUID
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    address: str | None
    user_agent: str | None


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose session it is, as it is now. `grants` is a text of rights or of roles."""

    id: UUID
    session_id: UUID
    email: str
    name: str
    locale: str
    grants: str
    contact_id: UUID | None
    authenticated_at: datetime


@dataclass(frozen=True, slots=True)
class NewChallenge:
    """A challenge to open. With `password_hash` only while that is still the person's."""

    token_hash: str
    purpose: ChallengePurpose
    expires_at: datetime
    password_hash: str | None = None


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session to open. Success wipes the counts of `clear`, and takes one try off those of `give_back`.

    Its place is remembered under `familiar`. With `password_hash` it is opened only while that is still the person's.
    """

    refresh_hash: str
    lifetimes: Lifetimes
    method: MfaMethod
    clear: Sequence[ThrottleKey]
    give_back: Sequence[ThrottleKey]
    familiar: str
    familiar_until: datetime
    password_hash: str | None = None


def factor_seal(factor_id: UUID) -> str:
    """What a factor's secret is sealed with besides the key."""
    return f"factor.secret:{factor_id}"


class OwnCredentials(Protocol):
    """What a person changes of what they show, from a session or by a mailed link.

    Whatever changes a password or a factor ends the other sessions, the open challenges and the mailed links
    with it, and posts the mail that tells the person so.
    """

    async def password_hash(self, subject_id: UUID) -> str | None: ...

    async def change_password(
        self,
        subject_id: UUID,
        old: str,
        new: str,
        keep_session: UUID,
        clear: Sequence[ThrottleKey],
        now: datetime,
    ) -> bool:
        """Sets the hash `new` while it is still `old`."""

    async def mail_link(self, subject_id: UUID, link: NewLink, now: datetime) -> None:
        """Keeps the link and posts it, to the person or to `link.email`; nothing where they may not come in."""

    async def link(self, token_hash: str, purpose: LinkPurpose, now: datetime) -> Link | None: ...

    async def reset_password(self, link: Link, new: str, clear: Sequence[ThrottleKey], now: datetime) -> bool:
        """Uses up the link and sets the hash `new`."""

    async def change_email(self, link: Link, now: datetime) -> EmailChange:
        """Uses up the link and makes its address the person's."""

    async def confirmed_factor(self, subject_id: UUID) -> Factor | None: ...

    async def show_step(
        self,
        session_id: UUID,
        subject_id: UUID,
        factor: Factor,
        step: int,
        clear: Sequence[ThrottleKey],
        now: datetime,
    ) -> bool:
        """Uses up the step; the session's factor was shown `now`."""

    async def show_recovery_code(
        self, session_id: UUID, subject_id: UUID, code_hash: str, clear: Sequence[ThrottleKey], now: datetime
    ) -> bool:
        """Uses up the code; the session's factor was shown `now`."""

    async def renew_recovery_codes(
        self, subject_id: UUID, code_hashes: Sequence[str], keep_session: UUID | None, now: datetime
    ) -> bool:
        """These codes instead of all that there were; ends sessions but `keep_session`, or none for None."""

    async def open_sessions(self, subject_id: UUID, idle: timedelta, now: datetime) -> Sequence[OpenSession]:
        """The person's sessions that hold, the last opened first."""

    async def end_own_session(self, subject_id: UUID, session_id: UUID, now: datetime) -> bool:
        """False when the person has no such open session."""


class CredentialStore(OwnCredentials, Protocol):
    async def admit(self, keys: Sequence[ThrottleKey], now: datetime) -> bool:
        """Counts one try under every key; False where one of them has to wait."""

    async def admit_attempt(self, attempt: Attempt, now: datetime) -> Sequence[ThrottleKey]:
        """Counts one try of a password, and gives under which keys: none where it has to wait.

        A familiar place has only its own count.
        """

    async def take_back(self, keys: Sequence[ThrottleKey]) -> None:
        """Takes one try off each of these counts: it was let through, and nothing was compared."""

    async def remember(self, familiar: str, until: datetime, now: datetime) -> None:
        """Keeps that somebody was seen at a place (`auth.throttle.familiar_key`)."""

    async def credential(self, email: str) -> Credential | None: ...

    async def note(
        self, event: AuthEvent, subject_id: UUID | None, detail: Mapping[str, object], now: datetime
    ) -> None:
        """Puts something that happened on record, although the call will be refused."""

    async def replace_password_hash(self, subject_id: UUID, old: str, new: str) -> None:
        """The same password hashed with more rounds, unless it was changed meanwhile."""

    async def open_challenge(self, subject_id: UUID, challenge: NewChallenge, now: datetime) -> bool:
        """False when the password was changed since it was shown."""

    async def challenge(self, token_hash: str, now: datetime) -> Challenge | None:
        """A challenge that is neither used nor too old, of a person who may sign in."""

    async def count_try(self, challenge_id: UUID, limit: int, now: datetime) -> bool:
        """Counts one try; False when there were `limit` already or the challenge is over."""

    async def use_step(self, challenge: Challenge, factor: Factor, step: int, now: datetime) -> bool:
        """Uses up challenge and step together."""

    async def use_recovery_code(self, challenge: Challenge, code_hash: str, now: datetime) -> bool:
        """Uses up challenge and code together."""

    async def new_factor_id(self, now: datetime) -> UUID: ...

    async def put_pending_factor(self, subject_id: UUID, factor: Factor, now: datetime) -> None:
        """The one authenticator that waits to be confirmed; an earlier one is forgotten."""

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
        """Makes the pending factor the only one, with these recovery codes; ends sessions but `keep_session`.

        With a challenge, that is used up in the same step, and there may be no confirmed factor yet.
        """

    async def pending_factor(self, subject_id: UUID) -> Factor | None: ...

    async def open_session(self, subject_id: UUID, session: NewSession, now: datetime) -> Holder | None:
        """A session with its first refresh token; None when the person may no longer come in."""

    async def rotate(
        self, token_hash: str, new_hash: str, lifetimes: Lifetimes, now: datetime
    ) -> tuple[Rotation, Holder | None]:
        """Uses up a refresh token for a new one. A used one ends the session, and that is committed."""

    async def holder(self, session_id: UUID, subject_id: UUID, now: datetime) -> Holder | None:
        """Whose session it is, by one statement; None when it ended or its holder may no longer come in."""

    async def end_sessions(self, subject_id: UUID, reason: SessionEnd, now: datetime) -> int:
        """Ends every session of the person, and gives how many."""

    async def invitation(self, token_hash: str, now: datetime) -> Invitation | None: ...

    async def accept_invitation(
        self, invitation: Invitation, password_hash: str, challenge: NewChallenge, now: datetime
    ) -> bool:
        """Uses up the invitation, sets the password and opens the challenge."""
