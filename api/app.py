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

from api.context import Context, present
from api.gate import open_context
from api.graphiql import graphiql_assets
from api.headers import SecurityHeaders, request_id_of
from api.limit_settings import limits_of
from api.portal import Portal, keep_to_oneself, open_portal
from api.schema import make_schema
from api.settings import Settings
from api.view import PortalView
from tenants.databases.errors import DatabaseUnavailable
from tenants.jobs.worker import Worker
from tenants.provisioning.service import HandOver


def create_app(settings: Settings, hand_over: HandOver = keep_to_oneself) -> ASGIApp:
    """The whole portal as an ASGI application; the worker runs beside it unless settings say otherwise."""
    return app_over(open_portal(settings, hand_over))


def app_over(portal: Portal) -> ASGIApp:
    """The application over parts that are wired already."""
    settings = portal.settings

    async def context_of(connection: HTTPConnection) -> Context:
        return await open_context(portal, connection, request_id_of(connection.scope))

    view = PortalView(
        make_schema(limits_of(settings), introspection=settings.introspection),
        open_context=context_of,
        close_context=Context.release,
        graphiql=settings.graphiql,
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
    return SecurityHeaders(Starlette(routes=routes, lifespan=_lifespan(portal)))


def _lifespan(portal: Portal) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        stop = asyncio.Event()
        worker = Worker(portal.tenants, portal.catalog, portal.chores(present))
        task = asyncio.create_task(worker.run(stop)) if portal.settings.worker else None
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
        return JSONResponse(portal.keys.jwks())

    return jwks


async def _home(_request: Request) -> Response:
    return RedirectResponse("/graphql")
