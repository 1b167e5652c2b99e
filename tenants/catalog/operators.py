"""The vendor's operators and what proves who they are, in the catalog."""

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
from tenants.tables import CatalogTable


class Operator(PersonColumns, CatalogTable, table=True):
    """A person of the vendor. `roles` is written by `auth.permissions.grants_text`."""

    __tablename__ = "operator"

    roles: str = Field(max_length=200)


class OperatorFactor(FactorColumns, CatalogTable, table=True):
    __tablename__ = "operator_factor"

    subject_id: UUID = Field(foreign_key="operator.id", index=True)


class OperatorRecoveryCode(RecoveryCodeColumns, CatalogTable, table=True):
    __tablename__ = "operator_recovery_code"

    subject_id: UUID = Field(foreign_key="operator.id", index=True)


class OperatorChallenge(ChallengeColumns, CatalogTable, table=True):
    __tablename__ = "operator_challenge"

    subject_id: UUID = Field(foreign_key="operator.id", index=True)


class OperatorInvitation(InvitationColumns, CatalogTable, table=True):
    __tablename__ = "operator_invitation"

    subject_id: UUID = Field(foreign_key="operator.id", index=True)


class OperatorMailedToken(MailedTokenColumns, CatalogTable, table=True):
    __tablename__ = "operator_mailed_token"

    subject_id: UUID = Field(foreign_key="operator.id", index=True)


class OperatorSession(SessionColumns, CatalogTable, table=True):
    __tablename__ = "operator_session"

    subject_id: UUID = Field(foreign_key="operator.id", index=True)


class OperatorRefreshToken(RefreshTokenColumns, CatalogTable, table=True):
    __tablename__ = "operator_refresh_token"

    session_id: UUID = Field(foreign_key="operator_session.id", index=True)


class OperatorThrottle(ThrottleColumns, CatalogTable, table=True):
    __tablename__ = "operator_throttle"
