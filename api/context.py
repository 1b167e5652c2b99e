"""What one request knows: who, where, when, in which language."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import structlog
from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncSession
from strawberry import UNSET

from api.access import ROLES, Access
from api.cookies import BrowserSession
from api.cost_budget import Allowance, Spending
from api.http_errors import Forbidden, Unauthenticated, WorkReasonRequired
from api.portal import Portal
from auth.errors import StepUpRequired
from auth.permissions import OperatorRole, Permission
from auth.plane import Plane
from auth.principals import AccountPrincipal, OperatorPrincipal, Origin
from auth.sessions import require_fresh
from sla.policy import Clause
from sla.vocabulary import Locale
from tenants.acts import NOBODY, Actor, ActorKind
from tenants.audit.service import record_event
from tenants.catalog.audit import record_event as record_catalog_event
from tenants.catalog.directory import TenantRecord
from tenants.catalog.upkeep import CatalogIdempotencyKey
from tenants.contacts.errors import NotANamedContact
from tenants.contracts.errors import NoContractInForce
from tenants.contracts.service import agreement_in_force
from tenants.databases.errors import DatabaseUnavailable, StaleEpoch, WrongDatabase
from tenants.databases.scopes import Reader, TenantScope, reader_of
from tenants.idempotency.service import TENANT_KEYS, claim_key, keep_result
from tenants.tables import table

T = TypeVar("T")

_log = structlog.get_logger("api")

_CATALOG_KEYS = table(CatalogIdempotencyKey)

NEEDED = {
    Access.REGISTER_TICKETS: Permission.REGISTER_TICKETS,
    Access.CONFIRM_CONSULTANCY: Permission.CONFIRM_CONSULTANCY,
    Access.MANAGE_ACCOUNTS: Permission.MANAGE_ACCOUNTS,
    Access.TENANT: Permission.READ,
    Access.CONTACT: Permission.READ,
    Access.CONTACT_OR_SUPPORT: Permission.READ,
}
FOR_CONTACTS = frozenset(
    {
        Access.CONTACT,
        Access.CONTACT_OR_SUPPORT,
        Access.REGISTER_TICKETS,
        Access.CONFIRM_CONSULTANCY,
        Access.MANAGE_ACCOUNTS,
    }
)
OF_THE_VENDOR = frozenset({Access.CONSOLE, Access.ADMINISTRATOR})
"""What needs no tenant."""


def _counts(name: str, value: object) -> bool:
    """Whether a field of an input is part of what the caller asked for."""
    return name != "idempotency_key" and value is not UNSET


@dataclass(slots=True)
class Context:
    """Made once per request by `api.gate`, closed by the view."""

    portal: Portal
    request_id: str
    now: datetime
    locale: Locale
    origin: Origin
    tenant: TenantRecord | None = None
    scope: TenantScope | None = None
    principal: AccountPrincipal | OperatorPrincipal | None = None
    nobody_here: bool = False
    reason_missing: bool = False
    work_ended: bool = False
    browser: BrowserSession | None = None
    response_headers: dict[str, str] = field(default_factory=dict)
    allowance: Allowance | None = None
    _spending: Spending | None = None
    response_cookies: list[str] = field(default_factory=list)
    _refused_queries: set[str] = field(default_factory=set)
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)
    _reader: Reader | None = None
    _opening: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def tenant_scope(self) -> TenantScope:
        """The scope of the tenant that this request is bound to, for who is at work there."""
        if self.reason_missing:
            raise WorkReasonRequired
        return self.entered_scope

    @property
    def entered_scope(self) -> TenantScope:
        """The same for an operator who has yet to tell why: for `openWorkSession` only."""
        if self.scope is None:
            raise Forbidden("This request names no tenant. Send the Portal-Tenant header.")
        return self.scope

    @property
    def tenant_record(self) -> TenantRecord:
        if self.tenant is None:
            raise Forbidden("This request names no tenant. Send the Portal-Tenant header.")
        return self.tenant

    def plane(self) -> Plane | None:
        """Where this request would sign in; None where nobody can (unknown or suspended tenant, foreign network)."""
        found = self.sign_in_plane()
        return found if found and found.admitted else None

    def sign_in_plane(self) -> Plane | None:
        """The same for a first step, which takes as long where nobody is admitted from here."""
        if self.nobody_here:
            return None
        if self.tenant and self.scope and not self.is_operator:
            return self.portal.account_plane(self.tenant, self.scope, self.origin)
        return self.portal.operator_plane(self.origin)

    @property
    def actor(self) -> Actor:
        match self.principal:
            case AccountPrincipal(account_id=key):
                return Actor(ActorKind.ACCOUNT, key)
            case OperatorPrincipal(operator_id=key):
                return Actor(ActorKind.AGENT, key)
            case _:
                return NOBODY

    @property
    def account(self) -> AccountPrincipal:
        if not isinstance(self.principal, AccountPrincipal):
            raise Forbidden
        return self.principal

    @property
    def operator(self) -> OperatorPrincipal:
        if not isinstance(self.principal, OperatorPrincipal):
            raise Forbidden
        return self.principal

    @property
    def is_operator(self) -> bool:
        return isinstance(self.principal, OperatorPrincipal)

    async def require(self, access: Access, *, refused: str | None = None) -> None:
        """Raises `Unauthenticated` or `Forbidden`; a refused mutation is put on record first."""
        if (
            access in FOR_CONTACTS
            and isinstance(self.principal, AccountPrincipal)
            and not self.principal.contact_id
        ):
            raise NotANamedContact(clause=await self._contacts_clause(access))
        problem = self._problem(access)
        if problem is None:
            return
        if refused:
            await self.record_refusal(refused, "FORBIDDEN", event="authz_fail")
        raise problem

    def _problem(self, access: Access) -> Exception | None:
        if access is Access.ANYONE:
            return None
        if self.principal is None:
            return Unauthenticated()
        if access is Access.SIGNED_IN:
            return None
        if isinstance(self.principal, OperatorPrincipal):
            return self._operator_problem(access)
        if access is Access.SELF:  # the field asks whom it is about
            return None
        needed = NEEDED.get(access)
        if needed is None or not self.principal.may(needed):
            return Forbidden()
        return None

    def require_fresh_factor(self) -> None:
        """Raises `StepUpRequired` when the caller's second factor was shown too long ago."""
        plane = self.plane()
        if plane is None or self.principal is None:
            raise Unauthenticated
        require_fresh(self.principal, plane.rules.fresh, self.now)

    def has_fresh_factor(self) -> bool:
        """Whether the second factor was shown within the last ten minutes."""
        try:
            self.require_fresh_factor()
        except StepUpRequired:
            return False
        return True

    async def _contacts_clause(self, access: Access) -> Clause | None:
        """The clause that says who may call on the help desk (OB-039, S4-012) or ask for accounts (OB-040), if any."""
        try:
            agreement = await agreement_in_force(await self.reader(), self.portal.library, self.now)
        except NoContractInForce:
            return None
        if access is Access.MANAGE_ACCOUNTS:
            return agreement.policy.accounts_clause(agreement.tier)
        return agreement.policy.contact_limit(agreement.tier).clause

    def _operator_problem(self, access: Access) -> Exception | None:
        if access is Access.CONFIRM_CONSULTANCY:
            return Forbidden("Only the customer confirms consultancy.")
        if access not in OF_THE_VENDOR and self.scope is None:
            return Forbidden("Name the tenant to work in with the Portal-Tenant header.")
        if self.work_ended and access not in OF_THE_VENDOR:
            return Forbidden("The work in this tenant has ended. Go on in another request.")
        if self.reason_missing and access not in OF_THE_VENDOR and access is not Access.ENTERING:
            return WorkReasonRequired()
        return self._role_problem(ROLES.get(access))

    def _role_problem(self, roles: frozenset[OperatorRole] | None) -> Exception | None:
        if roles is None or self.operator.has(*roles):
            return None
        able = ", ".join(role.value for role in OperatorRole if role in roles)
        return Forbidden(f"This takes an operator with one of these roles: {able}.")

    async def require_role(self, *roles: OperatorRole, refused: str) -> None:
        """Raises `Forbidden`, on record, for an operator who has none of these roles; accounts pass."""
        problem = self._role_problem(frozenset(roles)) if self.is_operator else None
        if problem:
            await self.record_refusal(refused, "FORBIDDEN", event="authz_fail")
            raise problem

    def charge(self, points: int) -> None:
        """Takes points off what the caller may ask for in this minute. Raises `BudgetSpent`."""
        if self._spending is None:
            subject = None if self.principal is None else self.principal.subject_id
            self._spending = Spending(subject, self.origin.address)
        self.allowance = self.portal.budget.charge(self._spending, points, self.now)
        self.response_headers |= self.allowance.headers(self.now)

    async def reader(self) -> Reader:
        """The request's one reading connection, opened when first needed.

        Root fields run side by side: the first one opens it and the others wait for that. A second connection of a
        request would wait for one that the request itself holds.
        """
        async with self._opening:
            if self._reader is None:
                self._reader = await self._stack.enter_async_context(self.tenant_scope.read())
            return self._reader

    async def release(self) -> None:
        """Gives the reading connection back."""
        self._reader = None
        await self._stack.aclose()

    async def close(self) -> None:
        """Gives everything back. Refused queries go on record only now: their neighbours were reading."""
        await self.release()
        for name in sorted(self._refused_queries):
            try:
                await self.record_refusal(name, "FORBIDDEN", event="authz_fail")
            except (DatabaseUnavailable, StaleEpoch, WrongDatabase):
                _log.warning("refusal_not_recorded", field=name, request=self.request_id)

    def note_refused_query(self, name: str, problem: Forbidden) -> None:
        """Of somebody who is signed in; an operator who has yet to tell why is asked, not refused."""
        if self.principal is not None and not isinstance(problem, WorkReasonRequired):
            self._refused_queries.add(name)

    async def change(
        self,
        mutation: str,
        given: Any,
        work: Callable[[AsyncSession], Awaitable[UUID]],
        load: Callable[[Reader, UUID], Awaitable[T]],
    ) -> T:
        """Runs one mutation in a transaction of its own and reads its result there, then commits.

        With an `idempotencyKey` a retry does nothing and reads what the first call made.
        """
        async with self._transaction() as session:
            return await self._once(session, mutation, given, work, load)

    async def change_catalog(
        self,
        mutation: str,
        given: Any,
        work: Callable[[AsyncSession], Awaitable[UUID]],
        load: Callable[[Reader, UUID], Awaitable[T]],
    ) -> T:
        """The same on the vendor's plane."""
        await self.release()
        async with self.portal.catalog.write() as session:
            return await self._once(session, mutation, given, work, load, keys=_CATALOG_KEYS)

    async def _once(
        self,
        session: AsyncSession,
        mutation: str,
        given: Any,
        work: Callable[[AsyncSession], Awaitable[UUID]],
        load: Callable[[Reader, UUID], Awaitable[T]],
        keys: Table = TENANT_KEYS,
    ) -> T:
        key = getattr(given, "idempotency_key", None)
        if not isinstance(key, str) or self.actor.id is None:
            result_id = await work(session)
            return await load(await reader_of(session), result_id)
        content = {name: value for name, value in asdict(given).items() if _counts(name, value)}
        claim = await claim_key(
            session,
            principal_id=self.actor.id,
            mutation=mutation,
            key=key,
            content=content,
            now=self.now,
            keys=keys,
        )
        if claim.result_id is None:
            result_id = await work(session)
            await keep_result(session, claim, result_id, keys=keys)
        else:
            result_id = claim.result_id
        return await load(await reader_of(session), result_id)

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[AsyncSession]:
        await self.release()
        async with self.tenant_scope.write() as session:
            yield session

    async def record_refusal(self, field_name: str, code: str, event: str = "call_refused") -> None:
        """Puts a refused call on the log of the tenant, or of the catalog where there is none."""
        await self.release()
        scope = self.scope or self.portal.catalog
        record = record_event if self.scope else record_catalog_event
        detail = {"field": field_name, "code": code}
        async with scope.record() as session:
            await record(
                session, now=self.now, event=event, actor=self.actor, detail=detail, origin=self.origin
            )
