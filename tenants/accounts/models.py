"""A customer's accounts and what proves who they are, in the customer's own database."""

from uuid import UUID

from sqlmodel import Field

from tenants.credentials.columns import (
    ChallengeColumns,
    FactorColumns,
    InvitationColumns,
    MailedTokenColumns,
    PersonColumns,
    RecoveryCodeColumns,
    RefreshTokenColumns,
    SessionColumns,
    ThrottleColumns,
)
from tenants.tables import TenantTable


class Account(PersonColumns, TenantTable, table=True):
    """A person of the customer. `permissions` is written by `auth.permissions.grants_text`."""

    __tablename__ = "account"

    permissions: str = Field(max_length=200)
    contact_id: UUID | None = Field(default=None, foreign_key="contact.id", index=True)


class Factor(FactorColumns, TenantTable, table=True):
    __tablename__ = "factor"

    subject_id: UUID = Field(foreign_key="account.id", index=True)


class RecoveryCode(RecoveryCodeColumns, TenantTable, table=True):
    __tablename__ = "recovery_code"

    subject_id: UUID = Field(foreign_key="account.id", index=True)


class Challenge(ChallengeColumns, TenantTable, table=True):
    __tablename__ = "challenge"

    subject_id: UUID = Field(foreign_key="account.id", index=True)


class Invitation(InvitationColumns, TenantTable, table=True):
    __tablename__ = "invitation"

    subject_id: UUID = Field(foreign_key="account.id", index=True)


class MailedToken(MailedTokenColumns, TenantTable, table=True):
    __tablename__ = "mailed_token"

    subject_id: UUID = Field(foreign_key="account.id", index=True)


class Session(SessionColumns, TenantTable, table=True):
    __tablename__ = "session"

    subject_id: UUID = Field(foreign_key="account.id", index=True)


class RefreshToken(RefreshTokenColumns, TenantTable, table=True):
    __tablename__ = "refresh_token"

    session_id: UUID = Field(foreign_key="session.id", index=True)


class Throttle(ThrottleColumns, TenantTable, table=True):
    __tablename__ = "throttle"
