"""A request is bound to at most one tenant before anything runs: by its token, its host name or its header."""

from datetime import datetime
from uuid import UUID

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection

from api.clock import present
from api.context import Context
from api.cookies import browser_session, cleared_cookies
from api.fields import RETRY_SECONDS
from api.hosts import host_name, slug_of_host
from api.http_errors import Forbidden, RequestRefused, ServiceUnavailable
from api.portal import Portal
from api.settings import Settings
from auth.errors import SessionEnded, TokenExpired, TokenInvalid
from auth.principals import OperatorPrincipal, Origin
from auth.sessions import authenticate_account, authenticate_operator
from auth.tokens import AccessClaims
from sla.vocabulary import Locale
from tenants.accounts.credentials import account_store
from tenants.acts import Actor, ActorKind
from tenants.agents.service import enter
from tenants.audit.service import record_event as record_tenant_event
from tenants.catalog.audit import record_event
from tenants.catalog.directory import TenantRecord
from tenants.catalog.errors import TenantNotActive, UnknownTenant
from tenants.catalog.models import TenantStatus
from tenants.catalog.operator_credentials import operator_store
from tenants.databases.errors import DatabaseUnavailable, StaleEpoch, WrongDatabase

HEADER = "portal-tenant"
ADDRESS_LENGTH = 64
UNAUTHENTICATED = 401


async def open_context(portal: Portal, request: HTTPConnection, request_id: str) -> Context:
    """Who is asking, and whose data it is about. Raises `RequestRefused` with what the client did wrong."""
    headers = request.headers
    portal.keys.follow()
    context = Context(
        portal=portal,
        request_id=request_id,
        now=present(),
        locale=_wanted_locale(headers),
        origin=Origin(
            address=request.client.host[:ADDRESS_LENGTH] if request.client else "",
            user_agent=headers.get("user-agent", "")[:200],
            request_id=request_id,
        ),
    )
    named = named_tenant(portal.settings, headers)
    context.browser = browser_session(request, portal.settings)
    claims = _claims_of_cookie(context) if context.browser else _claims_of_header(context, headers)
    try:
        if claims is None:
            await _bind_before_sign_in(context, named)
        else:
            await _bind_to_token(context, claims, named, headers)
    except (DatabaseUnavailable, StaleEpoch) as error:
        await context.release()
        raise ServiceUnavailable(RETRY_SECONDS) from error
    except RequestRefused as refused:
        await context.release()
        if context.browser:
            _take_cookies_back(refused)
        raise
    except BaseException:
        await context.release()
        raise
    return context


def named_tenant(settings: Settings, headers: Headers) -> str | None:
    """The slug that host name and `Portal-Tenant` header name together; None on the vendor's own host."""
    by_host = _tenant_of_host(settings, headers.getlist("host"))
    by_header = {value.strip() for value in headers.getlist(HEADER)}
    if len(by_header | ({by_host} if by_host else set())) > 1:
        raise RequestRefused(
            400, "BAD_USER_INPUT", "Host name and Portal-Tenant header name different tenants."
        )
    return by_host or next(iter(by_header), None)


def _tenant_of_host(settings: Settings, hosts: list[str]) -> str | None:
    return slug_of_host(settings, host_name(settings, hosts))


def _bearer(headers: Headers) -> str | None:
    values = headers.getlist("authorization")
    if not values:
        return None
    scheme, _, token = values[0].partition(" ")
    if len(values) > 1 or scheme.lower() != "bearer" or not token.strip():
        raise _not_signed_in("Send one Authorization header: Bearer and the access token.")
    return token.strip()


def _not_signed_in(message: str) -> RequestRefused:
    return RequestRefused(
        UNAUTHENTICATED, "UNAUTHENTICATED", message, {"WWW-Authenticate": 'Bearer error="invalid_token"'}
    )


def _claims_of_header(context: Context, headers: Headers) -> AccessClaims | None:
    token = _bearer(headers)
    return None if token is None else _verified(context.portal, token, context.now)


def _claims_of_cookie(context: Context) -> AccessClaims | None:
    """None also for one whose ten minutes are over: `refreshSession` follows, as where the browser dropped it."""
    browser, portal = context.browser, context.portal
    if browser is None or browser.access is None:
        return None
    try:
        claims = portal.tokens.verify(browser.access, now=context.now)
    except TokenExpired:
        return None
    except TokenInvalid as error:
        refused = _not_signed_in("The access token is not valid.")
        _take_cookies_back(refused)
        raise refused from error
    try:
        browser.require_csrf(portal.keys, claims.session_id)
    except Forbidden as error:
        raise RequestRefused(403, error.code, error.message) from error
    return claims


def _take_cookies_back(refused: RequestRefused) -> None:
    """A script cannot take a dead session out of the browser: the answer does, or nobody could sign in again."""
    if refused.status == UNAUTHENTICATED:
        refused.cookies = tuple(cleared_cookies())


def _verified(portal: Portal, token: str, now: datetime) -> AccessClaims:
    try:
        return portal.tokens.verify(token, now=now)
    except TokenExpired as error:
        raise _not_signed_in("The access token has expired: refresh the session.") from error
    except TokenInvalid as error:
        raise _not_signed_in("The access token is not valid.") from error


async def _bind_before_sign_in(context: Context, slug: str | None) -> None:
    """Unknown, suspended and unfinished tenants are answered alike: as if nobody there could sign in."""
    if slug is None:
        return
    try:
        context.tenant = await context.portal.tenants.by_slug(slug, context.now)
        context.scope = context.portal.tenants.scope(context.tenant)
    except (UnknownTenant, TenantNotActive):
        context.tenant = None
        context.nobody_here = True


async def _bind_to_token(context: Context, claims: AccessClaims, slug: str | None, headers: Headers) -> None:
    try:
        if claims.tenant_id is None:
            await _bind_operator(context, claims, slug, headers)
        else:
            await _bind_account(context, claims, claims.tenant_id, slug)
    except (SessionEnded, TokenInvalid, UnknownTenant) as error:
        raise _not_signed_in("The session has ended: sign in again.") from error
    except WrongDatabase as error:
        raise ServiceUnavailable(RETRY_SECONDS) from error


async def _bind_account(context: Context, claims: AccessClaims, tenant_id: UUID, slug: str | None) -> None:
    portal = context.portal
    tenant = await portal.tenants.by_id(tenant_id, context.now)
    if slug is not None and slug != tenant.slug:
        await _note_other_name(context, claims, tenant)
        raise TokenInvalid("another tenant")
    _serve(context, tenant)
    store = account_store(context.tenant_scope, context.origin, portal.keys, await context.reader())
    context.principal = await authenticate_account(store, claims, context.now)
    context.locale = _locale(context.principal.locale)


async def _bind_operator(context: Context, claims: AccessClaims, slug: str | None, headers: Headers) -> None:
    portal = context.portal
    if _tenant_of_host(portal.settings, headers.getlist("host")) is not None:
        raise TokenInvalid("an operator's token is for the vendor's own host")
    operator = await authenticate_operator(
        operator_store(portal.catalog, context.origin, portal.keys), claims, context.now
    )
    if not portal.admits_operators(context.origin):
        await _note_foreign_network(context, operator)
        raise SessionEnded
    context.principal = operator
    context.locale = _locale(operator.locale)
    if slug is None:
        return
    try:
        tenant = await portal.tenants.by_slug(slug, context.now)
    except UnknownTenant as error:
        raise RequestRefused(404, "NOT_FOUND", "There is no tenant under this name.") from error
    _serve(context, tenant)
    at_work = await enter(context.entered_scope, operator, now=context.now, origin=context.origin)
    context.reason_missing = not at_work


async def _note_other_name(context: Context, claims: AccessClaims, tenant: TenantRecord) -> None:
    """A good token that asks for another customer: on record at the customer whose it is."""
    try:
        scope = context.portal.tenants.scope(tenant)
    except TenantNotActive:
        return
    async with scope.record() as session:
        await record_tenant_event(
            session,
            now=context.now,
            event="authz_fail",
            actor=Actor(ActorKind.ACCOUNT, claims.subject),
            detail={"reason": "OTHER_TENANT", "session": str(claims.session_id)},
            origin=context.origin,
        )


async def _note_foreign_network(context: Context, operator: OperatorPrincipal) -> None:
    """A good token from where operators may not come from: stolen, or forgotten at home."""
    async with context.portal.catalog.record() as session:
        await record_event(
            session,
            now=context.now,
            event="authz_fail",
            actor=Actor(ActorKind.AGENT, operator.operator_id),
            detail={"reason": "NETWORK", "session": str(operator.session_id)},
            origin=context.origin,
        )


def _serve(context: Context, tenant: TenantRecord) -> None:
    """Binds the request; each state that is not ACTIVE has one typed answer, for this tenant only."""
    context.tenant = tenant
    try:
        context.scope = context.portal.tenants.scope(tenant)
    except TenantNotActive as error:
        if tenant.status is TenantStatus.MOVING:
            raise ServiceUnavailable(RETRY_SECONDS) from error
        message = "This tenant is not served at the moment. Contact your vendor."
        if tenant.status is TenantStatus.SUSPENDED:
            message = "This tenant is suspended. Contact your vendor."
        raise RequestRefused(
            403, "FORBIDDEN", message, details={"tenantStatus": tenant.status.value}
        ) from error


def _wanted_locale(headers: Headers) -> Locale:
    """The first of our languages that Accept-Language names; English otherwise."""
    for part in headers.get("accept-language", "").split(","):
        code = part.strip()[:2].upper()
        if code in Locale.__members__:
            return Locale[code]
    return Locale.EN


def _locale(text: str) -> Locale:
    return Locale[text.upper()]
