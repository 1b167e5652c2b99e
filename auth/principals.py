"""Who is calling, as everything above `auth` sees it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from auth.permissions import OperatorRole, Permission


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountPrincipal:
    """A person of a customer. `authenticated_at` is when the last factor was shown (for step-up)."""

    account_id: UUID
    session_id: UUID
    tenant_id: UUID
    permissions: frozenset[Permission]
    contact_id: UUID | None
    name: str
    email: str
    locale: str
    authenticated_at: datetime

    @property
    def subject_id(self) -> UUID:
        """Who the session is of, whatever the plane."""
        return self.account_id

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorPrincipal:
    """A person of the vendor. `authenticated_at` is when the last factor was shown (for step-up)."""

    operator_id: UUID
    session_id: UUID
    roles: frozenset[OperatorRole]
    name: str
    email: str
    locale: str
    authenticated_at: datetime

    @property
    def subject_id(self) -> UUID:
        """Who the session is of, whatever the plane."""
        return self.operator_id

    def has(self, *roles: OperatorRole) -> bool:
        """Whether the operator has one of these roles."""
        return not self.roles.isdisjoint(roles)


@dataclass(frozen=True, slots=True, kw_only=True)
class IntegrationPrincipal:
    """A partner's program with a grant of one tenant; it is no person and has no session."""

    integration_id: UUID
    grant_id: UUID
    tenant_id: UUID
    scopes: frozenset[str]
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """From where a request came, for throttles and the audit log. Empty where it came from inside."""

    address: str = ""
    user_agent: str = ""
    request_id: str = ""
