"""The plane that a request signs in on, with the answers that all of its mutations share."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from api.context import Context
from api.http_errors import RateLimited, Unauthenticated
from auth.errors import HasherBusy
from auth.plane import Plane
from auth.principals import AccountPrincipal, OperatorPrincipal
from tenants.accounts.credentials import account_store


async def plane_of(context: Context) -> Plane | None:
    """Where this request signs in. The reading connection goes back first: the store opens its own."""
    await context.release()
    return context.plane()


async def reading_plane(context: Context) -> tuple[Plane, AccountPrincipal | OperatorPrincipal]:
    """The same for a query: other root fields read over the request's connection meanwhile, so it is shared."""
    plane = context.plane()
    if plane is None or context.principal is None:
        raise Unauthenticated
    if isinstance(context.principal, AccountPrincipal):
        reader = await context.reader()
        keys = context.portal.keys
        store = account_store(context.tenant_scope, context.origin, keys, reader)
        plane = replace(plane, store=store)
    return plane, context.principal


async def own_plane(context: Context) -> tuple[Plane, AccountPrincipal | OperatorPrincipal]:
    """The plane of somebody who is signed in already."""
    plane = await plane_of(context)
    if plane is None or context.principal is None:
        raise Unauthenticated
    return plane, context.principal


@contextmanager
def hashing() -> Iterator[None]:
    """Where passwords are hashed: a full queue is told, with when to come back."""
    try:
        yield
    except HasherBusy as error:
        raise RateLimited(retry_after=error.retry_after) from error
