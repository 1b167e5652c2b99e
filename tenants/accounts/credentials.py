"""The credentials of one customer's accounts."""

from typing import Any

from sqlalchemy import ColumnElement, Table, select

import tenants.contacts.service  # noqa: F401  loads the table that the account's foreign key names
from auth.keys import KeyRing
from auth.principals import Origin
from tenants.accounts.models import (
    Account,
    Challenge,
    Factor,
    Invitation,
    MailedToken,
    RecoveryCode,
    RefreshToken,
    Session,
    Throttle,
)
from tenants.acts import ActorKind
from tenants.audit.service import record_event
from tenants.credentials.store import DatabaseCredentials
from tenants.credentials.tables import CredentialModels, CredentialTables
from tenants.databases.scopes import Reader, TenantScope
from tenants.mails.service import TENANT_MAILS


def active_contact_of(account: Table) -> ColumnElement[Any]:
    """The contact that the account is linked to, while the contract names it: then it holds a slot."""
    # Through the foreign key: how contacts are kept is that feature's own affair.
    contact = next(iter(account.c.contact_id.foreign_keys)).column.table.c
    named = select(contact.id).where(contact.id == account.c.contact_id, contact.slot.is_not(None))
    return named.correlate(account).scalar_subquery()


ACCOUNT_TABLES = CredentialTables(
    CredentialModels(
        type_name="Account",
        actor=ActorKind.ACCOUNT,
        grants="permissions",
        person=Account,
        factor=Factor,
        recovery_code=RecoveryCode,
        challenge=Challenge,
        invitation=Invitation,
        mailed_token=MailedToken,
        session=Session,
        refresh_token=RefreshToken,
        throttle=Throttle,
        mails=TENANT_MAILS,
        contact=active_contact_of,
    )
)


def account_store(
    scope: TenantScope, origin: Origin, keys: KeyRing, reader: Reader | None = None
) -> DatabaseCredentials:
    """The `CredentialStore` of a customer, for one request; `reader` is its open connection."""
    return DatabaseCredentials(scope, ACCOUNT_TABLES, record_event, origin, keys, reader)
