"""The credentials of the vendor's operators."""

from sqlalchemy import null

from auth.keys import KeyRing
from auth.principals import Origin
from tenants.acts import ActorKind
from tenants.catalog.audit import record_event
from tenants.catalog.mails import OPERATOR_MAILS
from tenants.catalog.operators import (
    Operator,
    OperatorChallenge,
    OperatorFactor,
    OperatorInvitation,
    OperatorMailedToken,
    OperatorRecoveryCode,
    OperatorRefreshToken,
    OperatorSession,
    OperatorThrottle,
)
from tenants.credentials.store import DatabaseCredentials
from tenants.credentials.tables import CredentialModels, CredentialTables
from tenants.databases.scopes import CatalogScope, Reader

OPERATOR_TABLES = CredentialTables(
    CredentialModels(
        type_name="Operator",
        actor=ActorKind.AGENT,
        grants="roles",
        person=Operator,
        factor=OperatorFactor,
        recovery_code=OperatorRecoveryCode,
        challenge=OperatorChallenge,
        invitation=OperatorInvitation,
        mailed_token=OperatorMailedToken,
        session=OperatorSession,
        refresh_token=OperatorRefreshToken,
        throttle=OperatorThrottle,
        mails=OPERATOR_MAILS,
        contact=lambda _person: null(),
    )
)


def operator_store(
    scope: CatalogScope, origin: Origin, keys: KeyRing, reader: Reader | None = None
) -> DatabaseCredentials:
    """The `CredentialStore` of the vendor, for one request; `reader` is its open connection."""
    return DatabaseCredentials(scope, OPERATOR_TABLES, record_event, origin, keys, reader)
