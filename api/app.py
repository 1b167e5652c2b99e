"""Where the parts are wired together, and nowhere else."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from sqlalchemy import text
from starlette.applications import Starlette
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from api.clock import present
from api.context import Context
from api.encryption import Encryption
from api.gate import open_context
from api.graphiql import front_pages, graphiql_assets
from api.headers import SecurityHeaders, request_id_of
from api.limit_settings import limits_of
from api.mails_page import mails_page
from api.origins import CrossOrigin
from api.peers import Peers
from api.portal import Portal, open_portal
from api.schema import make_schema
from api.settings import Settings
from api.view import PortalView
from tenants.databases.errors import DatabaseUnavailable

JWKS_SECONDS = 300
"""How long a verifier may keep the public keys: a new one is there `auth.keys.PUBLISHED_AHEAD` before it signs."""


def create_app(settings: Settings) -> ASGIApp:
    """The whole portal as an ASGI application; the worker runs beside it unless settings say otherwise."""
    return app_over(open_portal(settings))


def app_over(portal: Portal) -> ASGIApp:
    """The application over parts that are wired already."""
    settings = portal.settings

    async def context_of(connection: HTTPConnection) -> Context:
        return await open_context(portal, connection, request_id_of(connection.scope))

    view = PortalView(
        make_schema(limits_of(settings), introspection=settings.introspection),
        open_context=context_of,
        close_context=Context.close,
        graphiql=settings.graphiql,
        mails=settings.shows_mails,
        allowed_origins=settings.origins,
    )
    routes: list[BaseRoute] = [
        Route("/graphql", view),
        Route("/healthz", _alive),
        Route("/readyz", _ready(portal)),
        Route("/.well-known/jwks.json", _jwks(portal)),
        Route("/", _home),
    ]
    if settings.graphiql:
        routes.append(graphiql_assets())
        routes += front_pages()
    if settings.shows_mails:
        routes += mails_page(settings.mails_path)
    served = CrossOrigin(Starlette(routes=routes, lifespan=_lifespan(portal)), settings.origins)
    return Peers(SecurityHeaders(Encryption(served, settings)), settings.proxies)


def _lifespan(portal: Portal) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        stop = asyncio.Event()
        task = asyncio.create_task(portal.worker(present).run(stop)) if portal.settings.worker else None
        await portal.hasher.dummy_verify()
        try:
            yield
        finally:
            stop.set()
            if task:
                await task
            await portal.close()

    return lifespan


async def _alive(_request: Request) -> Response:
    """The process answers."""
    return JSONResponse({"status": "ok"})


def _ready(portal: Portal) -> Callable[[Request], Awaitable[Response]]:
    async def ready(_request: Request) -> Response:
        """The catalog answers: requests can be served."""
        try:
            async with portal.catalog.read() as reader:
                await reader.scalar(text("SELECT 1"))
        except DatabaseUnavailable:
            return JSONResponse({"status": "catalog unavailable"}, 503, {"Retry-After": "5"})
        return JSONResponse({"status": "ok"})

    return ready


def _jwks(portal: Portal) -> Callable[[Request], Awaitable[Response]]:
    async def jwks(_request: Request) -> Response:
        """The public keys of the access tokens (RFC 7517)."""
        headers = {"Cache-Control": f"public, max-age={JWKS_SECONDS}"}
        return JSONResponse(portal.keys.jwks(), headers=headers)

    return jwks


async def _home(_request: Request) -> Response:
    return RedirectResponse("/graphql")
