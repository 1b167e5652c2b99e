"""Columns of everything that proves who somebody is, the same for accounts and operators.

`subject_id` is the person, as in the `sub` claim of a token. A secret is kept hashed or sealed only.
"""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlmodel import Field, SQLModel


class AccountStatus(StrEnum):
    INVITED = "INVITED"
    ACTIVE = "ACTIVE"
    LOCKED = "LOCKED"
    DEACTIVATED = "DEACTIVATED"


class PersonColumns(SQLModel):
    """Somebody who signs in. `email` is in lower case; INVITED ones have no `password_hash` yet."""

    id: UUID = Field(primary_key=True)
    email: str = Field(unique=True, max_length=254)
    name: str = Field(max_length=200)
    locale: str = Field(max_length=2)
    status: str = Field(max_length=20)
    password_hash: str | None = Field(default=None, max_length=300)
    created_at: datetime
    last_sign_in_at: datetime | None = None
    erased_at: datetime | None = None


class FactorColumns(SQLModel):
    """An authenticator. `secret` is sealed with the row's id; steps up to `last_step` are used (RFC 6238)."""

    id: UUID = Field(primary_key=True)
    kind: str = Field(max_length=20)
    secret: str = Field(max_length=300)
    last_step: int = 0
    created_at: datetime
    confirmed_at: datetime | None = None


class RecoveryCodeColumns(SQLModel):
    """A code for when the authenticator is lost; good once."""

    id: UUID = Field(primary_key=True)
    code_hash: str = Field(unique=True, max_length=64)
    created_at: datetime
    used_at: datetime | None = None


class ChallengeColumns(SQLModel):
    """What a right password gives: the way to the second factor, and to nothing else."""

    id: UUID = Field(primary_key=True)
    token_hash: str = Field(unique=True, max_length=64)
    purpose: str = Field(max_length=20)
    created_at: datetime
    expires_at: datetime
    tries: int = 0
    used_at: datetime | None = None


class InvitationColumns(SQLModel):
    """How somebody who has no password yet gets one; good once."""

    id: UUID = Field(primary_key=True)
    token_hash: str = Field(unique=True, max_length=64)
    created_at: datetime
    expires_at: datetime
    accepted_at: datetime | None = None


class MailedTokenColumns(SQLModel):
    """A link that was mailed, good once: to choose a new password, or to confirm the new `email`."""

    id: UUID = Field(primary_key=True)
    purpose: str = Field(max_length=20)
    token_hash: str = Field(unique=True, max_length=64)
    email: str | None = Field(default=None, max_length=254)
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None


class SessionColumns(SQLModel):
    """A presence after both factors. `authenticated_at` is when the last factor was shown.

    `address` and `user_agent` are those of the sign-in, for the person to know it by.
    """

    id: UUID = Field(primary_key=True)
    created_at: datetime
    authenticated_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None
    end_reason: str | None = Field(default=None, max_length=30)
    address: str | None = Field(default=None, max_length=64)
    user_agent: str | None = Field(default=None, max_length=200)


class RefreshTokenColumns(SQLModel):
    """One link of a session's chain of refresh tokens; showing a used one ends the chain."""

    id: UUID = Field(primary_key=True)
    token_hash: str = Field(unique=True, max_length=64)
    issued_at: datetime
    used_at: datetime | None = None


class ThrottleColumns(SQLModel):
    """Tries that were let through, of an e-mail address or a network address, known by a hash only."""

    id: UUID = Field(primary_key=True)
    key: str = Field(unique=True, max_length=64)
    tries: int
    window_started_at: datetime
    blocked_until: datetime
